package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
)

// canarySource is the source of canaries; nobody else's rules want it.
const canarySource = "yolo.verify"

// explainMissing tells by a canary whether events that are missing could have
// arrived: one of our own, by a temporary rule with the same target.
func (g *regionRun) explainMissing(ctx context.Context, missing []string) {
	f := proof.Finding{Region: g.region, Feature: g.Logging.Feature, ID: "events", Title: titleOf("events"), ARN: g.group()}
	arrived, err := g.canary(ctx)
	events := strings.Join(missing, ", ")
	switch {
	case arrived:
		f.Evidence = fmt.Sprintf("the canary arrived, %s did not: IVS sends events as best it can, so they may be late or lost", events)
		f.Fix = "run it again; if it stays, ask AWS Support about the events of " + g.stage.arn
	case err != nil:
		f.Evidence, f.Err = fmt.Sprintf("%s did not arrive, and no canary could be sent to tell why", events), err
	default:
		f.Verdict = proof.Fail
		f.Evidence = fmt.Sprintf("%s did not arrive, and neither did a canary: the logs resource policy, the target or the log group keeps events out", events)
		f.Fix = "yolo doctor " + g.Env.Name + " --region " + g.region + "; and see the rule's metric FailedInvocations"
	}
	g.find(proof.StepLog, f)
}

// canary sends events of our own through the target until one arrives or the
// time is over. The rule goes in every case.
func (g *regionRun) canary(ctx context.Context) (arrived bool, err error) {
	c := g.Cloud.In(g.region)
	update, err := g.journal.intend(entry{Region: g.region, Kind: kindRule, Name: g.name()})
	if err != nil {
		return false, err
	}
	defer func() {
		gone, cancel := g.cleaning(ctx)
		defer cancel()
		removed := removeRule(gone, c, g.name())
		if removed == nil {
			removed = update(func(e *entry) { e.Gone = true })
		}
		if removed != nil {
			g.leftover(g.region, g.id, removed)
		}
	}()
	if err := g.canaryRule(ctx, c); err != nil {
		return false, err
	}
	begun := time.Now()
	err = g.poll(ctx, g.waits.canary, func(ctx context.Context) (bool, string, error) {
		// A new rule takes a while to be in effect (PutRule), so that one event
		// may come too early.
		if err := g.sendCanary(ctx, c); err != nil {
			return false, "", err
		}
		seen, err := g.eventsOf(ctx, g.id, begun)
		return len(seen) > 0, "", err
	})
	if _, late := errors.AsType[*timeoutError](err); late {
		return false, nil
	}
	return err == nil, err
}

// canaryRule makes the temporary rule with the target that our rule has.
func (g *regionRun) canaryRule(ctx context.Context, c *cloud.Clients) error {
	pattern, _ := json.Marshal(map[string]any{"source": []string{canarySource}, "detail": map[string]any{"nonce": []string{g.id}}})
	var tags []ebtypes.Tag
	for key, value := range g.tags(g.name()) {
		tags = append(tags, ebtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	_, err := cloud.Call(ctx, c.Events.PutRule, &eventbridge.PutRuleInput{
		Name: aws.String(g.name()), EventPattern: aws.String(string(pattern)), State: ebtypes.RuleStateEnabled, Tags: tags,
		Description: aws.String("temporary: tells yolo verify why events are missing"),
	})
	if err != nil {
		return err
	}
	out, err := cloud.Call(ctx, c.Events.PutTargets, &eventbridge.PutTargetsInput{
		Rule: aws.String(g.name()), Targets: []ebtypes.Target{{Id: aws.String(manifest.TargetID), Arn: aws.String(g.group())}},
	})
	if err == nil && out.FailedEntryCount > 0 {
		err = errors.New("events:PutTargets did not take the target")
	}
	return err
}

func (g *regionRun) sendCanary(ctx context.Context, c *cloud.Clients) error {
	detail, _ := json.Marshal(map[string]string{"nonce": g.id})
	out, err := cloud.Call(ctx, c.Events.PutEvents, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		Source: aws.String(canarySource), DetailType: aws.String("yolo canary"), Detail: aws.String(string(detail)),
	}}})
	if err == nil && out.FailedEntryCount > 0 {
		err = errors.New("events:PutEvents did not take the canary")
	}
	return err
}
