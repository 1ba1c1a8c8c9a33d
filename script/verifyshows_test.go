package script

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// disaster is one way in which a show goes wrong though all was well before.
type disaster struct {
	name    string
	command string
	flags   []string
	before  func(b *bench)
	// when is what people are told as do is to be called.
	when string
	do   func(b *bench)
	// want are the findings that are not PASS and not behind another one. The
	// evidence and the fix are parts of the first one's.
	want          []string
	evidence, fix string
	code          int
}

// What people are told in the course of a show.
const (
	pictureOn = "the picture is on"
	active    = "the destination is ACTIVE"
)

func (b *bench) theStage() string {
	b.t.Helper()
	out := must[*ivsrealtime.ListStagesOutput](b)(b.ivs.ListStages(b.t.Context(), nil))
	return aws.ToString(out.Stages[0].Arn)
}

// whenStruck calls do once a fault has struck, and disarms it.
func (b *bench) whenStruck(fault string, do func()) {
	b.t.Helper()
	b.aws.Fault(fault)
	go func() {
		for b.aws.Server.Faults()[0].Struck == 0 {
			select {
			case <-b.t.Context().Done():
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		do()
		b.aws.ClearFaults()
	}()
}

var disasters = []disaster{
	{name: "nothing", command: "verify", want: nil},
	{name: "events doubled and out of order", command: "verify", before: func(b *bench) {
		b.aws.Fault(`event="* Start" event-twice`)
		b.aws.Fault(`event="Destination End" event-after-next`)
	}},
	{
		name: "stages at their quota", command: "verify", want: []string{"show stage FAIL"},
		evidence: "make a stage", fix: "raise the quota", code: broken,
		before: func(b *bench) { b.aws.Fault("op=CreateStage code=ServiceQuotaExceededException") },
	},
	{
		name: "no permission for a stage", command: "verify", want: []string{"show stage NOT_PROVEN"},
		evidence: "make a stage", fix: "allow ivs:CreateStage", code: broken,
		before: func(b *bench) { b.aws.Fault("op=CreateStage code=AccessDeniedException") },
	},
	{
		name: "token expired", command: recording, want: []string{"show publish NOT_PROVEN"},
		evidence: "publish to the stage", fix: "a participant token counts", code: broken,
		before: func(b *bench) { b.whenStruck("op=CreateStage hang after", func() { b.aws.Advance(16 * time.Minute) }) },
	},
	{
		name: "UDP blocked", command: recording, want: []string{"show publish NOT_PROVEN"},
		evidence: "publish to the stage", fix: "UDP on port 443", code: broken,
		before: func(b *bench) { b.aws.Fault("op=Publish no-media") },
	},
	{
		name: "composition refused", command: recording, want: []string{"show composition FAIL"},
		evidence: "start the composition", fix: "AWS has not verified the account yet", code: broken,
		before: func(b *bench) { b.aws.Fault("op=StartComposition code=PendingVerification") },
	},
	{
		name: "no permission for a composition", command: recording, want: []string{"show composition NOT_PROVEN"},
		evidence: "start the composition", fix: "allow ivs:StartComposition", code: broken,
		before: func(b *bench) { b.aws.Fault("op=StartComposition code=AccessDeniedException") },
	},
	{
		name: "Deny of uploads without a KMS header", command: recording,
		want:     []string{"configuration write-access NOT_PROVEN", "show destination FAIL"},
		evidence: `statement "Guard" may deny s3:PutObject`, fix: "change that statement", code: broken,
		before: func(b *bench) {
			b.bucketPolicy(rightGrant, deny("s3:PutObject", `,"Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`))
		},
	},
	{
		name: "policy changed in mid-show", command: "verify", want: []string{"show destination FAIL"}, when: active,
		evidence: "IVS says AccessDeniedException: Access denied to S3 bucket. Please verify your bucket policy", fix: mendRecords, code: broken,
		do: func(b *bench) { b.bucketPolicy(grant("ivs.amazonaws.com", fullControl, benchObjects)) },
	},
	{
		name: "ownership changed in mid-show", command: recording, want: []string{"show destination FAIL"}, when: active,
		evidence: "by now, the bucket's object ownership does not let recordings in", fix: mendRecords, code: broken,
		do: func(b *bench) {
			must[*s3.PutBucketOwnershipControlsOutput](b)(b.s3.PutBucketOwnershipControls(b.t.Context(), &s3.PutBucketOwnershipControlsInput{
				Bucket:            aws.String(benchBucket),
				OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}}},
			}))
		},
	},
	{
		name: "composition stopped by somebody", command: recording, want: []string{"show destination FAIL"}, when: active,
		evidence: "record; this run did not stop it", fix: "yolo doctor production --region eu-west-1 --composition arn:aws:ivs:", code: broken,
		do: func(b *bench) {
			out := must[*ivsrealtime.ListCompositionsOutput](b)(b.ivs.ListCompositions(b.t.Context(), nil))
			must[*ivsrealtime.StopCompositionOutput](b)(b.ivs.StopComposition(b.t.Context(), &ivsrealtime.StopCompositionInput{Arn: out.Compositions[0].Arn}))
		},
	},
	{
		name: "publisher disconnected", command: recording, want: []string{"show picture NOT_PROVEN"}, when: active,
		evidence: "keep the picture on", fix: "see whether the stage, the token or the participant was deleted", code: broken,
		do: func(b *bench) { b.aws.Unpublish(b.theStage()) },
	},
	{
		name: "log group deleted in mid-show", command: logging, want: []string{"log events FAIL"}, when: pictureOn,
		evidence: "the log group is gone", fix: mendLogs, code: broken,
		do: func(b *bench) {
			must[*cloudwatchlogs.DeleteLogGroupOutput](b)(b.logs.DeleteLogGroup(b.t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(benchGroup)}))
		},
	},
	{
		name: "log not to be read", command: logging, want: []string{"log events NOT_PROVEN"},
		evidence: "the log could not be looked at", fix: "", code: broken,
		before: func(b *bench) { b.aws.Fault("op=FilterLogEvents code=AccessDeniedException") },
	},
	{
		name: "the run's time over in mid-show", command: recording, flags: []string{"--seconds", "600", "--timeout", "12s"}, want: []string{"show show NOT_PROVEN"},
		evidence: "the run's time was over", fix: "--timeout", code: broken,
	},
	{
		name: "stage not to be deleted", command: logging, want: []string{"cleanup stage FAIL"},
		evidence: "the stage may still be there", fix: "run the same command again", code: broken,
		before: func(b *bench) { b.aws.Fault("op=DeleteStage code=AccessDeniedException") },
	},
}

// TestVerifyDisasters: each way in which a show goes wrong has a finding of its
// own. None passes, and nothing is left of any.
func TestVerifyDisasters(t *testing.T) {
	t.Parallel()
	folder := synced(t)
	for _, d := range emulatortest.Sample(disasters) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			d.check(newBench(t, folder))
		})
	}
}

func (d disaster) check(b *bench) {
	t := b.t
	t.Helper()
	if d.before != nil {
		d.before(b)
	}
	var told func(*proving, string)
	if d.do != nil {
		told = at(d.when, d.do)
	}
	args := []string{d.command, "production", "--yes"}
	switch {
	case d.flags != nil:
		args = append(args, d.flags...)
	case d.command == logging:
	case d.do != nil: // it ends before
		args = append(args, "--seconds", "60")
	default:
		args = append(args, "--seconds", "5")
	}
	b.aws.ResetCalls()
	s := b.start(b.aws.URL, told, args...).end()
	if !slices.Equal(s.wrong(), d.want) {
		t.Errorf("wrong is %q, want %q\n%s", s.wrong(), d.want, s.stderr)
	}
	if s.code != d.code {
		t.Errorf("exit code %d, want %d", s.code, d.code)
	}
	if (s.Result == "PASS") != (d.want == nil) {
		t.Errorf("the result is %s", s.Result)
	}
	if d.want != nil {
		f := s.thing(d.want[len(d.want)-1])
		if !strings.Contains(f.Evidence, d.evidence) || !strings.Contains(f.Fix, d.fix) {
			t.Errorf("it says %q, to be mended by %q; want %q and %q", f.Evidence, f.Fix, d.evidence, d.fix)
		}
	}
	if d.command == logging && b.called("StartComposition") {
		t.Error("a composition was started for the log alone")
	}
	b.checkSwept(d.name == "stage not to be deleted")
}

// checkSwept: nothing is left, or if something had to be, nothing after another
// run.
func (b *bench) checkSwept(leaves bool) {
	b.t.Helper()
	b.aws.ClearFaults()
	left := b.left()
	if leaves {
		if len(left) == 0 {
			b.t.Error("nothing is left, which shows nothing")
		}
		if s := b.verify(logging, "production", "--yes"); s.Result != "PASS" {
			b.t.Errorf("the next run is %s: %q\n%s", s.Result, s.wrong(), s.stderr)
		}
		left = b.left()
	}
	if len(left) > 0 {
		b.t.Errorf("left: %q", left)
	}
}
