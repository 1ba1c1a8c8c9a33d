package testcard_test

import (
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/h264test"
	"github.com/yolo-live/yolo/internal/show/h264"
	"github.com/yolo-live/yolo/internal/show/testcard"
)

func newCard(t testing.TB, width, height int, run string) *testcard.Card {
	t.Helper()
	c, err := testcard.New(width, height, 30, run)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// decode codes those frames of a card and decodes them.
func decode(t testing.TB, width, height int, run string, numbers ...int) []h264test.Frame {
	t.Helper()
	c := newCard(t, width, height, run)
	w, err := h264.NewWriter(width, height, 30)
	if err != nil {
		t.Fatal(err)
	}
	var stream []byte
	for _, n := range numbers {
		unit, err := w.Write(c.Draw(n), false)
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, unit.AnnexB...)
	}
	frames, err := h264test.Decode(stream)
	if err != nil {
		t.Fatal(err)
	}
	if len(frames) != len(numbers) {
		t.Fatalf("%d frames, want %d", len(frames), len(numbers))
	}
	return frames
}

func upTo(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

// art is what a part of a frame shows, a sign for each step samples.
func art(f h264test.Frame, area image.Rectangle, step int) string {
	var b strings.Builder
	for y := area.Min.Y; y < area.Max.Y; y += step {
		line := ""
		for x := area.Min.X; x < area.Max.X; x += step {
			if luma, _, _ := f.At(x, y); luma > 200 {
				line += "#"
			} else {
				line += "."
			}
		}
		b.WriteString(strings.TrimRight(line, ".") + "\n")
	}
	return b.String()
}

// TestShows looks at decoded frames of 720p: bars, run, seconds, mark.
func TestShows(t *testing.T) {
	frames := decode(t, 1280, 720, "Run 4", 0, 1, 74)
	for i, want := range [][3]byte{
		{180, 128, 128}, {168, 44, 136}, {144, 147, 44}, {132, 63, 52}, {62, 193, 204}, {50, 109, 212}, {28, 212, 120}, {16, 128, 128},
	} {
		for _, x := range []int{160 * i, 160*i + 159} {
			luma, cb, cr := frames[2].At(x, 200)
			if got := [3]byte{luma, cb, cr}; got != want {
				t.Errorf("bar %d at %d: %v, want %v", i, x, got, want)
			}
		}
	}
	want := `
####..#...#.#...#.......#..#
#...#.#...#.##..#.......#..#
#...#.#...#.#.#.#.......#..#
####..#...#.#.#.#.......#####
#.#...#...#.#..##..........#
#..#..#...#.#...#..........#
#...#..###..#...#..........#


.###...###.........###...###
#...#.#...#...##..#...#.#...#
#..##.#..##...##..#..##.....#
#.#.#.#.#.#.......#.#.#...##
##..#.##..#...##..##..#..#
#...#.#...#...##..#...#.#
.###...###.........###..#####
`
	if diff := cmp.Diff(want[1:], art(frames[2], image.Rect(460, 444, 820, 632), 12)); diff != "" {
		t.Errorf("at 2.5 s (-want +got):\n%s", diff)
	}
	for i, x := range []int{0, 4, 296} {
		got := art(frames[i], image.Rect(0, 700, 1280, 704), 4)
		if want := strings.Repeat(".", x/4) + strings.Repeat("#", 36) + "\n"; got != want {
			t.Errorf("picture %d: the mark is at\n%swant\n%s", i, got, want)
		}
	}
}

// TestBitrate: ten seconds of any size stay far below what IVS takes, 8.5 Mbit/s,
// and below what an encoder of a use is set to.
func TestBitrate(t *testing.T) {
	for size, limit := range map[image.Point]int{{X: 1280, Y: 720}: 150_000, {X: 720, Y: 1280}: 150_000, {X: 284, Y: 160}: 80_000} {
		c := newCard(t, size.X, size.Y, "RUN 4711")
		w, err := h264.NewWriter(size.X, size.Y, 30)
		if err != nil {
			t.Fatal(err)
		}
		bytes, largest := 0, 0
		for n := range 300 {
			unit, err := w.Write(c.Draw(n), n%60 == 0)
			if err != nil {
				t.Fatal(err)
			}
			bytes += len(unit.AnnexB)
			largest = max(largest, len(unit.AnnexB))
		}
		if bitrate := bytes * 8 / 10; bitrate > limit {
			t.Errorf("%v: %d bits a second, want %d at most; the largest frame has %d bytes", size, bitrate, limit, largest)
		}
	}
}

// TestMarkReturns: the mark never leaves the picture.
func TestMarkReturns(t *testing.T) {
	frames := decode(t, 160, 90, "", upTo(80)...)
	for i, f := range frames {
		if n := strings.Count(art(f, image.Rect(0, 84, 160, 88), 4), "#"); n != 4 {
			t.Errorf("frame %d: %d cells of the mark", i, n)
		}
	}
}

// TestEveryFrameDiffers: a picture that stands still is seen.
func TestEveryFrameDiffers(t *testing.T) {
	frames := decode(t, 320, 180, "4711", upTo(70)...)
	for i := 1; i < len(frames); i++ {
		if string(frames[i].Y) == string(frames[i-1].Y) {
			t.Errorf("frames %d and %d are the same", i-1, i)
		}
	}
}

// TestSmall: what has no room is left out, and the rest is still there.
func TestSmall(t *testing.T) {
	for _, c := range []struct {
		width, height    int
		run              string
		run1, time, mark bool
	}{
		{284, 160, "RUN 4711-AB", true, true, true},
		{284, 160, "A RUN WITH A NAME MUCH TOO LONG", false, true, true},
		{160, 90, "7", false, true, true},
		{16, 128, "7", false, false, true},
		{16, 16, "7", false, false, false},
		{2, 2, "7", false, false, false},
	} {
		card := newCard(t, c.width, c.height, c.run)
		first := shades(card.Draw(0)) + " "
		second := shades(card.Draw(30))
		without := newCard(t, c.width, c.height, strings.Repeat(" ", len(c.run)))
		if got := first != shades(without.Draw(0))+" "; got != c.run1 {
			t.Errorf("%dx%d, run %q: the run is shown: %t", c.width, c.height, c.run, got)
		}
		if got := strings.Contains(first[len(first)-max(c.width/4, 1):], "w"); got != c.mark {
			t.Errorf("%dx%d: the mark is shown: %t", c.width, c.height, got)
		}
		top := len(first) * 8 / 10
		if got := first[:top] != second[:top]; got != c.time {
			t.Errorf("%dx%d: the seconds are shown: %t", c.width, c.height, got)
		}
	}
}

// shades spells a picture's cells by rows: w for white, b for others.
func shades(p *h264.Picture) string {
	var b strings.Builder
	shown := p.Shown()
	for y := range shown.Dy() {
		for x := range shown.Dx() {
			if p.At(x, y).Y > 200 {
				b.WriteByte('w')
			} else {
				b.WriteByte('b')
			}
		}
	}
	return b.String()
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{
		{1280, 720, 1280, 720},
		{640, 360, 640, 360},
		{2, 2, 2, 2},
		{1920, 1080, 1280, 720},
		{1920, 800, 1280, 532},
		{1920, 2, 1280, 2},
		{1440, 1080, 960, 720},
		{1078, 1078, 720, 720},
		{720, 1280, 720, 1280},
		{1080, 1920, 720, 1280},
		{2, 1920, 2, 1280},
		{1300, 700, 1280, 688},
	} {
		if w, h := testcard.Fit(c.width, c.height); w != c.wantWidth || h != c.wantHeight {
			t.Errorf("%dx%d: %dx%d, want %dx%d", c.width, c.height, w, h, c.wantWidth, c.wantHeight)
		}
	}
	for w := 2; w <= 1920; w += 134 {
		for h := 2; h <= 1920; h += 138 {
			if _, err := testcard.New(w, h, 30, "1"); err != nil {
				t.Fatal(err)
			}
			fw, fh := testcard.Fit(w, h)
			if fw%2 != 0 || fh%2 != 0 || max(fw, fh) > testcard.MaxLong || min(fw, fh) > testcard.MaxShort || fw < 2 || fh < 2 {
				t.Fatalf("%dx%d: %dx%d", w, h, fw, fh)
			}
		}
	}
}

func TestRefusedSize(t *testing.T) {
	if _, err := testcard.New(7, 8, 30, "1"); err == nil {
		t.Error("an odd width")
	}
}

// BenchmarkSecond draws and codes a second of 720p30: a core is busy for as much
// of each second as this takes.
func BenchmarkSecond(b *testing.B) {
	c := newCard(b, 1280, 720, "RUN 4711")
	w, err := h264.NewWriter(1280, 720, 30)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		for range 30 {
			if _, err := w.Write(c.Draw(n), n%60 == 0); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
}
