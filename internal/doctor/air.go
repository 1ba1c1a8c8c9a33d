package doctor

import (
	"slices"
	"sort"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/manifest"
)

// air is when somebody published to a stage, by the log. The zero value is that
// no event tells.
type air struct {
	spans []span // they may overlap
	// test tells that a test show of yolo verify was among them.
	test bool
}

// span is when one participant published. From is zero for one who began before
// the first event that was read, to for one who has not left.
type span struct{ from, to time.Time }

// airOf reads events, which are in the order of time.
func airOf(stage string, events []eventlog.Event) air {
	var a air
	open := map[string]int{} // the span of each participant who publishes
	for i := range events {
		e := &events[i]
		if e.Stage != stage || stage == "" {
			continue
		}
		a.test = a.test || e.User == manifest.ProofUser
		at, publishes := open[e.Participant]
		switch {
		case e.Name == eventPublished && !publishes:
			open[e.Participant] = len(a.spans)
			a.spans = append(a.spans, span{from: e.Time})
		case e.Name == eventUnpublished && publishes:
			a.spans[at].to = e.Time
			delete(open, e.Participant)
		case e.Name == eventUnpublished:
			a.spans = append(a.spans, span{to: e.Time})
		}
	}
	sort.SliceStable(a.spans, func(i, j int) bool { return a.spans[i].from.Before(a.spans[j].from) })
	return a
}

// known tells whether any event tells of somebody who publishes.
func (a air) known() bool { return len(a.spans) > 0 }

// within is for how long somebody published between two times.
func (a air) within(from, to time.Time) time.Duration {
	var sum time.Duration
	reached := from
	for _, s := range a.spans {
		begin, end := later(s.from, reached), to
		if !s.to.IsZero() && s.to.Before(to) {
			end = s.to
		}
		if end.After(begin) {
			sum += end.Sub(begin)
			reached = end
		}
	}
	return sum
}

// silence is for how long nobody had published at a time, counted from another
// one at most; left is when the last one left, zero if nobody had published
// since then.
func (a air) silence(from, at time.Time) (quiet time.Duration, left time.Time) {
	for _, s := range a.spans {
		switch {
		case s.from.After(at):
		case s.to.IsZero() || s.to.After(at):
			return 0, time.Time{}
		case s.to.After(from):
			left = later(left, s.to)
		}
	}
	return at.Sub(later(left, from)), left
}

// back is when somebody published again after a time, zero if nobody did.
func (a air) back(after time.Time) time.Time {
	i := slices.IndexFunc(a.spans, func(s span) bool { return s.from.After(after) })
	if i < 0 {
		return time.Time{}
	}
	return a.spans[i].from
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
