package logs

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type filterLogEventsInput struct {
	groupChoice
	page
	LogStreamNames []string `json:"logStreamNames"`
	Prefix         *string  `json:"logStreamNamePrefix"`
	StartTime      *int64   `json:"startTime"`
	EndTime        *int64   `json:"endTime"`
	FilterPattern  *string  `json:"filterPattern"`
}

func (in *filterLogEventsInput) check() error {
	var c constraint.Checks
	in.groupChoice.check(&c)
	in.checkUpTo(&c, eventsLimit)
	if in.LogStreamNames != nil {
		c.Size("logStreamNames", strings.Join(in.LogStreamNames, ", "), len(in.LogStreamNames), 1, 100)
	}
	for i := range in.LogStreamNames {
		c.Text("logStreamNames", &in.LogStreamNames[i], streamName)
	}
	c.Text("logStreamNamePrefix", in.Prefix, streamName)
	c.Text("filterPattern", in.FilterPattern, constraint.Text{Max: 1024})
	if err := invalid(&c); err != nil {
		return err
	}
	if in.LogStreamNames != nil && in.Prefix != nil {
		return invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	return nil
}

type filteredLogEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

type filterLogEventsOutput struct {
	Events             []filteredLogEvent `json:"events"`
	SearchedLogStreams []nothing          `json:"searchedLogStreams"` // always empty since 2020 (FilterLogEvents)
	NextToken          string             `json:"nextToken,omitempty"`
}

func (s *Service) filterLogEvents(r *wire.Request, in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	matches, err := compileFilter(deref(in.FilterPattern))
	if err != nil {
		return nil, err
	}
	query := store.Key("FilterLogEvents", here(r, name), deref(in.Prefix), deref(in.FilterPattern), fmt.Sprint(in.LogStreamNames),
		number(in.StartTime), number(in.EndTime))
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &filterLogEventsOutput{Events: []filteredLogEvent{}, SearchedLogStreams: []nothing{}}
	return out, s.store.View(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, name)
		if err != nil {
			return err
		}
		if err := in.checkStreams(tx, r, name); err != nil {
			return err
		}
		found := in.search(tx, r, &g, matches)
		events, last := in.cut(found, after, r.Twist)
		for _, e := range events {
			out.Events = append(out.Events, filteredLogEvent{
				LogStreamName: e.Stream, Timestamp: e.Timestamp, Message: e.Message, IngestionTime: e.Ingested, EventID: e.ID,
			})
		}
		out.NextToken = paging.Token(query, last)
		return nil
	})
}

// checkStreams refuses names of streams that are not there.
func (in *filterLogEventsInput) checkStreams(tx *store.Tx, r *wire.Request, groupName string) error {
	for _, name := range in.LogStreamNames {
		if _, err := findStream(tx, r, groupName, name); err != nil {
			return err
		}
	}
	return nil
}

// search returns the events that pass all filters, by time over all streams.
func (in *filterLogEventsInput) search(tx *store.Tx, r *wire.Request, g *group, matches filter) []event {
	expiry := oldest(tx, r, g)
	var events []event
	for _, e := range store.Scan[event](tx, eventTable, here(r, g.Name, deref(in.Prefix)), "") {
		inTime := e.Timestamp >= expiry && (in.StartTime == nil || e.Timestamp >= *in.StartTime) && (in.EndTime == nil || e.Timestamp <= *in.EndTime)
		inStream := in.LogStreamNames == nil || slices.Contains(in.LogStreamNames, e.Stream)
		if inTime && inStream && matches(e.Message) {
			events = append(events, e)
		}
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].place() < events[j].place() })
	return events
}

// place is where the event comes among others: by its own time, then by when it
// was taken in (FilterLogEvents).
func (e *event) place() string { return fmt.Sprintf("%020d%020d%s", e.Timestamp, e.Ingested, e.ID) }

// maxPageBytes is what one answer holds at most (FilterLogEvents).
const maxPageBytes = 1 << 20

// cut returns one page of the events, and where the next begins after. Pages
// may be partly full, or even empty, although there is more (FilterLogEvents).
func (in *filterLogEventsInput) cut(found []event, after string, twist wire.Twist) (events []event, last string) {
	if twist == wire.EmptyPage {
		return nil, cmp.Or(after, "0") // before all places
	}
	bytes := 0
	for _, e := range found {
		if e.place() <= after {
			continue
		}
		bytes += len(e.Message) + eventOverhead
		if len(events) == in.limit(eventsLimit) || bytes > maxPageBytes && len(events) > 0 {
			return events, last
		}
		events, last = append(events, e), e.place()
	}
	return events, ""
}

// number is the text of a number, "" without one.
func number(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
