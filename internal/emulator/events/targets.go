package events

import (
	"fmt"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const (
	// maxEntries is per request (PutTargets); the API model's 100 is not.
	maxEntries = 10
	// maxTargets is per rule and not adjustable (EventBridge quotas).
	maxTargets = 5
)

// targetsInput is what the operations on a rule's targets have in common.
type targetsInput struct {
	busInput
	Rule *string
}

func (in *targetsInput) checkRule(c *constraint.Checks) {
	constraint.Required(c, "rule", in.Rule)
	c.Text("rule", in.Rule, ruleName)
	in.checkBus(c)
}

// entriesOutput is how an operation on several entries tells which failed:
// the call itself succeeds.
type entriesOutput struct {
	FailedEntryCount int
	FailedEntries    []failedEntry
}

type failedEntry struct {
	TargetID     string `json:"TargetId"`
	ErrorCode    string
	ErrorMessage string
}

func (out *entriesOutput) fail(id, code, message string) {
	out.FailedEntries = append(out.FailedEntries, failedEntry{TargetID: id, ErrorCode: code, ErrorMessage: message})
	out.FailedEntryCount = len(out.FailedEntries)
}

type putTargetsInput struct {
	targetsInput
	Targets []target
}

func (in *putTargetsInput) check(r *wire.Request) error {
	var c constraint.Checks
	in.checkRule(&c)
	c.RequiredList("targets", in.Targets != nil)
	if in.Targets != nil {
		c.Size("targets", "[...]", len(in.Targets), 1, maxEntries)
	}
	for i := range in.Targets {
		in.Targets[i].checkMembers(&c, fmt.Sprintf("targets.%d.member.", i+1))
	}
	if err := invalid(&c); err != nil {
		return err
	}
	for i := range in.Targets {
		if err := in.Targets[i].check(r); err != nil {
			return err
		}
	}
	return nil
}

// putTargets adds the targets, or replaces those that have the same id.
func (s *Service) putTargets(r *wire.Request, in *putTargetsInput) (*entriesOutput, error) {
	if err := in.check(r); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	return &entriesOutput{FailedEntries: []failedEntry{}}, s.store.Update(func(tx *store.Tx) error {
		found, err := findRule(tx, r, bus, *in.Rule)
		if err != nil {
			return err
		}
		if err := found.checkManaged(); err != nil {
			return err
		}
		for _, t := range in.Targets {
			store.Put(tx, targetTable, here(r, bus, *in.Rule, *t.ID), t)
		}
		all, _ := paging.Take(store.Scan[*target](tx, targetTable, here(r, bus, *in.Rule, ""), ""), maxTargets+1)
		if len(all) > maxTargets {
			return limitExceeded()
		}
		return nil
	})
}

type removeTargetsInput struct {
	targetsInput
	IDs   []string `json:"Ids"`
	Force bool
}

func (in *removeTargetsInput) check() error {
	var c constraint.Checks
	in.checkRule(&c)
	c.RequiredList("ids", in.IDs != nil)
	if in.IDs != nil {
		c.Size("ids", fmt.Sprint(in.IDs), len(in.IDs), 1, maxEntries)
	}
	for i := range in.IDs {
		c.Text("ids", &in.IDs[i], targetID)
	}
	return invalid(&c)
}

// removeTargets removes what is there and tells of each id that was not.
func (s *Service) removeTargets(r *wire.Request, in *removeTargetsInput) (*entriesOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	out := &entriesOutput{FailedEntries: []failedEntry{}}
	return out, s.store.Update(func(tx *store.Tx) error {
		found, err := findRule(tx, r, bus, *in.Rule)
		if err != nil {
			return err
		}
		if err := found.checkManaged(); err != nil && !in.Force {
			return err
		}
		for _, id := range in.IDs {
			if !tx.Delete(targetTable, here(r, bus, *in.Rule, id)) {
				out.fail(id, "ResourceNotFoundException", fmt.Sprintf("Rule '%s' does not have a target with the Id '%s'.", *in.Rule, id))
			}
		}
		return nil
	})
}

type listTargetsByRuleInput struct {
	targetsInput
	page
}

type listTargetsByRuleOutput struct {
	Targets   []*target
	NextToken string `json:",omitempty"`
}

func (s *Service) listTargetsByRule(r *wire.Request, in *listTargetsByRuleInput) (*listTargetsByRuleOutput, error) {
	var c constraint.Checks
	in.checkRule(&c)
	in.checkPage(&c)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	prefix := here(r, bus, *in.Rule, "")
	query := store.Key("ListTargetsByRule", prefix)
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &listTargetsByRuleOutput{}
	return out, s.store.View(func(tx *store.Tx) error {
		if _, err := findRule(tx, r, bus, *in.Rule); err != nil {
			return err
		}
		targets, last := paging.Take(store.Scan[*target](tx, targetTable, prefix, after), in.limit())
		out.Targets, out.NextToken = targets, paging.Token(query, last)
		return nil
	})
}
