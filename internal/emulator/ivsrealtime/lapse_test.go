package ivsrealtime_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// times is so many statuses, and then none.
func times(n, status int) func() int {
	return func() int {
		if n--; n >= 0 {
			return status
		}
		return 0
	}
}

// What IVS writes fails at S3, for a while or for good.
func TestS3FailsIVS(t *testing.T) {
	for name, test := range map[string]struct {
		show func(w *world) *composition
		want string
		told []string // of the destination
	}{
		"for one segment": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(5 * time.Second))
			w.struck = times(1, 503)
			w.must(p.roll(4 * time.Second))
			c.stop()
			return c
		}, "ended 9000 ms 60 60 60 60 30", []string{"Start", "Reconnecting", "End"}},
		"twice": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			w.struck = times(2, 500)
			w.must(p.roll(6 * time.Second))
			w.advance(time.Second)
			w.struck = times(1, 500)
			w.must(p.roll(4 * time.Second))
			c.stop()
			return c
		}, "ended 13000 ms 60 60 60 60 60 60 30", []string{"Start", "Reconnecting", "Reconnecting", "End"}},
		"when it begins": {func(w *world) *composition {
			p := w.publish()
			w.struck = times(1, 503)
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			c.stop()
			return c
		}, "ended 3000 ms 60 30", []string{"Reconnecting", "Start", "End"}},
		"when it ends": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(4 * time.Second))
			p.leave(nil)
			w.struck = times(2, 503)
			c.stop()
			return c
		}, "ended 4000 ms 60 60", []string{"Start", "Reconnecting", "End"}},
		"for too long": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(4 * time.Second))
			w.struck = times(20, 503)
			w.must(p.roll(20 * time.Second))
			return c
		}, "started 0 ms 60", []string{"Start", "Reconnecting", "Failure InternalServerException"}},
		"for the last segment": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			w.struck = times(1, 503)
			c.stop()
			return c
		}, "failed 2000 ms 60", []string{"Start", "Failure InternalServerException"}},
		"for good": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(4 * time.Second))
			w.struck = times(1000, 503)
			c.stop()
			w.advance(5 * time.Minute)
			return c
		}, "started 0 ms 60", []string{"Start", "Failure InternalServerException"}},
		"by forbidding": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			w.struck = times(1, 403)
			w.must(p.roll(3 * time.Second))
			return c
		}, "failed 2000 ms 60", []string{"Start", "Failure AccessDeniedException"}},
		"by not knowing the bucket": {func(w *world) *composition {
			w.struck = times(1, 404)
			return w.compose()
		}, "failed 0 ms", []string{"Failure ResourceNotFoundException"}},
		"by anything else": {func(w *world) *composition {
			w.struck = times(1, 400)
			return w.compose()
		}, "failed 0 ms", []string{"Failure InternalServerException"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "")
			c := test.show(w)
			w.settle()
			w.struck = nil
			w.settle()
			if got := c.summary(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			var told []string
			for _, line := range w.told() {
				if _, what, ok := strings.Cut(line, "Destination "); ok {
					told = append(told, what)
				}
			}
			if diff := cmp.Diff(test.told, told); diff != "" {
				t.Errorf("of the destination (-want +got)\n%s\n%q", diff, slices.Collect(slices.Values(w.told())))
			}
		})
	}
}
