package events

import (
	"cmp"
	"net/http"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/events/pattern"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const ruleTable = "events.rule"

// maxPattern is the default quota in characters (EventBridge quotas, "Event
// pattern size"). The API model's maximum is what it can be raised to.
const maxPattern = 2048

const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

// Limits of the API model.
var (
	ruleName     = constraint.Matching(1, 64, `[\.\-_A-Za-z0-9]+`)
	eventPattern = constraint.Text{Max: 4096}
	schedule     = constraint.Text{Max: 256}
	description  = constraint.Text{Max: 512}
	roleArn      = constraint.Text{Min: 1, Max: 1600}
	ruleState    = constraint.Text{Enum: []string{enabled, disabled, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}}
)

// rule is a rule as it is kept, and as the lists tell it.
type rule struct {
	Name               string
	Arn                string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	Description        string `json:",omitempty"`
	RoleArn            string `json:",omitempty"`
	ManagedBy          string `json:",omitempty"`
	EventBusName       string
}

// ruleInput is the input of operations on one rule.
type ruleInput struct {
	busInput
	Name *string
}

func (in *ruleInput) checkName(c *constraint.Checks) {
	constraint.Required(c, "name", in.Name)
	c.Text("name", in.Name, ruleName)
	in.checkBus(c)
}

func (in *ruleInput) check() error {
	var c constraint.Checks
	in.checkName(&c)
	return invalid(&c)
}

func ruleKey(r *wire.Request, bus, name string) string { return here(r, bus, name) }

func findRule(tx *store.Tx, r *wire.Request, bus, name string) (rule, error) {
	found, ok := store.Get[rule](tx, ruleTable, ruleKey(r, bus, name))
	if !ok {
		return rule{}, notFound("Rule " + name + " does not exist on EventBus " + bus + ".")
	}
	return found, nil
}

// checkManaged refuses to change a rule of another AWS service.
func (l *rule) checkManaged() error {
	if l.ManagedBy == "" {
		return nil
	}
	return wire.Errorf(http.StatusBadRequest, "ManagedRuleException",
		l.Name+" is a managed rule. Set 'force' parameter to true to override.")
}

type putRuleInput struct {
	ruleInput
	EventPattern       *string
	ScheduleExpression *string
	State              *string
	Description        *string
	RoleArn            *string
	Tags               []tag
}

func (in *putRuleInput) check() error {
	var c constraint.Checks
	in.checkName(&c)
	c.Text("eventPattern", in.EventPattern, eventPattern)
	c.Text("scheduleExpression", in.ScheduleExpression, schedule)
	c.Text("state", in.State, ruleState)
	c.Text("description", in.Description, description)
	c.Text("roleArn", in.RoleArn, roleArn)
	checkTags(&c, in.Tags)
	if err := invalid(&c); err != nil {
		return err
	}
	if deref(in.EventPattern) == "" && deref(in.ScheduleExpression) == "" {
		return validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if s := deref(in.ScheduleExpression); s != "" && !isSchedule(s) {
		return validation("Parameter ScheduleExpression is not valid.")
	}
	if err := checkTagSet(in.Tags); err != nil {
		return err
	}
	return checkPattern(deref(in.EventPattern))
}

func checkPattern(text string) error {
	if text == "" {
		return nil
	}
	if utf8.RuneCountInString(text) > maxPattern {
		return limitExceeded()
	}
	_, err := pattern.Parse(text)
	return invalidPattern(err)
}

func invalidPattern(reason error) error {
	if reason == nil {
		return nil
	}
	return wire.Errorf(http.StatusBadRequest, "InvalidEventPatternException", "Event pattern is not valid. Reason: "+reason.Error())
}

type putRuleOutput struct{ RuleArn string }

// putRule replaces the whole rule but for its tags and targets: what the
// request leaves out is gone, and a rule without State is enabled (PutRule).
func (s *Service) putRule(r *wire.Request, in *putRuleInput) (*putRuleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	put := rule{
		Name: *in.Name, Arn: arnOf(r, "rule/"+*in.Name), EventBusName: bus, State: enabled,
		EventPattern: deref(in.EventPattern), ScheduleExpression: deref(in.ScheduleExpression),
		Description: deref(in.Description), RoleArn: deref(in.RoleArn),
	}
	if in.State != nil {
		put.State = *in.State
	}
	return &putRuleOutput{RuleArn: put.Arn}, s.store.Update(func(tx *store.Tx) error {
		before, exists := store.Get[rule](tx, ruleTable, ruleKey(r, bus, put.Name))
		if err := before.checkManaged(); err != nil {
			return err
		}
		if !exists {
			if tx.Count(ruleTable, ruleKey(r, bus, "")) >= cmp.Or(s.options.MaxRules, maxRules(r.Region)) {
				return limitExceeded()
			}
			putTags(tx, put.Arn, in.Tags)
		}
		store.Put(tx, ruleTable, ruleKey(r, bus, put.Name), put)
		return nil
	})
}

// maxRules is the default quota of rules on a bus (EventBridge quotas).
func maxRules(region string) int {
	switch region {
	case "af-south-1", "eu-south-1":
		return 100
	default:
		return 300
	}
}

type describeRuleOutput struct {
	rule
	CreatedBy string
}

func (s *Service) describeRule(r *wire.Request, in *ruleInput) (*describeRuleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	out := &describeRuleOutput{CreatedBy: r.Account}
	return out, s.store.View(func(tx *store.Tx) (err error) {
		out.rule, err = findRule(tx, r, bus, *in.Name)
		return err
	})
}

type deleteRuleInput struct {
	ruleInput
	Force bool
}

// deleteRule deletes a rule without targets. That it is not there is no error.
func (s *Service) deleteRule(r *wire.Request, in *deleteRuleInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		found, ok := store.Get[rule](tx, ruleTable, ruleKey(r, bus, *in.Name))
		if !ok {
			return nil
		}
		if err := found.checkManaged(); err != nil && !in.Force {
			return err
		}
		for range store.Scan[target](tx, targetTable, here(r, bus, *in.Name, ""), "") {
			return validation("Rule can't be deleted since it has targets.")
		}
		tx.Delete(ruleTable, ruleKey(r, bus, *in.Name))
		tx.Delete(tagTable, found.Arn)
		return nil
	})
}

func (s *Service) enableRule(r *wire.Request, in *ruleInput) (*nothing, error) {
	return s.setState(r, in, enabled)
}

func (s *Service) disableRule(r *wire.Request, in *ruleInput) (*nothing, error) {
	return s.setState(r, in, disabled)
}

func (s *Service) setState(r *wire.Request, in *ruleInput, state string) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return s.changeRule(r, &in.busInput, *in.Name, func(found *rule) error {
		found.State = state
		return found.checkManaged()
	})
}

func (s *Service) changeRule(r *wire.Request, in *busInput, name string, change func(*rule) error) (*nothing, error) {
	bus, err := in.bus(r)
	if err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		found, err := findRule(tx, r, bus, name)
		if err != nil {
			return err
		}
		if err := change(&found); err != nil {
			return err
		}
		store.Put(tx, ruleTable, ruleKey(r, bus, name), found)
		return nil
	})
}

// SetManagedBy makes a rule on the default bus one that another AWS service
// manages, such as "backup.amazonaws.com", or nobody's with "". No request can
// do that. The rule must exist.
func (s *Service) SetManagedBy(account, region, name, service string) error {
	r := &wire.Request{Account: account, Region: region}
	_, err := s.changeRule(r, &busInput{}, name, func(found *rule) error {
		found.ManagedBy = service
		return nil
	})
	return err
}
