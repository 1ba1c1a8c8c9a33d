package cloud

import (
	"context"
	"sync"
)

// Once returns a function that calls fn for the first caller and gives
// everybody the same answer. Those who come while fn runs wait for it, but not
// longer than their own context.
func Once[T any](fn func(context.Context) (T, error)) func(context.Context) (T, error) {
	var (
		begin sync.Once
		done  = make(chan struct{})
		value T
		err   error
	)
	return func(ctx context.Context) (T, error) {
		begin.Do(func() {
			go func() {
				defer close(done)
				value, err = fn(ctx)
			}()
		})
		select {
		case <-done:
			return value, err
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}
