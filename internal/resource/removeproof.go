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
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// proofStageNode takes away the stage of a show, once nothing goes on on it.
func (t *teardown) proofStageNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	client := t.world.cloud.In(thing.Key.Region).IVS
	return judged(thing, needs, func() (reconcile.Comparison, error) {
		c := reconcile.Comparison{Warnings: v.warnings}
		for _, arn := range thing.running {
			c.Steps = append(c.Steps, reconcile.Step{
				Action: reconcile.Delete, Doing: "stop the composition", Changes: []reconcile.Change{{Attribute: "composition", From: arn}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					return reconcile.Outcome{}, t.stopComposition(ctx, client, arn)
				},
			})
		}
		c.Steps = append(c.Steps, reconcile.Step{
			Action: reconcile.Delete, Doing: "delete the stage", Changes: []reconcile.Change{{Attribute: "name", From: thing.Name}},
			Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
				return reconcile.Outcome{}, t.until(ctx, passing{"ConflictException": time.Now().Add(t.waits.contention)}, func() error {
					_, err := cloud.Call(ctx, client.DeleteStage, &ivsrealtime.DeleteStageInput{Arn: aws.String(thing.ARN)})
					return absent(err, "ResourceNotFoundException")
				})
			},
		})
		return c, nil
	})
}

// endsWithin is how long a composition is given to end once it was stopped.
const endsWithin = time.Minute

// stopComposition stops a composition and waits for its end, so that the end of
// its stage is not its failure. One that is over by then is done.
func (t *teardown) stopComposition(ctx context.Context, client *ivsrealtime.Client, arn string) error {
	_, err := cloud.Call(ctx, client.StopComposition, &ivsrealtime.StopCompositionInput{Arn: aws.String(arn)})
	if err = absent(err, "ResourceNotFoundException", "ConflictException"); err != nil {
		return err
	}
	for deadline := time.Now().Add(endsWithin); ; {
		out, err := cloud.Call(ctx, client.GetComposition, &ivsrealtime.GetCompositionInput{Arn: aws.String(arn)})
		switch {
		case err != nil:
			return absent(err, "ResourceNotFoundException")
		case out.Composition == nil || out.Composition.State == ivstypes.CompositionStateStopped || out.Composition.State == ivstypes.CompositionStateFailed:
			return nil
		case time.Now().After(deadline):
			return &reconcile.Problem{
				ProblemCode: CodeInUse, Text: fmt.Sprintf("the composition %s was stopped, but is %s still", arn, out.Composition.State),
				Fix: "run the same command again",
			}
		}
		if err := reconcile.Pause(ctx, t.waits.lookAgain, "the composition to end"); err != nil {
			return err
		}
	}
}

// proofRuleNode takes away the rule of a canary with its target, unless others
// have targets on it.
func (t *teardown) proofRuleNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	client := t.world.cloud.In(thing.Key.Region).Events
	return removing(thing, needs,
		func(ctx context.Context) ([]ebtypes.Target, error) {
			out, err := cloud.Call(ctx, client.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: aws.String(thing.Name)})
			if err != nil {
				return nil, absent(err, "ResourceNotFoundException")
			}
			return out.Targets, nil
		},
		func(live []ebtypes.Target) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			if others := othersOf(live); len(others) > 0 {
				c.Notes = []string{fmt.Sprintf("it stays, because it has targets of others: %s", strings.Join(others, ", "))}
				return c, nil
			}
			for _, one := range live {
				c.Steps = append(c.Steps, t.deleteProofTarget(thing, client, one))
			}
			c.Steps = append(c.Steps, reconcile.Step{
				Action: reconcile.Delete, Doing: "delete the rule", Changes: []reconcile.Change{{Attribute: "name", From: thing.Name}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					_, err := cloud.Call(ctx, client.DeleteRule, &eventbridge.DeleteRuleInput{Name: aws.String(thing.Name)})
					return reconcile.Outcome{}, absent(err, "ResourceNotFoundException")
				},
			})
			return c, nil
		})
}

func (t *teardown) deleteProofTarget(thing Thing, client *eventbridge.Client, one ebtypes.Target) reconcile.Step {
	return reconcile.Step{
		Action: reconcile.Delete, Doing: "remove the target", Changes: []reconcile.Change{{Attribute: "arn", From: aws.ToString(one.Arn)}},
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			out, err := cloud.Call(ctx, client.RemoveTargets, &eventbridge.RemoveTargetsInput{Rule: aws.String(thing.Name), Ids: []string{aws.ToString(one.Id)}})
			if err == nil && out.FailedEntryCount > 0 && !alreadyGone(out.FailedEntries) {
				err = &reconcile.Problem{
					ProblemCode: CodeTargetRefused, Text: fmt.Sprintf("events:RemoveTargets in %s took the request, but did not remove the target", thing.Key.Region),
					Fix: "run the same command again",
				}
			}
			return reconcile.Outcome{}, absent(err, "ResourceNotFoundException")
		},
	}
}

// proofStays says why something of verify's stays whatever is asked for; "" lets
// it go.
func (t *teardown) proofStays(thing Thing) string {
	for _, use := range thing.Uses {
		if use.Kind == useProof {
			return fmt.Sprintf("it stays, because the yolo verify %s may still go on", use.Name)
		}
	}
	if thing.Unknown != nil && thing.Step == StepProof {
		return fmt.Sprintf("it stays, because it could not be found out whether it is in use: %v", reconcile.Plain(thing.Unknown))
	}
	return ""
}

// stops tells whether a composition is one of a show whose stage goes.
func (t *teardown) stops(composition string) bool {
	return slices.ContainsFunc(t.all, func(thing Thing) bool { return t.going[thing.Key] && slices.Contains(thing.running, composition) })
}
