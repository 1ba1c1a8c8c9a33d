package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProofs(t *testing.T) {
	proven := func(regions ...string) (all []ProofStatus) {
		for _, region := range regions {
			all = append(all, ProofStatus{Region: region, Holds: true, Text: "recording proven 3 h ago in " + region + "; since then: nothing changed"})
		}
		return all
	}
	failed := "2026-11-22T16:00:00Z"
	other := append(proven(sevenRegions...), ProofStatus{Region: "us-east-1", Text: "logging never proven in us-east-1"})
	other[2].FailedAt, other[2].Text = &failed, "the proof of recording failed 1 h ago in eu-west-1; since then: nothing changed"
	for name, c := range map[string]struct {
		proofs []ProofStatus
		want   string
	}{
		"none":  {nil, ""},
		"one":   {proven("us-east-1"), "  ✓ recording proven 3 h ago in us-east-1; since then: nothing changed\n"},
		"seven": {proven(sevenRegions...), "  ✓ recording proven 3 h ago in all 7 regions; since then: nothing changed\n"},
		"few": {
			proven("us-east-1", "eu-west-1"),
			"  ✓ recording proven 3 h ago in us-east-1; since then: nothing changed\n  ✓ recording proven 3 h ago in eu-west-1; since then: nothing changed\n",
		},
		"but one": {other, "  ✓ recording proven 3 h ago in us-east-1, us-west-2, eu-central-1, ap-south-1, ap-northeast-1, ap-northeast-2; since then: nothing changed\n" +
			"  ✗ the proof of recording failed 1 h ago in eu-west-1; since then: nothing changed\n  ! logging never proven in us-east-1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, drawn(func(p *page) { p.proofs(c.proofs) })); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
