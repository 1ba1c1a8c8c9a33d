package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// regionRun is a run in one region.
type regionRun struct {
	*run
	Region
	region string

	stage       *stage
	composition *composition
	// begun is when the show did.
	begun time.Time
	// sent is how much picture went out while the destination was ACTIVE.
	sent time.Duration
}

// prove puts the show on, takes away what it made, and looks for what it left.
func (g *regionRun) prove(ctx context.Context) {
	live, cancel := context.WithCancel(ctx)
	defer cancel()
	if g.Stop != nil {
		defer context.AfterFunc(g.Stop, cancel)()
	}
	g.begun = time.Now()
	err := g.putOnShow(live)
	g.lasted(proof.StepShow, g.begun)
	g.takeAway(ctx)
	g.concludeShow(live, err)
	if err != nil {
		g.unproven()
		g.leaveReceipts(ctx)
		return
	}
	var wg sync.WaitGroup
	if g.Show.Records {
		wg.Go(func() { g.lookAtRecording(live) })
	}
	if g.Show.Logs {
		wg.Go(func() { g.lookAtLog(live) })
	}
	wg.Wait()
	g.leaveReceipts(ctx)
	if g.Purge && g.composition != nil {
		g.purge(ctx)
	}
}

// The IDs of what fails in a show for want of what recording depends on.
const (
	showComposition = "composition"
	showDestination = "destination"
)

// showError is why a show did not come to its end: what was being done, under
// the ID of its finding.
type showError struct {
	id, doing string
	err       error
	// ours tells that it says nothing of the region's recording or logging, such
	// as an interruption or a network of one's own.
	ours bool
}

func (e *showError) Error() string { return e.doing + ": " + e.err.Error() }
func (e *showError) Unwrap() error { return e.err }

// putOnShow goes from the stage to the end of the picture.
func (g *regionRun) putOnShow(ctx context.Context) error {
	var err error
	if g.stage, err = g.makeStage(ctx); err != nil {
		return &showError{id: "stage", doing: "make a stage", err: err}
	}
	g.tell(g.region, "the stage is there")
	on, err := g.publish(ctx, publication{
		Endpoint: g.stage.whip, Token: g.stage.token, StageARN: g.stage.arn, Run: g.id, Width: g.Show.Width, Height: g.Show.Height,
	})
	if err != nil {
		return &showError{id: "publish", doing: "publish to the stage", err: err, ours: true}
	}
	defer func() {
		// The participant leaves at once, whatever became of the show.
		ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.waits.cleanup)
		defer cancel()
		on.End(ended)
	}()
	g.tell(g.region, "the picture is on")
	if !g.Show.Records {
		return g.keepOn(ctx, on, 0)
	}
	return g.recordShow(ctx, on)
}

// keepOn waits for the picture to be on for as long as it is to be, from an
// instant of it on.
func (g *regionRun) keepOn(ctx context.Context, on airing, from time.Duration) error {
	err := on.Wait(ctx, from+g.Show.Picture)
	g.sent = on.Sent() - from
	if err != nil {
		return &showError{id: "picture", doing: "keep the picture on", err: err, ours: true}
	}
	return nil
}

// recordShow has a composition record the picture.
func (g *regionRun) recordShow(ctx context.Context, on airing) error {
	var err error
	if g.composition, err = g.startComposition(ctx); err != nil {
		return &showError{id: showComposition, doing: "start the composition", err: err}
	}
	g.tell(g.region, "the composition has started; it records to %s", g.composition.prefix)
	since := time.Now()
	if err := g.awaitActive(ctx); err != nil {
		return &showError{id: showDestination, doing: "wait for the destination to become ACTIVE", err: err}
	}
	g.tell(g.region, "the destination is ACTIVE after %.1f s", time.Since(since).Seconds())
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { cancel(g.watch(watched)) }()
	if err := g.keepOn(watched, on, on.Sent()); err != nil {
		if failed, ok := errors.AsType[*destinationError](context.Cause(watched)); ok {
			return &showError{id: showDestination, doing: "record", err: failed}
		}
		return err
	}
	cancel(nil)
	if err := g.stopComposition(ctx); err != nil {
		return &showError{id: showComposition, doing: "stop the composition", err: err}
	}
	g.tell(g.region, "the composition has stopped")
	return nil
}

// concludeShow tells how the show went. That it did not go on for a reason of
// ours proves nothing against the region.
func (g *regionRun) concludeShow(ctx context.Context, err error) {
	f := proof.Finding{Region: g.region, ID: "show", Title: "The show went on", Verdict: proof.Pass}
	if g.stage != nil {
		f.ARN = g.stage.arn
	}
	failed, ok := errors.AsType[*showError](err)
	switch {
	case err == nil:
		f.Evidence = fmt.Sprintf("%.1f s of picture were sent", g.sent.Seconds())
	case g.stopped():
		f.Verdict, f.Evidence = proof.NotProven, "it was interrupted"
	case ctx.Err() != nil:
		f.Verdict, f.Evidence, f.Fix = proof.NotProven, "the run's time was over", "give it more time with --timeout"
	case ok:
		f.ID, f.Verdict, f.Err = failed.id, proof.Fail, failed.err
		f.Evidence = "it did not get beyond this: " + failed.doing + g.reason(ctx, failed)
		f.Fix = g.remedy(failed)
		if failed.ours {
			f.Verdict = proof.NotProven
		}
	}
	g.find(proof.StepShow, f)
}

// reason is what the log says of a destination that failed: GetComposition has
// no words for it. The event may come late, or never.
func (g *regionRun) reason(ctx context.Context, failed *showError) string {
	if _, ok := errors.AsType[*destinationError](failed.err); !ok || !g.Show.Logs {
		return ""
	}
	var reason string
	_ = g.poll(ctx, g.waits.reason, func(ctx context.Context) (bool, string, error) {
		seen, err := g.eventsOf(ctx, g.composition.arn, g.begun)
		for _, e := range seen {
			if e.Detail.Name == "Destination Failure" {
				reason = fmt.Sprintf(" (IVS says %s: %s)", e.Detail.ErrorCode, e.Detail.Reason)
			}
		}
		return reason != "", "", err
	})
	return reason
}

// remedy is what to do about a show that failed.
func (g *regionRun) remedy(failed *showError) string {
	var hinted interface{ Hint() string }
	if errors.As(failed.err, &hinted) && hinted.Hint() != "" {
		return hinted.Hint()
	}
	if failed.id == showDestination {
		return "yolo doctor " + g.Env.Name + " --region " + g.region + " --composition " + g.composition.arn
	}
	return ""
}

// unproven are the findings of what there is nothing of to look at.
func (g *regionRun) unproven() {
	behind := func(feature, step, id string) {
		g.find(step, proof.Finding{
			Region: g.region, Feature: feature, ID: id, Title: titleOf(id), Behind: true,
			Evidence: "there was no whole show to look for",
		})
	}
	if g.Show.Records {
		behind(g.Recording.Feature, proof.StepRecording, "recording")
	}
	if g.Show.Logs {
		behind(g.Logging.Feature, proof.StepLog, "events")
	}
}

// unseen completes a finding on what could not be looked at to the end.
func (g *regionRun) unseen(ctx context.Context, f *proof.Finding, what string, err error) {
	switch {
	case g.stopped():
		f.Evidence = what + " was not looked at to the end: interrupted"
	case ctx.Err() != nil:
		f.Evidence, f.Fix = what+" was not looked at to the end: the run's time was over", "give it more time with --timeout"
	default:
		f.Evidence, f.Err = what+" could not be looked at", err
	}
}

// poll looks until look is done or fails, or the time is over. Its error is then
// a timeoutError with what was seen last.
func (r *run) poll(ctx context.Context, within time.Duration, look func(ctx context.Context) (done bool, seen string, err error)) error {
	deadline := time.Now().Add(within)
	last := ""
	for {
		done, seen, err := look(ctx)
		if done || err != nil && !cloud.Ambiguous(err) {
			return err
		}
		if last = cmp.Or(seen, last); time.Now().After(deadline) {
			return &timeoutError{within: within, seen: last, cause: err}
		}
		if err := reconcile.Pause(ctx, r.waits.look, ""); err != nil {
			return err
		}
	}
}

// timeoutError tells that something did not come about in time.
type timeoutError struct {
	within time.Duration
	seen   string
	cause  error
}

func (e *timeoutError) Error() string {
	text := fmt.Sprintf("not within %v", e.within)
	if e.seen != "" {
		text += ", " + e.seen
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *timeoutError) Unwrap() error { return e.cause }
