package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const (
	// maxSent is how many events a request may hold (PutEvents).
	maxSent = 10
	// maxSentBytes is for all of a request's entries (EventBridge user guide,
	// Calculating PutEvents event entry size).
	maxSentBytes = 256 << 10
	// timeBytes are what an entry's time counts.
	timeBytes = 14
)

type putEventsInput struct {
	EndpointID *string `json:"EndpointId"`
	Entries    []putEventsEntry
}

type putEventsEntry struct {
	Source, DetailType, Detail *string
	EventBusName               *string
	Resources                  []string
	Time                       *float64 // seconds since 1970
	TraceHeader                *string
}

type putEventsOutput struct {
	FailedEntryCount int
	Entries          []putEventsResult
}

type putEventsResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (in *putEventsInput) check(r *wire.Request) error {
	var c constraint.Checks
	c.RequiredList("entries", in.Entries != nil)
	if in.Entries != nil {
		c.Size("entries", fmt.Sprintf("[%d entries]", len(in.Entries)), len(in.Entries), 1, maxSent)
	}
	bytes := 0
	for i := range in.Entries {
		at := fmt.Sprintf("entries.%d.member.", i+1)
		c.Text(at+"eventBusName", in.Entries[i].EventBusName, busNameOrArn)
		c.Text(at+"traceHeader", in.Entries[i].TraceHeader, constraint.Text{Min: 1, Max: 500})
		bytes += in.Entries[i].bytes()
	}
	if err := invalid(&c); err != nil {
		return err
	}
	if bytes >= maxSentBytes {
		return validation("Total size of the entries in the request is over the limit.")
	}
	return in.checkBuses(r)
}

// checkBuses refuses what would go elsewhere than to the default bus, of which
// the emulator could only pretend that it arrived.
func (in *putEventsInput) checkBuses(r *wire.Request) error {
	if in.EndpointID != nil {
		return notThere("no global endpoints")
	}
	for i := range in.Entries {
		if _, err := (&busInput{in.Entries[i].EventBusName}).bus(r); err != nil {
			return notThere("the default event bus only")
		}
	}
	return nil
}

func notThere(what string) error {
	return wire.Errorf(http.StatusNotImplemented, wire.CodeNotImplemented, "the emulator has "+what)
}

func (e *putEventsEntry) bytes() int {
	n := len(deref(e.Source)) + len(deref(e.DetailType)) + len(deref(e.Detail))
	for _, resource := range e.Resources {
		n += len(resource)
	}
	if e.Time != nil {
		n += timeBytes
	}
	return n
}

// putEvents sends each entry that it can, and tells of the others (PutEvents,
// PutEventsResultEntry).
func (s *Service) putEvents(r *wire.Request, in *putEventsInput) (*putEventsOutput, error) {
	if err := in.check(r); err != nil {
		return nil, err
	}
	out := &putEventsOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		for i := range in.Entries {
			result := in.Entries[i].fault()
			if result.ErrorCode != "" {
				out.FailedEntryCount++
			} else {
				result.EventID = s.send(tx, in.Entries[i].event(r), r.Now)
			}
			out.Entries = append(out.Entries, result)
		}
		return nil
	})
}

// fault is what is wrong with an entry.
func (e *putEventsEntry) fault() putEventsResult {
	for _, member := range []struct {
		name  string
		value *string
	}{{"Source", e.Source}, {"DetailType", e.DetailType}, {"Detail", e.Detail}} {
		if deref(member.value) == "" {
			return putEventsResult{
				ErrorCode:    "InvalidArgument",
				ErrorMessage: fmt.Sprintf("Parameter %[1]s is not valid. Reason: %[1]s is a required argument.", member.name),
			}
		}
	}
	var object map[string]json.RawMessage
	switch {
	case strings.HasPrefix(*e.Source, "aws."):
		return putEventsResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	case json.Unmarshal([]byte(*e.Detail), &object) != nil || object == nil:
		return putEventsResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	return putEventsResult{}
}

// event is what an entry sends.
func (e *putEventsEntry) event(r *wire.Request) Event {
	event := Event{
		Account: r.Account, Region: r.Region, Source: *e.Source, DetailType: *e.DetailType,
		Time: r.Now, Resources: e.Resources, Detail: json.RawMessage(*e.Detail),
	}
	if e.Time != nil {
		event.Time = time.UnixMilli(int64(*e.Time * 1000))
	}
	return event
}

// failSending is the answer to PutEvents whose entries all fail with code; nil
// for a request that is none.
func failSending(r *wire.Request, code string) *wire.Response {
	var in struct{ Entries []json.RawMessage }
	if json.Unmarshal(r.Body, &in) != nil {
		return nil
	}
	out := putEventsOutput{FailedEntryCount: len(in.Entries)}
	for range in.Entries {
		out.Entries = append(out.Entries, putEventsResult{ErrorCode: code, ErrorMessage: "The entry could not be sent."})
	}
	response, err := protocol.Answer(out)
	if err != nil {
		return nil
	}
	return response
}
