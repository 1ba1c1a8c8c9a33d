package doctor

import (
	"cmp"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
)

// show is one destination of a composition, by what the log tells of it.
type show struct {
	region string
	// composition and stage are ARNs, destination is an id. The latter are "" as
	// long as no event has told them; name is the stage's, "" when it is unknown.
	composition, destination, stage, name string
	// begun and ended are of Destination Start and Destination End, zero without
	// one.
	begun, ended time.Time
	// failure is the event of its failure, or its session's; nil for none.
	failure *eventlog.Event
	// reconnected is how often its destination could not be had for a while.
	reconnected int
}

// The events of compositions that are looked at (RealTimeUserGuide, "Using
// Amazon EventBridge").
const (
	eventDestinationStart        = "Destination Start"
	eventDestinationEnd          = "Destination End"
	eventDestinationFailure      = "Destination Failure"
	eventDestinationReconnecting = "Destination Reconnecting"
	eventSessionFailure          = "Session Failure"
	eventPublished               = "Participant Published"
	eventUnpublished             = "Participant Unpublished"
)

// showsIn are the shows that events tell of, in the order in which they do.
func showsIn(events []eventlog.Event) []*show {
	var all []*show
	byKey := map[string]*show{}
	failed := map[string]*eventlog.Event{} // sessions, by composition
	for i := range events {
		e := &events[i]
		switch {
		case e.Composition == "":
		case e.Name == eventSessionFailure:
			failed[e.Composition] = e
		case e.Destination != "":
			key := e.Composition + " " + e.Destination
			s := byKey[key]
			if s == nil {
				s = &show{region: e.Region, composition: e.Composition, destination: e.Destination}
				byKey[key], all = s, append(all, s)
			}
			s.take(e)
		}
	}
	for i := range events {
		e := &events[i]
		if failed[e.Composition] != e {
			continue
		}
		whole := true
		for _, s := range all {
			if s.composition == e.Composition {
				whole = false
				s.failure = cmp.Or(s.failure, e)
			}
		}
		if whole {
			all = append(all, &show{region: e.Region, composition: e.Composition, stage: e.Stage, name: e.StageName, failure: e})
		}
	}
	return all
}

func (s *show) take(e *eventlog.Event) {
	s.stage, s.name = cmp.Or(s.stage, e.Stage), cmp.Or(s.name, e.StageName)
	switch e.Name {
	case eventDestinationStart:
		s.begun = e.Time
	case eventDestinationEnd:
		s.ended = e.Time
	case eventDestinationFailure:
		s.failure = e
	case eventDestinationReconnecting:
		s.reconnected++
	}
}

// told tells whether the log has how the show began, or that it failed.
func (s *show) told() bool { return !s.begun.IsZero() || s.failure != nil }

// at is the first time that is known of the show, zero for none.
func (s *show) at() time.Time {
	switch {
	case !s.begun.IsZero():
		return s.begun
	case s.failure != nil:
		return s.failure.Time
	}
	return s.ended
}

// subject says which show it is.
func (s *show) subject() string {
	parts := []string{"a show"}
	switch {
	case s.name != "":
		parts = []string{s.name}
	case s.stage != "":
		parts = []string{"stage " + idOf(s.stage)}
	}
	if s.composition != "" {
		parts = append(parts, "composition "+idOf(s.composition))
	}
	if at := s.at(); !at.IsZero() {
		parts = append(parts, spell(at))
	}
	return strings.Join(parts, ", ")
}

// idOf is the id at the end of an ARN.
func idOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func spell(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") + " UTC" }
