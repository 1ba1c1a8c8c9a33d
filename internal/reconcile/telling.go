package reconcile

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Progress is how far a step, or a read, has come that does the same many times
// over.
type Progress struct {
	// Done of Total are over; Total is 0 while it is not known.
	Done, Total int64
	// Bytes is the size of those that are over; 0 where it is not counted.
	Bytes int64
	// Unit is what is counted, in the plural, as in "objects".
	Unit string
}

// advanceEvery is the least time between two events of one step's progress.
const advanceEvery = 250 * time.Millisecond

// Advance tells the observer how far the step, or the read, that was given ctx
// has come. It may be called for every single thing, from any goroutine: a few
// calls in a second become an Advanced event, and the last before a Hold or the
// end always does. Elsewhere it does nothing.
func Advance(ctx context.Context, p Progress) {
	if t := tellerOf(ctx); t != nil {
		t.advance(p)
	}
}

// Hold tells the observer that the read or the step that was given ctx waits
// for something, as in "IVS to take the next request", until release is called.
// What is "" where there are no words for it. Elsewhere it does nothing.
func Hold(ctx context.Context, what string) (release func()) {
	t := tellerOf(ctx)
	if t == nil {
		return func() {}
	}
	h := &held{what}
	t.hold(h)
	return func() { t.release(h) }
}

// tellerKey is where the context of a read or a step carries its teller.
type tellerKey struct{}

func tellerOf(ctx context.Context) *teller {
	t, _ := ctx.Value(tellerKey{}).(*teller)
	return t
}

// teller lets one read or step tell of itself while it goes on.
type teller struct {
	tell func(Event)

	mu     sync.Mutex
	over   bool
	told   time.Time // when progress was last told
	untold *Progress // what was held back since
	holds  []*held   // the latest is told
}

type held struct{ what string }

// telling derives the context of a node's read or, with a step, of that. Once
// over is called, nothing is told any more.
func (r *run) telling(ctx context.Context, n *running, step *Step) (_ context.Context, over func()) {
	if r.Observe == nil {
		return ctx, func() {}
	}
	t := &teller{tell: func(e Event) {
		e.Step = step
		r.tell(e, n)
	}}
	return context.WithValue(ctx, tellerKey{}, t), t.end
}

func (t *teller) advance(p Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	switch {
	case t.over:
	case !t.told.IsZero() && now.Sub(t.told) < advanceEvery:
		t.untold = &p
	default:
		t.told, t.untold = now, nil
		t.tell(Event{Kind: Advanced, Progress: p})
	}
}

func (t *teller) hold(h *held) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		// It may last, and is looked at beside how far the step is.
		t.tellUntold()
		t.holds = append(t.holds, h)
		t.tell(Event{Kind: Held, Hold: h.what})
	}
}

func (t *teller) release(h *held) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.holds, h)
	if t.over || i < 0 {
		return
	}
	t.holds = slices.Delete(t.holds, i, i+1)
	if left := len(t.holds); left > 0 {
		t.tell(Event{Kind: Held, Hold: t.holds[left-1].what})
	} else {
		t.tell(Event{Kind: Released})
	}
}

// end tells what was held back of the progress, and nothing afterwards.
func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tellUntold()
	t.over = true
}

func (t *teller) tellUntold() {
	if t.untold != nil {
		t.tell(Event{Kind: Advanced, Progress: *t.untold})
		t.told, t.untold = time.Now(), nil
	}
}
