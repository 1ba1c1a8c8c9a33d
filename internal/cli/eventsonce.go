package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/ui"
)

// once reads the logs of all regions and prints what is in them. Whose account it
// is comes out beside that.
func (e *eventsRun) once(ctx context.Context) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	guarded := e.guardBeside(ctx, cancel)
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		events []eventlog.Event
		failed = map[string]error{}
	)
	for _, log := range e.logs {
		wg.Go(func() {
			found, err := log.Read(ctx, e.from)
			mu.Lock()
			defer mu.Unlock()
			events = append(events, found...)
			failed[log.Region()] = err
		})
	}
	wg.Wait()
	err := <-guarded
	if _, foreign := errors.AsType[*accountError](err); foreign || err != nil && e.stop.Err() == nil {
		return e.fail(err)
	}
	if err != nil { // interrupted before it was known whose they are
		events = nil
		for _, region := range e.wish.Regions {
			failed[region] = errUnheard
		}
	}
	eventlog.Sort(events)
	report := e.report(failed)
	said := e.saying(events, failed)
	events = e.chosen(events)
	said.Shown = len(events)
	code := exitCode(report, options{}, 0)
	if e.options.json {
		err = e.printDocument(report, documents(events))
	} else {
		err = unwritten(ui.NewEventFeed(e.streams, "", e.wish.Regions, false).Print(e.lines(events, nil)))
	}
	ui.EventsSummary(e.streams, report, e.meta(), said)
	if err != nil {
		return unread(code), err
	}
	return code, nil
}

// saying is what there is to say of the reading of events.
func (e *eventsRun) saying(events []eventlog.Event, failed map[string]error) ui.EventsReport {
	said := ui.EventsReport{Since: e.from, Status: e.command("status"), Total: len(events)}
	for i := range events {
		if events[i].Failed() {
			said.Failed++
		}
	}
	for _, region := range e.wish.Regions {
		if failed[region] == nil {
			said.Regions = append(said.Regions, region)
		}
	}
	return said
}

// chosen are the events that the flags ask for.
func (e *eventsRun) chosen(events []eventlog.Event) []eventlog.Event {
	if !e.options.failures {
		return events
	}
	var failures []eventlog.Event
	for i := range events {
		if events[i].Failed() {
			failures = append(failures, events[i])
		}
	}
	return failures
}

// lateAfter is how long after its time an event may be logged without that being
// said.
const lateAfter = time.Minute

// lines are events as people read them. Kinds are those of destinations, by id,
// as far as they are known.
func (e *eventsRun) lines(events []eventlog.Event, kinds map[string]string) []ui.LogEvent {
	var lines []ui.LogEvent
	for i := range events {
		from := &events[i]
		line := ui.LogEvent{
			Time: from.Time, Region: from.Region, Stage: cmp.Or(from.StageName, lastPart(from.Stage)),
			What: cmp.Or(from.Name, from.Type), Of: about(from, kinds), Failed: from.Failed(), Troubled: from.Troubled(),
		}
		line.Why = strings.TrimPrefix(from.Code+": "+from.Reason, ": ")
		if from.Reason == "" {
			line.Why = from.Code
		}
		if from.Type == "" {
			line.What, line.Why = "not an event", short(from.Message)
		}
		if late := from.Logged.Sub(from.Time); late >= lateAfter {
			line.Late = late
		}
		lines = append(lines, line)
	}
	return lines
}

// about is whom or what of its stage an event is about.
func about(e *eventlog.Event, kinds map[string]string) string {
	switch {
	case e.Destination != "":
		return cmp.Or(kinds[e.Destination], "destination "+e.Destination)
	case e.Participant != "":
		return "participant " + e.Participant
	}
	return ""
}

// lastPart is the id at the end of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// short is the beginning of a text that may be of any length.
func short(text string) string {
	const most = 120
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// documents are events for machines.
func documents(events []eventlog.Event) []ui.EventDocument {
	var all []ui.EventDocument
	for i := range events {
		all = append(all, document(&events[i]))
	}
	return all
}

func document(e *eventlog.Event) ui.EventDocument {
	d := ui.EventDocument{
		ID: e.ID, Region: e.Region, Time: e.Time.Format(time.RFC3339), Logged: e.Logged.Format("2006-01-02T15:04:05.000Z07:00"),
		Type: textOrNil(e.Type), Name: textOrNil(e.Name), Stage: textOrNil(e.StageName), StageARN: textOrNil(e.Stage),
		Composition: textOrNil(e.Composition), Destination: textOrNil(e.Destination), Participant: textOrNil(e.Participant),
		Failed: e.Failed(), Code: textOrNil(e.Code), Reason: textOrNil(e.Reason), Entry: json.RawMessage(e.Message),
	}
	if e.Type == "" || !json.Valid(d.Entry) {
		d.Entry, _ = json.Marshal(e.Message)
	}
	return d
}
