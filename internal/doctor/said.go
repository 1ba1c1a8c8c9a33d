package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/resource"
)

// findings are those on what IVS says of the composition.
func (c *single) findings(all []*facts) []proof.Finding {
	f := proof.Finding{
		Region: c.name, Feature: resource.FeatureRecording, ID: "composition", Title: "Its composition was found", ARN: c.arn, Verdict: proof.Pass,
	}
	switch {
	case c.err != nil:
		f.Verdict, f.Evidence, f.Err = proof.NotProven, "IVS could not be asked", c.err
		f.Fix = hintOf(c.err)
	case c.said == nil && len(all) == 0:
		f.Verdict, f.Evidence, f.Fix = proof.NotProven, "IVS does not know it, and no other trace of it was found", "check the ARN"
		if c.logs() {
			f.Fix += ": " + c.Command("events", "--since", "7d", "--json") + " has those of all shows"
		}
	case c.said == nil:
		f.Evidence = "IVS does not know it any more, as of any that ended more than 5 minutes ago; the log and the bucket tell of it"
	default:
		f.Evidence = c.states()
		if c.said.State == ivstypes.CompositionStateFailed && !slices.ContainsFunc(all, (*facts).fails) {
			f.Verdict = proof.Fail
		}
	}
	findings := []proof.Finding{f}
	if d := c.destination(); d != nil {
		findings = append(findings, c.storageFinding(d))
		c.compareEncoder(d)
	}
	return findings
}

// states says how the composition and its destinations are.
func (c *single) states() string {
	parts := []string{fmt.Sprintf("it is %s, begun at %s", c.said.State, spell(aws.ToTime(c.said.StartTime)))}
	for i := range c.said.Destinations {
		d := &c.said.Destinations[i]
		kind := "recording"
		if toChannel(d) {
			kind = "channel"
		}
		parts = append(parts, fmt.Sprintf("its %s (destination %s) is %s", kind, aws.ToString(d.Id), d.State))
	}
	return strings.Join(parts, ", ")
}

// storageFinding tells whether it records to where the configuration that was
// judged says.
func (c *single) storageFinding(d *ivstypes.Destination) proof.Finding {
	arn := aws.ToString(d.Configuration.S3.StorageConfigurationArn)
	f := proof.Finding{
		Region: c.name, Feature: resource.FeatureRecording, ID: "storage-configuration", Title: "It records to the bucket that was judged", ARN: arn,
	}
	bucket := ""
	if c.storage != nil && c.storage.S3 != nil {
		bucket = aws.ToString(c.storage.S3.BucketName)
	}
	switch {
	case c.storageErr != nil:
		f.Evidence, f.Err, f.Fix = "its storage configuration "+arn+" could not be read", c.storageErr, hintOf(c.storageErr)
	case bucket != c.recording.Bucket:
		f.Verdict = proof.Fail
		f.Evidence = fmt.Sprintf("it records to s3://%s, which is not this environment's: its storage configuration is %s", bucket, arn)
		f.Fix = "the app has a stale ARN: " + c.Command("env", "--check", ".env")
	default:
		f.Verdict = proof.Pass
		f.Evidence = fmt.Sprintf("s3://%s, by %s", bucket, arn)
	}
	return f
}

// compareEncoder warns of another encoder than the manifest's.
func (c *single) compareEncoder(d *ivstypes.Destination) {
	encoders := d.Configuration.S3.EncoderConfigurationArns
	if len(encoders) == 0 || c.recording.Encoder == "" || encoders[0] == c.recording.Encoder {
		return
	}
	c.warn(WarnOtherEncoder, c.name, StepComposition,
		fmt.Sprintf("it records with the encoder configuration %s, not with this environment's", encoders[0]), c.Command("env", "--check", ".env"))
}

// logged are the findings on what the log has of the composition.
func (c *single) logged() []proof.Finding {
	f := c.logFinding(c.region)
	f.Title, f.ARN = "The log has its events", c.arn
	if c.logErr != nil {
		return []proof.Finding{f}
	}
	var told []string
	for i := range c.events {
		if e := &c.events[i]; e.Composition == c.arn {
			told = append(told, e.Name+" "+e.Time.UTC().Format("15:04:05"))
		}
	}
	if len(told) == 0 {
		f.Evidence = "the log has no event of it"
		return []proof.Finding{f}
	}
	f.Verdict, f.Evidence = proof.Pass, strings.Join(told, ", ")
	return []proof.Finding{f}
}

// stageIn is the stage that a recording is of, by its metadata.
func stageIn(o *recording.Outcome) string {
	for _, m := range []*recording.Metadata{o.Started, o.Ended, o.Failed} {
		if m != nil && m.StageARN != "" {
			return m.StageARN
		}
	}
	return ""
}
