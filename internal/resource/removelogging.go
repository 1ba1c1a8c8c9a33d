package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// groupNode deletes a log group, and with it its events.
func (t *teardown) groupNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	region := thing.Key.Region
	return removing(thing, needs,
		func(ctx context.Context) (*logstypes.LogGroup, error) { return t.logGroup(ctx, region) },
		func(live *logstypes.LogGroup) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			if live == nil {
				return c, nil
			}
			if aws.ToBool(live.DeletionProtectionEnabled) {
				return c, t.protected(region, nil)
			}
			c.Steps = []reconcile.Step{{
				Action: reconcile.Delete, Doing: "delete the log group",
				Changes: []reconcile.Change{{Attribute: "events", From: eventsText(live, time.Now())}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					return reconcile.Outcome{}, t.deleteGroup(ctx, region)
				},
			}}
			return c, nil
		})
}

// eventsText says what goes with a log group, and since when it holds events at
// the longest. AWS counts bytes some time after they came (CloudWatch Logs API
// reference, LogGroup).
func eventsText(group *logstypes.LogGroup, now time.Time) string {
	since := time.UnixMilli(aws.ToInt64(group.CreationTime))
	if days := aws.ToInt32(group.RetentionInDays); days > 0 {
		if kept := now.AddDate(0, 0, -int(days)); kept.After(since) {
			since = kept
		}
	}
	holds := "all"
	if bytes := aws.ToInt64(group.StoredBytes); bytes > 0 {
		holds = sizeText(bytes)
	}
	return fmt.Sprintf("%s since %s, which go with the group", holds, since.UTC().Format(time.DateOnly))
}

// protected explains that a log group's own protection is on.
func (t *teardown) protected(region string, cause error) error {
	return &reconcile.Problem{
		ProblemCode: CodeDeletionProtected,
		Text:        fmt.Sprintf("the log group %q in %s is protected from deletion", t.env.LogGroupName(), region),
		Fix: fmt.Sprintf("if its events may go: aws logs put-log-group-deletion-protection --region %s --log-group-identifier %s --no-deletion-protection-enabled; then run the same command again",
			region, t.env.LogGroupName()),
		Cause: cause,
	}
}

func (t *teardown) deleteGroup(ctx context.Context, region string) error {
	err := t.until(ctx, passing{CodeConcurrentChange: time.Now().Add(t.waits.contention)}, func() error {
		_, err := cloud.Call(ctx, t.cloud.In(region).Logs.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(t.env.LogGroupName())})
		return absent(err, "ResourceNotFoundException")
	})
	if cloud.Is(err, "ValidationException") {
		// Somebody has switched its protection on since it was read.
		return t.protected(region, err)
	}
	return err
}

// logsPolicyNode takes our statement out of the policy of our name.
func (t *teardown) logsPolicyNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	p := &logsPolicy{t.world, thing.Key.Region}
	return removing(thing, needs,
		func(ctx context.Context) (live logsPolicyLive, err error) {
			if live.account, err = p.account(ctx); err != nil {
				return live, err
			}
			live.all, err = p.list(ctx)
			return live, err
		},
		func(live logsPolicyLive) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			cut, err := p.cut(live)
			if err != nil || !cut.there {
				return c, err
			}
			if len(cut.kept) > 0 {
				c.Notes = append(c.Notes, fmt.Sprintf("others have put more into the statement %s, so it stays", strings.Join(cut.kept, ", ")))
			}
			if len(cut.differences) == 0 {
				return c, nil
			}
			step := reconcile.Step{
				Action: reconcile.Delete, Doing: "delete the logs resource policy", Changes: changesOf(cut.differences),
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) { return p.takeOut(ctx, live) },
			}
			if !cut.rest.Empty() {
				step.Action, step.Doing = reconcile.Update, "take our statement out of the logs resource policy"
				c.Notes = append(c.Notes, "the policy stays with the statements of others")
			}
			c.Steps = []reconcile.Step{step}
			return c, nil
		})
}

// cutting is the policy of our name without our statement.
type cutting struct {
	there       bool
	rest        *policy.Document
	differences []policy.Difference
	kept        []string // Sids
}

func (p *logsPolicy) cut(live logsPolicyLive) (c cutting, err error) {
	document, there, err := p.document(live.all)
	if err != nil || !there {
		return c, err
	}
	c.there = true
	c.rest, c.differences, c.kept = policy.WithoutEventBridgeLogs(document, p.env.LogsPolicyResource(p.region, live.account))
	return c, nil
}

// takeOut reads the policy, and who needs it, once more, and writes what is left
// of it right after that: all apps of the environment share it.
func (p *logsPolicy) takeOut(ctx context.Context, live logsPolicyLive) (outcome reconcile.Outcome, err error) {
	client := p.cloud.In(p.region).Logs
	err = p.until(ctx, passing{CodeConcurrentChange: time.Now().Add(p.waits.contention)}, func() error {
		outcome = reconcile.Outcome{Revised: true}
		var groups []logstypes.LogGroup
		var groupsErr, policiesErr error
		var wg sync.WaitGroup
		wg.Go(func() { groups, groupsErr = p.listGroups(ctx, p.region) })
		wg.Go(func() { live.all, policiesErr = p.describe(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{}) })
		wg.Wait()
		if err := first([]error{groupsErr, policiesErr}); err != nil {
			return err
		}
		if others := otherGroups(groups, p.env.LogGroupName()); len(others) > 0 {
			outcome.Notes = []string{sharedWith(others)}
			return nil
		}
		cut, err := p.cut(live)
		if err != nil || len(cut.differences) == 0 {
			return err
		}
		outcome.Changes = changesOf(cut.differences)
		if cut.rest.Empty() {
			_, err = cloud.Call(ctx, client.DeleteResourcePolicy, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(p.env.LogsPolicyName())})
			return absent(err, "ResourceNotFoundException")
		}
		_, err = cloud.Call(ctx, client.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{
			PolicyName: aws.String(p.env.LogsPolicyName()), PolicyDocument: aws.String(cut.rest.String()),
		})
		return err
	})
	return outcome, err
}

// sharedWith says why the logs resource policy stays.
func sharedWith(groups []string) string {
	return fmt.Sprintf("it stays, because it lets EventBridge write to another app's log group too: %s", strings.Join(slices.Sorted(slices.Values(groups)), ", "))
}
