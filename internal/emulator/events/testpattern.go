package events

import (
	"encoding/json"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/events/pattern"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type testEventPatternInput struct {
	EventPattern *string
	Event        *string
}

type testEventPatternOutput struct{ Result bool }

// mandatory are the fields that an event to test must have (TestEventPattern).
var mandatory = []string{"id", "account", "source", "time", "region", "resources", "detail-type"}

func (s *Service) testEventPattern(_ *wire.Request, in *testEventPatternInput) (*testEventPatternOutput, error) {
	var c constraint.Checks
	constraint.Required(&c, "eventPattern", in.EventPattern)
	constraint.Required(&c, "event", in.Event)
	c.Text("eventPattern", in.EventPattern, eventPattern)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	parsed, err := pattern.Parse(*in.EventPattern)
	if err != nil {
		return nil, invalidPattern(err)
	}
	var event map[string]json.RawMessage
	if json.Unmarshal([]byte(*in.Event), &event) != nil || event == nil {
		return nil, validation("Parameter Event is not valid. Reason: it is not a JSON object.")
	}
	for _, field := range mandatory {
		if _, ok := event[field]; !ok {
			return nil, validation("Parameter Event is not valid. Reason: " + field + " is a required field.")
		}
	}
	result, err := parsed.Matches([]byte(*in.Event))
	return &testEventPatternOutput{Result: result}, err
}
