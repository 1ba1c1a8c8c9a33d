package resource

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

const longAgo = "20240102T030405Z-00000000"

// proofTags are those of what a run made, changed by more; "" takes one away.
func (a *account) proofTags(run string, more map[string]string) map[string]string {
	tags := merge(a.wish.Env.Tags(manifest.ProofPrefix+run), map[string]string{manifest.TagRun: run})
	for key, value := range more {
		if tags[key] = value; value == "" {
			delete(tags, key)
		}
	}
	return tags
}

func (a *account) proofStage(run string, more map[string]string) (arn string) {
	a.t.Helper()
	out := do(a.t, a.clients("us-east-1").IVS.CreateStage, &ivsrealtime.CreateStageInput{
		Name: aws.String(manifest.ProofPrefix + run), Tags: a.proofTags(run, more),
	})
	return *out.Stage.Arn
}

func (a *account) proofRule(run string, more map[string]string) {
	a.t.Helper()
	var tags []ebtypes.Tag
	for key, value := range a.proofTags(run, more) {
		tags = append(tags, ebtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	name := aws.String(manifest.ProofPrefix + run)
	do(a.t, a.clients("us-east-1").Events.PutRule, &eventbridge.PutRuleInput{Name: name, Tags: tags, EventPattern: aws.String(`{"source":["yolo.verify"]}`)})
	do(a.t, a.clients("us-east-1").Events.PutTargets, &eventbridge.PutTargetsInput{Rule: name, Targets: []ebtypes.Target{{
		Id: aws.String(manifest.TargetID), Arn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:" + a.wish.Env.LogGroupName()),
	}}})
}

// proofsLeft compares what is left over of runs of verify.
func (a *account) proofsLeft(want []string) {
	a.t.Helper()
	s, _ := a.survey()
	got := told(s.Inventory())
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		a.t.Errorf("left over (-want +got):\n%s", diff)
	}
}

// resultsOf are what became of all that a run made.
func resultsOf(report *reconcile.Report, run string) string {
	var all []string
	for n := range report.All {
		if n.Name == manifest.ProofPrefix+run {
			all = append(all, n.Key.Kind+" "+n.Result.Word(report.DryRun, n.Changed))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// What a killed verify left is told with its run; what is not ours, or of a run
// that is no run, is left alone.
func TestProofThings(t *testing.T) {
	a := start(t, "regions: [us-east-1]\n        recording: {real_time: true}")
	a.sync()
	stage := a.proofStage(longAgo, nil)
	a.proofRule(longAgo, nil)
	now := manifest.NewProofRun(time.Now(), "00000000")
	a.proofStage(now, nil)
	a.proofStage("someday", nil)
	for _, tags := range []map[string]string{
		{manifest.TagApp: "other"}, {manifest.TagEnvironment: ""}, {manifest.TagRun: ""},
	} {
		a.proofStage("20240102T030405Z-11111111", tags)
	}
	a.proofRule("20240102T030405Z-22222222", map[string]string{manifest.TagApp: "other"})
	of := "left by the yolo verify of 2024-01-02 03:04 UTC, which did not finish"
	want := []string{
		"us-east-1 verify-stage yolo-verify-" + longAgo + ": " + of,
		"us-east-1 verify-stage yolo-verify-" + now + ": made by a yolo verify of the last hour, which may still go on; what it leaves goes with the next one in the same folder [yolo verify]",
		"us-east-1 verify-stage yolo-verify-someday: the tag yolo:verify on it names no run (unknown)",
		"us-east-1 verify-rule yolo-verify-" + longAgo + ": " + of,
	}
	a.proofsLeft(want)

	// A composition of the run goes with its stage; that of another keeps it.
	inventory, _ := a.survey()
	wanted := func(step string) string {
		things := inventory.Inventory().Things
		return things[slices.IndexFunc(things, func(thing Thing) bool { return thing.Step == step && thing.Standing == Wanted })].ARN
	}
	compose := func(tags map[string]string) {
		do(t, a.clients("us-east-1").IVS.StartComposition, &ivsrealtime.StartCompositionInput{
			StageArn: aws.String(stage), Tags: tags,
			Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
				StorageConfigurationArn: aws.String(wanted(StepStorage)), EncoderConfigurationArns: []string{wanted(StepEncoder)},
			}}},
		})
	}
	compose(a.proofTags(longAgo, nil))
	want[0] += " holds a composition that goes on"
	a.proofsLeft(want)
	report := a.remove(pruning(PruneOptions{}))
	for name, want := range map[string]string{longAgo: "verify-rule DELETED, verify-stage DELETED", now: "verify-stage SYNCED", "someday": "verify-stage SYNCED"} {
		if got := resultsOf(report, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	a.proofsLeft(want[1:3])

	stage = a.proofStage(longAgo, nil)
	compose(nil)
	a.proofsLeft(append(want[1:3:3], "us-east-1 verify-stage yolo-verify-"+longAgo+": "+of+" [composition]"))
	if got := resultsOf(a.remove(pruning(PruneOptions{})), longAgo); got != "verify-stage SYNCED" {
		t.Errorf("with a composition of others: %s", got)
	}
}

// A rule that has targets of others stays.
func TestProofRuleOfOthersToo(t *testing.T) {
	a := start(t, "regions: [us-east-1]\n        recording: {real_time: true}")
	a.sync()
	a.proofRule(longAgo, nil)
	do(t, a.clients("us-east-1").Events.PutTargets, &eventbridge.PutTargetsInput{Rule: aws.String(manifest.ProofPrefix + longAgo), Targets: []ebtypes.Target{{
		Id: aws.String("theirs"), Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:theirs"),
	}}})
	if got := resultsOf(a.remove(pruning(PruneOptions{})), longAgo); got != "verify-rule SYNCED" {
		t.Error(got)
	}
}
