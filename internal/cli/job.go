package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/ui"
)

// job is what a command has to do with AWS.
type job struct {
	// plan reads and compares.
	plan func(ctx context.Context) *reconcile.Report
	// run reads once more and acts, on what approve, when not nil, agrees to.
	// It is nil when only the plan is wanted.
	run func(ctx context.Context, approve func(plan *reconcile.Report) error) *reconcile.Report
	// confirm shows a plan and asks whether to go ahead; nil asks nobody.
	confirm func(plan *reconcile.Report) (bool, error)
	// conclude prints what came of it, and tells the exit code.
	conclude func(report *reconcile.Report) (int, error)
}

// resources are what the engine works on.
type resources struct {
	groups []reconcile.Group
	nodes  []reconcile.Node
}

// errDeclined is the end of a run that somebody said no to.
var errDeclined = errors.New("nothing was changed")

// reconcile does a job: it looks, asks and acts, or just acts. Whose account
// it is comes out beside the reads; if it is the wrong one, what was read is
// thrown away.
func (s *session) reconcile(ctx context.Context, j job) (report *reconcile.Report, err error) {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	cleared, vouch := context.WithCancel(context.Background())
	defer vouch()
	s.cleared = cleared
	guarded := make(chan error, 1)
	left := s.left
	go func() {
		err := s.guardUntilStop(ctx, left)
		if err == nil {
			vouch()
		} else if s.stop.Err() == nil {
			abort(err)
		}
		guarded <- err
	}()
	switch {
	case j.run == nil:
		report = j.plan(ctx)
	case j.confirm != nil:
		report, err = s.askThenRun(ctx, j)
	default:
		report = j.run(ctx, nil)
	}
	guardErr := <-guarded
	_, foreign := errors.AsType[*accountError](guardErr)
	if foreign || guardErr != nil && s.stop.Err() == nil {
		return nil, guardErr
	}
	if guardErr != nil && err == nil && !report.Interrupted {
		return nil, errInterrupted // all is read, but whose it is, is not known
	}
	return report, err
}

// pass runs the engine once, in what is left of the run's time, and shows its
// progress.
func (s *session) pass(ctx context.Context, title string, r resources, work func(*reconcile.Engine, context.Context) *reconcile.Report) *reconcile.Report {
	begun := time.Now()
	defer func() { s.left -= time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, s.left)
	defer cancel()
	progress := ui.NewProgress(s.streams, title+" "+s.env.Name, r.groups, s.wish.Regions)
	defer s.progress.show(progress)()
	o := &observer{run: ctx, cleared: s.cleared, show: progress.Observe}
	defer context.AfterFunc(s.cleared, o.release)()
	return work(&reconcile.Engine{Groups: r.groups, Nodes: r.nodes, Gate: s.guard, Observe: o.observe, Stop: s.stop}, ctx)
}

// askThenRun shows the plan, asks, and carries out just what was shown: after
// the answer everything is read once more, and a plan that differs by then is
// shown and asked for again. The time that somebody takes to answer is not the
// run's.
func (s *session) askThenRun(ctx context.Context, j job) (*reconcile.Report, error) {
	plan := j.plan(ctx)
	for again := false; ; again = true {
		err := s.over()
		if _, changed := plan.Result(); err != nil || !changed {
			plan.EndRun(err)
			return plan, nil
		}
		if err := s.guardUntilStop(ctx, s.left); err != nil {
			return nil, s.orInterrupted(err)
		}
		if again {
			fmt.Fprintln(s.streams.Err, "Meanwhile something has changed. This is what there is to do now:")
		}
		if err := s.ask(j, plan); err != nil {
			return plan, err
		}
		report, now := runAsShown(ctx, j, plan)
		if now == nil {
			return report, nil
		}
		plan = now
	}
}

// ask returns nil when somebody agrees to a plan.
func (s *session) ask(j job, plan *reconcile.Report) error {
	asked := time.Now()
	defer func() { s.answering += time.Since(asked) }()
	yes, err := j.confirm(plan)
	if err == nil && !yes {
		return errDeclined
	}
	return err
}

// over tells why a run may begin nothing more, or nil when it may.
func (s *session) over() error {
	switch {
	case s.stop.Err() != nil:
		return reconcile.Interrupted("interrupted before this was begun")
	case s.left <= 0:
		return reconcile.TimedOut("not begun before the run's time was over")
	}
	return nil
}

var errDiffers = errors.New("not what was shown")

// runAsShown carries a plan out, or returns the one that took its place
// meanwhile, of which nothing was begun.
func runAsShown(ctx context.Context, j job, plan *reconcile.Report) (report, now *reconcile.Report) {
	report = j.run(ctx, func(next *reconcile.Report) error {
		if next.Same(plan) {
			return nil
		}
		now = next
		return errDiffers
	})
	return report, now
}
