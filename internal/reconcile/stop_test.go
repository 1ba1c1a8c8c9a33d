package reconcile

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stopAfter is a Stop that is done after d.
func stopAfter(t *testing.T, d time.Duration) context.Context {
	ctx, stop := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, stop)
	t.Cleanup(func() { timer.Stop() })
	return ctx
}

func TestStopLetsTheCallInFlightFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flying := &fake{key: key("us-east-1", "flying"), takes: 10 * time.Second}
		two := &fake{key: key("us-east-1", "two-steps"), takes: 10 * time.Second}
		two.steps = []Step{two.create(), two.create()}
		after := &fake{key: key("us-east-1", "after"), needs: []Key{flying.key}}
		reading := &fake{key: key("us-east-1", "reading"), reads: time.Hour}
		e := engine(flying, two, after, reading)
		e.Stop = stopAfter(t, 3*time.Second)
		begun := time.Now()
		report := e.Run(t.Context())
		want := []string{
			"us-east-1 flying: CREATED",
			"us-east-1 two-steps: FAILED: interrupted before this was begun: create it",
			"us-east-1 after: FAILED: interrupted before this was begun: create it",
			"us-east-1 reading: FAILED: interrupted",
		}
		if diff := cmp.Diff(want, results(report)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if !report.Interrupted {
			t.Error("the report does not say that the run was interrupted")
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("took %v, want the 10s of the call in flight", took)
		}
		for _, k := range []string{"two-steps", "after", "reading"} {
			if got := code(report.Node(key("us-east-1", k)).Err); got != CodeInterrupted {
				t.Errorf("%s: code %q, want %q", k, got, CodeInterrupted)
			}
		}
		if n := report.Node(two.key); !n.Changed || len(n.Changes) != 1 {
			t.Errorf("what the first step did is lost: %+v", n.Changes)
		}
	})
}

// interruptedRead waits for its interruption, and tells whether the others'
// reads are cut off by then too.
type interruptedRead struct {
	fake
	reads []context.Context
	index int
	begun *sync.WaitGroup
}

func (r *interruptedRead) Read(ctx context.Context) (bool, error) {
	r.reads[r.index] = ctx
	r.begun.Done()
	<-ctx.Done()
	for i, other := range r.reads {
		if other.Err() == nil {
			return false, fmt.Errorf("read %d goes on", i)
		}
	}
	return false, ctx.Err()
}

// A read that another one waits for must not be begun anew by it when the
// first is cut off.
func TestStopCutsAllReadsAtOnce(t *testing.T) {
	const many = 20
	stop, cancel := context.WithCancel(t.Context())
	e := &Engine{Groups: []Group{{ID: "group"}}, Stop: stop}
	reads, begun := make([]context.Context, many), &sync.WaitGroup{}
	begun.Add(many)
	for i := range many {
		r := &interruptedRead{fake{key: key("us-east-1", fmt.Sprint(i))}, reads, i, begun}
		e.Nodes = append(e.Nodes, Of("group", "", r))
	}
	go func() {
		begun.Wait()
		cancel()
	}()
	for n := range e.Run(t.Context()).All {
		if code(n.Err) != CodeInterrupted {
			t.Errorf("%v: %v", n.Key, n.Err)
		}
	}
}

func TestStopCutsTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(&fake{key: key("us-east-1", "one")})
		e.Gate = func(ctx context.Context) error { return sleep(ctx, time.Hour) }
		e.Stop = stopAfter(t, time.Second)
		begun := time.Now()
		report := e.Run(t.Context())
		if got := code(report.Node(key("us-east-1", "one")).Err); got != CodeInterrupted || time.Since(begun) != time.Second {
			t.Errorf("code %q after %v, want %q after 1s", got, time.Since(begun), CodeInterrupted)
		}
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := &fake{key: key("us-east-1", "hangs"), takes: time.Hour}
		silent := &fake{key: key("us-east-1", "silent"), reads: time.Hour}
		waits := &fake{key: key("us-east-1", "waits"), needs: []Key{hangs.key}}
		quick := &fake{key: key("eu-west-1", "quick")}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		report := engine(hangs, silent, waits, quick).Run(ctx)
		for n := range report.All {
			got := code(n.Err)
			switch n.Key.Kind {
			case "quick":
				if n.Result != Created {
					t.Errorf("quick: %v", n.Result)
				}
			case "waits":
				// Whether it learns of its own deadline or of the other's first
				// is a race between two right answers.
				if got != CodeTimeout && got != CodeBlocked {
					t.Errorf("waits: code %q", got)
				}
			default:
				if got != CodeTimeout {
					t.Errorf("%s: code %q, want %q", n.Key.Kind, got, CodeTimeout)
				}
			}
		}
		if report.Interrupted {
			t.Error("a deadline is no interruption")
		}
	})
}

func TestEndRunFailsWhatWasPending(t *testing.T) {
	there := &fake{key: key("us-east-1", "there"), live: true}
	broken := &fake{key: key("us-east-1", "broken"), readErr: errDenied}
	missing := &fake{key: key("us-east-1", "missing")}
	e := engine(there, broken, missing)
	e.Nodes = append(e.Nodes, FollowUp("group", "check", key("us-east-1", "check"), []Key{missing.key}, checkStep(nil)))
	report := e.Plan(t.Context())
	report.EndRun(Interrupted("not begun"))
	want := []string{
		"us-east-1 there: SYNCED",
		"us-east-1 broken: FAILED: AccessDenied",
		"us-east-1 missing: FAILED: not begun",
		"us-east-1 check: FAILED: not begun",
	}
	if diff := cmp.Diff(want, results(report)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Tally{Synced: 1, Failed: 1, Undone: 2}, report.Tally()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	result, changed := report.Result()
	if result != Failed || changed || !report.Interrupted || report.DryRun {
		t.Errorf("%v, changed %t, interrupted %t, dry run %t", result, changed, report.Interrupted, report.DryRun)
	}

	settled := engine(there).Plan(t.Context())
	settled.EndRun(nil)
	if result, _ := settled.Result(); result != Synced || settled.DryRun || settled.Interrupted {
		t.Errorf("with nothing pending: %v, dry run %t, interrupted %t", result, settled.DryRun, settled.Interrupted)
	}
}

func TestPause(t *testing.T) {
	tests := map[string]struct {
		stop, deadline time.Duration
		took           time.Duration
		want           string
	}{
		"to its end":  {stop: time.Hour, deadline: time.Hour, took: 30 * time.Second, want: "CREATED"},
		"interrupted": {stop: time.Second, deadline: time.Hour, took: time.Second, want: "FAILED: interrupted while it waited"},
		"out of time": {
			stop: time.Hour, deadline: time.Second, took: time.Second,
			want: "FAILED: no answer before the run's time was over",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{key: key("us-east-1", "patient")}
				step := f.create()
				step.Do = func(ctx context.Context, _ Lookup) (Outcome, error) {
					return Outcome{}, Pause(ctx, 30*time.Second, "")
				}
				f.steps = []Step{step}
				e := engine(f)
				e.Stop = stopAfter(t, tt.stop)
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				begun := time.Now()
				got := results(e.Run(ctx))
				if diff := cmp.Diff([]string{"us-east-1 patient: " + tt.want}, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if took := time.Since(begun); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
			})
		})
	}
}

// A step that does the same many times over ends between two of them, and says
// how far it came.
func TestGoOn(t *testing.T) {
	tests := map[string]struct {
		stop, timeout time.Duration
		want, code    string
	}{
		"interrupted": {stop: 2500 * time.Millisecond, timeout: time.Hour, want: "interrupted: 3 done", code: CodeInterrupted},
		"timed out":   {stop: time.Hour, timeout: 2500 * time.Millisecond, want: "the run's time was over: 3 done", code: CodeTimeout},
		"to its end":  {stop: time.Hour, timeout: time.Hour, want: "", code: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				many := &fake{key: key("us-east-1", "many")}
				many.steps = []Step{{Action: Delete, Doing: "delete many", Changes: []Change{{Attribute: "many"}}, Do: func(ctx context.Context, _ Lookup) (Outcome, error) {
					for i := range 10 {
						if err := GoOn(ctx, fmt.Sprintf("%d done", i)); err != nil {
							return Outcome{}, err
						}
						time.Sleep(time.Second)
					}
					return Outcome{}, nil
				}}}
				e := engine(many)
				e.Stop = stopAfter(t, test.stop)
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				err := e.Run(ctx).Node(many.key).Err
				if got := fmt.Sprint(err); err != nil && got != test.want || err == nil && test.want != "" {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if got := codeOf(err); got != test.code {
					t.Errorf("code %q, want %q", got, test.code)
				}
			})
		})
	}
}

// waitingError is a call that was given up while it waited for its next try.
type waitingError struct{ error }

func (waitingError) Waiting() string { return "another try after SlowDown" }

// Where AWS did answer, the end of the run's time says what was waited for.
func TestTimeOverWhileItWaits(t *testing.T) {
	for want, wait := range map[string]func(context.Context) error{
		"the run's time was over while it waited for S3 to know the bucket": func(ctx context.Context) error {
			return Pause(ctx, time.Hour, "S3 to know the bucket")
		},
		"the run's time was over while it waited for another try after SlowDown": func(ctx context.Context) error {
			return waitingError{sleep(ctx, time.Hour)}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{key: key("us-east-1", "a")}
			step := f.create()
			step.Do = func(ctx context.Context, _ Lookup) (Outcome, error) { return Outcome{}, wait(ctx) }
			f.steps = []Step{step}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := engine(f).Run(ctx).Node(f.key).Err
			if code(err) != CodeTimeout || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

func (w waitingError) Unwrap() error { return w.error }
