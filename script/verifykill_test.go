package script

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// proofGate kills a proof, and looks into its journal meanwhile.
type proofGate struct {
	*gate
	b      *bench
	prefix string // the recording's, as StartComposition answered
	faults []string
}

// newProofGate kills at a request, before that has an effect, and after a write
// has had its effect; both are counted from 1, and 0 is never.
func newProofGate(b *bench, before, after int) *proofGate {
	g := &proofGate{gate: newGate(b.t, b.aws.Server), b: b}
	g.arrives = func(r *http.Request) moment {
		g.checkJournal(path.Base(r.URL.Path))
		if g.passed == before {
			return beforeEffect
		}
		return ""
	}
	g.answered = func(r *http.Request, answer *httptest.ResponseRecorder) moment {
		if after > 0 && len(b.aws.Writes()) >= after {
			return afterEffect
		}
		if path.Base(r.URL.Path) == "StartComposition" {
			g.prefix = prefixIn(answer.Body.Bytes())
		}
		return ""
	}
	return g
}

// run has a program go through the gate to its end.
func (g *proofGate) run(args ...string) shown { return g.start(g.b, nil, args...).end() }

// checkJournal: what is made is in the journal before; and once a composition
// was started, where it records to is there before anything else is asked.
func (g *proofGate) checkJournal(operation string) {
	kind := map[string]string{"CreateStage": "stage", "StartComposition": "composition"}[operation]
	if kind == "" && g.prefix == "" {
		return
	}
	journals, _ := filepath.Glob(filepath.Join(g.b.dir, ".yolo", "verify", "*.json"))
	text := ""
	for _, name := range journals {
		content, _ := os.ReadFile(name)
		text += string(content)
	}
	if kind != "" && !strings.Contains(text, fmt.Sprintf("%q: %q", "kind", kind)) {
		g.faults = append(g.faults, operation+" is called and not in the journal: "+text)
	}
	if g.prefix != "" && !strings.Contains(text, fmt.Sprintf("%q: %q", "prefix", g.prefix)) {
		g.faults = append(g.faults, operation+" is called and the recording's prefix is not in the journal: "+text)
	}
	g.prefix = ""
}

func prefixIn(answer []byte) string {
	var out struct {
		Composition struct {
			Destinations []struct {
				Detail struct {
					S3 struct {
						RecordingPrefix string `json:"recordingPrefix"`
					} `json:"s3"`
				} `json:"detail"`
			} `json:"destinations"`
		} `json:"composition"`
	}
	if json.Unmarshal(answer, &out) != nil || len(out.Composition.Destinations) == 0 {
		return ""
	}
	return out.Composition.Destinations[0].Detail.S3.RecordingPrefix
}

// showsAtOnce is how many runs are on their way to their death at a time.
const showsAtOnce = 24

// TestVerifyKilled: at whatever request a proof is killed, before that has its
// effect or after, nothing is left after the next run.
func TestVerifyKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("what is killed is another program")
	}
	t.Parallel()
	folder := synced(t)
	calm := newProofGate(newBench(t, folder), 0, 0)
	calm.b.aws.ResetCalls()
	if s := calm.run("verify", "production", "--yes", "--seconds", "5"); s.Result != "PASS" {
		t.Fatalf("wrong without a kill: %q\n%s", s.wrong(), s.stderr)
	}
	for _, fault := range calm.faults {
		t.Error(fault)
	}
	requests, writes := calm.passed, len(calm.b.aws.Writes())
	if requests < 40 || writes < 8 {
		t.Errorf("only %d requests and %d writes", requests, writes)
	}
	slots := make(chan struct{}, showsAtOnce)
	var all sync.WaitGroup
	var mu sync.Mutex
	missed := 0
	try := func(before, after int) {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if !killed(t, newBench(t, folder), before, after) {
				mu.Lock()
				defer mu.Unlock()
				missed++
			}
		})
	}
	for n := range writes {
		try(0, n+1)
	}
	for n := range requests {
		try(n+1, 0)
	}
	all.Wait()
	// How often is looked for something differs a little from run to run.
	if missed > requests/10 {
		t.Errorf("%d of %d runs came to their end before they were killed", missed, requests+writes)
	}
}

// killed kills one run, and has the next one sweep.
func killed(t *testing.T, b *bench, before, after int) (reached bool) {
	g := newProofGate(b, before, after)
	b.aws.ResetCalls()
	s := g.run("verify", "production", "--yes", "--seconds", "5")
	if reached = g.reached != ""; reached != (s.code == -1) {
		t.Errorf("killed before %d, after %d: at %q, and it ended with %d", before, after, g.reached, s.code)
	}
	made := b.called("CreateStage")
	// The next run has nothing to show, as the app's file is stale.
	b.edit(".env", ":storage-configuration/", ":storage-configuration/x")
	g.open()
	// A proof is swept only where it was put on, which the address tells.
	next := g.run(recording, "production", "--yes", "--env-file", ".env")
	if left := b.left(); len(left) > 0 || next.code != broken {
		t.Errorf("killed at %s: the next run ended with %d and left %q\n%s", g.reached, next.code, left, next.stderr)
	}
	if made && !b.called("DeleteStage") {
		t.Errorf("killed at %s: a stage was made and none deleted", g.reached)
	}
	return reached
}
