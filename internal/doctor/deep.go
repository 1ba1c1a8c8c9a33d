package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/ffmpeg"
	"github.com/yolo-live/yolo/internal/resource"
)

// size is an encoder's video, zero when it is not known.
type size struct {
	width, height int
	framerate     float64
}

// sizeOf is that of an encoder configuration.
func sizeOf(ctx context.Context, client *ivsrealtime.Client, arn string) size {
	out, err := cloud.Call(ctx, client.GetEncoderConfiguration, &ivsrealtime.GetEncoderConfigurationInput{Arn: &arn})
	if err != nil || out.EncoderConfiguration == nil || out.EncoderConfiguration.Video == nil {
		return size{}
	}
	v := out.EncoderConfiguration.Video
	return size{int(aws.ToInt32(v.Width)), int(aws.ToInt32(v.Height)), float64(aws.ToFloat32(v.Framerate))}
}

// wanted is the manifest's size, or, with a warning, the one that a recording was
// made with by its metadata: the manifest may have changed since then.
func (d *doctor) wanted(f *facts) size {
	e := d.Env.Recording.Encoder
	want := size{int(e.Width), int(e.Height), float64(e.Framerate)}
	for _, r := range f.outcome.Ended.Media.HLS.Renditions {
		if r.Width > 0 && (r.Width != want.width || r.Height != want.height) {
			d.warn(WarnOtherEncoder, f.region, proof.StepRecording,
				fmt.Sprintf("it was recorded at %dx%d, and the manifest asks for %dx%d", r.Width, r.Height, want.width, want.height),
				"if the app uses an encoder configuration of old: "+d.Command("env", "--check", ".env"))
			return size{width: r.Width, height: r.Height}
		}
	}
	return want
}

// deep is the verdict on a show and, if its recording has ended and is not empty,
// on all that is in it. Its length and outcome are the show's.
func (d *doctor) deep(ctx context.Context, f *facts, p *place, encoder size) []proof.Finding {
	verdict := f.judge()
	verdict.Fix = d.remedy(f, verdict)
	findings := []proof.Finding{verdict}
	if p == nil || f.outcome.State() != recording.Ended || f.outcome.Ended.Duration() == 0 {
		return findings
	}
	if encoder == (size{}) {
		encoder = d.wanted(f)
	}
	owner, ownerErr := p.bucket.Owner(ctx)
	report := recording.Inspect(ctx, p.bucket, p.prefix, recording.Expected{
		StageARN: f.stage, Width: encoder.width, Height: encoder.height, Framerate: encoder.framerate, Owner: owner, Viewer: ffmpeg.Find(),
	})
	for _, one := range report.Findings {
		switch {
		case one.Check == recording.CheckDuration, one.Check == recording.CheckOutcome && one.Verdict == recording.Pass:
			continue
		case one.Check == recording.CheckOwner && one.Err == nil && one.Verdict == recording.NotProven && !one.Behind:
			one.Err = ownerErr
		case one.Check == recording.CheckContainer && !one.Behind:
			one.Evidence += "; " + report.Converted()
		}
		findings = append(findings, proof.Finding{
			Region: f.region, Feature: resource.FeatureRecording, ID: string(one.Check), Title: one.Check.Title(), Verdict: verdictOf(one.Verdict),
			Evidence: one.Evidence, Short: one.Short, Err: one.Err, Fix: hintOf(one.Err), Behind: one.Behind,
		})
	}
	return findings
}

func verdictOf(v recording.Verdict) proof.Verdict {
	switch v {
	case recording.Pass:
		return proof.Pass
	case recording.Fail:
		return proof.Fail
	case recording.NotProven:
	}
	return proof.NotProven
}
