package reconcile

import (
	"context"
	"errors"
	"time"
)

const goOn = "run the same command again; it goes on where this one stopped"

const notBegun = "not begun before the run's time was over"

// stopKey is where a run's context carries the engine's Stop.
type stopKey struct{}

// Pause waits for d, in a read or a step that has to wait for somebody else,
// and tells the observer for what, as Hold does. It returns early, with an error
// that says so, when the run is interrupted or its time is over.
func Pause(ctx context.Context, d time.Duration, what string) error {
	defer Hold(ctx, what)()
	var stop <-chan struct{}
	if s, ok := ctx.Value(stopKey{}).(context.Context); ok {
		stop = s.Done()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-stop:
		return Interrupted("interrupted while it waited")
	case <-ctx.Done():
		if cause := context.Cause(ctx); what == "" || !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		return timedOutWaiting(what)
	}
}

// timedOutWaiting is TimedOut of what AWS did answer, but not as it had to.
func timedOutWaiting(what string) *Problem {
	return TimedOut("the run's time was over while it waited for " + what)
}

// GoOn returns nil as long as a step that does the same many times over may
// begin the next one, and otherwise why not, in words on how far it came.
func GoOn(ctx context.Context, soFar string) error {
	if s, ok := ctx.Value(stopKey{}).(context.Context); ok && s.Err() != nil {
		return Interrupted("interrupted: " + soFar)
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return TimedOut("the run's time was over: " + soFar)
	default:
		return cause
	}
}

// Interrupted is the problem of what an interruption ended or kept from being
// begun.
func Interrupted(text string) *Problem {
	return &Problem{ProblemCode: CodeInterrupted, Text: text, Fix: goOn}
}

// TimedOut is the problem of what the end of the run's time ended or kept from
// being begun.
func TimedOut(text string) *Problem {
	return &Problem{
		ProblemCode: CodeTimeout, Text: text,
		Fix: "run the same command again; give it more time with --timeout",
	}
}

func (r *run) mayBegin(ctx context.Context, step *Step) error {
	if r.stopped() {
		return Interrupted("interrupted before this was begun: " + step.Doing)
	}
	if ctx.Err() != nil {
		return r.unbegun(ctx)
	}
	return nil
}

// unbegun explains the end of the context for what was not begun by then.
func (r *run) unbegun(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		return r.explain(ctx, cause)
	}
	return TimedOut(notBegun)
}

func (r *run) stopped() bool { return r.Stop != nil && r.Stop.Err() != nil }

// explain gives an error that only says that a context ended its reason, and
// takes what libraries wrap around others away.
func (r *run) explain(ctx context.Context, err error) error {
	switch {
	case r.stopped() && errors.Is(err, context.Canceled):
		return Interrupted("interrupted")
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded):
		if w, ok := errors.AsType[interface {
			error
			Waiting() string
		}](err); ok && w.Waiting() != "" {
			return timedOutWaiting(w.Waiting())
		}
		return TimedOut("no answer before the run's time was over")
	}
	return Plain(err)
}

// Plain returns the Coded error inside err, which says it all for a person, or
// err itself when there is none.
func Plain(err error) error {
	if coded, ok := errors.AsType[Coded](err); ok {
		return coded
	}
	return err
}

// untilStop derives a context for what an interruption may cut off.
func (e *Engine) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if e.Stop == nil {
		return ctx, cancel
	}
	detach := context.AfterFunc(e.Stop, cancel)
	return ctx, func() {
		detach()
		cancel()
	}
}
