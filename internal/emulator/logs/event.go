package logs

import (
	"fmt"
	"hash/crc32"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const eventTable = "logs.event"

// Limits of one batch (PutLogEvents).
const (
	maxBatchEvents = 10000
	maxBatchBytes  = 1 << 20
	eventOverhead  = 26 // bytes that each event counts beside its message
	maxBatchSpan   = 24 * time.Hour
	maxAge         = 14 * 24 * time.Hour
	maxAhead       = 2 * time.Hour
)

// sequenceToken is what AWS still sends and no longer looks at.
const sequenceToken = "49590302803463386190370344113480185143346219263432040402"

// event is a log event as it is kept. IDs sort by time.
type event struct {
	ID        string
	Stream    string
	Timestamp int64 // milliseconds, like Ingested
	Ingested  int64
	Message   string
}

// eventID makes an id of 56 digits that is the event's only in its group.
func eventID(timestamp int64, streamName string, number int) string {
	return fmt.Sprintf("%020d%010d%026d", timestamp, crc32.ChecksumIEEE([]byte(streamName)), number)
}

type inputLogEvent struct {
	Timestamp *int64  `json:"timestamp"`
	Message   *string `json:"message"`
}

type putLogEventsInput struct {
	streamInput
	LogEvents []inputLogEvent `json:"logEvents"`
}

func (in *putLogEventsInput) check() error {
	var c constraint.Checks
	in.checkNames(&c)
	c.RequiredList("logEvents", in.LogEvents != nil)
	if in.LogEvents != nil {
		c.Size("logEvents", "[...]", len(in.LogEvents), 1, maxBatchEvents)
	}
	for i, e := range in.LogEvents {
		at := fmt.Sprintf("logEvents.%d.member.", i+1)
		constraint.Required(&c, at+"timestamp", e.Timestamp)
		constraint.Required(&c, at+"message", e.Message)
		c.Text(at+"message", e.Message, constraint.Text{Min: 1})
	}
	if err := invalid(&c); err != nil {
		return err
	}
	return in.checkBatch()
}

func (in *putLogEventsInput) checkBatch() error {
	bytes, first, last := 0, *in.LogEvents[0].Timestamp, *in.LogEvents[0].Timestamp
	for _, e := range in.LogEvents {
		bytes += len(*e.Message) + eventOverhead
		if *e.Timestamp < last {
			return invalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
		}
		last = *e.Timestamp
	}
	if bytes > maxBatchBytes {
		return invalidParameter(fmt.Sprintf("Upload too large: %d bytes exceeds limit of %d", bytes, maxBatchBytes))
	}
	if last-first > maxBatchSpan.Milliseconds() {
		return invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// rejected tells which events of a batch were not taken, by index.
type rejected struct {
	TooNewStart *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldEnd   *int `json:"tooOldLogEventEndIndex,omitempty"`
	ExpiredEnd  *int `json:"expiredLogEventEndIndex,omitempty"`
}

type putLogEventsOutput struct {
	NextSequenceToken     string    `json:"nextSequenceToken"`
	RejectedLogEventsInfo *rejected `json:"rejectedLogEventsInfo,omitempty"`
}

func (s *Service) putLogEvents(r *wire.Request, in *putLogEventsInput) (*putLogEventsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &putLogEventsOutput{NextSequenceToken: sequenceToken}
	return out, s.store.Update(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, *in.LogGroupName)
		if err != nil {
			return err
		}
		into, err := findStream(tx, r, g.Name, *in.LogStreamName)
		if err != nil {
			return err
		}
		from, to, info := in.accepted(millis(r.Now), oldest(tx, r, &g))
		out.RejectedLogEventsInfo = info
		for _, e := range in.LogEvents[from:to] {
			into.take(tx, r, g.Name, *e.Timestamp, *e.Message)
		}
		store.Put(tx, streamTable, in.key(r), into)
		return nil
	})
}

// accepted returns the part of the batch that is neither too old nor past the
// retention nor too far ahead.
func (in *putLogEventsInput) accepted(now, expiry int64) (from, to int, info *rejected) {
	reject := func() *rejected {
		if info == nil {
			info = &rejected{}
		}
		return info
	}
	to = len(in.LogEvents)
	for i, e := range in.LogEvents {
		end := i + 1
		if *e.Timestamp < expiry {
			reject().ExpiredEnd, from = &end, end
		}
		if *e.Timestamp < now-maxAge.Milliseconds() {
			reject().TooOldEnd, from = &end, end
		}
		if *e.Timestamp > now+maxAhead.Milliseconds() {
			start := i
			reject().TooNewStart, to = &start, start
			break
		}
	}
	return from, to, info
}

// take adds an event to the stream.
func (s *stream) take(tx *store.Tx, r *wire.Request, groupName string, timestamp int64, message string) {
	now := millis(r.Now)
	id := eventID(timestamp, s.Name, s.EventsReceived)
	store.Put(tx, eventTable, here(r, groupName, s.Name, id),
		event{ID: id, Stream: s.Name, Timestamp: timestamp, Ingested: now, Message: message})
	if s.EventsReceived == 0 || timestamp < s.FirstEvent {
		s.FirstEvent = timestamp
	}
	s.EventsReceived++
	s.LastEvent = max(s.LastEvent, timestamp)
	s.LastIngestion = now
}

// oldest returns the time before which the group's events have expired, 0 when
// they never do.
func oldest(tx *store.Tx, r *wire.Request, g *group) int64 {
	days, _ := effectiveRetention(g, retentionsInEffect(tx, r))
	if days == 0 {
		return 0
	}
	return millis(r.Now.AddDate(0, 0, -days))
}

// storedLag is how long it takes until an event counts among the bytes that a
// group stores. No page says how long; users see hours.
const storedLag = time.Hour

// stored are the bytes that the group's events take, as DescribeLogGroups tells
// them.
func stored(tx *store.Tx, r *wire.Request, g *group) (bytes int64) {
	expiry, counted := oldest(tx, r, g), millis(r.Now.Add(-storedLag))
	for _, e := range store.Scan[event](tx, eventTable, here(r, g.Name, ""), "") {
		if e.Timestamp >= expiry && e.Ingested <= counted {
			bytes += int64(len(e.Message) + eventOverhead)
		}
	}
	return bytes
}
