package verify

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
)

// takeAway deletes the stage with its token, and with what goes on on it. It
// has a time of its own, as the run's may be over.
func (g *regionRun) takeAway(ctx context.Context) {
	if g.stage == nil {
		return
	}
	begun := time.Now()
	ctx, cancel := g.cleaning(ctx)
	defer cancel()
	err := g.removeStage(ctx)
	g.lasted(proof.StepCleanup, begun)
	f := proof.Finding{Region: g.region, ID: "stage", Title: "Nothing of the show is left", ARN: g.stage.arn, Verdict: proof.Pass, Evidence: "stage, token and composition are gone"}
	if err != nil {
		f.Verdict, f.Evidence, f.Err = proof.Fail, "the stage may still be there", err
		f.Fix = "run the same command again: it takes away what is left"
	}
	g.find(proof.StepCleanup, f)
	g.tell(g.region, "the stage is taken away")
}

// removeStage also looks for a stage whose create got no clear answer.
func (g *regionRun) removeStage(ctx context.Context) error {
	c := g.Cloud.In(g.region)
	arns := []string{g.stage.arn}
	if g.stage.arn == "" {
		var err error
		if arns, err = ourStages(ctx, c, func(run string, _ map[string]string) bool { return run == g.id }); err != nil {
			return err
		}
	}
	for _, arn := range arns {
		if err := g.deleteStage(ctx, c, arn); err != nil {
			return err
		}
	}
	if g.composition != nil {
		if err := g.composition.update(func(e *entry) { e.Gone = true }); err != nil {
			return err
		}
	}
	return g.stage.update(func(e *entry) { e.Gone = true })
}

// sweep takes away what killed runs left, here or elsewhere. What stands in the
// way is told and ends nothing: the next run tries again.
func (r *run) sweep(ctx context.Context) {
	ctx, cancel := r.cleaning(ctx)
	defer cancel()
	journals, errs := abandoned(r.State)
	for _, err := range errs {
		r.find(proof.StepCleanup, proof.Finding{
			ID: "journal", Title: "Journals of earlier runs can be read", Verdict: proof.Fail, Evidence: err.Error(),
			Fix: "look for stages with the tag " + TagRun + " by hand, then delete that file",
		})
	}
	for _, j := range journals {
		r.sweepJournal(ctx, j)
	}
	for _, region := range r.Regions {
		r.sweepTags(ctx, region.Show.Region)
	}
}

// sweepJournal finishes a run that left its journal. One of another account
// waits for that.
func (r *run) sweepJournal(ctx context.Context, j *journal) {
	if j.record.Account == r.Account {
		for _, e := range j.record.left() {
			if err := r.remove(ctx, j.record.Run, e); err != nil {
				r.leftover(e.Region, j.record.Run, err)
				continue
			}
			if err := j.update(func(one *entry) { one.Gone = one.Gone || *one == e }); err != nil {
				r.leftover(e.Region, j.record.Run, err)
			}
		}
	}
	if err := j.close(); err != nil {
		r.leftover("", j.record.Run, err)
	}
}

// remove takes away one thing of another run. Its stage may be there without
// the journal knowing its ARN.
func (r *run) remove(ctx context.Context, run string, e entry) error {
	c := r.Cloud.In(e.Region)
	switch e.Kind {
	case kindRule:
		return removeRule(ctx, c, e.Name)
	case kindStage:
		arns := []string{e.ARN}
		if e.ARN == "" {
			var err error
			if arns, err = ourStages(ctx, c, func(of string, _ map[string]string) bool { return of == run }); err != nil {
				return err
			}
		}
		for _, arn := range arns {
			if err := r.deleteStage(ctx, c, arn); err != nil {
				return err
			}
			r.tell(e.Region, "took away what an earlier run left: %s", arn)
		}
	}
	return nil // a composition goes with its stage
}

// sweepTags looks for what a run on another machine left. One that may go on is
// let alone.
func (r *run) sweepTags(ctx context.Context, region string) {
	c := r.Cloud.In(region)
	arns, err := ourStages(ctx, c, r.dead)
	if err != nil {
		r.leftover(region, "", err)
	}
	for _, arn := range arns {
		if err := r.deleteStage(ctx, c, arn); err != nil {
			r.leftover(region, "", err)
			continue
		}
		r.tell(region, "took away what an earlier run left: %s", arn)
	}
	if err := r.sweepRules(ctx, c); err != nil {
		r.leftover(region, "", err)
	}
}

// dead tells whether a run of ours is over for sure, by its name.
func (r *run) dead(run string, tags map[string]string) bool {
	at, ok := begunAt(run)
	ours := tags[manifest.TagApp] == r.Env.App && tags[manifest.TagEnvironment] == r.Env.Name
	return ok && ours && r.begun.Sub(at) > r.waits.dead
}

// sweepRules removes the canaries' rules of runs that are over. Their names
// tell; whose they are, their tags.
func (r *run) sweepRules(ctx context.Context, c *cloud.Clients) error {
	out, err := cloud.Call(ctx, c.Events.ListRules, &eventbridge.ListRulesInput{NamePrefix: aws.String(runPrefix)})
	if err != nil {
		return err
	}
	for _, rule := range out.Rules {
		tags, err := cloud.Call(ctx, c.Events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: rule.Arn})
		if err != nil {
			return err
		}
		if all := tagMap(tags.Tags); r.dead(all[TagRun], all) {
			if err := removeRule(ctx, c, aws.ToString(rule.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func tagMap(tags []ebtypes.Tag) map[string]string {
	all := map[string]string{}
	for _, tag := range tags {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

// removeRule removes a rule of ours with its targets; one that is gone is done.
func removeRule(ctx context.Context, c *cloud.Clients, name string) error {
	if !strings.HasPrefix(name, runPrefix) {
		return errors.New("it is not a rule of a proof: " + name)
	}
	_, err := cloud.Call(ctx, c.Events.RemoveTargets, &eventbridge.RemoveTargetsInput{Rule: aws.String(name), Ids: []string{manifest.TargetID}})
	if err != nil && !cloud.Is(err, "ResourceNotFoundException") {
		return err
	}
	_, err = cloud.Call(ctx, c.Events.DeleteRule, &eventbridge.DeleteRuleInput{Name: aws.String(name)})
	if cloud.Is(err, "ResourceNotFoundException") {
		return nil
	}
	return err
}

// leftover is the finding that something of an earlier run may still be there.
func (r *run) leftover(region, run string, err error) {
	evidence := "what an earlier run left could not be taken away"
	if run != "" {
		evidence += " (" + run + ")"
	}
	r.find(proof.StepCleanup, proof.Finding{
		Region: region, ID: "leftover", Title: "Nothing of earlier runs is left", Verdict: proof.Fail, Evidence: evidence, Err: err,
		Fix: "run the same command again, or delete the stages with the tag " + TagRun + " by hand",
	})
}
