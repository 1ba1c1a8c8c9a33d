package events

import (
	"encoding/json"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// asked are the members of all inputs that name what a request is about.
type asked struct {
	Name, Rule, EventBusName, ResourceARN string
	Tags                                  []tag
	Entries                               []struct{ EventBusName string }
}

// onNothing are the operations whose actions know no resources (service
// authorization reference, Amazon EventBridge).
var onNothing = map[string]bool{"ListRules": true, "ListRuleNamesByTarget": true, "TestEventPattern": true}

// Authorize implements wire.Guarded.
func (s *Service) Authorize(r *wire.Request) error {
	var in asked
	_ = json.Unmarshal(r.Body, &in) // one that cannot be read is refused for that
	var have map[string]string
	arn := in.rule(r)
	err := s.store.View(func(tx *store.Tx) error {
		have, _ = store.Get[map[string]string](tx, tagTable, arn)
		return nil
	})
	if err != nil {
		return err
	}
	sent := map[string]string{}
	for _, t := range in.Tags {
		sent[deref(t.Key)] = deref(t.Value)
	}
	var asks []wire.Ask
	for _, resource := range in.resources(r, arn) {
		asks = append(asks, wire.Ask{Action: "events:" + r.Operation, Resource: resource, Keys: wire.TagKeys(sent)}.With(have))
	}
	if r.Operation == "PutRule" && len(sent) > 0 {
		asks = append(asks, wire.Ask{Action: "events:TagResource", Resource: arn, Keys: wire.TagKeys(sent)})
	}
	return r.Allow(wire.StatusJSON11, asks...)
}

// rule is the ARN of the rule that is meant, or what tags are asked for of.
func (in *asked) rule(r *wire.Request) string {
	if in.ResourceARN != "" {
		return in.ResourceARN
	}
	name := in.Name + in.Rule
	if bus := busName(r, in.EventBusName); bus != defaultBus {
		name = bus + "/" + name
	}
	return arnOf(r, "rule/"+name)
}

// resources are what the operation is about, each of which takes a permission.
func (in *asked) resources(r *wire.Request, rule string) []string {
	switch {
	case onNothing[r.Operation]:
		return []string{"*"}
	case r.Operation != "PutEvents":
		return []string{rule}
	}
	var buses []string
	for _, e := range in.Entries {
		buses = append(buses, arnOf(r, "event-bus/"+busName(r, e.EventBusName)))
	}
	return buses
}

func busName(r *wire.Request, given string) string {
	if given == "" {
		return defaultBus
	}
	return strings.TrimPrefix(given, arnOf(r, "event-bus/"))
}
