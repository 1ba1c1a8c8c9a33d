package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
)

// death ends a run at a request, and with it all that come later.
type death struct {
	at    int
	after bool // once the request has had its effect
	end   context.CancelFunc

	mu   sync.Mutex
	seen int
	op   string // that it died of, "" if it did not
}

// meet answers for the dead.
func (d *death) meet(a *account) func(http.ResponseWriter, *http.Request) bool {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.seen++; d.seen < d.at {
			return false
		}
		if d.op == "" {
			d.op = operation(r)
			if d.after {
				a.server.ServeHTTP(httptest.NewRecorder(), r)
			}
			d.end()
		}
		panic(http.ErrAbortHandler)
	}
}

func operation(r *http.Request) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	return path.Base(r.URL.Path)
}

// TestKilled: whatever request a run is killed at, nothing is left after the
// next one. The run is for the log, and has to send a canary.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after %t", after), func(t *testing.T) {
			t.Parallel()
			a := start(t)
			var died []string
			for at := 1; ; at++ {
				op := a.kill(at, after)
				if op == "" {
					break
				}
				died = append(died, op)
			}
			for _, op := range []string{"CreateStage", "DeleteStage", "PutRule", "PutTargets", "PutEvents", "FilterLogEvents", "DeleteRule"} {
				if !slices.Contains(died, op) {
					t.Errorf("no run was killed at %s: %q", op, died)
				}
			}
		})
	}
}

// kill kills a run and has the next one clear up; op is "" when the run came to
// its end.
func (a *account) kill(at int, after bool) (op string) {
	a.t.Helper()
	d := &death{at: at, after: after}
	a.run, d.end = context.WithCancel(a.t.Context())
	// The dead try nothing again.
	mortal, err := cloud.Load(a.t.Context(), cloud.Options{Region: testRegion, Endpoint: a.url, AccessKey: "123456789012", Stop: a.run})
	if err != nil {
		a.t.Fatal(err)
	}
	a.verify(func(o *Options) {
		logOnly(o)
		o.Cloud, o.waits.stopped, o.waits.look = mortal, 100*time.Millisecond, 10*time.Millisecond
		meet := d.meet(a)
		a.meet.Store(&meet)
	})
	a.meet.Store(nil)
	d.end()
	a.run = nil
	a.verify(logOnly)
	if left := a.left(); len(left) > 0 {
		a.t.Errorf("killed at request %d, %s: left %q", at, d.op, left)
	}
	return d.op
}

// logOnly has a run look once for events that do not come.
func logOnly(o *Options) {
	o.publish, o.Regions[0].Show.Records = blank, false
	o.waits.log, o.waits.canary = 0, 0
}

// TestRequests: one token to publish, for a quarter of an hour; the configured
// storage and encoder, and the same idempotency token however often it is asked.
func TestRequests(t *testing.T) {
	t.Parallel()
	a := start(t)
	var mu sync.Mutex
	bodies := map[string][]string{}
	meet := func(_ http.ResponseWriter, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		mu.Lock()
		defer mu.Unlock()
		bodies[operation(r)] = append(bodies[operation(r)], string(body))
		return false
	}
	a.fault("op=StartComposition code=InternalServerException after times=1")
	var storage, encoder string
	a.verify(func(o *Options) {
		o.publish = blank
		o.waits.active, o.waits.reason = 100*time.Millisecond, 0
		storage, encoder = o.Regions[0].Recording.Storage, o.Regions[0].Recording.Encoder
		a.meet.Store(&meet)
	})
	a.meet.Store(nil)
	var stage struct {
		Tags   map[string]string
		Tokens []struct {
			Capabilities []string
			Duration     int
		} `json:"participantTokenConfigurations"`
	}
	mustParse(t, bodies["CreateStage"], 1, &stage)
	if len(stage.Tokens) != 1 || stage.Tokens[0].Duration != 15 || !slices.Equal(stage.Tokens[0].Capabilities, []string{"PUBLISH"}) || stage.Tags[TagRun] == "" {
		t.Errorf("the stage is asked for with %+v", stage)
	}
	type start struct {
		IdempotencyToken string
		Destinations     []struct {
			S3 struct {
				Storage  string   `json:"storageConfigurationArn"`
				Encoders []string `json:"encoderConfigurationArns"`
			}
		}
		Tags map[string]string
	}
	var first, second start
	starts := bodies["StartComposition"]
	mustParse(t, starts, 2, &first)
	mustParse(t, starts[1:], 1, &second)
	if first.IdempotencyToken == "" || first.IdempotencyToken != second.IdempotencyToken {
		t.Errorf("the idempotency tokens are %q and %q", first.IdempotencyToken, second.IdempotencyToken)
	}
	if d := first.Destinations; len(d) != 1 || d[0].S3.Storage != storage || !slices.Equal(d[0].S3.Encoders, []string{encoder}) || first.Tags[TagRun] != stage.Tags[TagRun] {
		t.Errorf("the composition is asked for with %+v", first)
	}
	if left := a.left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// mustParse reads the first of so many bodies.
func mustParse(t *testing.T, bodies []string, count int, into any) {
	t.Helper()
	if len(bodies) != count {
		t.Fatalf("%d requests, want %d: %q", len(bodies), count, bodies)
	}
	if err := json.Unmarshal([]byte(bodies[0]), into); err != nil {
		t.Fatal(err)
	}
}
