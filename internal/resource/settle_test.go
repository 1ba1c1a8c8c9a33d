package resource

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// One seed of one kind of meeting can be looked at:
//
//	go test ./internal/resource -run 'TestRunsSettleOnOne/some_die,_no_lag' -seed 17 -v
var (
	schedules = flag.Uint64("schedules", 100, "how many schedules of each kind of meeting to go through")
	seedOnly  = flag.Int64("seed", -1, "the only seed to go through, and to tell all about; -1 for none")
)

func TestRunsSettleOnOne(t *testing.T) {
	worlds := map[string]struct {
		lag time.Duration
		one bool // or at least nothing that was given out is deleted
	}{
		"no lag":   {0, true},
		"lag":      {time.Second, true},
		"long lag": {5 * time.Second, false},
	}
	answers := genuine(t)
	for name, plan := range map[string]schedule{
		"two at once":      {runs: 2},
		"many at once":     {runs: 8},
		"one by one":       {runs: 4, spread: 3 * time.Second},
		"one place left":   {runs: 8, spread: 300 * time.Millisecond, others: 4},
		"two places left":  {runs: 8, spread: 300 * time.Millisecond, others: 3},
		"some die":         {runs: 4, spread: 2 * time.Second, dying: true},
		"die at length":    {runs: 5, spread: 40 * time.Second, dying: true},
		"unclear creates":  {runs: 4, spread: time.Second, unclear: 4},
		"some sleep":       {runs: 4, spread: 2 * time.Second, sleeping: true},
		"sleep at length":  {runs: 6, spread: 50 * time.Second, sleeping: true},
		"wake over a dead": {runs: 5, spread: 2 * time.Second, waking: true},
		"nap on a write":   {runs: 4, spread: 6 * time.Second, napping: true},
		"slow network":     {runs: 4, spread: 2 * time.Second, pace: 3 * time.Second},
		"all of it":        {runs: 8, spread: 20 * time.Second, dying: true, sleeping: true, unclear: 2, pace: time.Second},
	} {
		for in, world := range worlds {
			t.Run(name+", "+in, func(t *testing.T) {
				for seed := range *schedules {
					if *seedOnly >= 0 {
						seed = uint64(*seedOnly)
					}
					synctest.Test(t, func(t *testing.T) {
						s := newShelf(seed, world.lag)
						s.answers = answers
						winners, requests := s.play(t, plan)
						for _, wrong := range s.judge(plan, world.one, winners, requests) {
							t.Errorf("seed %d: %s", seed, wrong)
						}
						if *seedOnly >= 0 {
							t.Log(s.told.String())
						}
					})
					if t.Failed() || *seedOnly >= 0 {
						return
					}
				}
			})
		}
	}
}

// judge tells what must not be, after a schedule. Where lists lag for longer
// than runs wait, two may settle apart; but nothing that was given out goes.
func (s *shelf) judge(plan schedule, one bool, winners map[string]int, lastRequests int) (wrong []string) {
	is := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	settled, pending := s.settledNow()
	is(len(s.deleted) > 0, "%v were given out, then deleted", s.deleted)
	if !one {
		return wrong
	}
	is(len(s.problems) > 0, "problems: %q", s.problems)
	is(len(winners) != 1, "the runs gave out %v", winners)
	is(settled != 1, "%d are settled", settled)
	is(plan.even() && pending > 0, "%d are left pending", pending)
	is(lastRequests != 1, "the last run took %d requests, not one list", lastRequests)
	return wrong
}

// What a seed does, it does every time.
func TestSeedIsOneSchedule(t *testing.T) {
	answers := genuine(t)
	var first string
	for try := range 3 {
		synctest.Test(t, func(t *testing.T) {
			s := newShelf(7, time.Second)
			s.answers = answers
			s.play(t, schedule{runs: 8, spread: 5 * time.Second, dying: true, sleeping: true, unclear: 3})
			if try == 0 {
				first = s.told.String()
			}
			if diff := cmp.Diff(first, s.told.String()); diff != "" || first == "" {
				t.Errorf("the same seed again (-first +again):\n%s", diff)
			}
		})
	}
}

// A run that died right after its create holds the next one up for claimLife,
// no longer; and when it died long ago, as its claim tells by AWS's clock, not
// at all. What it made is used.
func TestDeadRunIsTakenOver(t *testing.T) {
	const requests = 3 * time.Second
	tests := map[string]struct {
		ago             time.Duration
		longest, lowest time.Duration
	}{
		"a moment ago": {time.Second, patience.claimLife + requests, patience.claimLife},
		"a minute ago": {time.Minute, requests, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(1, 0)
				dying := s.hand(1)
				dying.dies, dying.after = 2, true
				if _, err := dying.sync(t, 1); !errors.Is(err, errDead) {
					t.Fatalf("the first run ended with %v", err)
				}
				time.Sleep(test.ago)
				begun := time.Now()
				arn, err := s.hand(2).sync(t, 2)
				if err != nil || s.now().tags[arn] == nil || s.now().tags[arn][tagPending] != "" {
					t.Errorf("the second run uses %q, %v, of %v", arn, err, s.now().tags)
				}
				if took := time.Since(begun); took < test.lowest || took > test.longest {
					t.Errorf("the second run took %v", took)
				}
			})
		})
	}
}

// A run that slept between its create and its look deletes nothing: somebody
// may use what it made.
func TestSlowRunDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(2, 0)
		h := s.hand(1)
		c := h.configuration(h.world("slow"))
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

// slow has lists take their time.
type slow struct{ operations }

const listTakes = 8 * time.Second

func (o slow) list(ctx context.Context) ([]candidate, error) {
	select {
	case <-time.After(listTakes):
		return o.operations.list(ctx)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Where IVS takes too long to list for what it shows to hold, a run says so while
// it waits, and when its time is over.
func TestListsThatTakeTooLong(t *testing.T) {
	const what = "IVS to list within 7.5s what there is, so that it still holds"
	synctest.Test(t, func(t *testing.T) {
		h := newShelf(1, 0).hand(1)
		h.change(func(all map[string]map[string]string) { all["arn-1"] = map[string]string{tagPending: "mine"} })
		c := h.configuration(h.world("mine"))
		c.ops = slow{h}
		step := reconcile.Step{Action: reconcile.Check, Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			s, err := c.settle(ctx, "arn-1", time.Now())
			return s.outcome(), err
		}}
		node := removing(Thing{Key: c.key(), Step: StepEncoder}, nil, func(context.Context) (bool, error) { return true, nil },
			func(bool) (reconcile.Comparison, error) {
				return reconcile.Comparison{Steps: []reconcile.Step{step}}, nil
			})
		shown, now, since := map[string]time.Duration{}, "", time.Now()
		engine := &reconcile.Engine{Groups: []reconcile.Group{{ID: StepEncoder}}, Nodes: []reconcile.Node{node}, Observe: func(e reconcile.Event) {
			shown[now] += time.Since(since)
			now, since = e.Hold, time.Now()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := engine.Run(ctx).Node(c.key()).Err
		if codeOf(err) != reconcile.CodeTimeout || err.Error() != "the run's time was over while it waited for "+what {
			t.Errorf("it ended with %v", err)
		}
		if shown[what] < 45*time.Second {
			t.Errorf("of a minute it showed %v", shown)
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
		"nobody else":                   {nil, never, 0},
		"superseded":                    {map[string]string{}, never, 1},
		"the delete's answer is lost":   {map[string]string{}, 2, 1},
		"the list after a delete fails": {map[string]string{tagPending: "other"}, 3, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(3, 0)
				h := s.hand(1)
				h.dies, h.after = test.dies, true
				looked := 0
				c := h.configuration(h.world("mine"))
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
