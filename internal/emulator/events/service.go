// Package events is EventBridge: rules on the default event bus, their targets
// and tags, and the events that go over it.
//
// Services hand theirs over with Send, callers with PutEvents; Settle brings
// what is due to the bus. Log groups are the only targets that anything is
// delivered to. As on AWS, a target's permissions are not checked when it is
// put, nor that a log group is there: that shows when an event comes. Start at
// New, and at Send.
package events

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/logs"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// targetPrefix begins the X-Amz-Target of every operation.
const targetPrefix = "AWSEvents."

var protocol = wire.JSON11()

// Options are what the service needs of others.
type Options struct {
	// Deliver writes to log groups, and returns the stream; nil delivers nothing.
	Deliver func(*store.Tx, logs.Delivery) (stream string, err error)
	// Fate decides what becomes of an event, whose name is its own or else its
	// type; nil means nothing happens to any.
	Fate func(e Event, name string) Fate
	// MaxRules is the quota of rules on a bus; 0 is the region's default.
	MaxRules int
}

// Service is EventBridge in all regions.
type Service struct {
	wire.Targets

	store   *store.Store
	options Options
}

// New makes the service over the emulator's state.
func New(st *store.Store, options Options) *Service {
	s := &Service{store: st, options: options}
	s.Targets = wire.Targets{Prefix: targetPrefix, Handlers: map[string]wire.Handler{
		"PutRule":               wire.Handle(protocol, s.putRule),
		"DescribeRule":          wire.Handle(protocol, s.describeRule),
		"DeleteRule":            wire.Handle(protocol, s.deleteRule),
		"EnableRule":            wire.Handle(protocol, s.enableRule),
		"DisableRule":           wire.Handle(protocol, s.disableRule),
		"ListRules":             wire.Handle(protocol, s.listRules),
		"ListRuleNamesByTarget": wire.Handle(protocol, s.listRuleNamesByTarget),
		"PutTargets":            wire.Handle(protocol, s.putTargets),
		"RemoveTargets":         wire.Handle(protocol, s.removeTargets),
		"ListTargetsByRule":     wire.Handle(protocol, s.listTargetsByRule),
		"TagResource":           wire.Handle(protocol, s.tagResource),
		"UntagResource":         wire.Handle(protocol, s.untagResource),
		"ListTagsForResource":   wire.Handle(protocol, s.listTagsForResource),
		"TestEventPattern":      wire.Handle(protocol, s.testEventPattern),
		"PutEvents":             wire.Handle(protocol, s.putEvents),
	}}
	return s
}

// FailEntries answers PutTargets, RemoveTargets and PutEvents with 200 and every
// entry of the request failed with code, as happens when another change of the
// rule is under way. For other operations it returns nil.
func (s *Service) FailEntries(r *wire.Request, code string) *wire.Response {
	if r.Operation == "PutEvents" {
		return failSending(r, code)
	}
	var in struct {
		Targets []struct {
			ID string `json:"Id"`
		}
		IDs []string `json:"Ids"`
	}
	if r.Operation != "PutTargets" && r.Operation != "RemoveTargets" || json.Unmarshal(r.Body, &in) != nil {
		return nil
	}
	for _, t := range in.Targets {
		in.IDs = append(in.IDs, t.ID)
	}
	out := entriesOutput{FailedEntries: []failedEntry{}}
	for _, id := range in.IDs {
		out.fail(id, code, "The entry could not be changed.")
	}
	response, err := protocol.Answer(out)
	if err != nil {
		return nil
	}
	return response
}

// nothing is the answer of operations that have none.
type nothing struct{}

func validation(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationException", message)
}

func notFound(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", message)
}

func limitExceeded() error {
	return wire.Errorf(http.StatusBadRequest, "LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

// invalid is the error for what violates the API model.
func invalid(c *constraint.Checks) error { return c.Err("ValidationException") }

// here is the start of every key: state is per account and region.
func here(r *wire.Request, parts ...string) string {
	return store.Key(append([]string{r.Account, r.Region}, parts...)...)
}

func arnOf(r *wire.Request, resource string) string {
	return strings.Join([]string{"arn:aws:events", r.Region, r.Account, resource}, ":")
}

// maxListed is both the default and the maximum of the lists.
const maxListed = 100

// page is the paging part of the lists' inputs.
type page struct {
	Limit     *int
	NextToken *string
}

func (p *page) checkPage(c *constraint.Checks) {
	c.Int("limit", p.Limit, 1, maxListed)
	c.Text("nextToken", p.NextToken, constraint.Text{Min: 1, Max: 2048})
}

func (p *page) limit() int {
	if p.Limit == nil {
		return maxListed
	}
	return *p.Limit
}

// after returns the key that the page begins after.
func (p *page) after(query string) (string, error) {
	if p.NextToken == nil {
		return "", nil
	}
	after, ok := paging.After(query, *p.NextToken)
	if !ok {
		return "", validation("Parameter NextToken is not valid.")
	}
	return after, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
