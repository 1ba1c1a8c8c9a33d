package events

import (
	"iter"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type listRulesInput struct {
	busInput
	page
	NamePrefix *string
}

type listRulesOutput struct {
	Rules     []*rule
	NextToken string `json:",omitempty"`
}

func (s *Service) listRules(r *wire.Request, in *listRulesInput) (*listRulesOutput, error) {
	var c constraint.Checks
	in.checkBus(&c)
	in.checkPage(&c)
	c.Text("namePrefix", in.NamePrefix, ruleName)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	prefix := ruleKey(r, bus, deref(in.NamePrefix))
	query := store.Key("ListRules", prefix)
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &listRulesOutput{}
	return out, s.store.View(func(tx *store.Tx) error {
		rules, last := paging.Take(store.Scan[*rule](tx, ruleTable, prefix, after), in.limit())
		out.Rules, out.NextToken = rules, paging.Token(query, last)
		return nil
	})
}

type listRuleNamesByTargetInput struct {
	busInput
	page
	TargetArn *string
}

type listRuleNamesByTargetOutput struct {
	RuleNames []string
	NextToken string `json:",omitempty"`
}

func (s *Service) listRuleNamesByTarget(r *wire.Request, in *listRuleNamesByTargetInput) (*listRuleNamesByTargetOutput, error) {
	var c constraint.Checks
	in.checkBus(&c)
	in.checkPage(&c)
	constraint.Required(&c, "targetArn", in.TargetArn)
	c.Text("targetArn", in.TargetArn, targetArn)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	query := store.Key("ListRuleNamesByTarget", here(r, bus), *in.TargetArn)
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &listRuleNamesByTargetOutput{}
	return out, s.store.View(func(tx *store.Tx) error {
		names, last := paging.Take(rulesWith(tx, r, bus, *in.TargetArn, after), in.limit())
		out.RuleNames, out.NextToken = names, paging.Token(query, last)
		return nil
	})
}

// rulesWith yields the names of the rules that have a target of that ARN, each
// once, by name.
func rulesWith(tx *store.Tx, r *wire.Request, bus, arn, after string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		last := after
		for key, found := range store.Scan[target](tx, targetTable, here(r, bus, ""), "") {
			parts := store.Split(key)
			name := parts[len(parts)-2]
			if found.Arn != arn || name <= last {
				continue
			}
			last = name
			if !yield(name, name) {
				return
			}
		}
	}
}
