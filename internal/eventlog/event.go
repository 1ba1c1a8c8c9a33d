package eventlog

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Event is an entry of the log. What an event does not say is "".
type Event struct {
	// ID is EventBridge's, the same for an event that was delivered twice; of an
	// entry that is no event, the log's.
	ID     string
	Region string
	// Time is when it happened, to the second; Logged when the log took it in.
	Time, Logged time.Time
	// Type is the detail-type; "" means that the entry is no event.
	Type string
	// Name is the event's own, such as Destination Failure; not all types have
	// any.
	Name string
	// Stage is an ARN, and StageName the stage's name if it is known.
	Stage, StageName string
	// Composition is an ARN.
	Composition string
	// Destination and Participant are ids.
	Destination, Participant string
	// User is the participant's user id.
	User string
	// Code and Reason are those of a failure.
	Code, Reason string
	// Message is the whole entry.
	Message string
}

// entry is what is read of an event (IVS Real-Time user guide, Using Amazon
// EventBridge).
type entry struct {
	ID        string   `json:"id"`
	Type      string   `json:"detail-type"`
	Source    string   `json:"source"`
	Time      string   `json:"time"`
	Resources []string `json:"resources"`
	Detail    struct {
		Name        string `json:"event_name"`
		Stage       string `json:"stage_arn"`
		ID          string `json:"id"`
		Participant string `json:"participant_id"`
		User        string `json:"user_id"`
		Code        string `json:"error_code"`
		Reason      string `json:"reason"`
		Limit       string `json:"limit_name"`
	} `json:"detail"`
}

// read makes an Event of an entry, whatever is in it: the group may be written to
// by others, too.
func read(region string, line types.FilteredLogEvent) Event {
	e := Event{
		ID: aws.ToString(line.EventId), Region: region, Message: aws.ToString(line.Message),
		Time: time.UnixMilli(aws.ToInt64(line.Timestamp)).UTC(), Logged: time.UnixMilli(aws.ToInt64(line.IngestionTime)).UTC(),
	}
	var in entry
	if json.Unmarshal([]byte(e.Message), &in) != nil || in.Type == "" || in.ID == "" {
		return e
	}
	e.ID, e.Type, e.Name = in.ID, in.Type, in.Detail.Name
	if at, err := time.Parse(time.RFC3339, in.Time); err == nil {
		e.Time = at.UTC()
	}
	e.Stage, e.Participant, e.Code, e.Reason = in.Detail.Stage, in.Detail.Participant, in.Detail.Code, in.Detail.Reason
	e.User = in.Detail.User
	if e.Name == "" {
		e.Name = in.Detail.Limit
	}
	for _, arn := range in.Resources {
		switch {
		case strings.Contains(arn, ":composition/"):
			e.Composition, e.Destination = arn, in.Detail.ID
		case strings.Contains(arn, ":stage/") && e.Stage == "":
			e.Stage = arn
		}
	}
	return e
}

// failures are the names of events that tell of something that went wrong and
// do not say so in their last word.
var failures = []string{"Participant Publish Error"}

// Failed tells whether the event says that something failed.
func (e *Event) Failed() bool {
	return e.Code != "" || strings.HasSuffix(e.Name, " Failure") || slices.Contains(failures, e.Name)
}

// troubles are the events after which something may fail.
var troubles = []string{"Destination Reconnecting", "Starvation Start"}

// Troubled tells whether the event says that something is not as it should be,
// although it has not failed.
func (e *Event) Troubled() bool {
	return slices.Contains(troubles, e.Name) || e.Type == "IVS Limit Breach"
}
