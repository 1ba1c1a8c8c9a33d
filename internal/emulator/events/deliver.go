package events

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/events/pattern"
	"github.com/yolo-live/yolo/internal/emulator/logs"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// errUnsupported is for targets that nothing here can be delivered to.
var errUnsupported = errors.New("the emulator delivers to log groups only")

// arrive brings an event to the default bus: to the targets of every rule that
// is enabled and whose pattern matches, as they are now.
func (s *Service) arrive(tx *store.Tx, e *sent, at time.Time) {
	r := &wire.Request{Account: e.Account, Region: e.Region, Now: at}
	times := 1
	if e.Twice {
		times = 2
	}
	came := Arrival{At: at, Deliveries: []Attempt{}}
	for _, found := range matching(tx, r, []byte(e.Text)) {
		count(tx, r, found.Name, func(c *Counts) { c.Triggered++ })
		for _, t := range targetsOf(tx, r, found.Name) {
			for range times {
				came.Deliveries = append(came.Deliveries, s.deliver(tx, r, e, &found, &t))
			}
		}
	}
	arrived(tx, e, came)
}

// matching are the rules that an event triggers.
func matching(tx *store.Tx, r *wire.Request, event []byte) (rules []rule) {
	for _, found := range store.Scan[rule](tx, ruleTable, ruleKey(r, defaultBus, ""), "") {
		if found.State == disabled || found.EventPattern == "" {
			continue
		}
		parsed, err := pattern.Parse(found.EventPattern)
		if err != nil {
			continue
		}
		if matches, err := parsed.Matches(event); err == nil && matches {
			rules = append(rules, found)
		}
	}
	return rules
}

func targetsOf(tx *store.Tx, r *wire.Request, ruleName string) (targets []target) {
	for _, t := range store.Scan[target](tx, targetTable, here(r, defaultBus, ruleName, ""), "") {
		targets = append(targets, t)
	}
	return targets
}

// deliver invokes one target. What a target does not take is dropped: it is not
// tried again when a permission is missing or the target is not there
// (EventBridge user guide, Retrying event delivery).
func (s *Service) deliver(tx *store.Tx, r *wire.Request, e *sent, from *rule, t *target) Attempt {
	attempt := Attempt{Rule: from.Name, Target: *t.ID, ARN: t.Arn}
	stream, err := s.intoLog(tx, r, e, from, t)
	attempt.Stream = stream
	if err != nil {
		attempt.Error = err.Error()
	}
	count(tx, r, from.Name, func(c *Counts) {
		switch {
		case errors.Is(err, errUnsupported):
			c.Unsupported++
			return
		case err != nil:
			c.FailedInvocations++
		}
		c.Invocations++
	})
	return attempt
}

func (s *Service) intoLog(tx *store.Tx, r *wire.Request, e *sent, from *rule, t *target) (stream string, err error) {
	if !strings.HasPrefix(t.Arn, "arn:aws:logs:") || s.options.Deliver == nil {
		return "", errUnsupported
	}
	var head envelope
	if err := json.Unmarshal([]byte(e.Text), &head); err != nil {
		return "", err
	}
	at, err := time.Parse(timeForm, head.Time)
	if err != nil {
		return "", err
	}
	message := e.Text
	if t.InputTransformer != nil {
		if at, message, err = t.InputTransformer.fill([]byte(e.Text), from, r.Now); err != nil {
			return "", err
		}
	}
	return s.options.Deliver(tx, logs.Delivery{
		Account: r.Account, Region: r.Region, Target: t.Arn, Rule: from.Arn, Time: at, Message: message, At: r.Now,
	})
}
