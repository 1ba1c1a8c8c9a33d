package cloud

import (
	"context"
	"strings"
	"sync"
	"time"
)

// The rates of IVS Real-Time, per account, region and operation, which AWS
// does not raise (RealTimeUserGuide, service quotas). No burst is published.
const (
	ivsPerSecond     = 5
	ivsTagsPerSecond = 10
)

// logReadsPerSecond is the rate of FilterLogEvents in the region that allows the
// fewest (CloudWatch Logs quotas). Colleagues may read, too: the rest is told by
// throttling.
const logReadsPerSecond = 5

// limits hold requests back: as many in flight as the user allows, and as many
// a second as IVS allows, and Logs for reads of a log.
type limits struct {
	inFlight chan struct{} // nil: no limit
	mu       sync.Mutex
	windows  map[string]*window
}

func newLimits(parallelism int) *limits {
	l := &limits{windows: map[string]*window{}}
	if parallelism > 0 {
		l.inFlight = make(chan struct{}, parallelism)
	}
	return l
}

// begin waits until a request may be sent. The function that it returns says
// that the request is over. The rate comes last, so that requests that waited
// for others do not begin all at once.
func (l *limits) begin(ctx context.Context, service, region, operation string) (end func(), err error) {
	end = func() {}
	if l.inFlight != nil {
		select {
		case l.inFlight <- struct{}{}:
			end = func() { <-l.inFlight }
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if service == ivsServiceID || operation == "FilterLogEvents" {
		if err := l.window(region, operation).wait(ctx); err != nil {
			end()
			return nil, err
		}
	}
	return end, nil
}

func (l *limits) window(region, operation string) *window {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := region + " " + operation
	if l.windows[key] == nil {
		rate := ivsPerSecond
		switch {
		case strings.Contains(operation, "Tag"):
			rate = ivsTagsPerSecond
		case operation == "FilterLogEvents":
			rate = logReadsPerSecond
		}
		l.windows[key] = &window{sent: make([]time.Time, rate)}
	}
	return l.windows[key]
}

// window lets no more requests begin in any one second than it has places.
type window struct {
	mu   sync.Mutex
	sent []time.Time // when the last requests began or will begin, as a ring
	next int
}

func (w *window) wait(ctx context.Context) error {
	delay := w.reserve(time.Now())
	if delay <= 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// reserve takes the next place and returns how long it is until then.
func (w *window) reserve(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := now
	if free := w.sent[w.next].Add(time.Second); free.After(now) {
		at = free
	}
	w.sent[w.next] = at
	w.next = (w.next + 1) % len(w.sent)
	return at.Sub(now)
}
