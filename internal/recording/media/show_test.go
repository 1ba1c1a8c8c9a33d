package media_test

import (
	"testing"

	"github.com/yolo-live/yolo/internal/h264test"
)

// TestShowIsShown decodes the sample that was made of a test show, with code that
// shares nothing with what wrote it: the picture is the show's.
func TestShowIsShown(t *testing.T) {
	stream, err := h264test.FromTS(sample(t, "show.ts"))
	if err != nil {
		t.Fatal(err)
	}
	frames, err := h264test.Decode(stream)
	if err != nil {
		t.Fatal(err)
	}
	if len(frames) != 60 || frames[0].Width != 284 || frames[0].Height != 160 {
		t.Fatalf("%d frames of %dx%d", len(frames), frames[0].Width, frames[0].Height)
	}
	for x, want := range map[int][3]byte{10: {180, 128, 128}, 50: {168, 44, 136}, 230: {28, 212, 120}} {
		if y, cb, cr := frames[59].At(x, 30); [3]byte{y, cb, cr} != want {
			t.Errorf("at %d,30: %d %d %d, want %v", x, y, cb, cr, want)
		}
	}
}
