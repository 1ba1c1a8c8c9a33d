package verify

import (
	"testing"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// TestSettle: a show settles doubts about what it went through, and no others:
// neither those of another region or feature, nor those about an app's own
// variables, which it did not use.
func TestSettle(t *testing.T) {
	const east, west = "us-east-1", "eu-west-1"
	finding := func(region, feature, id string, v proof.Verdict) proof.Finding {
		return proof.Finding{Region: region, Feature: feature, ID: id, Verdict: v}
	}
	behind := finding(east, resource.FeatureRecording, "behind", proof.NotProven)
	behind.Behind = true
	step := proof.Step{Findings: []proof.Finding{
		finding(east, resource.FeatureRecording, "encryption", proof.NotProven),
		finding(east, resource.FeatureRecording, resource.LinkAppEnv, proof.NotProven),
		finding(east, resource.FeatureLogging, "logs-policy", proof.NotProven),
		finding(west, resource.FeatureRecording, "encryption", proof.NotProven),
		finding(east, resource.FeatureRecording, "bucket-region", proof.Fail),
		behind,
	}}
	Settle(&step,
		proof.Step{Findings: []proof.Finding{finding(east, resource.FeatureRecording, "ended", proof.Pass)}},
		proof.Step{Findings: []proof.Finding{
			finding(west, resource.FeatureRecording, "ended", proof.Pass), finding(west, resource.FeatureRecording, "owner", proof.NotProven),
		}},
	)
	for i, f := range step.Findings {
		want := proof.NotProven
		switch {
		case i == 0:
			want = proof.Pass
		case f.ID == "bucket-region":
			want = proof.Fail
		}
		if f.Verdict != want {
			t.Errorf("%s %s %s: %s, want %s", f.Region, f.Feature, f.ID, f.Verdict, want)
		}
	}
}

// TestPlace: a step that no region came to stands where it would have stood.
func TestPlace(t *testing.T) {
	steps := []proof.Step{{ID: proof.StepConfiguration}, {ID: proof.StepShow}, {ID: proof.StepLog}, {ID: proof.StepCleanup}}
	for id, want := range map[string]int{proof.StepRecording: 2, proof.StepLog: 3} {
		if got := place(steps, id); got != want {
			t.Errorf("%s comes at %d, want %d", id, got, want)
		}
	}
	if got := place(steps[:1], proof.StepLog); got != 1 {
		t.Errorf("behind the configuration alone it comes at %d", got)
	}
}
