package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// The reasons why a run ends before its time.
const (
	interrupted = "interrupted"
	timeOver    = "the run's time was over"
)

// whyOver is why the run, whose context this is, is to end; "" as long as it is
// not.
func (r *run) whyOver(ctx context.Context) string {
	switch {
	case r.stopped():
		return interrupted
	case ctx.Err() != nil:
		return timeOver
	}
	return ""
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

// judges tells whether an error says something of AWS as the app finds it, too.
// That this identity may not do something, has to slow down, or got no answer,
// does not.
func judges(err error) bool {
	if late, ok := errors.AsType[*timeoutError](err); ok {
		return late.cause == nil
	}
	if failed, ok := errors.AsType[*cloud.Error](err); ok {
		return !failed.Denied() && !failed.Expired() && !cloud.Ambiguous(err) && failed.Status != 0 && failed.Status != http.StatusTooManyRequests
	}
	_, failed := errors.AsType[*destinationError](err)
	return failed || errors.Is(err, errNoStage) || errors.Is(err, errNoPrefix)
}

// concludeShow tells how the show went; over is why the run was to end by then,
// if it was. That it did not go on for a reason of ours proves nothing against
// the region.
func (g *regionRun) concludeShow(ctx context.Context, err error, over string) {
	f := proof.Finding{Region: g.region, ID: "show", Title: "The show went on", Verdict: proof.Pass}
	if g.stage != nil {
		f.ARN = g.stage.arn
	}
	failed, ok := errors.AsType[*showError](err)
	switch {
	case err == nil:
		f.Evidence = fmt.Sprintf("%.1f s of picture were sent", g.sent.Seconds())
	case over == interrupted:
		f.Verdict, f.Evidence = proof.NotProven, "it was interrupted"
	case over != "":
		f.Verdict, f.Evidence, f.Fix = proof.NotProven, over, moreTime
	case ok:
		g.explainFailure(ctx, &f, failed)
	}
	g.find(proof.StepShow, f)
}

const moreTime = "give it more time with --timeout"

// explainFailure tells why a show did not come to its end. What IVS says of a
// destination comes first, then what of the chain is, or may be, broken by now.
func (g *regionRun) explainFailure(ctx context.Context, f *proof.Finding, failed *showError) {
	f.ID, f.Verdict, f.Err = failed.id, proof.Fail, failed.err
	f.Evidence = "it did not get beyond this: " + failed.doing
	if failed.ours {
		f.Verdict = proof.NotProven
	}
	f.Fix = g.remedy(failed)
	if failed.id != showDestination || failed.ours {
		return
	}
	reason := g.reason(ctx, failed)
	if reason != "" {
		f.Evidence += " (" + reason + ")"
	}
	if sizes := g.sizes(); sizes != "" {
		f.Evidence += "; " + sizes
	}
	if emulated(reason) {
		f.Verdict, f.Fix = proof.NotProven, "prove it on AWS; on the emulator, only an encoder of at most 1280x720 can be"
		return
	}
	if stopped, ok := errors.AsType[*destinationError](failed.err); ok && stopped.state != string(ivstypes.DestinationStateFailed) {
		f.Evidence += "; this run did not stop it"
	}
	if suspect := g.suspectByNow(ctx, resource.FeatureRecording); suspect != nil {
		f.Evidence += "; by now, " + suspect.Evidence
		f.Fix = cmp.Or(suspect.Fix, g.mend(resource.FeatureRecording, suspect.ID), f.Fix)
	}
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
	switch over := g.whyOver(ctx); over {
	case "":
		f.Evidence, f.Err = what+" could not be looked at", err
	case interrupted:
		f.Evidence = what + " was not looked at to the end: " + over
	default:
		f.Evidence, f.Fix = what+" was not looked at to the end: "+over, moreTime
	}
}
