package reconcile

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// checkStep is a follow-up's step that finds the changes.
func checkStep(found []Change) Step {
	return Step{Action: Check, Doing: "look again", Do: func(context.Context, Lookup) (Outcome, error) {
		return Outcome{Revised: true, Changes: found}, nil
	}}
}

func TestFollowUps(t *testing.T) {
	found := []Change{{Attribute: "statement", To: "put back"}}
	check, bucket := key("us-east-1", "check"), key("us-east-1", "bucket")
	tests := map[string]struct {
		bucket    *fake // needed, and no trigger
		storages  []*fake
		found     []Change
		plan, run []string
	}{
		"nothing to create": {
			storages: []*fake{{key: key("us-east-1", "a"), live: true}},
			plan:     []string{"us-east-1 a: SYNCED"},
			run:      []string{"us-east-1 a: SYNCED"},
		},
		"one of two is created": {
			storages: []*fake{{key: key("us-east-1", "a"), live: true}, {key: key("us-east-1", "b")}},
			plan:     []string{"us-east-1 a: SYNCED", "us-east-1 b: WOULD_CREATE", "us-east-1 check: SYNCED"},
			run:      []string{"us-east-1 a: SYNCED", "us-east-1 b: CREATED", "us-east-1 check: SYNCED"},
		},
		"it mends something": {
			storages: []*fake{{key: key("us-east-1", "a")}},
			found:    found,
			plan:     []string{"us-east-1 a: WOULD_CREATE", "us-east-1 check: SYNCED"},
			run:      []string{"us-east-1 a: CREATED", "us-east-1 check: SYNCED"},
		},
		"a trigger that failed half way": {
			storages: []*fake{{key: key("us-east-1", "a"), doErr: errDenied}},
			found:    found,
			plan:     []string{"us-east-1 a: WOULD_CREATE", "us-east-1 check: SYNCED"},
			run:      []string{"us-east-1 a: FAILED: AccessDenied", "us-east-1 check: SYNCED"},
		},
		"a trigger that was never tried": {
			bucket:   &fake{key: bucket, doErr: errDenied},
			storages: []*fake{{key: key("us-east-1", "a"), needs: []Key{bucket}}},
			plan:     []string{"us-east-1 bucket: WOULD_CREATE", "us-east-1 a: WOULD_CREATE", "us-east-1 check: SYNCED"},
			run: []string{
				"us-east-1 bucket: FAILED: AccessDenied",
				"us-east-1 a: FAILED: not tried, because of us-east-1 bucket: AccessDenied",
				"us-east-1 check: FAILED: not tried, because of us-east-1 bucket: AccessDenied",
			},
		},
		"a trigger that the plan knows cannot be tried": {
			bucket:   &fake{key: bucket, readErr: errDenied},
			storages: []*fake{{key: key("us-east-1", "a"), needs: []Key{bucket}}},
			plan: []string{
				"us-east-1 bucket: FAILED: AccessDenied",
				"us-east-1 a: FAILED: not tried, because of us-east-1 bucket: AccessDenied",
			},
			run: []string{
				"us-east-1 bucket: FAILED: AccessDenied",
				"us-east-1 a: FAILED: not tried, because of us-east-1 bucket: AccessDenied",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			nodes := tt.storages
			if tt.bucket != nil {
				nodes = append([]*fake{tt.bucket}, nodes...)
			}
			e := engine(nodes...)
			var triggers []Key
			for _, s := range tt.storages {
				triggers = append(triggers, s.key)
			}
			e.Nodes = append(e.Nodes, FollowUp("group", "check", check, triggers, checkStep(tt.found)))
			if diff := cmp.Diff(tt.plan, results(e.Plan(t.Context()))); diff != "" {
				t.Errorf("plan (-want +got)\n%s", diff)
			}
			report := e.Run(t.Context())
			if diff := cmp.Diff(tt.run, results(report)); diff != "" {
				t.Errorf("run (-want +got)\n%s", diff)
			}
			n := report.Node(check)
			if n == nil {
				return
			}
			if diff := cmp.Diff(tt.found, n.Changes); n.Result != Failed && diff != "" {
				t.Errorf("changes (-want +got)\n%s", diff)
			}
			if !n.FollowUp || n.Changed != (n.Result != Failed && len(tt.found) > 0) {
				t.Errorf("FollowUp %v, Changed %v", n.FollowUp, n.Changed)
			}
		})
	}
}

func TestVoidFollowUpIsLeftOut(t *testing.T) {
	storage := &fake{key: key("us-east-1", "a"), doErr: errDenied}
	e := engine(storage)
	check, events := key("us-east-1", "check"), &recorder{}
	e.Observe = events.observe
	step := Step{Action: Check, Doing: "look again", Do: func(context.Context, Lookup) (Outcome, error) {
		return Outcome{Void: true, Notes: []string{"nothing there"}, Warnings: []Warning{{Code: "W"}}}, nil
	}}
	e.Nodes = append(e.Nodes, FollowUp("group", "check", check, []Key{storage.key}, step))
	want := []string{"us-east-1 a: WOULD_CREATE", "us-east-1 check: SYNCED"}
	if diff := cmp.Diff(want, results(e.Plan(t.Context()))); diff != "" {
		t.Errorf("plan (-want +got)\n%s", diff)
	}
	report := e.Run(t.Context())
	want = []string{"us-east-1 a: FAILED: AccessDenied"}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("run (-want +got)\n%s", diff)
	}
	if w := report.Warnings(); len(w) != 0 {
		t.Errorf("warnings of what is not there: %v", w)
	}
	// Nothing was done, and whoever waits for the end of all hears of it.
	kinds := events.of(check)
	if slices.Contains(kinds, Done) || kinds[len(kinds)-1] != Finished {
		t.Errorf("events %v, want no Done, and Finished last", kinds)
	}
}

// A resource that was created stays in the report whatever its step says.
func TestVoidIsForFollowUpsOnly(t *testing.T) {
	made := &fake{key: key("us-east-1", "a")}
	made.steps = []Step{{Action: Create, Doing: "create it", Do: func(context.Context, Lookup) (Outcome, error) {
		return Outcome{Void: true}, nil
	}}}
	want := []string{"us-east-1 a: CREATED"}
	if diff := cmp.Diff(want, results(engine(made).Run(t.Context()))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFollowUpWaitsForAllTriggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick := &fake{key: key("us-east-1", "quick"), takes: time.Second}
		slow := &fake{key: key("eu-west-1", "slow"), takes: time.Minute}
		e := engine(quick, slow)
		begun := time.Now()
		step := checkStep(nil)
		step.Do = func(context.Context, Lookup) (Outcome, error) {
			if got := time.Since(begun); got != time.Minute {
				t.Errorf("looked again after %v, want 1m", got)
			}
			return Outcome{}, nil
		}
		check := Key{Kind: "check"}
		e.Nodes = append(e.Nodes, FollowUp("group", "check", check, []Key{quick.key, slow.key}, step))
		if e.Run(t.Context()).Node(check) == nil {
			t.Error("the follow-up had no part in the run")
		}
	})
}

// A region that does not answer holds up no follow-up of the others: it is done
// for what there is, and once more for what comes later.
func TestFollowUpDoesNotWaitForAReadForEver(t *testing.T) {
	tests := map[string]struct {
		late fake
		at   []time.Duration // when it looks
		want []string
	}{
		"never answers": {
			late: fake{reads: time.Hour},
			at:   []time.Duration{6 * time.Second},
			want: []string{
				"eu-west-1 late: FAILED: no answer before the run's time was over", "us-east-1 quick: CREATED",
				"check: SYNCED",
			},
		},
		"answers in time": {
			late: fake{reads: 5 * time.Second, takes: 10 * time.Second},
			at:   []time.Duration{15 * time.Second},
			want: []string{"eu-west-1 late: CREATED", "us-east-1 quick: CREATED", "check: SYNCED"},
		},
		"answers late": {
			late: fake{reads: 20 * time.Second, takes: 10 * time.Second},
			at:   []time.Duration{6 * time.Second, 30 * time.Second},
			want: []string{"eu-west-1 late: CREATED", "us-east-1 quick: CREATED", "check: SYNCED"},
		},
		"answers late, and has nothing to do": {
			late: fake{reads: 20 * time.Second, live: true},
			at:   []time.Duration{6 * time.Second},
			want: []string{"eu-west-1 late: SYNCED", "us-east-1 quick: CREATED", "check: SYNCED"},
		},
		"is not done in time": {
			late: fake{reads: 20 * time.Second, takes: time.Hour},
			at:   []time.Duration{6 * time.Second},
			want: []string{
				"eu-west-1 late: FAILED: no answer before the run's time was over", "us-east-1 quick: CREATED",
				"check: FAILED: not begun before the run's time was over",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				quick := &fake{key: key("us-east-1", "quick"), takes: time.Second}
				tt.late.key = key("eu-west-1", "late")
				e := engine(&tt.late, quick)
				begun := time.Now()
				var at []time.Duration
				step := checkStep(nil)
				step.Do = func(_ context.Context, look Lookup) (Outcome, error) {
					at = append(at, time.Since(begun))
					_ = look(tt.late.key, "arn") // does not wait either
					return Outcome{Revised: true, Changes: []Change{{Attribute: "statement", To: "put back"}}}, nil
				}
				check := Key{Kind: "check"}
				e.Nodes = append(e.Nodes, FollowUp("group", "check", check, []Key{tt.late.key, quick.key}, step))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got := results(e.Run(ctx))
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(tt.at, at); diff != "" {
					t.Errorf("looked again (-want +got)\n%s", diff)
				}
			})
		})
	}
}

// What was not begun does not say that there was no answer.
func TestNotBegunInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{key: key("us-east-1", "a")}
		lasting := f.create()
		lasting.Do = func(context.Context, Lookup) (Outcome, error) {
			time.Sleep(2 * time.Minute)
			return Outcome{}, nil
		}
		f.steps = []Step{lasting, f.create()}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want := []string{"us-east-1 a: FAILED: not begun before the run's time was over"}
		if diff := cmp.Diff(want, results(engine(f).Run(ctx))); diff != "" {
			t.Errorf("a step (-want +got)\n%s", diff)
		}
		f = &fake{key: f.key, reads: time.Second}
		if diff := cmp.Diff(want, results(engine(f).Plan(ctx))); diff != "" {
			t.Errorf("a read (-want +got)\n%s", diff)
		}
	})
}
