package film_test

import (
	"bytes"
	"os/exec"
	"strconv"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/h264"
)

// What the program reads of it is what was asked for.
func TestFilm(t *testing.T) {
	f := film.Film{Width: 640, Height: 358, Key: 3}
	var types []int
	for range 4 {
		for _, nal := range f.Next() {
			types = append(types, h264.Type(nal))
			if sps, err := h264.ParseSPS(nal); err == nil && (sps.Width != 640 || sps.Height != 358) {
				t.Errorf("%d by %d", sps.Width, sps.Height)
			}
		}
	}
	if want := []int{7, 8, 5, 1, 1, 7, 8, 5}; !bytes.Equal(toBytes(types), toBytes(want)) {
		t.Errorf("NAL units %v, want %v", types, want)
	}
}

func toBytes(list []int) (out []byte) {
	for _, n := range list {
		out = append(out, byte(n))
	}
	return out
}

// Where there is a decoder it takes every picture, and they are grey.
func TestFilmIsDecoded(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg here")
	}
	for _, f := range []film.Film{{Width: 1280, Height: 720}, {Width: 286, Height: 160, Key: 2, Filler: 100}, {Width: 320, Height: 180, Profile: 100}} {
		var stream bytes.Buffer
		for range 70 {
			for _, nal := range f.Next() {
				stream.Write(append([]byte{0, 0, 0, 1}, nal...))
			}
		}
		cmd := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-xerror", "-f", "h264", "-i", "-", "-pix_fmt", "gray", "-f", "rawvideo", "-")
		cmd.Stdin = &stream
		var said bytes.Buffer
		cmd.Stderr = &said
		pixels, err := cmd.Output()
		if err != nil || said.Len() > 0 {
			t.Errorf("%dx%d: %v: %s", f.Width, f.Height, err, said.String())
		}
		if n := len(pixels) / (f.Width * f.Height); n != 70 {
			t.Errorf("%dx%d: %d pictures of %s bytes", f.Width, f.Height, n, strconv.Itoa(len(pixels)))
		}
	}
}
