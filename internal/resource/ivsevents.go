package resource

import (
	"encoding/json"
	"fmt"
)

// realTimeEvents are the types of events that IVS Real-Time emits, with the
// names that each has in its detail (RealTimeUserGuide, "Using Amazon
// EventBridge"). IVS Publisher Recording State Change is left out: only
// EventBridge's own reference names it, without its events.
func realTimeEvents() []eventType {
	return []eventType{
		{"IVS Composition State Change", "composition", []string{
			"Session Start", "Session End", "Session Failure",
			"Destination Start", "Destination End", "Destination Failure", "Destination Reconnecting",
		}},
		{"IVS Stage Update", "stage", []string{
			"Participant Published", "Participant Unpublished", "Participant Publish Error",
			"Participant Replication Start", "Participant Replication End", "Token Exchanged",
		}},
		{"IVS Participant Recording State Change", "stage", []string{
			"Recording Start", "Recording End", "Recording Start Failure", "Recording End Failure",
		}},
	}
}

type eventType struct {
	detailType string
	about      string // the type of resource in its ARN
	names      []string
}

// sampleEvent is an event as IVS would send it to a region's default bus.
type sampleEvent struct{ detailType, name, text string }

// sampleEvents are one of each name of each type.
func sampleEvents(region, account string) []sampleEvent {
	var all []sampleEvent
	for _, kind := range realTimeEvents() {
		for _, name := range kind.names {
			all = append(all, sampleEvent{kind.detailType, name, kind.sample(name, region, account)})
		}
	}
	return all
}

// sample is the envelope with the fields that all details of the type have.
func (k eventType) sample(name, region, account string) string {
	arn := func(kind string) string {
		return fmt.Sprintf("arn:aws:ivs:%s:%s:%s/SampleSample", region, account, kind)
	}
	detail := map[string]any{"event_name": name}
	if k.about == "composition" {
		detail["stage_arn"] = arn("stage")
	} else {
		detail["session_id"], detail["participant_id"] = "st-SampleSample", "SampleSample"
	}
	text, _ := json.Marshal(map[string]any{
		"version": "0", "id": "01234567-0123-0123-0123-012345678901", "detail-type": k.detailType, "source": "aws.ivs",
		"account": account, "time": "2025-06-12T10:23:43Z", "region": region, "resources": []string{arn(k.about)}, "detail": detail,
	})
	return string(text)
}
