package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The kinds of what a run of verify makes, and takes away at its end.
const (
	kindProofStage = "verify-stage"
	kindProofRule  = "verify-rule"
)

// StepProof is the ID of the step that they are reported in.
const StepProof = "verify"

// ProofLife is how old a run of verify is at least, by its name, before it is
// taken for one that was killed. None lasts that long.
const ProofLife = time.Hour

// useProof is the kind of the use of what belongs to a run that may still go on.
const useProof = "yolo verify"

// proofSight is a stage or a rule that a run of verify made for this app.
type proofSight struct {
	kind, name, arn, run string
	// running are the run's compositions that go on on a stage; others are those
	// of others.
	running, others []string
	unknown         error // why these are not known
}

// lookAtProofStages asks of the stages that runs of verify left what goes on on
// them.
func (l *look) lookAtProofStages(ctx context.Context, seen *sight) {
	for _, one := range seen.stageList {
		if run := one.Tags[manifest.TagRun]; run != "" && l.tagged(one.Tags) {
			seen.proofStages = append(seen.proofStages, proofSight{kind: kindProofStage, name: aws.ToString(one.Name), arn: aws.ToString(one.Arn), run: run})
		}
	}
	var wg sync.WaitGroup
	for i := range seen.proofStages {
		left := &seen.proofStages[i]
		wg.Go(func() { left.unknown = l.lookAtCompositions(ctx, left) })
	}
	wg.Wait()
}

func (l *look) listStages(ctx context.Context) ([]ivstypes.StageSummary, error) {
	pages := ivsrealtime.NewListStagesPaginator(l.world.cloud.In(l.region).IVS, &ivsrealtime.ListStagesInput{MaxResults: aws.Int32(pageSize)})
	var all []ivstypes.StageSummary
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, l.world.ivsError(l.region, cloud.Plain(err))
		}
		all = append(all, page.Stages...)
	}
	return all, nil
}

// lookAtCompositions finds what goes on on a stage.
func (l *look) lookAtCompositions(ctx context.Context, left *proofSight) error {
	pages := ivsrealtime.NewListCompositionsPaginator(l.world.cloud.In(l.region).IVS, &ivsrealtime.ListCompositionsInput{
		FilterByStageArn: aws.String(left.arn), MaxResults: aws.Int32(pageSize),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return absent(cloud.Plain(err), "ResourceNotFoundException")
		}
		for _, one := range page.Compositions {
			switch {
			case one.State == ivstypes.CompositionStateStopped || one.State == ivstypes.CompositionStateFailed:
			case one.Tags[manifest.TagRun] == left.run:
				left.running = append(left.running, aws.ToString(one.Arn))
			default:
				left.others = append(left.others, aws.ToString(one.Arn))
			}
		}
	}
	return nil
}

// lookAtProofRules finds the rules that runs of verify left: their names begin
// alike, and their tags tell whose they are. Counted tells that all rules are
// listed anyway.
func (l *look) lookAtProofRules(ctx context.Context, seen *sight, counted bool) error {
	prefix := manifest.ProofPrefix
	if counted {
		prefix = ""
	}
	all, err := l.listRules(ctx, prefix)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(one ebtypes.Rule) bool { return !strings.HasPrefix(aws.ToString(one.Name), manifest.ProofPrefix) })
	left, errs := make([]*proofSight, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	for i, one := range all {
		wg.Go(func() { left[i], errs[i] = l.lookAtProofRule(ctx, one) })
	}
	wg.Wait()
	for _, one := range left {
		if one != nil {
			seen.proofRules = append(seen.proofRules, *one)
		}
	}
	return first(errs)
}

// lookAtProofRule is nil for a rule that is not of this app's runs, or gone.
func (l *look) lookAtProofRule(ctx context.Context, one ebtypes.Rule) (*proofSight, error) {
	listed, err := cloud.Call(ctx, l.world.cloud.In(l.region).Events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: one.Arn})
	if err != nil {
		return nil, absent(err, "ResourceNotFoundException")
	}
	tags := eventTagsOf(listed)
	if run := tags[manifest.TagRun]; run != "" && l.tagged(tags) {
		return &proofSight{kind: kindProofRule, name: aws.ToString(one.Name), arn: aws.ToString(one.Arn), run: run}, nil
	}
	return nil, nil
}

// tellOfProofs says what of that could not be looked for, unless something that
// was read in the same place tells of it.
func (l *look) tellOfProofs(seen *sight) {
	if seen.unseen.storages == nil {
		l.proofsUnseen(seen, StepStorage, "ivs:ListStages", seen.unseen.stages)
	}
	told := slices.ContainsFunc(seen.warnings, func(w reconcile.Warning) bool { return w.Step == StepRule })
	if seen.unseen.rule == nil && !told {
		l.proofsUnseen(seen, StepRule, "events:ListRules and events:ListTagsForResource", seen.unseen.proofRules)
	}
}

// proofsUnseen takes the error of looking for what runs of verify left. Nothing
// that is wanted depends on it, so in the manifest's regions it is a warning,
// which stands for the others too where it is for want of a permission.
func (l *look) proofsUnseen(seen *sight, step, permission string, err error) {
	if err == nil {
		return
	}
	if failed, ok := errors.AsType[*cloud.Error](err); !l.inManifest() {
		if !ok || !failed.Denied() {
			seen.fail(err)
		}
		return
	}
	seen.warnings = append(seen.warnings, reconcile.Warning{
		Code: WarnOptionalRead, Region: l.region, Step: step,
		Text: fmt.Sprintf("whether a yolo verify left something could not be found out: %v", reconcile.Plain(err)),
		Fix:  "allow " + permission + ", or do without that",
	})
}

// proofThings are what runs of verify have left, or are still at.
func (s *Survey) proofThings(seen *sight) []Thing {
	var things []Thing
	for _, one := range append(seen.proofStages[:len(seen.proofStages):len(seen.proofStages)], seen.proofRules...) {
		t := Thing{
			Key: reconcile.Key{Region: seen.region, Kind: one.kind, Name: one.arn}, Step: StepProof, Name: one.name, ARN: one.arn,
			Standing: Abandoned, Tagged: true, Unknown: one.unknown, running: one.running,
		}
		for _, arn := range one.others {
			t.Uses = append(t.Uses, Use{useComposition, arn})
		}
		switch begun, ok := manifest.ProofBegun(one.run); {
		case !ok:
			t.Why = fmt.Sprintf("the tag %s on it names no run", manifest.TagRun)
			t.Unknown = first([]error{t.Unknown, errNoRun})
		case time.Since(begun) < ProofLife:
			t.Why = "made by a yolo verify of the last hour, which may still go on; what it leaves goes with the next one in the same folder"
			t.Uses = append(t.Uses, Use{useProof, one.run})
		default:
			t.Why = fmt.Sprintf("left by the yolo verify of %s UTC, which did not finish", begun.Format("2006-01-02 15:04"))
		}
		if len(one.running) > 0 {
			t.Holds = "a composition that goes on"
		}
		things = append(things, t)
	}
	return things
}

var errNoRun = errors.New("its tag does not tell when its run began")
