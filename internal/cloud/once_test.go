package cloud

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a call that takes a second and notices when nobody waits any more.
func slow(calls *atomic.Int64) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		calls.Add(1)
		select {
		case <-time.After(time.Second):
			return "answer", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func TestOnceIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		get := Once(slow(&calls))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if got, err := get(t.Context()); got != "answer" || err != nil {
					t.Errorf("get = %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		if calls.Load() != 1 {
			t.Errorf("fn was called %d times", calls.Load())
		}
	})
}

// A first caller that gives up must not take the answer from the others.
func TestOnceOutlivesItsFirstCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		get := Once(slow(&calls))
		first, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := get(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the first caller got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if got, err := get(t.Context()); got != "answer" || err != nil {
				t.Errorf("the second caller got %q, %v", got, err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if calls.Load() != 1 {
			t.Errorf("fn was called %d times", calls.Load())
		}
	})
}

// When everybody gives up the call ends, and is forgotten.
func TestOnceBeginsAnewAfterAllGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		get := Once(slow(&calls))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first caller got %v", err)
		}
		if got, err := get(t.Context()); got != "answer" || err != nil {
			t.Errorf("the next caller got %q, %v", got, err)
		}
		if calls.Load() != 2 {
			t.Errorf("fn was called %d times", calls.Load())
		}
	})
}

func TestOnceRemembersAnError(t *testing.T) {
	calls := 0
	get := Once(func(context.Context) (int, error) { calls++; return 0, errors.New("no") })
	for range 2 {
		if _, err := get(t.Context()); err == nil || err.Error() != "no" {
			t.Errorf("get: %v", err)
		}
	}
	if calls != 1 {
		t.Errorf("fn was called %d times", calls)
	}
}

// Whoever comes when its time is over already still gets what is known.
func TestOnceGivesAnAnswerThatIsThere(t *testing.T) {
	get := Once(func(context.Context) (string, error) { return "answer", nil })
	if _, err := get(t.Context()); err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if got, err := get(late); got != "answer" || err != nil {
			t.Fatalf("get = %q, %v", got, err)
		}
	}
}
