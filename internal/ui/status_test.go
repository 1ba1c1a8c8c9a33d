package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// drawn is what a part of the page of status looks like, not wrapped.
func drawn(draw func(*page)) string {
	p := layout{}.page()
	draw(p)
	return p.String()
}

func TestQuotas(t *testing.T) {
	const storages = "storage configurations"
	tests := map[string]struct {
		quotas []Quota
		want   string
	}{
		"none":       {nil, ""},
		"below":      {[]Quota{{"us-east-1", storages, 3, 5}}, "    storage configurations: 3 of 5 (us-east-1)\n"},
		"nearly":     {[]Quota{{"us-east-1", storages, 4, 5}}, "  ! storage configurations: 4 of 5, nearly used up (us-east-1)\n"},
		"up":         {[]Quota{{"us-east-1", storages, 5, 5}}, "  ! storage configurations: 5 of 5, used up (us-east-1)\n"},
		"raised":     {[]Quota{{"us-east-1", storages, 9, 5}}, "  ! storage configurations: 9 of 5, used up (us-east-1)\n"},
		"just below": {[]Quota{{"us-east-1", "rules", 239, 300}}, "    rules: 239 of 300 (us-east-1)\n"},
		"several regions": {
			[]Quota{{"us-east-1", "bytes of a-us-east-1", 7, 99}, {"eu-west-1", "bytes of a-eu-west-1", 6, 99}},
			"    bytes of a-{region}: 6 to 7 of 99 (us-east-1, eu-west-1)\n",
		},
		"one of them nearly": {
			[]Quota{{"us-east-1", storages, 1, 5}, {"eu-west-1", storages, 4, 5}, {"us-west-2", storages, 4, 5}},
			"  ! storage configurations: 4 of 5, nearly used up (eu-west-1, us-west-2)\n    storage configurations: 1 of 5 (us-east-1)\n",
		},
		"two limits": {
			[]Quota{{"us-east-1", "rules", 1, 300}, {"af-south-1", "rules", 1, 100}},
			"    rules: 1 of 300 (us-east-1)\n    rules: 1 of 100 (af-south-1)\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "Quotas\n" + want
			}
			if diff := cmp.Diff(want, drawn(func(p *page) { p.quotas(tt.quotas) })); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLead(t *testing.T) {
	one := func(region, recording, logging string) RegionStatus {
		return RegionStatus{Region: region, Recording: RecordingStatus{Verdict: recording}, Logging: FeatureStatus{Verdict: logging}}
	}
	tests := map[string]struct {
		regions     []RegionStatus
		interrupted bool
		want        string
	}{
		"no region":   {nil, false, "Off: neither recording nor event logging is switched on"},
		"off":         {[]RegionStatus{one("a", VerdictSkipped, VerdictSkipped)}, false, "Off: neither recording nor event logging is switched on"},
		"safe":        {[]RegionStatus{one("a", VerdictSafe, VerdictSafe), one("b", VerdictSafe, VerdictSafe)}, false, "Safe: recording and event logging work in a, b"},
		"one feature": {[]RegionStatus{one("a", VerdictSafe, VerdictSkipped)}, false, "Safe: recording works in a"},
		"not set up":  {[]RegionStatus{one("a", VerdictNotSetUp, VerdictSkipped)}, false, "Not set up: run yolo sync production"},
		"a new region": {
			[]RegionStatus{one("a", VerdictSafe, VerdictSafe), one("b", VerdictNotSetUp, VerdictNotSetUp)},
			false,
			"Not safe: cannot record in b; events are not logged in b",
		},
		"unknown": {[]RegionStatus{one("a", VerdictUnknown, VerdictSafe)}, false, "Not known: whether it records in a"},
		"wrong and unknown": {
			[]RegionStatus{one("a", VerdictUnknown, VerdictUnsafe)},
			false,
			"Not safe: events are not logged in a; not known whether it records in a",
		},
		"interrupted": {[]RegionStatus{one("a", VerdictUnknown, VerdictSafe)}, true, "Interrupted: what was not looked at is not known"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := StatusReport{Status: Status{Regions: tt.regions}, Sync: "yolo sync production"}
			word, _, text := s.lead(tt.interrupted)
			if got := word + ": " + text; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLeftovers(t *testing.T) {
	text := func(s string) *string { return &s }
	left := func(region, kind, arn string) Leftover {
		return Leftover{Region: region, Kind: kind, Name: "n-" + kind, ARN: text(arn), Why: region + " is not in the manifest", Tagged: true}
	}
	bucket := Leftover{Region: "a-1", Kind: "recordings-bucket", Name: "b", Why: "a-1 is not in the manifest", Tagged: true, Created: true}
	principal := Leftover{Region: "a-1", Kind: "bucket-policy-principal", Name: "ivs", In: text("b"), Why: "a-1 is not in the manifest", Tagged: true}
	full := bucket
	full.Holds = text("objects")
	hidden := left("a-1", "rule", "arn:rule/n-rule")
	hidden.Unknown, hidden.Why = text("denied\x1b[2J"), "left\tover"
	tests := map[string]struct {
		left []Leftover
		want string
	}{
		"the same in two regions": {
			[]Leftover{left("a-1", "rule", "arn:a-1/n-rule"), left("b-1", "rule", "arn:b-1/n-rule")},
			"  a-1, b-1: not in the manifest\n    - rule n-rule\n",
		},
		"of its own in each": {
			[]Leftover{left("a-1", "encoder-configuration", "arn:a-1/x"), left("b-1", "encoder-configuration", "arn:b-1/y")},
			"  a-1, b-1: not in the manifest\n    - encoder configuration arn:a-1/x\n    - encoder configuration arn:b-1/y\n",
		},
		"a bucket that goes as a whole": {
			[]Leftover{bucket, principal},
			"  a-1: not in the manifest\n    - recordings bucket b\n",
		},
		"a bucket that stays": {
			[]Leftover{full, principal},
			"  a-1: not in the manifest\n    - recordings bucket b\n      holds objects\n    - bucket policy principal ivs in the policy of b\n",
		},
		"control characters": {
			[]Leftover{hidden},
			"  a-1: left\\tover\n    - rule n-rule\n      not known whether it is in use: denied\\x1b[2J\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			st := StatusReport{Leftovers: tt.left, Prune: "yolo prune production"}
			got := drawn(func(p *page) { p.leftovers(&st) })
			got, _, found := strings.Cut(strings.TrimPrefix(got, "No longer wanted\n"), "  next: yolo prune production ")
			if diff := cmp.Diff(tt.want, got); diff != "" || !found {
				t.Errorf("next %t (-want +got)\n%s", found, diff)
			}
		})
	}
}

// What a name holds never reaches the terminal as it is.
func TestStatusIsClean(t *testing.T) {
	const hostile = "n\x1b[2J\u202e"
	key := reconcile.Key{Region: "us-east-1", Kind: "rule"}
	for state, result := range map[string]reconcile.Result{stateInSync: reconcile.Synced, stateForeign: reconcile.Failed, stateMissing: reconcile.Created} {
		r := &reconcile.Report{DryRun: true, Groups: []reconcile.GroupReport{{Nodes: []reconcile.NodeReport{{
			Key: key, Name: hostile, ARN: "arn:" + hostile, Result: result, Changed: result == reconcile.Created,
		}}}}}
		st := &StatusReport{States: map[reconcile.Key]string{key: state}}
		st.Regions = []RegionStatus{{Region: "us-east-1", Recording: RecordingStatus{Verdict: VerdictUnsafe, Reason: hostile}}}
		if got := drawn(func(p *page) { p.status(r, Meta{}, st) }); strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("%s: %q", state, got)
		}
	}
}
