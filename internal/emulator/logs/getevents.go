package logs

import (
	"sort"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// eventsLimit is both the default and the maximum of events in one answer.
const eventsLimit = 10000

type getLogEventsInput struct {
	groupChoice
	page
	LogStreamName *string `json:"logStreamName"`
	StartTime     *int64  `json:"startTime"`
	EndTime       *int64  `json:"endTime"`
	StartFromHead bool    `json:"startFromHead"`
}

func (in *getLogEventsInput) check() error {
	var c constraint.Checks
	in.groupChoice.check(&c)
	in.checkUpTo(&c, eventsLimit)
	constraint.Required(&c, "logStreamName", in.LogStreamName)
	c.Text("logStreamName", in.LogStreamName, streamName)
	return invalid(&c)
}

type outputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

type getLogEventsOutput struct {
	Events            []outputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

// position is where a page of GetLogEvents begins: after an event going
// forward, before one going backward.
type position struct {
	forward bool
	event   string // id
}

// beforeAll is an id that comes before every event's.
var beforeAll = eventID(0, "", 0)

var positionToken = lazyregexp.New(`^([fb])/([0-9]{56})/s$`)

func (in *getLogEventsInput) position() (*position, error) {
	if in.NextToken == nil {
		return nil, nil
	}
	parts := positionToken.FindStringSubmatch(*in.NextToken)
	if parts == nil {
		return nil, badToken()
	}
	return &position{forward: parts[1] == "f", event: parts[2]}, nil
}

func (s *Service) getLogEvents(r *wire.Request, in *getLogEventsInput) (*getLogEventsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	at, err := in.position()
	if err != nil {
		return nil, err
	}
	out := &getLogEventsOutput{Events: []outputLogEvent{}}
	return out, s.store.View(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, name)
		if err != nil {
			return err
		}
		if _, err := findStream(tx, r, name, *in.LogStreamName); err != nil {
			return err
		}
		events := in.cut(in.window(tx, r, &g), at)
		for _, e := range events {
			out.Events = append(out.Events, outputLogEvent{Timestamp: e.Timestamp, Message: e.Message, IngestionTime: e.Ingested})
		}
		first, last := edges(events, at)
		out.NextForwardToken, out.NextBackwardToken = "f/"+last+"/s", "b/"+first+"/s"
		return nil
	})
}

// window returns the stream's events between the two times; the later one is
// outside.
func (in *getLogEventsInput) window(tx *store.Tx, r *wire.Request, g *group) []event {
	expiry := oldest(tx, r, g)
	var events []event
	for _, e := range store.Scan[event](tx, eventTable, here(r, g.Name, *in.LogStreamName, ""), "") {
		if e.Timestamp >= expiry && (in.StartTime == nil || e.Timestamp >= *in.StartTime) && (in.EndTime == nil || e.Timestamp < *in.EndTime) {
			events = append(events, e)
		}
	}
	return events
}

// cut returns the page of events, which are in order, that begins at a place.
func (in *getLogEventsInput) cut(events []event, at *position) []event {
	forward := in.StartFromHead
	if at != nil {
		forward = at.forward
		i := sort.Search(len(events), func(i int) bool { return events[i].ID >= at.event })
		if !forward {
			events = events[:i]
		} else {
			if i < len(events) && events[i].ID == at.event {
				i++
			}
			events = events[i:]
		}
	}
	n := min(in.limit(eventsLimit), len(events))
	if forward {
		return events[:n]
	}
	return events[len(events)-n:]
}

// edges returns the ids that the next pages begin at. Where there was nothing
// they stay, so that a caller who gets its own token back knows the end.
func edges(events []event, at *position) (first, last string) {
	switch {
	case len(events) > 0:
		return events[0].ID, events[len(events)-1].ID
	case at != nil:
		return at.event, at.event
	default:
		return beforeAll, beforeAll
	}
}
