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

// ruleNode deletes a rule, unless others have targets on it.
func (t *teardown) ruleNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	return removing(thing, needs,
		func(ctx context.Context) (targetLive, error) {
			return (&target{t.world, thing.Key.Region}).Read(ctx)
		},
		func(live targetLive) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			if others := othersOf(live.all); len(others) > 0 {
				c.Notes = []string{fmt.Sprintf("it stays, because it has targets of others: %s", strings.Join(others, ", "))}
				return c, nil
			}
			c.Steps = []reconcile.Step{{
				Action: reconcile.Delete, Doing: "delete the rule", Changes: []reconcile.Change{{Attribute: "name", From: thing.Name}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					_, err := cloud.Call(ctx, t.cloud.In(thing.Key.Region).Events.DeleteRule, &eventbridge.DeleteRuleInput{Name: aws.String(thing.Name)})
					return reconcile.Outcome{}, absent(err, "ResourceNotFoundException")
				},
			}}
			return c, nil
		})
}

// othersOf are the ids of targets that are not ours.
func othersOf(all []ebtypes.Target) []string {
	var ids []string
	for _, one := range all {
		if id := aws.ToString(one.Id); id != manifest.TargetID {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// targetNode removes our target from its rule.
func (t *teardown) targetNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	own := &target{t.world, thing.Key.Region}
	return removing(thing, needs, own.Read,
		func(live targetLive) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			i := slices.IndexFunc(live.all, func(one ebtypes.Target) bool { return aws.ToString(one.Id) == manifest.TargetID })
			if i < 0 {
				return c, nil
			}
			c.Steps = []reconcile.Step{{
				Action: reconcile.Delete, Doing: "remove the target",
				Changes: []reconcile.Change{{Attribute: "arn", From: aws.ToString(live.all[i].Arn)}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					return reconcile.Outcome{}, own.takeOff(ctx)
				},
			}}
			return c, nil
		})
}

// takeOff removes our target. RemoveTargets may answer 200 and yet tell of an
// entry that failed (EventBridge API reference, RemoveTargets).
func (t *target) takeOff(ctx context.Context) error {
	for try := 1; ; try++ {
		out, err := cloud.Call(ctx, t.cloud.In(t.region).Events.RemoveTargets, &eventbridge.RemoveTargetsInput{
			Rule: aws.String(t.env.RuleName()), Ids: []string{manifest.TargetID},
		})
		if err != nil || out.FailedEntryCount == 0 || alreadyGone(out.FailedEntries) {
			return absent(err, "ResourceNotFoundException")
		}
		code, text := "unknown", "no reason given"
		if len(out.FailedEntries) > 0 {
			code, text = aws.ToString(out.FailedEntries[0].ErrorCode), aws.ToString(out.FailedEntries[0].ErrorMessage)
		}
		if !concurrent(code) || try == putTries {
			return &reconcile.Problem{
				ProblemCode: CodeTargetRefused,
				Text:        fmt.Sprintf("events:RemoveTargets in %s took the request, but did not remove the target: %s: %s", t.region, code, text),
				Fix:         "run the same command again; if it stays, look at the rule's targets in the EventBridge console",
			}
		}
		if err := reconcile.Pause(ctx, time.Duration(try)*t.waits.settleEvery, "others to change the same"); err != nil {
			return err
		}
	}
}

// alreadyGone tells whether a target failed to be removed because it is not
// there, as after a first try whose answer got lost.
func alreadyGone(failed []ebtypes.RemoveTargetsResultEntry) bool {
	return len(failed) > 0 && aws.ToString(failed[0].ErrorCode) == "ResourceNotFoundException"
}
