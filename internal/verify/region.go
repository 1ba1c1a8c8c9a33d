package verify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
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
	// idle is when the destination was last known not to be ACTIVE.
	idle time.Time
	// sent is how much picture went out while the destination was ACTIVE, rolled
	// how long it can have recorded: a little longer, and much longer where the
	// publisher fell behind, or AWS was slow to be told to stop.
	sent, rolled time.Duration
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
	over := g.whyOver(live)
	g.lasted(proof.StepShow, g.begun)
	g.at(g.region, proof.StepCleanup, "taking the stage away", 0)
	g.takeAway(ctx)
	g.concludeShow(live, err, over)
	g.over(g.region, proof.StepShow)
	g.over(g.region, proof.StepCleanup)
	if err != nil {
		g.unproven()
	} else {
		g.lookAt(live)
	}
	g.leaveReceipts(ctx)
	if g.Purge && g.composition != nil && (g.composition.prefix != "" || g.composition.unclear) {
		g.at(g.region, proof.StepCleanup, "deleting the recording", 0)
		g.purge(ctx)
		g.over(g.region, proof.StepCleanup)
	}
}

// lookAt looks for what a whole show left.
func (g *regionRun) lookAt(ctx context.Context) {
	var wg sync.WaitGroup
	if g.Show.Records {
		g.at(g.region, proof.StepRecording, "looking for the recording", 0)
		wg.Go(func() {
			g.lookAtRecording(ctx)
			g.over(g.region, proof.StepRecording)
		})
	}
	if g.Show.Logs {
		g.at(g.region, proof.StepLog, "looking for the events", 0)
		wg.Go(func() {
			g.lookAtLog(ctx)
			g.over(g.region, proof.StepLog)
		})
	}
	wg.Wait()
}

// putOnShow goes from the stage to the end of the picture.
func (g *regionRun) putOnShow(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return &showError{id: "stage", doing: "make a stage", err: err, ours: true}
	}
	g.at(g.region, proof.StepShow, "making a stage", 0)
	var err error
	if g.stage, err = g.makeStage(ctx); err != nil {
		return &showError{id: "stage", doing: "make a stage", err: err, ours: !judges(err)}
	}
	g.tell(g.region, "the stage is there")
	g.at(g.region, proof.StepShow, "publishing to the stage", 0)
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
	g.at(g.region, proof.StepShow, "the picture is on", g.Show.Picture)
	err := on.Wait(ctx, from+g.Show.Picture)
	g.sent = on.Sent() - from
	if err != nil {
		return &showError{id: "picture", doing: "keep the picture on", err: err, ours: true}
	}
	return nil
}

// recordShow has a composition record the picture.
func (g *regionRun) recordShow(ctx context.Context, on airing) error {
	g.at(g.region, proof.StepShow, "starting the composition", 0)
	g.idle = time.Now()
	var err error
	if g.composition, err = g.startComposition(ctx); err != nil {
		return &showError{id: showComposition, doing: "start the composition", err: err, ours: !judges(err)}
	}
	g.tell(g.region, "the composition has started; it records to %s", g.composition.prefix)
	g.at(g.region, proof.StepShow, "waiting for the destination to become ACTIVE", 0)
	since := time.Now()
	if err := g.awaitActive(ctx); err != nil {
		return &showError{id: showDestination, doing: "wait for the destination to become ACTIVE", err: err, ours: !judges(err)}
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
	g.at(g.region, proof.StepShow, "stopping the composition", 0)
	if err := g.stopComposition(ctx); err != nil {
		return &showError{id: showComposition, doing: "stop the composition", err: err, ours: !judges(err)}
	}
	g.tell(g.region, "the composition has stopped")
	return nil
}
