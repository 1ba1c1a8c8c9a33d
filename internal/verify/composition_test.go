package verify

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// TestWatch: the destination is asked about once in a while, no matter what the
// answer is: IVS allows few requests of a kind (Service quotas).
func TestWatch(t *testing.T) {
	t.Parallel()
	a := start(t)
	const looks = 3
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := 0
	c := a.through(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if asked++; asked == looks { // one request at a time
			cancel()
		}
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	w := quick()
	g := &regionRun{run: &run{Options: Options{Cloud: c}, waits: *w}, region: testRegion, composition: &composition{arn: "arn:of:composition"}}
	begun := time.Now()
	if err := g.watch(ctx); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took < looks*w.look {
		t.Errorf("%d requests in %v", asked, took)
	}
}

// TestSlowStop: what is recorded while AWS is slow to be told to stop is nobody's
// fault.
func TestSlowStop(t *testing.T) {
	t.Parallel()
	a := start(t)
	var on airing
	slow := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/StopComposition" {
			_ = on.Wait(r.Context(), on.Sent()+6*time.Second)
		}
		return false
	}
	a.meet.Store(&slow)
	steps := a.verify(func(o *Options) {
		o.publish = func(ctx context.Context, p publication) (_ airing, err error) {
			on, err = putOn(ctx, p)
			return on, err
		}
	})
	if lines := unproven(steps); len(lines) > 0 {
		t.Errorf("not proven: %q", lines)
	}
}
