package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// target is what connects a region's rule with its log group.
type target struct {
	*world
	region string
}

type targetLive struct {
	account string
	all     []ebtypes.Target
}

func targetKey(region string) reconcile.Key { return reconcile.Key{Region: region, Kind: "target"} }

func (t *target) Key() reconcile.Key { return targetKey(t.region) }

// Needs the rule, and the group too: the first event must find it.
func (t *target) Needs() []reconcile.Key {
	return []reconcile.Key{ruleKey(t.region), logGroupKey(t.region)}
}

func (t *target) Read(ctx context.Context) (targetLive, error) {
	return t.targets.get(ctx, t.region, t.read)
}

// read follows the pages; the SDK has no paginator for this one.
func (t *target) read(ctx context.Context) (live targetLive, err error) {
	in := &eventbridge.ListTargetsByRuleInput{Rule: aws.String(t.env.RuleName())}
	for {
		out, err := cloud.Call(ctx, t.cloud.In(t.region).Events.ListTargetsByRule, in)
		if err != nil {
			if err = absent(err, "ResourceNotFoundException"); err != nil {
				return live, err
			}
			break
		}
		live.all = append(live.all, out.Targets...)
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	live.account, err = t.account(ctx)
	return live, err
}

func (t *target) Compare(live targetLive) (reconcile.Comparison, error) {
	group := t.logGroupARN(t.region, live.account)
	c := reconcile.Comparison{Name: manifest.TargetID, Warnings: t.doubles(live.all, group)}
	want, changes, action := t.wanted(live.all, group)
	if len(changes) == 0 {
		return c, nil
	}
	c.Steps = []reconcile.Step{{
		Action: action, Doing: "put the target", Changes: changes,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			err := t.until(ctx, passing{"ResourceNotFoundException": time.Now().Add(t.waits.newBucket)}, func() error {
				return t.put(ctx, want)
			})
			if cloud.Is(err, "LimitExceededException") || isProblem(err, CodeTargetQuota) {
				err = t.full(live.all, err)
			}
			return reconcile.Outcome{}, err
		},
	}}
	return c, nil
}

// wanted is the live target, or a new one, with the group's ARN and the whole
// event: a role is refused for log groups, and an input would replace what the
// log is for. Retries and a dead-letter queue that somebody set are kept.
func (t *target) wanted(all []ebtypes.Target, group string) (want ebtypes.Target, changes []reconcile.Change, action reconcile.Action) {
	for _, one := range all {
		if aws.ToString(one.Id) != manifest.TargetID {
			continue
		}
		change := func(attribute string, from, to any) {
			changes = append(changes, reconcile.Change{Attribute: attribute, From: from, To: to})
		}
		if arn := aws.ToString(one.Arn); arn != group {
			change("arn", arn, group)
		}
		if one.RoleArn != nil {
			change("role-arn", *one.RoleArn, nil)
		}
		if one.Input != nil {
			change("input", *one.Input, nil)
		}
		if one.InputPath != nil {
			change("input-path", *one.InputPath, nil)
		}
		if one.InputTransformer != nil {
			change("input-transformer", aws.ToString(one.InputTransformer.InputTemplate), nil)
		}
		one.Arn, one.RoleArn, one.Input, one.InputPath, one.InputTransformer = aws.String(group), nil, nil, nil, nil
		return one, changes, reconcile.Update
	}
	return ebtypes.Target{Id: aws.String(manifest.TargetID), Arn: aws.String(group)}, created("arn", group), reconcile.Create
}

// doubles warns of other targets that write to the same group.
func (t *target) doubles(all []ebtypes.Target, group string) []reconcile.Warning {
	var warnings []reconcile.Warning
	for _, one := range all {
		if aws.ToString(one.Id) == manifest.TargetID || strings.TrimSuffix(aws.ToString(one.Arn), ":*") != group {
			continue
		}
		warnings = append(warnings, reconcile.Warning{
			Code: WarnDoubleTarget, Region: t.region, Step: StepTarget, Resource: manifest.TargetID,
			Text: fmt.Sprintf("the target %q of the same rule writes to the same log group, so every event is there twice", aws.ToString(one.Id)),
			Fix: fmt.Sprintf("aws events remove-targets --region %s --rule %s --ids %s, if nobody needs it",
				t.region, t.env.RuleName(), aws.ToString(one.Id)),
		})
	}
	return warnings
}

// putTries bounds how often a target is put that meets other changes.
const putTries = 5

// put sends the target. PutTargets may answer 200 and yet tell of an entry
// that failed (EventBridge API reference, PutTargets).
func (t *target) put(ctx context.Context, want ebtypes.Target) error {
	for try := 1; ; try++ {
		out, err := cloud.Call(ctx, t.cloud.In(t.region).Events.PutTargets, &eventbridge.PutTargetsInput{
			Rule: aws.String(t.env.RuleName()), Targets: []ebtypes.Target{want},
		})
		if err != nil || out.FailedEntryCount == 0 {
			return err
		}
		code, text := "unknown", "no reason given"
		if len(out.FailedEntries) > 0 {
			code, text = aws.ToString(out.FailedEntries[0].ErrorCode), aws.ToString(out.FailedEntries[0].ErrorMessage)
		}
		if !concurrent(code) || try == putTries {
			problem := CodeTargetRefused
			switch code {
			case "LimitExceededException":
				problem = CodeTargetQuota
			case "ConcurrentModificationException":
				problem, text = CodeConcurrentChange, "someone else is changing this: "+text
			}
			return &reconcile.Problem{
				ProblemCode: problem,
				Text:        fmt.Sprintf("events:PutTargets in %s took the request, but not the target: %s: %s", t.region, code, text),
				Fix:         "run the same command again; if it stays, look at the rule's targets in the EventBridge console",
			}
		}
		if err := reconcile.Pause(ctx, time.Duration(try)*t.waits.settleEvery, "another change of the rule to end"); err != nil {
			return err
		}
	}
}

// maxTargets is how many targets a rule takes; AWS does not raise it
// (EventBridge quotas).
const maxTargets = 5

// full names the targets that take up all places, and the way out.
func (t *target) full(all []ebtypes.Target, cause error) error {
	there := make([]string, len(all))
	for i, one := range all {
		there[i] = fmt.Sprintf("%s (%s)", aws.ToString(one.Id), aws.ToString(one.Arn))
	}
	slices.Sort(there)
	text := fmt.Sprintf("a rule takes %d targets, and the rule %q in %s has %d others: %s",
		maxTargets, t.env.RuleName(), t.region, len(all), strings.Join(there, ", "))
	if len(all) < maxTargets {
		text = fmt.Sprintf("the rule %q in %s takes no more targets; AWS allows %d", t.env.RuleName(), t.region, maxTargets)
	}
	return &reconcile.Problem{
		ProblemCode: CodeTargetQuota, Text: text,
		Fix: fmt.Sprintf("remove one that is not needed (aws events remove-targets --region %s --rule %s --ids ID), or move it to a rule of its own; AWS does not raise this quota",
			t.region, t.env.RuleName()),
		Cause: cause,
	}
}

// concurrent tells whether a failed entry may go through when sent again.
func concurrent(code string) bool {
	return code == "ConcurrentModificationException" || code == "ThrottlingException" || code == "InternalException"
}
