package resource

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// eventPattern matches IVS's service events. Without the prefix, CloudTrail's
// API call events of the same source would come too (EventBridge events
// reference, Amazon IVS).
const eventPattern = `{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`

// rule is a region's EventBridge rule for IVS events.
type rule struct {
	*world
	region string
}

// ruleLive is the rule as it is; nil Rule when there is none.
type ruleLive struct {
	rule *eventbridge.DescribeRuleOutput
	tags map[string]string
}

// The outputs of a rule.
const (
	outPattern = "pattern" // as it is, "" for none
	outState   = "state"
)

func ruleKey(region string) reconcile.Key { return reconcile.Key{Region: region, Kind: "rule"} }

func (r *rule) Key() reconcile.Key { return ruleKey(r.region) }

func (r *rule) Needs() []reconcile.Key { return nil }

func (r *rule) Read(ctx context.Context) (ruleLive, error) {
	return r.rules.get(ctx, r.region, r.read)
}

// found is the rule without its tags, nil when there is none.
func (r *rule) found(ctx context.Context) (*eventbridge.DescribeRuleOutput, error) {
	return r.rulesFound.get(ctx, r.region, func(ctx context.Context) (*eventbridge.DescribeRuleOutput, error) {
		out, err := cloud.Call(ctx, r.cloud.In(r.region).Events.DescribeRule, &eventbridge.DescribeRuleInput{Name: aws.String(r.env.RuleName())})
		if err != nil {
			return nil, absent(err, "ResourceNotFoundException")
		}
		return out, nil
	})
}

func (r *rule) read(ctx context.Context) (ruleLive, error) {
	out, err := r.found(ctx)
	if err != nil || out == nil {
		return ruleLive{}, err
	}
	tags, err := cloud.Call(ctx, r.cloud.In(r.region).Events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: out.Arn})
	if err != nil {
		return ruleLive{}, err
	}
	return ruleLive{rule: out, tags: eventTagsOf(tags)}, nil
}

func eventTagsOf(listed *eventbridge.ListTagsForResourceOutput) map[string]string {
	tags := map[string]string{}
	for _, tag := range listed.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

func (r *rule) Compare(live ruleLive) (reconcile.Comparison, error) {
	c := reconcile.Comparison{Name: r.env.RuleName()}
	if live.rule == nil {
		c.Steps = []reconcile.Step{r.create()}
		return c, nil
	}
	c.ARN = aws.ToString(live.rule.Arn)
	c.Outputs = reconcile.Outputs{outPattern: aws.ToString(live.rule.EventPattern), outState: string(live.rule.State), outReceipt: live.tags[manifest.TagProven]}
	if err := r.foreign(live); err != nil {
		return c, err
	}
	if changes := ruleChanges(live.rule); len(changes) > 0 {
		c.Steps = append(c.Steps, reconcile.Step{
			Action: reconcile.Update, Doing: "put the rule", Changes: changes,
			Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
				_, err := cloud.Call(ctx, r.cloud.In(r.region).Events.PutRule, r.changed(live.rule))
				return reconcile.Outcome{}, err
			},
		})
	}
	c.Steps = append(c.Steps, r.tagSteps(live)...)
	return c, nil
}

// foreign refuses a rule that another app or another AWS service owns.
func (r *rule) foreign(live ruleLive) error {
	if by := aws.ToString(live.rule.ManagedBy); by != "" {
		return &reconcile.Problem{
			ProblemCode: CodeNotOurs,
			Text:        fmt.Sprintf("the rule %q is managed by %s", r.env.RuleName(), by),
			Fix:         "change name or the environment's name in the manifest",
		}
	}
	return r.notOurs("rule", r.env.RuleName(), live.tags)
}

func (r *rule) create() reconcile.Step {
	tags := r.env.Tags(r.env.RuleName())
	description := "IVS events of " + r.env.App + " (" + r.env.Name + ") to CloudWatch Logs"
	return reconcile.Step{
		Action: reconcile.Create, Doing: "create the rule",
		Changes: append(created("event-pattern", json.RawMessage(eventPattern), "state", "ENABLED", "description", description), tagChanges(nil, tags)...),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			out, err := cloud.Call(ctx, r.cloud.In(r.region).Events.PutRule, &eventbridge.PutRuleInput{
				Name: aws.String(r.env.RuleName()), EventPattern: aws.String(eventPattern), State: ebtypes.RuleStateEnabled,
				Description: aws.String(description),
				Tags:        eventTags(tags),
			})
			if cloud.Is(err, "LimitExceededException") {
				err = r.full(err)
			}
			if err != nil {
				return reconcile.Outcome{}, err
			}
			return reconcile.Outcome{ARN: aws.ToString(out.RuleArn)}, nil
		},
	}
}

// full tells of the quota that is used up: 300 rules a bus, fewer in some
// regions (EventBridge quotas).
func (r *rule) full(cause error) error {
	return &reconcile.Problem{
		ProblemCode: CodeRuleQuota,
		Text:        fmt.Sprintf("the default event bus in %s takes no more rules; AWS allows 300 unless it was asked for more (100 in af-south-1 and eu-south-1)", r.region),
		Fix: fmt.Sprintf("delete rules that are not needed (aws events list-rules --region %s), or ask AWS for more (Service Quotas, Amazon EventBridge)",
			r.region),
		Cause: cause,
	}
}

// changed is the live rule with our pattern and state. PutRule replaces the
// whole rule, so what others set is sent along.
func (r *rule) changed(live *eventbridge.DescribeRuleOutput) *eventbridge.PutRuleInput {
	return &eventbridge.PutRuleInput{
		Name: live.Name, EventPattern: aws.String(eventPattern), State: wantedState(live.State),
		Description: live.Description, RoleArn: live.RoleArn, ScheduleExpression: live.ScheduleExpression,
	}
}

// wantedState keeps the state that is enabled for management events too.
func wantedState(live ebtypes.RuleState) ebtypes.RuleState {
	if live == ebtypes.RuleStateEnabledWithAllCloudtrailManagementEvents {
		return live
	}
	return ebtypes.RuleStateEnabled
}

func ruleChanges(live *eventbridge.DescribeRuleOutput) []reconcile.Change {
	var changes []reconcile.Change
	if pattern := aws.ToString(live.EventPattern); !sameJSON(pattern, eventPattern) {
		changes = append(changes, reconcile.Change{Attribute: "event-pattern", From: jsonOrNil(pattern), To: json.RawMessage(eventPattern)})
	}
	if want := wantedState(live.State); live.State != want {
		changes = append(changes, reconcile.Change{Attribute: "state", From: string(live.State), To: string(want)})
	}
	return changes
}

// sameJSON compares two documents by meaning.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func jsonOrNil(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}

// tagSteps tag a rule that exists: PutRule ignores tags on an update.
func (r *rule) tagSteps(live ruleLive) []reconcile.Step {
	missing := missingTags(live.tags, r.env.Tags(r.env.RuleName()))
	if len(missing) == 0 {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "tag the rule", Changes: tagChanges(live.tags, missing), Soft: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			_, err := cloud.Call(ctx, r.cloud.In(r.region).Events.TagResource, &eventbridge.TagResourceInput{ResourceARN: live.rule.Arn, Tags: eventTags(missing)})
			return reconcile.Outcome{}, err
		},
	}}
}

func eventTags(tags map[string]string) []ebtypes.Tag {
	var set []ebtypes.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, ebtypes.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return set
}
