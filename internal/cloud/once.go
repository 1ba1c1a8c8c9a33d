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
	o := &once{fn: func(ctx context.Context) (any, error) { return fn(ctx) }}
	return func(ctx context.Context) (T, error) {
		answer, err := o.get(ctx)
		value, _ := answer.(T)
		return value, err
	}
}

// once is of no type, so that it is compiled once and not for each.
type once struct {
	fn func(context.Context) (any, error)

	mu  sync.Mutex
	run *flight // nil before the first call
}

// flight is one call of fn.
type flight struct {
	done    chan struct{}
	value   any
	err     error
	waiting int
	giveUp  context.CancelFunc
}

func (o *once) get(ctx context.Context) (any, error) {
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
		return nil, context.Cause(ctx)
	}
}

// join takes part in the call under way, or begins it.
func (o *once) join(ctx context.Context) *flight {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.run == nil {
		run := &flight{done: make(chan struct{})}
		var own context.Context
		own, run.giveUp = context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer run.giveUp()
			defer close(run.done)
			growStack(false)
			run.value, run.err = o.fn(own)
		}()
		o.run = run
	}
	o.run.waiting++
	return o.run
}

// leave stops waiting; the last one to leave ends the call and forgets it.
func (o *once) leave(run *flight) {
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
