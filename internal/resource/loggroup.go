package resource

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// logGroup is a region's log group for IVS events.
type logGroup struct {
	*world
	region string
}

// logGroupLive is the group as it is; group is nil when there is none.
type logGroupLive struct {
	group *logstypes.LogGroup
	tags  map[string]string
}

// outRetention is the output of a log group that tells for how many days it
// keeps events, 0 for ever.
const outRetention = "retention-days"

func logGroupKey(region string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: "log-group"}
}

func (g *logGroup) Key() reconcile.Key { return logGroupKey(g.region) }

func (g *logGroup) Needs() []reconcile.Key { return nil }

func (g *logGroup) Read(ctx context.Context) (logGroupLive, error) {
	return g.groupLives.get(ctx, g.region, g.read)
}

func (g *logGroup) read(ctx context.Context) (logGroupLive, error) {
	group, err := g.logGroup(ctx, g.region)
	if err != nil || group == nil {
		return logGroupLive{}, err
	}
	return g.withTags(ctx, group)
}

func (g *logGroup) withTags(ctx context.Context, group *logstypes.LogGroup) (logGroupLive, error) {
	out, err := cloud.Call(ctx, g.cloud.In(g.region).Logs.ListTagsForResource, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: group.LogGroupArn})
	if err != nil {
		return logGroupLive{}, err
	}
	return logGroupLive{group: group, tags: out.Tags}, nil
}

func (g *logGroup) Compare(live logGroupLive) (reconcile.Comparison, error) {
	c := reconcile.Comparison{Name: g.env.LogGroupName()}
	if live.group == nil {
		c.Steps = g.create()
		return c, nil
	}
	c.ARN = aws.ToString(live.group.LogGroupArn)
	c.Outputs = reconcile.Outputs{outRetention: strconv.Itoa(int(aws.ToInt32(live.group.RetentionInDays)))}
	if err := g.notOurs("log group", c.Name, live.tags); err != nil {
		return c, err
	}
	c.Warnings = g.warnings(live)
	steps, note := g.retentionSteps(live)
	c.Steps = slices.Concat(steps, g.tagSteps(live), g.unpendSteps(live))
	if note != "" {
		c.Notes = append(c.Notes, note)
	}
	return c, nil
}

// create makes the group and sets its retention, which CreateLogGroup cannot
// carry. In between a tag tells that the retention is still to come: a group
// without one may also be somebody's wish.
func (g *logGroup) create() []reconcile.Step {
	tags := g.env.Tags(g.env.LogGroupName())
	adopted := false
	return []reconcile.Step{{
		Action: reconcile.Create, Doing: "create the log group",
		Changes: append(created("retention-days", g.env.Logging.RetentionDays), tagChanges(nil, tags)...),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			account, err := g.account(ctx)
			if err != nil {
				return reconcile.Outcome{}, err
			}
			_, err = cloud.Call(ctx, g.cloud.In(g.region).Logs.CreateLogGroup, &cloudwatchlogs.CreateLogGroupInput{
				LogGroupName: aws.String(g.env.LogGroupName()), Tags: merge(tags, map[string]string{tagPending: "retention"}),
			})
			if cloud.Is(err, "ResourceAlreadyExistsException") {
				adopted = true
				return g.adopt(ctx)
			}
			if err != nil {
				return reconcile.Outcome{}, err
			}
			err = g.until(ctx, passing{"ResourceNotFoundException": time.Now().Add(g.waits.newBucket)}, func() error {
				return g.putRetention(ctx)
			})
			done := reconcile.Outcome{ARN: g.logGroupARN(g.region, account)}
			if err != nil {
				done.Partly = tagChanges(nil, tags)
			}
			return done, err
		},
	}, {
		Action: reconcile.Check, Doing: "mark the log group as finished", Soft: true, Aside: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			if adopted {
				return reconcile.Outcome{}, nil
			}
			account, err := g.account(ctx)
			if err != nil {
				return reconcile.Outcome{}, err
			}
			return reconcile.Outcome{}, g.unpend(ctx, g.logGroupARN(g.region, account))
		},
	}}
}

// adopt mends a group that was made between our look and our create: by
// another run, or by a first try of ours whose answer got lost. A list may lag
// behind.
func (g *logGroup) adopt(ctx context.Context) (reconcile.Outcome, error) {
	var group *logstypes.LogGroup
	err := g.until(ctx, passing{CodeConcurrentChange: time.Now().Add(g.waits.contention)}, func() (err error) {
		if group, err = g.findLogGroup(ctx, g.region); err == nil && group == nil {
			err = &reconcile.Problem{
				ProblemCode: CodeConcurrentChange,
				Text:        fmt.Sprintf("someone else is changing this: the log group %q appeared and is gone again", g.env.LogGroupName()),
				Fix:         "run the same command again",
			}
		}
		return err
	})
	if err != nil {
		return reconcile.Outcome{}, err
	}
	live, err := g.withTags(ctx, group)
	if err != nil {
		return reconcile.Outcome{}, err
	}
	found, err := g.Compare(live)
	outcome := reconcile.Outcome{ARN: found.ARN, Existed: true, Revised: true, Notes: found.Notes, Warnings: found.Warnings}
	for _, step := range found.Steps {
		if err != nil {
			break
		}
		_, stepErr := step.Do(ctx, nil)
		switch {
		case stepErr == nil:
			outcome.Changes = append(outcome.Changes, step.Changes...)
		case step.Soft:
			outcome.Notes = append(outcome.Notes, fmt.Sprintf("to %s failed: %v", step.Doing, stepErr))
		default:
			err = stepErr
		}
	}
	return outcome, err
}

// retentionSteps sets the retention where it is not what it should be, or
// notes why it stays: without a wish in the manifest, longer is kept.
func (g *logGroup) retentionSteps(live logGroupLive) (steps []reconcile.Step, note string) {
	days, want := int(aws.ToInt32(live.group.RetentionInDays)), g.env.Logging.RetentionDays
	unset := days == 0 && live.tags[tagPending] != "" // a create did not come to its end
	longer := !unset && (days == 0 || days > want)
	switch {
	case overridden(live) || fixedRetention(live) || days == want:
		return nil, ""
	case longer && !g.env.Logging.RetentionExplicit:
		return nil, fmt.Sprintf("events are still kept for %s, since the manifest names no retention", daysText(days))
	}
	changes := []reconcile.Change{{Attribute: "retention-days", From: daysFrom(days), To: want}}
	if longer {
		changes = append(changes, reconcile.Change{
			Attribute: "events", From: "kept for " + daysText(days), To: fmt.Sprintf("those older than %d days will be deleted", want),
		})
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "set the retention", Changes: changes,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{}, g.putRetention(ctx)
		},
	}}, ""
}

// unpendSteps end what a create began that did not finish.
func (g *logGroup) unpendSteps(live logGroupLive) []reconcile.Step {
	pending := live.tags[tagPending]
	if pending == "" {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "mark the log group as finished", Soft: true,
		Changes: []reconcile.Change{{Attribute: "tag " + tagPending, From: pending}},
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{}, g.unpend(ctx, aws.ToString(live.group.LogGroupArn))
		},
	}}
}

// fixedRetention tells whether the group's class decides how long it keeps
// events.
func fixedRetention(live logGroupLive) bool {
	return live.group.LogGroupClass == logstypes.LogGroupClassDelivery
}

// overridden tells whether an account-level policy sets the group's retention.
func overridden(live logGroupLive) bool { return aws.ToString(live.group.RetentionPolicyName) != "" }

func daysText(days int) string {
	if days == 0 {
		return "all time"
	}
	return fmt.Sprintf("%d days", days)
}

func daysFrom(days int) any {
	if days == 0 {
		return nil
	}
	return days
}

func (g *logGroup) tagSteps(live logGroupLive) []reconcile.Step {
	missing := missingTags(live.tags, g.env.Tags(g.env.LogGroupName()))
	if len(missing) == 0 {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "tag the log group", Changes: tagChanges(live.tags, missing), Soft: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			_, err := cloud.Call(ctx, g.cloud.In(g.region).Logs.TagResource, &cloudwatchlogs.TagResourceInput{ResourceArn: live.group.LogGroupArn, Tags: missing})
			return reconcile.Outcome{}, err
		},
	}}
}

func (g *logGroup) warnings(live logGroupLive) []reconcile.Warning {
	var all []reconcile.Warning
	warn := func(code, text, fix string) {
		all = append(all, reconcile.Warning{
			Code: code, Region: g.region, Step: StepLogGroup, Resource: g.env.LogGroupName(), Text: text, Fix: fix,
		})
	}
	days := int(aws.ToInt32(live.group.RetentionInDays))
	if overridden(live) && days != g.env.Logging.RetentionDays {
		warn(WarnAccountRetention, fmt.Sprintf("the account's retention policy %q is in effect: events are kept for %s, not %d days",
			aws.ToString(live.group.RetentionPolicyName), daysText(days), g.env.Logging.RetentionDays),
			"change the account-level retention policy, or set aws.ivs.log-retention-days to the same")
	}
	if fixedRetention(live) {
		warn(WarnLogGroupClass, "the log group is of class DELIVERY, which keeps events for one day only",
			"delete the group and run the same command again; a group's class cannot be changed")
	}
	return all
}

func (g *logGroup) putRetention(ctx context.Context) error {
	_, err := cloud.Call(ctx, g.cloud.In(g.region).Logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String(g.env.LogGroupName()), RetentionInDays: aws.Int32(int32(g.env.Logging.RetentionDays)),
	})
	return err
}

// unpend takes the pending tag off.
func (g *logGroup) unpend(ctx context.Context, arn string) error {
	_, err := cloud.Call(ctx, g.cloud.In(g.region).Logs.UntagResource, &cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: []string{tagPending}})
	return err
}

// logGroupARN is the ARN without the ":*" that some answers end in.
func (w *world) logGroupARN(region, account string) string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", region, account, w.env.LogGroupName())
}
