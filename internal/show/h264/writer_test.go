package h264_test

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/yolo-live/yolo/internal/h264test"
	"github.com/yolo-live/yolo/internal/show/h264"
)

func newStream(t testing.TB, width, height, framerate int) (*h264.Picture, *h264.Writer) {
	t.Helper()
	p, err := h264.NewPicture(width, height)
	if err != nil {
		t.Fatal(err)
	}
	w, err := h264.NewWriter(width, height, framerate)
	if err != nil {
		t.Fatal(err)
	}
	return p, w
}

// compare finds the first sample of a decoded frame that is not its cell's
// colour.
func compare(f h264test.Frame, p *h264.Picture) error {
	for y := range f.Height {
		for x := range f.Width {
			luma, cb, cr := f.At(x, y)
			if got, want := (h264.Color{Y: luma, Cb: cb, Cr: cr}), p.At(x/4, y/4); got != want {
				return fmt.Errorf("at %d,%d: %v, want %v", x, y, got, want)
			}
		}
	}
	return nil
}

// TestRandomPictures: whatever is drawn, in any size, is decoded without loss.
func TestRandomPictures(t *testing.T) {
	for _, size := range []image.Point{{X: 2, Y: 2}, {X: 16, Y: 16}, {X: 46, Y: 30}, {X: 96, Y: 18}, {X: 4, Y: 128}, {X: 160, Y: 90}} {
		t.Run(size.String(), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, uint64(size.X)))
			p, w := newStream(t, size.X, size.Y, 30)
			var stream []byte
			for i := range 40 {
				for range random.IntN(30) {
					scribble(p, random, i%2 == 0)
				}
				unit, err := w.Write(p, i%7 == 3)
				if err != nil {
					t.Fatal(err)
				}
				stream = append(stream, unit.AnnexB...)
				frames, err := h264test.Decode(stream)
				if err != nil {
					t.Fatal(err)
				}
				if len(frames) != i+1 {
					t.Fatalf("%d frames, want %d", len(frames), i+1)
				}
				f := frames[i]
				if f.Width != size.X || f.Height != size.Y || f.Key != unit.Key || f.Key != (i == 0 || i%7 == 3) {
					t.Errorf("frame %d: %dx%d, keyframe %t", i, f.Width, f.Height, f.Key)
				}
				if err := compare(f, p); err != nil {
					t.Fatalf("frame %d: %v", i, err)
				}
			}
		})
	}
}

// scribble colours some cells, in extreme colours or any.
func scribble(p *h264.Picture, random *rand.Rand, extreme bool) {
	b := p.Bounds()
	area := image.Rect(random.IntN(b.Dx()), random.IntN(b.Dy()), random.IntN(b.Dx()+1), random.IntN(b.Dy()+1))
	value := func() uint8 {
		if extreme {
			return uint8(255 * random.IntN(2))
		}
		return uint8(random.IntN(256))
	}
	if random.IntN(2) == 0 {
		p.Fill(area, h264.Color{Y: value(), Cb: value(), Cr: value()})
		return
	}
	p.Shade(area, value())
}

// TestUnchanged: a picture that is the same costs next to nothing.
func TestUnchanged(t *testing.T) {
	p, w := newStream(t, 1280, 720, 30)
	for i := range 3 {
		unit, err := w.Write(p, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(unit.AnnexB) > 20 && i > 0 {
			t.Errorf("frame %d has %d bytes", i, len(unit.AnnexB))
		}
	}
}

// TestKeyframeStandsAlone: a decoder may begin at any keyframe.
func TestKeyframeStandsAlone(t *testing.T) {
	p, w := newStream(t, 64, 64, 30)
	var from []byte
	for i := range 40 {
		p.Shade(image.Rect(0, 0, i%16+1, i%16+1), uint8(4*i))
		unit, err := w.Write(p, i == 21)
		if err != nil {
			t.Fatal(err)
		}
		if i >= 21 {
			from = append(from, unit.AnnexB...)
		}
	}
	frames, err := h264test.Decode(from)
	if err != nil || len(frames) != 19 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	if err := compare(frames[18], p); err != nil {
		t.Error(err)
	}
}

// TestParameters holds the parameter sets of 720p30 against bytes that ffprobe
// reads as constrained baseline 3.1, 1280x720, 30 frames a second, BT.709, no
// reordering; and the level of others against Table A-1.
func TestParameters(t *testing.T) {
	p, w := newStream(t, 1280, 720, 30)
	unit, err := w.Write(p, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{
		0, 0, 0, 1, 0x67, 0x42, 0xE0, 0x1F, 0xDA, 0x01, 0x40, 0x16, 0xE9, 0xA8, 0x08, 0x08, 0x0A,
		0, 0, 3, 0, 2, 0, 0, 3, 0, 0x79, 0x1F, 0xD4,
		0, 0, 0, 1, 0x68, 0xCE, 0x01, 0x0F, 0x20,
	}
	if !bytes.HasPrefix(unit.AnnexB, want) {
		t.Errorf("begins\n% x, want\n% x", unit.AnnexB[:len(want)], want)
	}
	for _, c := range []struct {
		width, height, framerate int
		want                     string
	}{
		{1280, 720, 30, "42e01f"},
		{720, 1280, 30, "42e01f"},
		{1280, 720, 60, "42e020"},
		{960, 540, 30, "42e01f"},
		{640, 360, 30, "42e01e"},
		{284, 160, 30, "42e00c"},
		{2, 2, 1, "42e00a"},
		{1280, 2, 30, "42e016"}, // for its length
		{1920, 1080, 60, "42e02a"},
	} {
		_, w := newStream(t, c.width, c.height, c.framerate)
		if got := w.ProfileLevelID(); got != c.want {
			t.Errorf("%dx%d, %d a second: %s, want %s", c.width, c.height, c.framerate, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, size := range []image.Point{{}, {X: 3, Y: 4}, {X: 4, Y: 3}, {X: 1922, Y: 2}, {X: -2, Y: 2}} {
		if _, err := h264.NewPicture(size.X, size.Y); err == nil {
			t.Errorf("a picture of %v", size)
		}
		if _, err := h264.NewWriter(size.X, size.Y, 30); err == nil {
			t.Errorf("a stream of %v", size)
		}
	}
	for _, framerate := range []int{-1, 0, 61} {
		if _, err := h264.NewWriter(16, 16, framerate); err == nil {
			t.Errorf("%d frames a second", framerate)
		}
	}
	_, w := newStream(t, 16, 16, 30)
	p, _ := h264.NewPicture(16, 18)
	if _, err := w.Write(p, true); err == nil {
		t.Error("a picture of another size")
	}
}
