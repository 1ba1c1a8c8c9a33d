package ivsrealtime

import (
	"cmp"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// EventSource is the source of all events of IVS (RealTimeUserGuide, Using
// Amazon EventBridge).
const EventSource = "aws.ivs"

// Detail types of the events that are emitted here.
const (
	eventComposition = "IVS Composition State Change"
	eventStage       = "IVS Stage Update"
)

// Event is something that IVS tells the default event bus of its region. What
// an event bus puts around it besides is the bus's own.
type Event struct {
	Account, Region string
	Time            time.Time // when it happened
	DetailType      string
	Resources       []string // ARNs
	Detail          any      // encodes as a JSON object
}

func (s *Service) emit(tx *store.Tx, e Event) {
	if s.options.Emit != nil {
		s.options.Emit(tx, e)
	}
}

// compositionDetail is the detail of the events of a composition.
type compositionDetail struct {
	Name     string `json:"event_name"`
	StageARN string `json:"stage_arn"`
	ID       string `json:"id,omitempty"` // of the destination
	Code     string `json:"error_code,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// stageDetail is that of the events of a stage's participants.
type stageDetail struct {
	SessionID     string `json:"session_id"`
	Name          string `json:"event_name"`
	Time          string `json:"event_time"`
	Precise       string `json:"event_time_precise,omitempty"`
	UserID        string `json:"user_id"`
	ParticipantID string `json:"participant_id"`
	Code          string `json:"error_code,omitempty"`
}

// tellStage emits an event of a participant. Those that failed have a code, and
// no precise time.
func (s *Service) tellStage(tx *store.Tx, stage id, p *participant, name, code string, at time.Time) {
	at = at.UTC()
	detail := stageDetail{
		SessionID: p.Session, Name: name, Time: at.Format(time.RFC3339), UserID: p.UserID, ParticipantID: p.ID, Code: code,
	}
	if code == "" {
		detail.Precise = at.Format("2006-01-02T15:04:05.000Z")
	}
	s.emit(tx, Event{
		Account: stage.account, Region: stage.region, Time: at, DetailType: eventStage,
		Resources: []string{stage.arn()}, Detail: detail,
	})
}

// occurrence is an event of a composition, under a key that no other one of it
// has.
type occurrence struct {
	at     time.Time
	key    string
	detail compositionDetail
}

// occurrences are what happened to a composition by now, in the order of time.
func (c *composition) occurrences(now time.Time) []*occurrence {
	var all []*occurrence
	add := func(at time.Time, name string, d *destination, code, reason string) {
		o := &occurrence{at: at, key: name, detail: compositionDetail{Name: name, StageARN: c.StageARN, Code: code, Reason: reason}}
		if d != nil {
			o.key, o.detail.ID = d.ID+" "+name+" "+at.UTC().Format(time.RFC3339Nano), d.ID
		}
		if !at.After(now) {
			all = append(all, o)
		}
	}
	begun := c.begins(now)
	if begun {
		add(c.active(), "Session Start", nil, "", "")
	}
	for i := range c.Destinations {
		d := &c.Destinations[i]
		if begun && !d.failed(c.active()) && (d.Begun || d.Configuration.S3 == nil) {
			add(c.active(), "Destination Start", d, "", "")
		}
		for _, at := range d.Lapses {
			add(at, "Destination Reconnecting", d, "", "")
		}
		switch {
		case d.Failure != nil:
			add(d.Failure.At, "Destination Failure", d, d.Failure.Code, d.Failure.reason())
		case begun && c.End != nil:
			add(c.finish(), "Destination End", d, "", "")
		}
	}
	switch {
	case c.End == nil:
	case c.End.Code != "":
		add(c.finish(), "Session Failure", nil, c.End.Code, reasons[c.End.Code])
	case begun:
		add(c.finish(), "Session End", nil, "", "")
	}
	slices.SortStableFunc(all, func(a, b *occurrence) int { return a.at.Compare(b.at) })
	return all
}

// tell emits what happened to a composition by now and has not been told.
func (s *Service) tell(tx *store.Tx, c *composition, now time.Time) {
	i := c.id()
	for _, o := range c.untold(now) {
		c.Told = append(c.Told, o.key)
		s.emit(tx, Event{
			Account: i.account, Region: i.region, Time: o.at.UTC(), DetailType: eventComposition,
			Resources: []string{c.ARN}, Detail: o.detail,
		})
	}
}

func (c *composition) untold(now time.Time) []*occurrence {
	return slices.DeleteFunc(c.occurrences(now), func(o *occurrence) bool { return slices.Contains(c.Told, o.key) })
}

// reasons are the texts that go with the codes (RealTimeUserGuide, Using Amazon
// EventBridge).
var reasons = map[string]string{
	codeStageDeleted:      "Stage has been deleted",
	codeDestinationFailed: "One or more outputs failed",
	codeNoBucket:          "S3 bucket not found. Please verify your bucket exists.",
	codeNoAccess:          "Access denied to S3 bucket. Please verify your bucket policy.",
	codeBusyChannel:       "Stream already exists",
	codeInternal:          "Service internal error",
}

// reason is what is told of a failure: IVS's text for its code, unless there is
// one of its own.
func (f *failure) reason() string { return cmp.Or(f.Reason, reasons[f.Code]) }
