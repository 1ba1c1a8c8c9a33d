package script

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestInterrupted: at whatever request a run is asked to stop, it lets that come
// to its end, says what was done, ends with 130, leaves no half of a file, and
// one more run ends where one run does.
func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program is not asked to stop by a signal on Windows")
	}
	for name, signal := range map[string]os.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			eachPoint(t, []moment{beforeEffect}, func(t *testing.T, s *scene, at request, when moment) bool {
				b := newBench(t, s.folder)
				b.aws.ResetCalls()
				g := newGate(t, b.aws.Server)
				g.reach(at, when)
				noticed, ended := make(chan struct{}), make(chan struct{})
				g.strike = func() {
					_ = g.program.Signal(signal)
					select {
					case <-noticed:
					case <-ended: // nothing had to be waited for
					case <-time.After(patience):
						t.Error("it did not say that it was interrupted")
					}
				}
				var once sync.Once
				p := g.start(b, func(_ *proving, text string) {
					if strings.Contains(text, "interrupted: waiting for the calls in flight") {
						once.Do(func() { close(noticed) })
					}
				}, s.args...)
				code := p.end().code
				close(ended)
				if g.reached != "" {
					s.checkReport(b, p, code)
				}
				g.close()
				s.checkFiles(b)
				s.onceMore(b)
				return g.reached != ""
			})
		})
	}
}

// checkReport holds what an interrupted run says against what it did.
func (s *scene) checkReport(b *bench, p *proving, code int) {
	b.t.Helper()
	var said struct {
		Interrupted bool `json:"interrupted"`
		Changed     bool `json:"changed"`
	}
	if err := json.Unmarshal(p.stdout.Bytes(), &said); err != nil {
		b.t.Errorf("%v: %s", err, p.stdout.String())
	}
	changed := false
	for _, write := range b.aws.Writes() {
		changed = changed || write.Status < 300
	}
	if code != 130 || !said.Interrupted || said.Changed != changed || !strings.Contains(p.stderr.String(), "Interrupted: ") {
		b.t.Errorf("it ended with %d, says interrupted %t, changed %t, and changed is %t:\n%s", code, said.Interrupted, said.Changed, changed, p.stderr.String())
	}
}

// checkFiles: every file is as it was, or as it is to be.
func (s *scene) checkFiles(b *bench) {
	b.t.Helper()
	whole := append(filesIn(b.t, filepath.Join(s.folder, "app")), s.end.Files...)
	for _, file := range filesIn(b.t, b.dir) {
		if !slices.Contains(whole, file) {
			b.t.Errorf("half of a file, or one too many, is left: %s", file)
		}
	}
}
