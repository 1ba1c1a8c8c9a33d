package eventlog

import (
	"context"
	"sync"
	"time"
)

const (
	// overlap is how far a poll looks back behind the latest event, since those of
	// one moment do not come in order, and EventBridge may repeat them.
	overlap = 2 * time.Minute
	// lookBack is how late an event can come and still be told of: IVS tries to
	// send one for several hours (IVS Real-Time user guide, Using Amazon
	// EventBridge).
	lookBack = 6 * time.Hour
	// sweepEvery is how often all of that time is read, at most; and the reading
	// takes no more than a twentieth of the time.
	sweepEvery = 30 * time.Second
	sweepShare = 20
)

// tail tells of each event of a log once, as it comes.
type tail struct {
	log  *Log
	from time.Time // events before are not told
	// newest is the time of the latest event, by the log's clock.
	newest time.Time
	seen   map[string]time.Time // the times of what was told, by id
	// nextSweep is when all that may have come late is read again.
	nextSweep time.Time
}

func newTail(log *Log, from time.Time) *tail {
	return &tail{log: log, from: from, newest: from, seen: map[string]time.Time{}}
}

// poll returns what came since the last poll.
func (t *tail) poll(ctx context.Context, now time.Time) ([]Event, error) {
	back, sweep := overlap, !now.Before(t.nextSweep)
	if sweep {
		back = lookBack
	}
	begun := time.Now()
	events, err := t.log.scan(ctx, later(t.from, t.newest.Add(-back)), "")
	if err != nil {
		return nil, err
	}
	if sweep {
		t.nextSweep = now.Add(max(sweepEvery, sweepShare*time.Since(begun)))
		t.forget()
	}
	fresh := t.unseen(events)
	t.log.stages.name(ctx, fresh)
	Sort(fresh)
	return fresh, nil
}

// unseen are those that were not told yet.
func (t *tail) unseen(events []Event) (fresh []Event) {
	for _, e := range events {
		if _, known := t.seen[e.ID]; known || e.Time.Before(t.from) {
			continue
		}
		t.seen[e.ID] = e.Time
		fresh = append(fresh, e)
		// An event may be of a time to come; then the log's counts.
		if at := earlier(e.Time, e.Logged); at.After(t.newest) {
			t.newest = at
		}
	}
	return fresh
}

// forget drops the ids of events that are not read again.
func (t *tail) forget() {
	for id, at := range t.seen {
		if at.Before(t.newest.Add(-lookBack)) {
			delete(t.seen, id)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Update is what came of one poll of a region's log.
type Update struct {
	Region string
	Events []Event
	// Err is why the log could not be read; it is tried again.
	Err error
	// First tells that it is the region's first.
	First bool
}

// slowest bounds the pause after polls that failed.
const slowest = 30 * time.Second

// Follow polls logs, each on its own, and sends an Update for each poll, until
// ctx is done; then it closes the channel. Events before since are left out.
func Follow(ctx context.Context, logs []*Log, since time.Time, every time.Duration) <-chan Update {
	updates := make(chan Update)
	var all sync.WaitGroup
	for _, log := range logs {
		all.Go(func() { newTail(log, since).follow(ctx, every, updates) })
	}
	go func() {
		all.Wait()
		close(updates)
	}()
	return updates
}

func (t *tail) follow(ctx context.Context, every time.Duration, updates chan<- Update) {
	pause := every
	for first := true; ; first = false {
		events, err := t.poll(ctx, time.Now())
		if ctx.Err() != nil {
			return
		}
		select {
		case updates <- Update{Region: t.log.Region(), Events: events, Err: err, First: first}:
		case <-ctx.Done():
			return
		}
		if err == nil {
			pause = every
		} else {
			pause = min(2*pause, slowest)
		}
		if !rest(ctx, pause) {
			return
		}
	}
}

// rest waits, and tells whether the time passed before ctx was done.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
