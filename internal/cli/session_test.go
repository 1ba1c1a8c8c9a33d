package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/ui"
)

// An interruption while the credentials are looked for leaves no report, and
// is told as one in a report is.
func TestInterruptedBeforeTheReport(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	s := &session{
		app: &app{}, streams: ui.NewStreams(nil, out, nil, func(string) string { return "" }),
		options: options{json: true}, env: &manifest.Environment{}, stop: stopped,
	}
	code, err := s.fail(s.orInterrupted(context.Canceled))
	if code != exitInterrupted || err == nil {
		t.Errorf("exit code %d, error %v", code, err)
	}
	written, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	type ending struct {
		Interrupted bool
		Result      string
		Error       struct{ Code string }
	}
	want, got := ending{Interrupted: true, Result: "FAILED"}, ending{}
	want.Error.Code = "Interrupted"
	if err := json.Unmarshal(written, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
