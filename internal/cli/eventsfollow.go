package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/ui"
)

const (
	// pollEvery is how often each region's log is read: a fifth of the rate that
	// the slowest region allows leaves room for others (CloudWatch Logs quotas).
	pollEvery = 2 * time.Second
	// liveEvery is how often IVS is asked what it composes.
	liveEvery = 10 * time.Second
	// firstWithin is how long the first events wait for those of slower regions, to
	// be shown in order with them.
	firstWithin = 5 * time.Second
)

// follower shows events as they come.
type follower struct {
	*eventsRun
	feed   *ui.EventFeed // nil with --json
	begun  time.Time
	said   ui.EventsReport
	failed map[string]error  // why regions cannot be read now; nil for those that can
	kinds  map[string]string // of destinations, by id
	known  map[string]bool   // destinations that are known to have failed
	silent map[string]bool   // those of which no event tells
	live   *eventlog.Watch   // nil until it is watched
	told   map[string]string // what was last told of compositions, by ARN, and why of regions
}

// follow shows events until it is interrupted, its time is over, or nobody reads
// them any more. That no region can be read from the start ends it at once.
func (e *eventsRun) follow(ctx context.Context) (int, error) {
	f := &follower{
		eventsRun: e, begun: time.Now(), failed: map[string]error{}, kinds: map[string]string{}, known: map[string]bool{},
		silent: map[string]bool{}, told: map[string]string{},
	}
	f.said = e.saying(nil, nil)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, region := range e.wish.Regions {
		f.failed[region] = errUnheard
	}
	updates := eventlog.Follow(ctx, e.logs, e.from, pollEvery)
	first := f.first(ctx, updates)
	if f.hopeless() {
		return f.end(nil)
	}
	if !e.options.json {
		f.feed = ui.NewEventFeed(e.streams, "Following "+e.env.Name, e.wish.Regions, true)
	}
	err := f.show(first)
	for _, region := range e.wish.Regions {
		err = cmp.Or(err, f.trouble(region, f.failed[region]))
	}
	if err == nil {
		err = f.watch(ctx, updates)
	}
	if f.feed != nil {
		f.feed.Close()
	}
	return f.end(err)
}

// first collects the events that are there already, so that they are shown in
// order. A region that takes long is not waited for.
func (f *follower) first(ctx context.Context, updates <-chan eventlog.Update) (events []eventlog.Event) {
	timer := time.NewTimer(firstWithin)
	defer timer.Stop()
	for heard := 0; heard < len(f.logs); {
		select {
		case u, ok := <-updates:
			if !ok {
				return events
			}
			if u.First {
				heard++
			}
			events = append(events, u.Events...)
			f.failed[u.Region] = u.Err
		case <-timer.C:
			return events
		case <-ctx.Done():
			return events
		}
	}
	return events
}

// hopeless tells whether no region can be read. One that takes long may yet be.
func (f *follower) hopeless() bool {
	for _, err := range f.failed {
		if err == nil || errors.Is(err, errUnheard) {
			return false
		}
	}
	return true
}

// errUnheard is that nothing was heard of a region's log yet.
var errUnheard = errors.New("no answer yet")

// watch shows what comes until ctx is done, or the reader has gone.
func (f *follower) watch(ctx context.Context, updates <-chan eventlog.Update) error {
	f.live = eventlog.NewWatch(ctx, f.logs, liveEvery)
	gone := f.streams.ReaderGone(ctx)
	for {
		var err error
		select {
		case u, ok := <-updates:
			if !ok {
				return nil
			}
			err = f.update(u)
		case seen, ok := <-f.live.Seen:
			if !ok {
				return nil
			}
			err = f.look(seen)
		case <-gone:
			return nil
		case <-ctx.Done():
			return nil
		}
		if err != nil || f.streams.Out.Gone() {
			return err
		}
	}
}

// update shows what one poll brought.
func (f *follower) update(u eventlog.Update) error {
	before := f.failed[u.Region]
	f.failed[u.Region] = u.Err
	if u.Err == nil {
		f.onBoard(u.Region, func(r *ui.EventRegion) { r.Read, r.Failure = time.Now(), "" })
	}
	switch {
	case u.Err != nil && codeOf(u.Err) != codeOf(before):
		return f.trouble(u.Region, u.Err)
	case u.Err == nil && before != nil && !u.First:
		if err := f.warn(u.Region, codeReadAgain, "the log can be read again", ""); err != nil {
			return err
		}
	}
	return f.show(u.Events)
}

// trouble tells once that a region's log cannot be read, or why by now. It is
// tried again.
func (f *follower) trouble(region string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUnheard):
		f.onBoard(region, func(r *ui.EventRegion) { r.Failure = err.Error() })
		return nil
	}
	why := f.explained(region, err)
	code, hint := codeOf(err), ""
	if coded, ok := errors.AsType[reconcile.Coded](why); ok {
		code = coded.Code()
	}
	if hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](why); ok {
		hint = hinted.Hint()
	}
	f.onBoard(region, func(r *ui.EventRegion) { r.Failure = code })
	return f.warn(region, code, "the log cannot be read, and is tried again: "+why.Error(), hint)
}

// warn tells people or machines something that is no event.
func (f *follower) warn(region, code, text, fix string) error {
	if f.feed == nil {
		return unwritten(ui.JSONLine(f.streams.Out, ui.EventLine{Warning: &reconcile.Warning{
			Code: code, Region: region, Step: stepEventLog, Resource: f.env.LogGroupName(), Text: region + ": " + text, Fix: fix,
		}}))
	}
	if fix != "" {
		text += "; " + fix
	}
	f.feed.Notice(region + ": " + text)
	return nil
}

// show prints events.
func (f *follower) show(events []eventlog.Event) error {
	eventlog.Sort(events)
	for i := range events {
		f.said.Total++
		if events[i].Failed() {
			f.said.Failed++
			f.known[events[i].Destination] = true
			delete(f.silent, events[i].Destination)
		}
		if f.live != nil && events[i].Composition != "" {
			f.live.Now(events[i].Region)
		}
	}
	events = f.chosen(events)
	f.said.Shown += len(events)
	if f.feed != nil {
		return unwritten(f.feed.Print(f.lines(events, f.kinds)))
	}
	for i := range events {
		d := document(&events[i])
		if err := ui.JSONLine(f.streams.Out, ui.EventLine{Event: &d}); err != nil {
			return unwritten(err)
		}
	}
	return nil
}

// end tells how it ended.
func (f *follower) end(err error) (int, error) {
	report := f.report(f.failed)
	f.said.Followed, f.said.Silent = time.Since(f.begun), len(f.silent)
	f.said.Regions = f.saying(nil, f.failed).Regions
	code := exitCode(report, options{}, 0)
	if err == nil && f.options.json && !f.streams.Out.Gone() {
		d := ui.NewEventsDocument(report, f.meta(), nil)
		err = unwritten(ui.JSONLine(f.streams.Out, ui.EventLine{End: &d}))
	}
	ui.EventsSummary(f.streams, report, f.meta(), f.said)
	if err != nil {
		return unread(code), err
	}
	return code, nil
}

// codeOf is the code of an error, "" without one.
func codeOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, eventlog.ErrNoGroup):
		return codeNoLogGroup
	}
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return e.Code()
	}
	return fmt.Sprintf("%T", err)
}
