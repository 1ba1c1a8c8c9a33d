package cloud

import (
	"context"
	"sync"
)

// Once returns a function that calls fn for the first caller and gives
// everybody the same answer, an error too. Those who come while fn runs wait
// for it, but not longer than their own context. fn's context ends only when
// everybody who waited has given up; then the next caller begins anew.
func Once[T any](fn func(context.Context) (T, error)) func(context.Context) (T, error) {
	o := &once[T]{fn: fn}
	return o.get
}

type once[T any] struct {
	fn func(context.Context) (T, error)

	mu  sync.Mutex
	run *flight[T] // nil before the first call
}

// flight is one call of fn.
type flight[T any] struct {
	done    chan struct{}
	value   T
	err     error
	waiting int
	giveUp  context.CancelFunc
}

func (o *once[T]) get(ctx context.Context) (T, error) {
	run := o.join(ctx)
	select {
	case <-run.done:
		return run.value, run.err
	case <-ctx.Done():
	}
	select {
	case <-run.done: // an answer that is there is given to everybody
		return run.value, run.err
	default:
		o.leave(run)
		var none T
		return none, context.Cause(ctx)
	}
}

// join takes part in the call under way, or begins it.
func (o *once[T]) join(ctx context.Context) *flight[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.run == nil {
		run := &flight[T]{done: make(chan struct{})}
		var own context.Context
		own, run.giveUp = context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer run.giveUp()
			defer close(run.done)
			run.value, run.err = o.fn(own)
		}()
		o.run = run
	}
	o.run.waiting++
	return o.run
}

// leave stops waiting; the last one to leave ends the call and forgets it.
func (o *once[T]) leave(run *flight[T]) {
	o.mu.Lock()
	defer o.mu.Unlock()
	run.waiting--
	if run.waiting > 0 || o.run != run {
		return
	}
	select {
	case <-run.done:
	default:
		run.giveUp()
		o.run = nil
	}
}
