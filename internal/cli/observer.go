package cli

import (
	"context"
	"errors"
	"sync"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// observer lets people hear of failures only once it is known that the run is
// in the right account: before that, they may all be for want of credentials,
// which the run's end says once.
type observer struct {
	run     context.Context // ends with a cause when the run is to be given up
	cleared context.Context // done when the account is the right one
	show    func(reconcile.Event)

	mu   sync.Mutex
	held []reconcile.Event
}

func (o *observer) observe(e reconcile.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.moot(e):
	case e.Report.Err != nil && o.cleared.Err() == nil:
		o.held = append(o.held, e)
	default:
		o.show(e)
	}
}

// release shows what was held back.
func (o *observer) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.held {
		o.show(e)
	}
	o.held = nil
}

// moot tells whether an event comes of the run's having been given up.
func (o *observer) moot(e reconcile.Event) bool {
	_, foreign := errors.AsType[*accountError](e.Report.Err)
	cause := context.Cause(o.run)
	return foreign || cause != nil && !errors.Is(cause, context.DeadlineExceeded)
}
