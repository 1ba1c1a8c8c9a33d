package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/bucket"
	"github.com/yolo-live/yolo/internal/recording/ffmpeg"
	"github.com/yolo-live/yolo/internal/show"
)

// lookAtRecording waits for the recording's end and judges it.
func (g *regionRun) lookAtRecording(ctx context.Context) {
	begun := time.Now()
	defer func() { g.lasted(proof.StepRecording, begun) }()
	b := g.bucket()
	want, ownerErr := g.wantedRecording(ctx, b)
	report, waited := g.awaitRecording(ctx, b, want)
	if g.whyOver(ctx) != "" {
		f := proof.Finding{Region: g.region, Feature: g.Recording.Feature, ID: "recording", Title: titleOf("recording")}
		g.unseen(ctx, &f, "the recording", ctx.Err())
		g.find(proof.StepRecording, f)
		return
	}
	for _, one := range report.Findings {
		g.find(proof.StepRecording, g.recordingFinding(one, report, waited, ownerErr))
	}
}

// bucket is the one that the region records to.
func (g *regionRun) bucket() bucket.Bucket {
	return bucket.Bucket{Client: g.Cloud.In(g.region).S3, Name: g.Recording.Bucket, Account: g.Account}
}

// place is where the recording is, for people.
func (g *regionRun) place() string {
	return "s3://" + g.Recording.Bucket + "/" + strings.TrimSuffix(g.composition.prefix, "/")
}

// wantedRecording is what the recording should be: of the encoder's size and
// rate, whatever was sent, since a composition encodes anew (RealTimeUserGuide,
// Composite Recording); as long as the picture was on; this account's. The
// error is why that account's canonical id is not known.
func (g *regionRun) wantedRecording(ctx context.Context, b bucket.Bucket) (recording.Expected, error) {
	owner, err := b.Owner(ctx)
	want := recording.Expected{
		StageARN: g.stage.arn, Width: g.Show.Width, Height: g.Show.Height, Framerate: float64(g.Env.Recording.Encoder.Framerate),
		SentFramerate: show.Framerate, Sent: g.sent, Rolled: g.rolled, Owner: owner, Viewer: g.viewer,
	}
	if g.viewer == nil {
		want.Viewer = ffmpeg.Find()
	}
	return want, err
}

// awaitRecording waits until the recording has ended and all of it is there, and
// judges it as it is by then. S3 shows at once what is written, but in which
// order IVS writes its last objects is not documented. Waited is how long it was
// waited for an end that did not come, 0 if it did.
func (g *regionRun) awaitRecording(ctx context.Context, b bucket.Bucket, want recording.Expected) (report *recording.Report, waited time.Duration) {
	err := g.poll(ctx, g.waits.ended, func(ctx context.Context) (bool, string, error) {
		outcome := recording.ReadOutcome(ctx, b, g.composition.prefix)
		switch outcome.State() {
		case recording.Unclear:
			return false, "", outcome.Problem
		case recording.Absent, recording.Running:
			return false, "", nil
		case recording.Ended, recording.Failed:
		}
		report = recording.Inspect(ctx, b, g.composition.prefix, want)
		return outcome.State() == recording.Failed || whole(report), "", nil
	})
	if report != nil {
		return report, 0
	}
	if _, late := errors.AsType[*timeoutError](err); late {
		waited = g.waits.ended
	}
	return recording.Inspect(ctx, b, g.composition.prefix, want), waited
}

// whole tells whether nothing is missing that may still come.
func whole(r *recording.Report) bool {
	for _, f := range r.Findings {
		if f.Verdict != recording.Pass && (f.Check == recording.CheckPlaylists || f.Check == recording.CheckSegments) {
			return false
		}
	}
	return true
}

// recordingFinding is what recording found as a finding of the proof, with what
// only this run knows.
func (g *regionRun) recordingFinding(one recording.Finding, report *recording.Report, waited time.Duration, ownerErr error) proof.Finding {
	f := proof.Finding{
		Region: g.region, Feature: g.Recording.Feature, ID: string(one.Check), Title: one.Check.Title(),
		Evidence: one.Evidence, Short: one.Short, Err: one.Err, Behind: one.Behind,
	}
	switch one.Verdict {
	case recording.Pass:
		f.Verdict = proof.Pass
	case recording.Fail:
		f.Verdict = proof.Fail
	case recording.NotProven:
	}
	switch one.Check {
	case recording.CheckOutcome:
		f.ID, f.Own = "ended", report.Extent()+", "+g.place()
		f.Evidence += ", in " + g.place()
		if waited > 0 {
			f.Evidence += fmt.Sprintf(", %v after the composition had stopped", waited)
		}
	case recording.CheckOwner:
		if ownerErr != nil && f.Err == nil && f.Verdict == proof.NotProven && !f.Behind {
			f.Evidence, f.Err = "this account's canonical id could not be read", ownerErr
		}
	case recording.CheckContainer:
		if f.Verdict == proof.Pass {
			f.Evidence += "; " + report.Converted()
		}
	case recording.CheckVideo:
		if f.Verdict == proof.Pass {
			g.tellPicture(&f, report)
		}
	case recording.CheckDuration, recording.CheckPlaylists, recording.CheckSegments, recording.CheckFrames, recording.CheckAudio,
		recording.CheckTimes, recording.CheckPicture:
	}
	f.Fix = g.recordingFix(one, f)
	return f
}

// tellPicture adds what was sent where that is of another size, and what is not
// claimed of the picture.
func (g *regionRun) tellPicture(f *proof.Finding, report *recording.Report) {
	if sizes := g.sizes(); sizes != "" {
		f.Evidence += "; " + sizes
	}
	looked := slices.ContainsFunc(report.Findings, func(one recording.Finding) bool { return one.Check == recording.CheckPicture })
	if !looked {
		f.Evidence += "; what the picture shows was not looked at, as there is no ffmpeg on the PATH"
		f.Short += " (what it shows was not looked at: no ffmpeg)"
	}
}

// recordingFix is what to do about a finding, "" for nothing.
func (g *regionRun) recordingFix(one recording.Finding, f proof.Finding) string {
	var hinted interface{ Hint() string }
	switch {
	case f.Verdict == proof.Pass, f.Behind:
		return ""
	case errors.As(f.Err, &hinted) && hinted.Hint() != "":
		return hinted.Hint()
	}
	again := "run it again; if it stays, ask AWS Support about " + g.composition.arn
	switch one.Check {
	case recording.CheckOutcome:
		return "yolo doctor " + g.Env.Name + " --region " + g.region + " --prefix " + g.composition.prefix
	case recording.CheckDuration:
		return "look in yolo events " + g.Env.Name + " --since 1h for a publisher that dropped out; " + again
	case recording.CheckSegments:
		return "look for a lifecycle rule of " + g.Recording.Bucket + ", or somebody, who deletes what is below this prefix; " + again
	case recording.CheckOwner:
		if f.Verdict == proof.Fail {
			return "yolo sync:recording " + g.Env.Name + " has the bucket own what is written to it; it holds for new objects"
		}
	case recording.CheckVideo, recording.CheckFrames:
		if f.Verdict == proof.Fail {
			return "compare the encoder configuration " + g.Recording.Encoder + " with the manifest; " + again
		}
	case recording.CheckPicture:
		if f.Verdict == proof.Fail {
			return "play " + g.place() + "/media/hls/multivariant.m3u8; " + again
		}
		return "run it again with an ffmpeg on the PATH that works, or without any"
	case recording.CheckPlaylists, recording.CheckContainer, recording.CheckAudio, recording.CheckTimes:
	}
	return again
}
