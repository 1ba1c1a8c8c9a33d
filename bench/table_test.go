package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/bench/wan"
	"github.com/yolo-live/yolo/internal/emulator"
)

func small() table {
	return table{
		title: "Runs", left: 1, heads: []string{"run", "ms", "×"},
		rows: [][]string{{"first run", "7", "1.0×"}, {"dry", "1234", ""}}, note: "That is all.",
	}
}

func TestTableText(t *testing.T) {
	want := `Runs

run          ms     ×
first run     7  1.0×
dry        1234

That is all.
`
	if diff := cmp.Diff(want, small().text()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTableMarkdown(t *testing.T) {
	want := `### Runs

| run | ms | × |
| --- | ---: | ---: |
| first run | 7 | 1.0× |
| dry | 1234 |  |

That is all.
`
	if diff := cmp.Diff(want, small().markdown()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReplaceMarked(t *testing.T) {
	const begin, end = "<!-- here -->", "<!-- /here -->"
	page := "# A\n" + begin + "\nold\n" + end + "\n# B\n"
	got, err := replaceMarked(page, "here", "\nnew\n\n")
	if want := "# A\n" + begin + "\n\nnew\n\n" + end + "\n# B\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for _, wrong := range []string{"", begin, end, end + begin} {
		if got, err := replaceMarked(wrong, "here", "new"); err == nil {
			t.Errorf("%q became %q", wrong, got)
		}
	}
}

// The page has the marks, so that what takes minutes to measure can be written.
func TestWritePage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	folded := small()
	folded.folded = true
	if err := writePage(path, "On a small machine.", section{"targets", []table{small()}}, section{"measured", []table{folded}}, section{"connections", nil}); err != nil {
		t.Fatal(err)
	}
	if err := writeGrowth(path, filepath.Join(t.TempDir(), "growth.svg"), anyCurves()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<!-- targets -->\n\nOn a small machine.\n\n### Runs\n\n| run |",
		"<!-- measured -->\n\nOn a small machine.\n\n<details>\n<summary>Runs</summary>\n\n| run |", "\n\nThat is all.\n\n</details>\n\n<!-- /measured -->",
		"<!-- growth -->\n\n`go run ./bench growth -write`", "\nLinear.\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// measured are results of three turns, in which each run over n regions took
// over more round trips than its chain of two.
func measured(over time.Duration) *results {
	o := options{latency: 100 * time.Millisecond, runs: 3, regions: []int{1, 7}}
	r := &results{options: o, binary: 19_550_370, runs: map[cell]map[string][]sample{}, alone: map[cell]map[string]sample{}, idle: map[cell]map[string][]sample{}}
	sampleOf := func(wall time.Duration) sample {
		return sample{
			process: process{Begun: time.UnixMilli(0), Ended: time.UnixMilli(0).Add(wall), CPU: 60 * time.Millisecond, Memory: 33_000_000},
			latency: o.latency, calls: []emulator.Call{call(10, 110), call(111, 211)},
		}
	}
	for _, g := range groups() {
		for _, n := range o.regions {
			c := cell{g, n}
			r.runs[c], r.alone[c], r.idle[c] = map[string][]sample{}, map[string]sample{}, map[string][]sample{}
			for _, run := range g.cycle() {
				took := sampleOf(200*time.Millisecond + over)
				r.runs[c][run.name] = []sample{took, took, took}
				r.alone[c][run.name] = sampleOf(1234 * time.Millisecond)
				r.idle[c][run.name] = []sample{took}
			}
		}
	}
	r.version = []sample{sampleOf(7 * time.Millisecond)}
	return r
}

func TestTargets(t *testing.T) {
	missed := func(r *results) (what []string) {
		for _, target := range r.targets() {
			if !target.met() {
				what = append(what, target.what)
			}
		}
		return what
	}
	if diff := cmp.Diff([]string{"CPU, second run, 7 regions", "second run without latency, 7 regions"}, missed(measured(29*time.Millisecond))); diff != "" {
		t.Errorf("29 ms over: (-want +got)\n%s", diff)
	}
	want := []string{
		"second run, regions: 1, trips over the chain", "first run, regions: 1, trips over the chain",
		"CPU, second run, 7 regions", "second run without latency, 7 regions",
	}
	if diff := cmp.Diff(want, missed(measured(31*time.Millisecond))); diff != "" {
		t.Errorf("31 ms over: (-want +got)\n%s", diff)
	}
}

// All that is printed fits on a terminal of 80 columns.
func TestWidth(t *testing.T) {
	r := measured(30 * time.Millisecond)
	connected := connectionTable(7)
	connected.rows = [][]string{{"HTTP/1.1", secondRun, "11.22", "150 ms", "199", "37", "107", "107", "35", "12"}}
	for _, table := range append(append(r.summary(), r.tables()...), connected) {
		for line := range strings.SplitSeq(table.text(), "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

// Nothing is judged by a target that is for something else.
func TestTargetsOfOtherSizes(t *testing.T) {
	for _, change := range []func(*results){
		func(r *results) { r.options.regions = []int{7} },
		func(r *results) { r.options.latency = 50 * time.Millisecond },
	} {
		r := measured(31 * time.Millisecond)
		change(r)
		for _, target := range r.targets() {
			if strings.Contains(target.what, "regions: 1") || strings.Contains(target.what, "÷") {
				t.Errorf("%v at %s: %s", r.options.regions, r.options.latency, target.what)
			}
		}
		if note := r.targetTable().note; !strings.Contains(note, "1 and 7 regions, at 100ms") {
			t.Errorf("the note is %q", note)
		}
	}
}

func TestGlance(t *testing.T) {
	rows := measured(30 * time.Millisecond).glanceTable().rows
	want := []string{regional, "7", "0.23 s, 5×", "0.23 s, 5×", "0.23 s, 5×", "0.23 s, 5×"}
	if got := rows[len(rows)-1]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGroupTable(t *testing.T) {
	got := measured(30 * time.Millisecond).groupTable(group{suffix: ":logging"}).rows[1]
	want := []string{"1", "first run", "0.23 s", "2.30", "2", "0.30", "2", "1", "1.2 s", "5.4×"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// In one region there is a chain of three, in a farther one a chain of two.
func TestChainOver(t *testing.T) {
	in := func(region string, c emulator.Call) emulator.Call {
		c.Region = region
		return c
	}
	samples := []sample{{calls: []emulator.Call{
		in("us-east-1", call(0, 100)), in("us-east-1", call(101, 201)), in("us-east-1", call(202, 302)),
		in("eu-west-1", call(0, 100)), in("eu-west-1", call(203, 303)),
	}}}
	for far, want := range map[time.Duration]float64{10 * time.Millisecond: 3, 16 * time.Millisecond: 2} {
		d := distances{region: func(region string) time.Duration {
			if region == "eu-west-1" {
				return far
			}
			return 10 * time.Millisecond
		}}
		if got := chainOver(samples, d, far); got != want {
			t.Errorf("%s to the farther one: a chain of %v, want %v", far, got, want)
		}
	}
	far := travelled(samples[0].calls, wan.FromParis)
	if got := far[0].End.Sub(far[0].Start); got != 184*time.Millisecond {
		t.Errorf("a call of 100 ms to us-east-1 takes %s", got)
	}
}
