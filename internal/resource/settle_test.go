package resource

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestRunsSettleOnOne(t *testing.T) {
	const seeds = 200
	worlds := map[string]struct {
		lag, lookAfter time.Duration
		one            bool // or at least nothing that was given out is deleted
	}{
		"no lag":            {0, 0, true},
		"lag, look later":   {time.Second, 1100 * time.Millisecond, true},
		"long lag, at once": {5 * time.Second, 0, false},
	}
	for name, plan := range map[string]schedule{
		"two at once":   {2, 0, false},
		"many at once":  {6, 0, false},
		"one by one":    {4, 3 * time.Second, false},
		"some die":      {4, 2 * time.Second, true},
		"die at length": {5, 40 * time.Second, true},
	} {
		for in, world := range worlds {
			t.Run(name+", "+in, func(t *testing.T) {
				for seed := range uint64(seeds) {
					synctest.Test(t, func(t *testing.T) {
						s := newShelf(seed, world.lag, world.lookAfter)
						winners := s.play(t, plan)
						settled, pending := s.settledNow()
						if len(s.deleted) > 0 || world.one && (len(s.problems) > 0 || len(winners) != 1 || settled != 1 || !plan.dying && pending > 0) {
							t.Errorf("seed %d, lag %v: %d settled, %d pending, winners %v, deleted %v, problems %v", seed, s.lag, settled, pending, winners, s.deleted, s.problems)
						}
					})
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

// A run that died right after its create holds the next one up for claimLife,
// no longer, and what it made is used.
func TestDeadRunIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(1, time.Second, 0)
		if _, err := (&hand{shelf: s, dies: 2, after: true}).sync(t, 1); !errors.Is(err, errDead) {
			t.Fatalf("the first run ended with %v", err)
		}
		time.Sleep(time.Minute)
		begun := time.Now()
		arn, err := (&hand{shelf: s, dies: 1 << 30}).sync(t, 2)
		if err != nil || s.now().tags[arn] == nil || s.now().tags[arn][tagPending] != "" {
			t.Errorf("the second run uses %q, %v, of %v", arn, err, s.now().tags)
		}
		if took := time.Since(begun); took < patience.claimLife || took > patience.claimLife+3*time.Second {
			t.Errorf("the second run took %v", took)
		}
	})
}

// A run that slept between its create and its look deletes nothing: somebody
// may use what it made.
func TestSlowRunDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(2, 0, 0)
		w := &world{env: &manifest.Environment{Name: "production", App: "app"}, runID: "slow", waits: patience}
		h := &hand{shelf: s, dies: 1 << 30}
		c := h.configuration(w)
		since := time.Now()
		mine, err := h.create(t.Context(), nil, map[string]string{tagPending: "slow"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		s.change(func(all map[string]map[string]string) { all["arn-0-other"] = map[string]string{} })
		got, err := c.settle(t.Context(), mine, since)
		if err != nil || got.arn != "arn-0-other" || s.now().tags[mine] == nil || len(got.warnings) != 1 ||
			!strings.HasSuffix(got.warnings[0].Fix, "delete it: yolo prune production "+mine) {
			t.Errorf("settled on %+v, %v; there is %v", got, err, s.now().tags)
		}
	})
}

// A delete makes IVS edit the bucket policy, so it is looked at after every one,
// whatever came of the delete or of the settling.
func TestEveryDeleteIsLookedAfter(t *testing.T) {
	tests := map[string]struct {
		other map[string]string // the tags of a smaller one
		dies  int               // the request that has its effect and no answer
		want  int
	}{
		"nobody else":                   {nil, 1 << 30, 0},
		"superseded":                    {map[string]string{}, 1 << 30, 1},
		"the delete's answer is lost":   {map[string]string{}, 2, 1},
		"the list after a delete fails": {map[string]string{tagPending: "other"}, 3, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(3, 0, 0)
				h := &hand{shelf: s, dies: test.dies, after: true}
				looked := 0
				c := h.configuration(&world{env: &manifest.Environment{Name: "production", App: "app"}, runID: "mine", waits: patience})
				c.afterDelete = func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
					looked++
					return reconcile.Outcome{}, nil
				}
				s.change(func(all map[string]map[string]string) {
					all["arn-2"] = map[string]string{tagPending: "mine"}
					if test.other != nil {
						all["arn-1"] = test.other
					}
				})
				outputs := unsettled("arn-2", time.Now()).Outputs
				step := settlingStep(c.key(), func(context.Context) (*configuration, error) { return c, nil })
				_, err := step.Do(t.Context(), func(_ reconcile.Key, name string) string { return outputs[name] })
				if looked != test.want || err != nil && test.dies == 1<<30 {
					t.Errorf("looked after %d times, want %d; %v", looked, test.want, err)
				}
			})
		})
	}
}

// Where nothing was created there is nothing to settle, and nothing is said of
// it.
func TestFailedCreateIsNotSettled(t *testing.T) {
	a := start(t, layoutOf("regional", "us-east-1", "eu-west-1"))
	a.wish.Logging = false
	a.fault("op=CreateStorageConfiguration region=eu-west-1 code=AccessDeniedException status=403")
	report := a.run()
	for region, want := range map[string]bool{"us-east-1": true, "eu-west-1": false} {
		if n := report.Node(settlingKey(storageKey(region))); (n != nil) != want {
			t.Errorf("%s: the settling reports %+v, want it there: %t", region, n, want)
		}
	}
}

// What a plan says of an unfinished create is what the run then does, and no
// env line tells an ARN that is not settled.
func TestPlanOfAnUnfinishedCreate(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Logging = false
	a.sync()
	arn := a.storageARN()
	do(t, a.clients(driftRegion).IVS.TagResource, &ivsrealtime.TagResourceInput{ResourceArn: arn, Tags: map[string]string{tagPending: "dead"}})
	plan := a.plan()
	if comment, _ := a.storageLine(plan); !strings.HasSuffix(comment, "= (known after sync)") {
		t.Errorf("the plan's env line is the comment %q", comment)
	}
	run := a.run()
	planned, done := plan.Node(storageKey(driftRegion)), run.Node(storageKey(driftRegion))
	want := []reconcile.Change{{Attribute: "tag " + tagPending, From: "dead"}}
	for name, n := range map[string]*reconcile.NodeReport{"plan": planned, "run": done} {
		if diff := cmp.Diff(want, n.Changes); diff != "" || n.ARN != *arn {
			t.Errorf("%s: %s; changes (-want +got)\n%s", name, n.ARN, diff)
		}
	}
	if _, value := a.storageLine(run); value != *arn {
		t.Errorf("the run's env line tells %q, want %q", value, *arn)
	}
}

// storageLine is the env line of the storage configuration.
func (a *account) storageLine(report *reconcile.Report) (comment, value string) {
	for _, line := range Env(a.wish, report) {
		if name := perRegion(envStorage, driftRegion); line.Name == name || strings.HasPrefix(line.Comment, name) {
			comment, value = line.Comment, line.Value
		}
	}
	return comment, value
}
