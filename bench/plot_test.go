package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScale(t *testing.T) {
	s := scale{1, 10_000, 0, 400}
	for value, want := range map[float64]float64{0.1: 0, 1: 0, 10: 100, 100: 200, 10_000: 400, 1e6: 400} {
		if got := s.at(value); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is at %v, want %v", value, got, want)
		}
	}
	if got := (scale{5, 5, 7, 9}).at(5); got != 7 {
		t.Errorf("the only value is at %v", got)
	}
}

func TestTicks(t *testing.T) {
	for name, test := range map[string]struct {
		low, high float64
		want      []float64
	}{
		"decades":           {1, 10_000, []float64{1, 10, 100, 1000, 10_000}},
		"from between them": {0.5, 1000, []float64{1, 10, 100, 1000}},
		"few":               {2, 20, []float64{2, 5, 10, 20}},
		"one and a half":    {1, 50, []float64{1, 2, 5, 10, 20, 50}},
	} {
		if diff := cmp.Diff(test.want, (scale{test.low, test.high, 0, 1}).ticks()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSpread(t *testing.T) {
	for name, test := range map[string]struct{ places, want []float64 }{
		"none":           {nil, nil},
		"far apart":      {[]float64{80, 10}, []float64{80, 10}},
		"on one place":   {[]float64{50, 50, 50}, []float64{50, 60, 70}},
		"at the end":     {[]float64{100, 99}, []float64{100, 90}},
		"at the start":   {[]float64{0, 1}, []float64{0, 10}},
		"just too close": {[]float64{40, 30, 35}, []float64{50, 30, 40}},
	} {
		if diff := cmp.Diff(test.want, spread(test.places, 10, 0, 100)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFigures(t *testing.T) {
	got := []string{
		short(0.5), short(300), short(10_000), short(1_000_000), count(7), count(1000), count(1_234_567),
		seconds(42 * time.Millisecond), seconds(1230 * time.Millisecond), seconds(46 * time.Second), megabytes(0), megabytes(28_100_000), megabytes(28_000_000),
	}
	want := []string{"0.5", "300", "10k", "1M", "7", "1,000", "1,234,567", "0.042 s", "1.23 s", "46.0 s", "–", "28.1 MB", "28 MB"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// anyCurves are of three dimensions, of which one grows with its size.
func anyCurves() []curve {
	flat := grown{runs: 5, requests: 17, wall: 30 * time.Millisecond, cpu: 20 * time.Millisecond, memory: 28_000_000}
	all := []curve{
		{dimension: dimension{title: "Flat <&>", unit: "things", run: "sync production", why: "Flat."}},
		{dimension: dimension{title: "Linear", unit: "objects", run: "destroy production --confirm production", why: "Linear."}},
		{dimension: dimension{title: "Two", unit: "KB", run: "status production"}},
	}
	for i, size := range []int{1, 10, 100, 1000} {
		flat.size = size
		linear := grown{size: size, runs: 1, requests: 20 * size, wall: time.Duration(size) * time.Millisecond, cpu: time.Duration(i+1) * time.Millisecond}
		all[0].points = append(all[0].points, flat)
		all[1].points = append(all[1].points, linear)
		if i < 2 {
			all[2].points = append(all[2].points, flat)
		}
	}
	return all
}

// The picture is XML, everything in it is inside of it, and each panel has its
// lines, but for those of what the system does not tell.
func TestGrowthPlot(t *testing.T) {
	picture := growthPlot(anyCurves()).svg()
	names := map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		names[start.Name.Local]++
		for _, a := range start.Attr {
			if a.Name.Local == "points" {
				checkPoints(t, a.Value)
			}
		}
	}
	if names["svg"] != 1 || names["g"] != 3 || names["polyline"] != 4+3+4 {
		t.Errorf("the elements are %v", names)
	}
	for _, want := range []string{"Flat &lt;&amp;&gt;", "requests 20,000", "time 1.00 s", ">×1000<", "Linear, at 1000 objects: requests 20,000, time 1.00 s, CPU 0.004 s. Two"} {
		if !strings.Contains(picture, want) {
			t.Errorf("%q is not in the picture", want)
		}
	}
}

func checkPoints(t *testing.T, points string) {
	t.Helper()
	for point := range strings.FieldsSeq(points) {
		x, y, _ := strings.Cut(point, ",")
		across, errX := strconv.ParseFloat(x, 64)
		down, errY := strconv.ParseFloat(y, 64)
		if err := errors.Join(errX, errY); err != nil {
			t.Error(err)
		}
		if across < areaLeft || across > areaRight || down < areaTop || down > areaBottom {
			t.Errorf("%s is outside of its panel", point)
		}
	}
}

func TestGrowthText(t *testing.T) {
	text := growthText(anyCurves())
	for _, want := range []string{
		"](growth.svg)", "### Linear: yolo destroy production\n", "| objects | requests | time | CPU | memory | runs |", "| 1,000 | 20,000 | 1.00 s | 0.004 s | – | 1 |", "\nFlat.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// What fills an account is taken by the emulator, on top of a smaller size, too.
func TestFill(t *testing.T) {
	for _, d := range dimensions() {
		if d.fill == nil {
			continue
		}
		t.Run(d.unit, func(t *testing.T) {
			a, err := openGrown("", t.TempDir(), manifestOfGrowth(1))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.close(); err != nil {
					t.Error(err)
				}
			}()
			statement := `{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:GetObject","Resource":"arn:aws:s3::` +
				strings.Replace(recordings, "/", ":", 1) + `/*"}]}`
			for _, w := range []wish{
				{service: "s3", method: "PUT", path: recordings}, {service: "s3", method: "PUT", path: recordings + "?policy", body: statement},
			} {
				if _, err := a.ask(w); err != nil {
					t.Fatal(err)
				}
			}
			before := 0
			for _, size := range []int{d.sizes[0], d.sizes[0] + 1} {
				if err := d.fill(a, before, size); err != nil {
					t.Fatalf("%d: %v", size, err)
				}
				before = size
				if d.gone {
					break
				}
			}
		})
	}
}

func TestManifestOfGrowth(t *testing.T) {
	if n := strings.Count(manifestOfGrowth(50), "recording:"); n != 50 {
		t.Errorf("%d environments, want 50", n)
	}
	ids := []string{}
	for n := range 2000 {
		ids = append(ids, idOf(n))
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 2000 {
		t.Errorf("%d ids of 2000 numbers", n)
	}
}
