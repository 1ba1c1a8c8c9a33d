package recording_test

import (
	"testing"

	"github.com/yolo-live/yolo/internal/recording"
)

// TestTitles: every check has a title of its own.
func TestTitles(t *testing.T) {
	want := tsExpected()
	want.Viewer = viewer(recording.Pictures{Decoded: 1}, nil)
	seen := map[string]recording.Check{"": "none"}
	findings := recording.Inspect(t.Context(), tsRecording(t), prefix, want).Findings
	for _, f := range findings {
		if before, ok := seen[f.Check.Title()]; ok {
			t.Errorf("%s has the title of %s: %q", f.Check, before, f.Check.Title())
		}
		seen[f.Check.Title()] = f.Check
	}
	if len(findings) != 11 {
		t.Errorf("%d checks", len(findings))
	}
}
