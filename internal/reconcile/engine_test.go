package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var errDenied = errors.New("AccessDenied")

func TestOneRegionFailsTheOthersGoOn(t *testing.T) {
	var all []*fake
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
		storage := &fake{key: key(region, "storage")}
		if region == "eu-west-1" {
			storage.doErr = errDenied
		}
		target := &fake{key: key(region, "target"), needs: []Key{storage.key}}
		last := &fake{key: key(region, "last"), needs: []Key{target.key}}
		all = append(all, storage, target, last)
	}
	report := engine(all...).Run(t.Context())
	want := []string{
		"us-east-1 storage: CREATED", "us-east-1 target: CREATED", "us-east-1 last: CREATED",
		"eu-west-1 storage: FAILED: AccessDenied",
		"eu-west-1 target: FAILED: not tried, because of eu-west-1 storage: AccessDenied",
		"eu-west-1 last: FAILED: not tried, because of eu-west-1 storage: AccessDenied",
		"ap-south-1 storage: CREATED", "ap-south-1 target: CREATED", "ap-south-1 last: CREATED",
	}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Tally{Created: 6, Failed: 1, Untried: 2}, report.Tally()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	blocked, _ := errors.AsType[*Problem](report.Node(key("eu-west-1", "last")).Err)
	if blocked.Code() != CodeBlocked || blocked.Because != key("eu-west-1", "storage") {
		t.Errorf("last: code %s because of %v, want %s and the first cause", blocked.Code(), blocked.Because, CodeBlocked)
	}
	if !errors.Is(blocked, errDenied) {
		t.Error("the blocked resource's error does not wrap the cause")
	}
}

func TestASlowReadHoldsUpOnlyWhatNeedsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{key: key("us-east-1", "slow"), reads: time.Minute, takes: time.Second}
		after := &fake{key: key("us-east-1", "after"), needs: []Key{slow.key}, takes: time.Second}
		quick := &fake{key: key("eu-west-1", "quick"), takes: time.Second}
		report := engine(slow, after, quick).Run(t.Context())
		want := map[string]time.Duration{"slow": 61 * time.Second, "after": 62 * time.Second, "quick": time.Second}
		for n := range report.All {
			if n.Elapsed != want[n.Key.Kind] {
				t.Errorf("%s took %v, want %v", n.Key.Kind, n.Elapsed, want[n.Key.Kind])
			}
		}
	})
}

func TestPlanChangesNothing(t *testing.T) {
	there := &fake{key: key("us-east-1", "there"), live: true}
	missing := &fake{key: key("us-east-1", "missing"), doErr: errors.New("a plan made a call")}
	unread := &fake{key: key("us-east-1", "unread"), readErr: errDenied}
	report := engine(there, missing, unread).Plan(t.Context())
	want := []string{
		"us-east-1 there: SYNCED", "us-east-1 missing: WOULD_CREATE", "us-east-1 unread: FAILED: AccessDenied",
	}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !report.DryRun {
		t.Error("the report of a plan is no dry run")
	}
}

// What needs a resource does not wait for a step that is aside, nor for its
// failure.
func TestAsideStepsAreNotWaitedFor(t *testing.T) {
	for name, failure := range map[string]error{"that goes well": nil, "that fails": errors.New("no")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := &fake{key: key("us-east-1", "group"), takes: time.Second}
				first.steps = []Step{first.create(), {Action: Check, Aside: true, Do: func(ctx context.Context, _ Lookup) (Outcome, error) {
					if err := sleep(ctx, time.Minute); err != nil {
						return Outcome{}, err
					}
					return Outcome{}, failure
				}}}
				second := &fake{key: key("us-east-1", "target"), needs: []Key{first.key}, takes: time.Second}
				report := engine(first, second).Run(t.Context())
				one, two := report.Node(first.key), report.Node(second.key)
				if one.Elapsed != time.Second+time.Minute || !errors.Is(one.Err, failure) {
					t.Errorf("the first took %v and ended with %v", one.Elapsed, one.Err)
				}
				if two.Elapsed != 2*time.Second || two.Err != nil || two.Result != Created {
					t.Errorf("the second took %v: %v, %v", two.Elapsed, two.Result, two.Err)
				}
			})
		})
	}
}

func TestSoftStepsHoldUpNobody(t *testing.T) {
	tagged := &fake{key: key("us-east-1", "tagged"), live: true}
	tagged.steps = []Step{
		{Action: Update, Soft: true, Changes: []Change{{Attribute: "tags", To: "x"}}, Do: func(context.Context, Lookup) (Outcome, error) {
			return Outcome{}, errDenied
		}},
		{Action: Update, Changes: []Change{{Attribute: "state", From: "off", To: "on"}}, Do: func(context.Context, Lookup) (Outcome, error) {
			return Outcome{}, nil
		}},
	}
	after := &fake{key: key("us-east-1", "after"), needs: []Key{tagged.key}}
	report := engine(tagged, after).Run(t.Context())
	want := []string{"us-east-1 tagged: FAILED: AccessDenied", "us-east-1 after: CREATED"}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	done := []Change{{Attribute: "state", From: "off", To: "on"}}
	if diff := cmp.Diff(done, report.Node(tagged.key).Changes); diff != "" {
		t.Errorf("changes (-want +got)\n%s", diff)
	}
}

// What a step did before it failed was done.
func TestStepThatFailsHalfWay(t *testing.T) {
	made := &fake{key: key("us-east-1", "made")}
	create := made.create()
	done := []Change{{Attribute: "tags", To: "x"}}
	create.Changes = append(slices.Clone(done), Change{Attribute: "state", To: "on"})
	create.Do = func(context.Context, Lookup) (Outcome, error) { return Outcome{Partly: done}, errDenied }
	made.steps = []Step{create}
	n := engine(made).Run(t.Context()).Node(made.key)
	if diff := cmp.Diff(done, n.Changes); diff != "" || n.Result != Failed || !n.Changed {
		t.Errorf("%+v, changes (-want +got)\n%s", n, diff)
	}
}

func TestOutcomesReplaceThePlan(t *testing.T) {
	met := &fake{key: key("us-east-1", "met")}
	create := met.create()
	create.Do = func(context.Context, Lookup) (Outcome, error) {
		return Outcome{ARN: "arn:other", Existed: true, Revised: true, Notes: []string{"it was there"}}, nil
	}
	met.steps = []Step{create}
	var seen string
	user := &fake{key: key("us-east-1", "user"), needs: []Key{key("us-east-1", "made")}}
	use := user.create()
	use.Do = func(_ context.Context, look Lookup) (Outcome, error) {
		seen = look(key("us-east-1", "made"), "arn") + look(Key{Kind: "unknown"}, "arn")
		return Outcome{}, nil
	}
	user.steps = []Step{use}
	report := engine(met, &fake{key: key("us-east-1", "made")}, user).Run(t.Context())
	n := report.Node(met.key)
	if n.Result != Synced || n.Changed || n.ARN != "arn:other" || len(n.Changes) != 0 || len(n.Notes) != 1 {
		t.Errorf("a create that met another: %+v", n)
	}
	if seen != "arn:us-east-1-made" {
		t.Errorf("lookup gave %q", seen)
	}
}

func TestGateFailureLetsNothingBegin(t *testing.T) {
	changed := &fake{key: key("us-east-1", "changed"), doErr: errors.New("begun behind a closed gate")}
	same := &fake{key: key("us-east-1", "same"), live: true}
	e := engine(changed, same)
	e.Gate = func(context.Context) error { return errDenied }
	want := []string{"us-east-1 changed: FAILED: AccessDenied", "us-east-1 same: SYNCED"}
	if diff := cmp.Diff(want, results(e.Run(t.Context()))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReportDoesNotDependOnTiming(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			var all []*fake
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				for i := range 4 {
					f := &fake{key: key(region, fmt.Sprintf("kind%d", i)), live: i%3 == 2}
					f.reads = time.Duration(rapid.IntRange(0, 5).Draw(rt, "reads")) * time.Second
					f.takes = time.Duration(rapid.IntRange(0, 5).Draw(rt, "takes")) * time.Second
					if i > 0 {
						f.needs = []Key{key(region, fmt.Sprintf("kind%d", i-1))}
					}
					all = append(all, f)
				}
			}
			all[1].doErr = errDenied
			got := strings.Join(results(engine(all...).Run(t.Context())), "\n")
			want := strings.Join([]string{
				"us-east-1 kind0: CREATED", "us-east-1 kind1: FAILED: AccessDenied", "us-east-1 kind2: SYNCED",
				"us-east-1 kind3: CREATED",
				"eu-west-1 kind0: CREATED", "eu-west-1 kind1: CREATED", "eu-west-1 kind2: SYNCED", "eu-west-1 kind3: CREATED",
			}, "\n")
			if got != want {
				rt.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		})
	})
}

func TestEventsOfAResourceComeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &fake{key: key("us-east-1", "first"), takes: time.Second}
		// Read for longer, so that first is compared by then and waited for once.
		second := &fake{key: key("us-east-1", "second"), needs: []Key{first.key}, reads: time.Millisecond}
		same := &fake{key: key("us-east-1", "same"), live: true}
		broken := &fake{key: key("us-east-1", "broken"), readErr: errDenied}
		check := key("us-east-1", "check")
		e := engine(first, second, same, broken)
		e.Nodes = append(e.Nodes, FollowUp("group", "check", check, []Key{second.key}, checkStep(nil)))
		var r recorder
		e.Observe = r.observe
		e.Run(t.Context())
		want := map[Key][]EventKind{
			first.key:  {Reading, Compared, Doing, Done, Finished},
			second.key: {Reading, Compared, Waiting, Doing, Done, Finished},
			same.key:   {Reading, Compared, Finished},
			broken.key: {Reading, Finished},
			check:      {Waiting, Doing, Done, Finished},
		}
		for k, kinds := range want {
			if diff := cmp.Diff(kinds, r.of(k)); diff != "" {
				t.Errorf("%v (-want +got)\n%s", k, diff)
			}
		}
		if !slices.IsSortedFunc(r.events, func(a, b Event) int { return a.At.Compare(b.At) }) {
			t.Error("events are not in the order of their times")
		}
	})
}

func TestOwnMistakesPanic(t *testing.T) {
	one := &fake{key: key("us-east-1", "one")}
	tests := map[string]*Engine{
		"two of one key": engine(one, one),
		"unknown need":   engine(&fake{key: key("us-east-1", "two"), needs: []Key{one.key}}),
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			e.Plan(t.Context())
		})
	}
}

// A removal that finds that its object stays is told as such.
func TestDeletions(t *testing.T) {
	deletion := func(kind string, outcome Outcome) *fake {
		return &fake{key: key("us-east-1", kind), live: true, steps: []Step{{
			Action: Delete, Doing: "delete it", Changes: []Change{{Attribute: "name", From: kind}},
			Do: func(context.Context, Lookup) (Outcome, error) { return outcome, nil },
		}}}
	}
	report := engine(deletion("gone", Outcome{}), deletion("stays", Outcome{Revised: true, Notes: []string{"somebody needs it"}})).Run(t.Context())
	want := []string{"us-east-1 gone: DELETED", "us-east-1 stays: SYNCED"}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if tally := report.Tally(); tally.Deleted != 1 || tally.Synced != 1 {
		t.Errorf("tally: %+v", tally)
	}
}
