package reconcile

import (
	"context"
	"slices"
	"time"
)

// lateAfter is how long a follow-up, once all others are done, waits for those of
// its triggers that are still being read, as in a region that does not answer.
// Then it follows up what there is, and later once more what they may create.
const lateAfter = 5 * time.Second

// called tells whether a follow-up has a part in the run.
func (r *run) called(n *running) bool {
	compared := make(chan *running, len(n.triggers))
	for _, key := range n.triggers {
		go func() {
			<-r.nodes[key].compared
			compared <- r.nodes[key]
		}()
	}
	for range n.triggers {
		if t := <-compared; t.planned == Created {
			return true
		}
	}
	return false
}

// awaitTriggers waits for the triggers of a follow-up, and returns those that it
// is not to wait for. When none of those that were to create anything was even
// begun, there is nothing to follow up.
func (r *run) awaitTriggers(ctx context.Context, n *running) (late []*running, err error) {
	news := make(chan struct{}, 2*len(n.triggers))
	var open []*running
	for _, key := range n.triggers {
		t := r.nodes[key]
		open = append(open, t)
		go func() {
			<-t.compared
			news <- struct{}{}
			<-t.done
			news <- struct{}{}
		}()
	}
	var told Key
	for {
		open = slices.DeleteFunc(open, func(t *running) bool { return closed(t.done) })
		if len(open) == 0 {
			return nil, r.untried(n)
		}
		if open[0].key != told {
			told = open[0].key
			r.tell(Event{Kind: Waiting, For: told}, n)
		}
		var tooLong <-chan time.Time
		if !slices.ContainsFunc(open, func(t *running) bool { return closed(t.compared) }) && r.anyBegun(n) {
			tooLong = time.After(lateAfter)
		}
		select {
		case <-news:
		case <-tooLong:
			return open, nil
		case <-ctx.Done():
			return nil, r.unbegun(ctx)
		}
	}
}

// untried tells what held all of a follow-up's triggers up, which are done.
func (r *run) untried(n *running) error {
	for _, key := range n.triggers {
		if t := r.nodes[key]; t.blocked && !t.report.Begun && !r.anyBegun(n) {
			return blockedBy(t)
		}
	}
	return nil
}

// anyBegun tells whether one of a follow-up's triggers that are done was begun.
func (r *run) anyBegun(n *running) bool {
	return slices.ContainsFunc(n.triggers, func(key Key) bool {
		t := r.nodes[key]
		return closed(t.done) && t.report.Begun
	})
}

// begunLate waits for triggers that were not waited for before, and tells whether
// one of them was begun after all. They end with the run's time.
func (r *run) begunLate(n *running, late []*running) bool {
	begun := false
	for _, t := range late {
		r.tell(Event{Kind: Waiting, For: t.key}, n)
		<-t.done
		begun = begun || t.report.Begun
	}
	return begun
}

// lookupBut is lookup, but has nothing yet of those that are late.
func (r *run) lookupBut(late []*running) Lookup {
	return func(from Key, output string) string {
		if slices.ContainsFunc(late, func(t *running) bool { return t.key == from && !closed(t.done) }) {
			return ""
		}
		return r.lookup(from, output)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
