package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// accountError tells that the credentials are another account's than the one
// that the manifest names.
type accountError struct{ want, have, environment, path string }

func (e *accountError) Error() string {
	return fmt.Sprintf("the credentials are for account %s, but %s names account %s for %s; nothing was changed",
		e.have, e.path, e.want, e.environment)
}

// Code is documented in docs/json.md.
func (e *accountError) Code() string { return codeAccount }

const codeAccount = "AccountMismatch"

// Hint says how to get to the right account.
func (e *accountError) Hint() string {
	return fmt.Sprintf("log in to account %s (AWS_PROFILE or %s), or correct aws.account-id", e.want, profileVariable(e.environment))
}

// RequestID is "": AWS did nothing wrong.
func (e *accountError) RequestID() string { return "" }

// guard lets only the manifest's account pass.
func (s *session) guard(ctx context.Context) error {
	account, err := s.cloud.Account(ctx)
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) {
		return &reconcile.Problem{
			ProblemCode: reconcile.CodeTimeout,
			Text:        "sts:GetCallerIdentity: no answer before the run's time was over, so it is not known whose account this is; nothing was changed",
			Fix:         "check the network, then run the same command again; give it more time with --timeout",
		}
	}
	if err != nil {
		return reconcile.Plain(err)
	}
	if s.env.AccountID != "" && account != s.env.AccountID {
		return &accountError{want: s.env.AccountID, have: account, environment: s.env.Name, path: s.manifestPath}
	}
	return nil
}

// errDeclined is the end of a run that somebody said no to.
var errDeclined = errors.New("nothing was changed")

// reconcile runs the engine as the flags want it: to look, to ask and do, or
// to do. Whose account it is comes out beside the reads; if it is the wrong
// one, what was read is thrown away.
func (s *session) reconcile(ctx context.Context) (report *reconcile.Report, err error) {
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
	case s.options.dryRun:
		report = s.pass(ctx, "Looking at", (*reconcile.Engine).Plan)
	case s.asks():
		report, err = s.askThenRun(ctx)
	default:
		report = s.pass(ctx, "Syncing", (*reconcile.Engine).Run)
	}
	guardErr := <-guarded
	_, foreign := errors.AsType[*accountError](guardErr)
	if foreign || guardErr != nil && s.stop.Err() == nil {
		return nil, guardErr
	}
	return report, err
}

// guardUntilStop is guard that neither an interruption waits for nor the end
// of the time that is left.
func (s *session) guardUntilStop(ctx context.Context, left time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	defer context.AfterFunc(s.stop, cancel)()
	return s.guard(ctx)
}

// asks tells whether somebody is there to be asked, and wants to be.
func (s *session) asks() bool {
	return s.streams.Interactive && !s.options.yes && !s.options.json && !s.options.emulate
}

// pass runs the engine once, over resources made anew, in what is left of the
// run's time, and shows its progress.
func (s *session) pass(ctx context.Context, title string, work func(*reconcile.Engine, context.Context) *reconcile.Report) *reconcile.Report {
	begun := time.Now()
	defer func() { s.left -= time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, s.left)
	defer cancel()
	groups, nodes := resource.Build(s.wish, s.cloud)
	progress := ui.NewProgress(s.streams, title+" "+s.env.Name, groups, s.wish.Regions)
	defer s.progress.show(progress)()
	o := &observer{run: ctx, cleared: s.cleared, show: progress.Observe}
	defer context.AfterFunc(s.cleared, o.release)()
	return work(&reconcile.Engine{Groups: groups, Nodes: nodes, Gate: s.guard, Observe: o.observe, Stop: s.stop}, ctx)
}

// askThenRun shows the plan, asks, and carries out just what was shown: after
// the answer everything is read once more, and a plan that differs by then is
// shown and asked for again. The time that somebody takes to answer is not the
// run's.
func (s *session) askThenRun(ctx context.Context) (*reconcile.Report, error) {
	plan := s.pass(ctx, "Looking at", (*reconcile.Engine).Plan)
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
		if err := s.confirm(plan); err != nil {
			return plan, err
		}
		report, now := s.runAsShown(ctx, plan)
		if now == nil {
			return report, nil
		}
		plan = now
	}
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
func (s *session) runAsShown(ctx context.Context, plan *reconcile.Report) (report, now *reconcile.Report) {
	report = s.pass(ctx, "Syncing", func(e *reconcile.Engine, ctx context.Context) *reconcile.Report {
		e.Approve = func(next *reconcile.Report) error {
			if next.Same(plan) {
				return nil
			}
			now = next
			return errDiffers
		}
		return e.Run(ctx)
	})
	return report, now
}

// confirm asks whether to go ahead with a plan.
func (s *session) confirm(plan *reconcile.Report) error {
	m := s.meta(plan)
	ui.Plan(s.streams, plan, m)
	asked := time.Now()
	defer func() { s.answering += time.Since(asked) }()
	yes, err := ui.Confirm(s.stop, s.streams, ui.Question(plan, m))
	if err == nil && !yes {
		return errDeclined
	}
	return err
}
