package script

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var everyPoint = flag.Bool("every", false, "kill and interrupt runs at every request, and distort every answer, not a sample of them")

// sampleOf is the size of what one point of is tried without -every.
const sampleOf = 23

// story is a run that is broken off at every one of its requests.
type story struct {
	name   string
	layout string // of the bucket
	// before makes what the run finds; nil for an empty account.
	before func(s *stage)
	args   []string
}

var (
	syncs    = []string{"sync", "production"}
	destroys = []string{"destroy", "production", "--delete-recordings", "--confirm", "production"}
	writes   = []string{"env", "production", "--write", ".env"}
)

var stories = []story{
	{"first sync, shared", "shared", (*stage).strangers, syncs},
	{"first sync, regional", "regional", nil, syncs},
	{"sync after drift, shared", "shared", (*stage).drift, syncs},
	{"sync after drift, regional", "regional", (*stage).drift, syncs},
	{"another encoder, shared", "shared", (*stage).otherEncoder, syncs},
	{"another encoder, regional", "regional", (*stage).otherEncoder, syncs},
	{"destroy, shared", "shared", (*stage).filled, destroys},
	{"destroy, regional", "regional", (*stage).filled, destroys},
	{"env --write", "regional", (*stage).stale, writes},
}

// request names a request so that the same one of another run has the same name:
// its region, service and operation, as far as all that is seen from outside,
// without the ids that AWS chose, and how many of the kind came before.
type request struct {
	name string
	nth  int
}

// counter names requests.
type counter map[string]int

func (c counter) next(r *http.Request) request {
	scope := strings.Split(r.Header.Get("Authorization"), "/")
	parts := []string{r.Method, chosenIDs.ReplaceAllString(r.URL.Path, "${1}ID")}
	if len(scope) > 3 {
		parts = append([]string{scope[2], scope[3]}, parts...)
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		parts = append(parts, target)
	}
	parts = append(parts, slices.Sorted(mapKeys(r.URL.Query()))...)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		parts = append(parts, form.Get("Action"))
	}
	name := strings.Join(parts, " ")
	c[name]++
	return request{name, c[name]}
}

func mapKeys(values url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

// scene is what a story begins and ends with when nothing breaks it off.
type scene struct {
	story
	folder   string // to be copied
	known    []string
	requests []request
	end      ending
}

// ending is what a run leaves behind, without what AWS chose.
type ending struct {
	State []string // of the account
	Files []string // of the app's folder, with their content
	Shown string   // on stdout
}

// play sets a scene and plays it without a break.
func play(t *testing.T, one story) *scene {
	t.Helper()
	s := &scene{story: one, folder: setStage(t, one)}
	s.known = idsIn(readState(t, filepath.Join(s.folder, "aws")))
	b := newBench(t, s.folder)
	g, names := newGate(t, b.aws.Server), counter{}
	g.arrives = func(r *http.Request) moment {
		s.requests = append(s.requests, names.next(r))
		return ""
	}
	p := g.start(b, nil, s.args...)
	if end := p.end(); end.code != 0 {
		t.Fatalf("exit code %d without a break: %s", end.code, end.stderr)
	}
	g.close()
	s.end = s.ending(b, p)
	if len(s.end.State) == 0 || len(s.end.Files) == 0 || len(s.requests) < 20 {
		t.Fatalf("too little to compare: %d requests, and at the end %+v", len(s.requests), s.end)
	}
	return s
}

func (s *scene) ending(b *bench, p *proving) ending {
	b.t.Helper()
	e := ending{State: readState(b.t, filepath.Join(filepath.Dir(b.dir), "aws")), Shown: envOf(b.t, p.stdout.Bytes())}
	ids := slices.DeleteFunc(idsIn(append(e.State, e.Shown)), func(id string) bool { return slices.Contains(s.known, id) })
	mask := func(text string) string {
		for _, id := range ids {
			text = strings.ReplaceAll(text, id, "ID")
		}
		return text
	}
	for i := range e.State {
		e.State[i] = mask(e.State[i])
	}
	slices.Sort(e.State)
	e.Shown = mask(e.Shown)
	for _, file := range filesIn(b.t, b.dir) {
		e.Files = append(e.Files, mask(file))
	}
	return e
}

// filesIn are the files below a folder, with what is in them.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, strings.TrimPrefix(path, dir)+": "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// reach has a gate strike at a request.
func (g *gate) reach(at request, when moment) {
	names := counter{}
	g.arrives = func(r *http.Request) moment {
		if names.next(r) == at {
			return when
		}
		return ""
	}
}

// eachPoint tries each point of each story, or the sample, and reports how many
// runs came to their end without having come to their point.
func eachPoint(t *testing.T, moments []moment, try func(t *testing.T, s *scene, at request, when moment) (reached bool)) {
	if testing.Short() {
		t.Skip("what is killed is another program")
	}
	t.Parallel()
	for i, one := range stories {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, one)
			var mu sync.Mutex
			tried, missed := 0, 0
			t.Cleanup(func() {
				t.Logf("%d requests, %d points tried, %d of them not come to", len(s.requests), tried, missed)
				if missed > 1+tried/20 {
					t.Errorf("%d of %d runs did not come to their point", missed, tried)
				}
			})
			for k, at := range s.requests {
				for m, when := range moments {
					if !*everyPoint && (k*len(moments)+m)%sampleOf != i {
						continue
					}
					tried++
					t.Run(fmt.Sprintf("%d %s, %s", k+1, when, at.name), func(t *testing.T) {
						t.Parallel()
						if !try(t, s, at, when) {
							mu.Lock()
							defer mu.Unlock()
							missed++
						}
					})
				}
			}
		})
	}
}

// TestKilled: at whatever request a run is killed, before that has its effect,
// after it, or with half of the answer, one more run ends where one run does.
func TestKilled(t *testing.T) {
	eachPoint(t, []moment{beforeEffect, afterEffect, halfAnswered}, func(t *testing.T, s *scene, at request, when moment) bool {
		b := newBench(t, s.folder)
		g := newGate(t, b.aws.Server)
		g.reach(at, when)
		p := g.start(b, nil, s.args...)
		_ = p.cmd.Wait()
		if code := p.cmd.ProcessState.ExitCode(); (code == -1) != (g.reached != "") {
			t.Fatalf("it ended with %d at %q: %s", code, g.reached, p.stderr.String())
		}
		if g.reached != "" && p.stdout.Len() > 0 {
			t.Errorf("it was killed and has printed %q", p.stdout.String())
		}
		g.close()
		s.checkFiles(b)
		s.onceMore(b)
		return g.reached != ""
	})
}

// onceMore runs what was broken off again, a minute later, and compares the end.
func (s *scene) onceMore(b *bench) {
	b.t.Helper()
	b.aws.Advance(time.Minute)
	g := newGate(b.t, b.aws.Server)
	next := g.start(b, nil, s.args...)
	shown := next.end()
	g.close()
	if shown.code != 0 {
		b.t.Errorf("the next run ended with %d: %s", shown.code, shown.stderr)
	}
	if diff := cmp.Diff(s.end, s.ending(b, next)); diff != "" {
		b.t.Errorf("the next run ended elsewhere (-uninterrupted +next): %s\n%s", diff, shown.stderr)
	}
}
