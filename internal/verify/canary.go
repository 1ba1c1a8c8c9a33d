package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
)

// canarySource is the source of canaries; nobody else's rules want it.
const canarySource = "yolo.verify"

// explainMissing tells by a canary whether events that are missing could have
// arrived: one of our own, by a temporary rule with the same target.
func (g *regionRun) explainMissing(ctx context.Context, missing []string) proof.Finding {
	f := g.eventsFinding()
	arrived, err := g.canary(ctx)
	events := strings.Join(missing, ", ")
	switch {
	case arrived:
		f.Evidence = fmt.Sprintf("canary there, IVS event not: %s did not arrive within %v, though the way into the log is open; "+
			"IVS sends events as best it can, so they may be late or lost", events, g.waits.log)
		f.Fix = "run it again; if it stays, ask AWS Support about the events of " + g.stage.arn
	case err == nil:
		g.blame(ctx, &f, events)
	case cloud.Is(err, "ResourceNotFoundException"):
		g.noGroup(&f)
	case g.stopped() || ctx.Err() != nil:
		g.unseen(ctx, &f, "the log", err)
	default:
		f.Evidence, f.Err = fmt.Sprintf("%s did not arrive within %v, and no canary could tell why", events, g.waits.log), err
	}
	return f
}

// blame says what keeps out events and canary: the first link that does not hold
// by now, or else all three that stand between a rule and its log.
func (g *regionRun) blame(ctx context.Context, f *proof.Finding, events string) {
	f.Verdict = proof.Fail
	f.Evidence = fmt.Sprintf("%s did not arrive within %v, and neither did a canary: ", events, g.waits.log)
	if suspect := g.suspectByNow(ctx, resource.FeatureLogging); suspect != nil {
		f.Evidence += suspect.Evidence
		f.Fix = cmp.Or(suspect.Fix, g.mend(resource.FeatureLogging, suspect.ID))
		return
	}
	f.Evidence += fmt.Sprintf("the logs resource policy, the target or the log group %s keeps them out, though all look right", g.Env.LogGroupName())
	f.Fix = fmt.Sprintf("see the metric FailedInvocations of the rule %s, and whether the log group is encrypted with a key that EventBridge may not use", g.Env.RuleName())
}

// suspectByNow is the first link of a feature's chain that is broken by now, or
// else the first that may be. It is nil when all of them hold.
func (g *regionRun) suspectByNow(ctx context.Context, feature string) *resource.Link {
	wish := resource.Wish{
		Env: g.Env, Regions: []string{g.region}, Narrowed: true,
		Recording: feature == resource.FeatureRecording, Logging: feature == resource.FeatureLogging,
	}
	groups, nodes := resource.Build(wish, g.Cloud)
	plan := (&reconcile.Engine{Groups: groups, Nodes: nodes, Stop: g.Stop}).Plan(ctx)
	chain := resource.Chains(wish, plan, nil)[0] // one region, one feature
	if broken := chain.Broken(); broken != nil {
		return broken
	}
	return doubt(chain)
}

// mend is the command that mends a link, "" where none is known.
func (r *run) mend(feature, link string) string {
	if r.Mend == nil {
		return ""
	}
	return r.Mend(feature, link)
}

// canary sends events of our own through the target until one arrives or the
// time is over. The rule goes in every case.
func (g *regionRun) canary(ctx context.Context) (arrived bool, err error) {
	c := g.Cloud.In(g.region)
	update, err := g.journal.intend(entry{Region: g.region, Kind: kindRule, Name: g.name()})
	if err != nil {
		return false, err
	}
	err = g.makeCanaryRule(ctx, c)
	if denied, ok := errors.AsType[*cloud.Error](err); ok && denied.Denied() {
		// Who may not make a rule may not delete one either, and need not.
		if unwritten := update(func(e *entry) { e.Gone = true }); unwritten != nil {
			err = errors.Join(err, unwritten)
		}
		return false, err
	}
	defer g.removeCanaryRule(ctx, c, update)
	if err == nil {
		err = g.aimCanaryRule(ctx, c)
	}
	if err != nil {
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
		return slices.ContainsFunc(seen, func(e event) bool { return e.Detail.Nonce == g.id }), "", err
	})
	// One that could not be looked for to the end tells nothing.
	if late, ok := errors.AsType[*timeoutError](err); ok && late.cause == nil {
		return false, nil
	}
	return err == nil, err
}

// removeCanaryRule removes the temporary rule with its target.
func (g *regionRun) removeCanaryRule(ctx context.Context, c *cloud.Clients, update func(func(*entry)) error) {
	ctx, cancel := g.cleaning(ctx)
	defer cancel()
	err := removeRule(ctx, c, g.name())
	if err == nil {
		err = update(func(e *entry) { e.Gone = true })
	}
	if err != nil {
		g.find(proof.StepCleanup, proof.Finding{
			Region: g.region, Feature: g.Logging.Feature, ID: "rule", Title: "The canary's rule is gone", Verdict: proof.Fail,
			Evidence: "the temporary rule " + g.name() + " may still be there", Err: err, Fix: runAgain,
		})
	}
}

// makeCanaryRule makes the temporary rule, which has no target yet.
func (g *regionRun) makeCanaryRule(ctx context.Context, c *cloud.Clients) error {
	pattern, _ := json.Marshal(map[string]any{"source": []string{canarySource}, "detail": map[string]any{"nonce": []string{g.id}}})
	var tags []ebtypes.Tag
	for key, value := range g.tags(g.name()) {
		tags = append(tags, ebtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	_, err := cloud.Call(ctx, c.Events.PutRule, &eventbridge.PutRuleInput{
		Name: aws.String(g.name()), EventPattern: aws.String(string(pattern)), State: ebtypes.RuleStateEnabled, Tags: tags,
		Description: aws.String("temporary: tells yolo verify why events are missing"),
	})
	return err
}

// aimCanaryRule gives the temporary rule the target that our rule has.
func (g *regionRun) aimCanaryRule(ctx context.Context, c *cloud.Clients) error {
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
