package contract

import (
	"context"
	"sync"
	"time"
)

// reel is a show's clock for the emulator. It goes as far as it is let and no
// further, so that what is sent does not depend on how fast a proof is; and on
// the way so much faster than time.
type reel struct {
	mu         sync.Mutex
	begun, now time.Time
	end        time.Time
	more       chan struct{} // closed and replaced when end moves
}

// reelSpeed is how many times as fast as time it goes: more, and a loaded
// machine loses packets.
const reelSpeed = 10

func newReel() *reel {
	now := time.Now()
	return &reel{begun: now, now: now, end: now, more: make(chan struct{})}
}

// allow lets it go as far as that from its beginning.
func (r *reel) allow(length time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end = r.begun.Add(length)
	close(r.more)
	r.more = make(chan struct{})
}

// Now implements show.Clock.
func (r *reel) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// Sleep implements show.Clock.
func (r *reel) Sleep(ctx context.Context, until time.Time) error {
	for {
		r.mu.Lock()
		more, short, left := r.more, until.After(r.end), until.Sub(r.now)
		r.mu.Unlock()
		if !short {
			return r.pass(ctx, until, left/reelSpeed)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *reel) pass(ctx context.Context, until time.Time, real time.Duration) error {
	select {
	case <-time.After(real):
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if until.After(r.now) {
		r.now = until
	}
	return nil
}
