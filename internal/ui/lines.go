package ui

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// stillEvery is how often something that takes long is told of again.
	stillEvery = 10 * time.Second
	// lookEvery is how often the lines look for what takes long.
	lookEvery = time.Second
)

// lines is progress without a terminal: a line when something begins, ends or
// takes long. A resource with nothing to do is left to the summary.
type lines struct {
	s    *Streams
	stop chan struct{}
	once sync.Once
	wg   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	active map[reconcile.Key]*current
}

// current is what a resource is at now.
type current struct {
	activity
	told time.Time // when it was last told of
}

func newLines(s *Streams) *lines {
	l := &lines{s: s, stop: make(chan struct{}), active: map[reconcile.Key]*current{}}
	l.wg.Go(l.watch)
	return l
}

// Close ends the lines; nothing is printed afterwards.
func (l *lines) Close() {
	l.once.Do(func() { close(l.stop) })
	l.wg.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

func (l *lines) watch() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			l.still(now)
		case <-l.stop:
			return
		}
	}
}

// still tells of what has gone on for another stillEvery.
func (l *lines) still(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.longest() {
		if (c.phase == doing || c.phase == reading) && now.Sub(c.told) >= stillEvery {
			c.told = now
			l.say(c, c.goesOn(now))
		}
	}
}

// longest are all that goes on, what began first in front.
func (l *lines) longest() []*current {
	return slices.SortedFunc(maps.Values(l.active), func(x, y *current) int {
		return cmp.Or(x.since.Compare(y.since), cmp.Compare(x.key.String(), y.key.String()))
	})
}

// goesOn says what the resource is at and, if that is known, how far.
func (c *current) goesOn(now time.Time) string {
	words, since := c.state(now)
	switch held := c.hold.lasts(now); {
	case held && c.measured(now):
		return c.meter.sentence(now) + "; " + words
	case held:
		return fmt.Sprintf("%s, %s", words, roughly(now.Sub(since)))
	case c.measured(now):
		return c.meter.sentence(now)
	case c.phase == doing:
		return "still going on, " + roughly(now.Sub(c.since))
	default:
		return "still reading, " + roughly(now.Sub(c.since))
	}
}

// Observe prints the event's line, if it has one. An event that comes after
// Close, as one that was held back may, is left to the summary.
func (l *lines) Observe(e reconcile.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	c := l.active[e.Key]
	if c == nil {
		c = &current{activity: activity{key: e.Key}}
		l.active[e.Key] = c
	}
	before := c.activity
	c.take(e)
	switch e.Kind {
	case reconcile.Advanced, reconcile.Held, reconcile.Released:
		return
	case reconcile.Done:
		before.report = e.Report
		l.say(&current{activity: before}, "done, "+before.brought(e.At)+seconds(e.At.Sub(before.since)))
	case reconcile.Finished:
		if e.Report.Err != nil {
			l.print(named(&e.Report), failedText(&before, e))
		}
	default:
	}
	c.told = e.At
}

// brought is how far a step came that told of it.
func (a *activity) brought(now time.Time) string {
	if !a.measured(now) {
		return ""
	}
	return a.meter.counted() + ", "
}

// Stopping prints a line that says so.
func (l *lines) Stopping() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.print(reconcile.Key{}, stoppingText)
	}
}

// say prints a text on a resource, after the step that it is at.
func (l *lines) say(c *current, text string) {
	if c.phase != doing {
		l.print(named(&c.report), text)
		return
	}
	l.print(reconcile.Key{Region: c.key.Region}, c.doing+": "+text)
}

func (l *lines) print(key reconcile.Key, text string) {
	lead := strings.TrimSpace(where(key))
	if lead != "" {
		lead += ": "
	}
	p := l.s.layout().page()
	p.line(0, 2, clean(lead+text))
	l.s.print(p)
}

// failedText is short for what only another failure held up, since that one
// has a line of its own.
func failedText(a *activity, e reconcile.Event) string {
	r := e.Report
	if p, ok := errors.AsType[*reconcile.Problem](r.Err); ok && p.ProblemCode == reconcile.CodeBlocked {
		return "not tried, because of " + where(p.Because)
	}
	text := strings.ReplaceAll(r.Err.Error(), "\n", "; ")
	return "failed, " + a.brought(e.At) + seconds(r.Elapsed) + ": " + text
}
