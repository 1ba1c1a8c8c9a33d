package verify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// poll looks until look is done or fails, or the time is over. Its error is then
// a timeoutError with what was seen last.
func (r *run) poll(ctx context.Context, within time.Duration, look func(ctx context.Context) (done bool, seen string, err error)) error {
	deadline := time.Now().Add(within)
	last := ""
	for {
		done, seen, err := look(ctx)
		if done || err != nil && !cloud.Ambiguous(err) {
			return err
		}
		if last = cmp.Or(seen, last); time.Now().After(deadline) {
			return &timeoutError{within: within, seen: last, cause: err}
		}
		if err := reconcile.Pause(ctx, r.waits.look, ""); err != nil {
			return err
		}
	}
}

// timeoutError tells that something did not come about in time.
type timeoutError struct {
	within time.Duration
	seen   string
	cause  error
}

func (e *timeoutError) Error() string {
	text := fmt.Sprintf("not within %v", e.within)
	if e.seen != "" {
		text += ", " + e.seen
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *timeoutError) Unwrap() error { return e.cause }
