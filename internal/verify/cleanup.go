package verify

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
)

// runAgain is what takes away what is left.
const runAgain = "run the same command again: it takes away what is left"

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
	f := proof.Finding{Region: g.region, ID: "stage", Title: "Nothing of the show is left", ARN: g.stage.arn, Verdict: proof.Pass}
	switch {
	case err != nil:
		f.Verdict, f.Evidence, f.Err, f.Fix = proof.Fail, "the stage may still be there", err, runAgain
	case g.stage.arn == "":
		f.Evidence = "IVS lists no stage of this run"
	case g.composition == nil:
		f.Evidence = "stage and token are gone"
	default:
		f.Evidence = "stage, token and composition are gone"
	}
	g.find(proof.StepCleanup, f)
	if err == nil && g.stage.arn != "" {
		g.tell(g.region, "the stage is taken away")
	}
}

// removeStage also looks for a stage whose create got no clear answer.
func (g *regionRun) removeStage(ctx context.Context) error {
	if err := g.deleteStages(ctx, g.region, g.id, g.stage.arn); err != nil {
		return err
	}
	if g.composition != nil {
		if err := g.composition.update(func(e *entry) { e.Gone = true }); err != nil {
			return err
		}
	}
	return g.stage.update(func(e *entry) { e.Gone = true })
}

// deleteStages deletes a run's stage in a region. If its ARN is not known, it is
// looked for by its tag.
func (r *run) deleteStages(ctx context.Context, region, run, arn string) error {
	c := r.Cloud.In(region)
	arns := []string{arn}
	if arn == "" {
		var err error
		if arns, err = ourStages(ctx, c, func(of string, _ map[string]string) bool { return of == run }); err != nil {
			return err
		}
	}
	for _, one := range arns {
		if err := r.deleteStage(ctx, c, one); err != nil {
			return err
		}
		if run != r.id {
			r.tell(region, "took away what an earlier run left: %s", one)
		}
	}
	return nil
}

// Sweep takes away what killed runs of this folder left, without a show. It is
// nil when there was nothing.
func Sweep(ctx context.Context, o Options) *proof.Step {
	r := newRun(o)
	begun := time.Now()
	r.sweep(ctx)
	r.lasted(proof.StepCleanup, begun)
	step := r.cleanup()
	if len(step.Findings) == 0 {
		return nil
	}
	return &step
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
	if r.stopped() {
		return
	}
	var wg sync.WaitGroup
	for _, region := range r.Regions {
		wg.Go(func() { r.sweepTags(ctx, region) })
	}
	wg.Wait()
}

// sweepJournal finishes a run that left its journal. One of another account or
// another AWS, such as the emulator, waits for a run there.
func (r *run) sweepJournal(ctx context.Context, j *journal) {
	if j.record.Account == r.Account && j.record.Place == r.Place {
		r.finish(ctx, j)
	}
	if err := j.close(); err != nil {
		r.leftover("", j.record.Run, err)
	}
}

// finish takes away what a journal tells of.
func (r *run) finish(ctx context.Context, j *journal) {
	for _, e := range j.record.left() {
		if r.stopped() {
			return // the next run goes on
		}
		err := r.remove(ctx, j.record.Run, e)
		if err == nil {
			err = j.update(func(one *entry) { one.Gone = one.Gone || *one == e })
		}
		if err != nil {
			r.leftover(e.Region, j.record.Run, err)
		}
	}
	if len(j.record.left()) == 0 {
		r.find(proof.StepCleanup, proof.Finding{
			ID: "leftover", Title: titleLeftover, Verdict: proof.Pass, Evidence: "what the run " + j.record.Run + " left is taken away",
		})
	}
}

// remove takes away one thing of another run. A composition goes with its stage.
func (r *run) remove(ctx context.Context, run string, e entry) error {
	switch e.Kind {
	case kindRule:
		return removeRule(ctx, r.Cloud.In(e.Region), e.Name)
	case kindStage:
		return r.deleteStages(ctx, e.Region, run, e.ARN)
	}
	return nil
}

// sweepTags looks for what a run on another machine left. One that may go on is
// let alone.
func (r *run) sweepTags(ctx context.Context, region Region) {
	in := region.Show.Region
	c := r.Cloud.In(in)
	var wg sync.WaitGroup
	defer wg.Wait()
	if region.Show.Logs { // only who looks for events makes rules
		wg.Go(func() { r.sweepRules(ctx, c) })
	}
	arns, err := ourStages(ctx, c, r.dead)
	if err != nil {
		r.unswept(in, "stages", err)
	}
	for _, arn := range arns {
		if err := r.deleteStage(ctx, c, arn); err != nil {
			r.leftover(in, "", err)
			continue
		}
		r.tell(in, "took away what an earlier run left: %s", arn)
	}
}

// dead tells whether a run of ours is over for sure, by its name.
func (r *run) dead(run string, tags map[string]string) bool {
	at, ok := manifest.ProofBegun(run)
	ours := tags[manifest.TagApp] == r.Env.App && tags[manifest.TagEnvironment] == r.Env.Name
	return ok && ours && r.begun.Sub(at) > r.waits.dead
}

// sweepRules removes the canaries' rules of runs that are over. Their names
// tell; whose they are, their tags.
func (r *run) sweepRules(ctx context.Context, c *cloud.Clients) {
	in := &eventbridge.ListRulesInput{NamePrefix: aws.String(runPrefix)}
	for {
		out, err := cloud.Call(ctx, c.Events.ListRules, in)
		if err != nil {
			r.unswept(c.Region, "rules", err)
			return
		}
		for _, rule := range out.Rules {
			r.sweepRule(ctx, c, rule)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return
		}
	}
}

func (r *run) sweepRule(ctx context.Context, c *cloud.Clients, rule ebtypes.Rule) {
	tags, err := cloud.Call(ctx, c.Events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: rule.Arn})
	switch {
	case cloud.Is(err, "ResourceNotFoundException"):
		return // gone meanwhile
	case err != nil:
		r.unswept(c.Region, "rules", err)
		return
	}
	if all := tagMap(tags.Tags); r.dead(all[TagRun], all) {
		if err := removeRule(ctx, c, aws.ToString(rule.Name)); err != nil {
			r.leftover(c.Region, all[TagRun], err)
			return
		}
		r.tell(c.Region, "took away what an earlier run left: %s", aws.ToString(rule.Name))
	}
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

// titleLeftover is of the findings on what earlier runs left.
const titleLeftover = "Nothing of earlier runs is left"

// leftover is the finding that something of an earlier run may still be there.
func (r *run) leftover(region, run string, err error) {
	evidence := "what an earlier run left could not be taken away"
	if run != "" {
		evidence += " (" + run + ")"
	}
	r.find(proof.StepCleanup, proof.Finding{
		Region: region, ID: "leftover", Title: titleLeftover, Verdict: proof.Fail, Evidence: evidence, Err: err,
		Fix: "run the same command again, or delete the stages with the tag " + TagRun + " by hand",
	})
}

// unswept is the finding that it could not be looked for what earlier runs left.
func (r *run) unswept(region, what string, err error) {
	r.find(proof.StepCleanup, proof.Finding{
		Region: region, ID: "leftover", Title: titleLeftover, Evidence: "the " + what + " of earlier runs could not be looked for", Err: err,
	})
}
