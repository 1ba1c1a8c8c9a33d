package verify

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/proof"
)

// TestOtherSize: the emulator does not encode, and refuses a picture of another
// size than the encoder's. That proves nothing against the region, and the
// reason is found in the bucket, too.
func TestOtherSize(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		logs bool
		want string
	}{
		"in the log":    {true, "(IVS says NotImplemented: The emulator records one publisher without encoding"},
		"in the bucket": {false, "(IVS wrote: The emulator records one publisher without encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t)
			steps := a.verify(func(o *Options) {
				o.Regions[0].Show.Width, o.Regions[0].Show.Height, o.Regions[0].Show.Logs = 640, 360, c.logs
			})
			f := steps[0].Findings[0]
			if f.ID != showDestination || f.Verdict != proof.NotProven || !strings.Contains(f.Evidence, c.want) || f.Fix == "" {
				t.Errorf("%s, fix %q", line(f), f.Fix)
			}
			if left := a.left(); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// TestSizes: what is sent for an encoder that IVS takes no picture of is told,
// standing pictures included.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{1280, 720, ""},
		{720, 1280, ""},
		{2, 2, ""},
		{1920, 1080, "1280x720 was sent for an encoder of 1920x1080"},
		{1080, 1920, "720x1280 was sent for an encoder of 1080x1920"},
	} {
		g := &regionRun{Region: Region{Show: proof.Show{Width: c.width, Height: c.height}}}
		if got := g.sizes(); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%dx%d: %q, want %q", c.width, c.height, got, c.want)
		}
	}
}
