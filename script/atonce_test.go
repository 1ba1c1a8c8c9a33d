package script

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// meetings is how many seeds of each kind of meeting TestAtOnce goes through.
var meetings = flag.Uint64("meetings", 1, "how many seeds of each kind of meeting to go through")

// crowdManifest is one environment of two regions, for more than the crowd; its
// layout is to be filled in.
const crowdManifest = `name: live
environments:
  production:
    aws:
      account-id: "123456789012"
      ivs:
        logging: true
        regions: [eu-west-1, us-east-1]
        recording: {real_time: true, bucket: %s}
`

// theirs is somebody else's statement in the policy of a bucket.
const theirs = `{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
	`"Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}}`

// TestAtOnce: whoever syncs the same environment at the same moment, one of each
// thing is there in the end, and all were told the same ones.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"shared", "regional"} {
		for _, drifted := range []bool{false, true} {
			for _, runs := range []int{2, 4, 8} {
				for seed := range *meetings {
					t.Run(fmt.Sprintf("%s, drifted %t, %d runs, seed %d", layout, drifted, runs, seed), func(t *testing.T) {
						t.Parallel()
						c := newCrowd(t, layout, seed)
						if drifted {
							c.drift()
						}
						c.meet(runs)
					})
				}
			}
		}
	}
}

// crowd is many programs with one environment.
type crowd struct {
	*bench
	crossing *crossing
	bucket   string // of the primary region
	drifted  bool
	told     map[string]bool // the env lines of each run that told all of them
}

func newCrowd(t *testing.T, layout string, seed uint64) *crowd {
	b := &bench{t: t, dir: t.TempDir(), aws: emulatortest.Start(t, emulator.Options{})}
	cfg := b.aws.Config(benchRegion, "")
	b.s3, b.ivs, b.logs, b.events = s3.NewFromConfig(cfg), ivsrealtime.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg)
	if err := os.WriteFile(filepath.Join(b.dir, "yolo.yml"), fmt.Appendf(nil, crowdManifest, layout), 0o644); err != nil {
		t.Fatal(err)
	}
	c := &crowd{bench: b, crossing: newCrossing(b, seed), bucket: "yolo-production-live-ivs-realtime-recordings", told: map[string]bool{}}
	if layout == "regional" {
		c.bucket = benchBucket
	}
	return c
}

// drift has the account synced, then others change what they can.
func (c *crowd) drift() {
	c.t.Helper()
	if s := c.sync(c.aws.URL)(); s.code != 0 {
		c.t.Fatalf("the first sync ended with %d\n%s", s.code, s.stderr)
	}
	c.drifted = true
	ctx, bucket := c.t.Context(), aws.String(c.bucket)
	storages, err := c.ivs.ListStorageConfigurations(ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	encoders, err2 := c.ivs.ListEncoderConfigurations(ctx, &ivsrealtime.ListEncoderConfigurationsInput{})
	errs := []error{err, err2}
	do := func(_ any, err error) { errs = append(errs, err) }
	do(c.ivs.DeleteStorageConfiguration(ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: storages.StorageConfigurations[0].Arn}))
	do(c.ivs.DeleteEncoderConfiguration(ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: encoders.EncoderConfigurations[0].Arn}))
	do(c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(fmt.Sprintf(theirs, c.bucket))}))
	do(c.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: bucket, OwnershipControls: &s3types.OwnershipControls{
		Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}},
	}}))
	do(c.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("team"), Value: aws.String("video")}}}}))
	do(c.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(benchGroup), RetentionInDays: aws.Int32(1)}))
	do(c.logs.DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(benchPolicy)}))
	do(c.events.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String(benchRule)}))
	do(c.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(benchRule), Ids: []string{benchTarget}}))
	for _, err := range errs {
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// syncShown is what sync --json says.
type syncShown struct {
	code    int
	stderr  string
	Changed bool              `json:"changed"`
	Env     map[string]string `json:"env"`
	// Warnings are the codes of what is not as it should be.
	Warnings []struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"warnings"`
	Requests struct {
		Mutating int `json:"mutating"`
	} `json:"requests"`
	Steps []struct {
		Resources []struct {
			Error *struct {
				Code    string `json:"code"`
				Message string `json:"message"`
			} `json:"error"`
		} `json:"resources"`
	} `json:"steps"`
}

// sync starts a program, whose end the function that it returns waits for.
func (c *crowd) sync(endpoint string) (end func() syncShown) {
	cmd := yolo(c.t.Context(), c.dir, endpoint, "sync", "production", "--json", "--no-progress")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return func() (s syncShown) {
		_ = cmd.Wait() // the exit code tells
		if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
			c.t.Errorf("%v: %s %s", err, stdout.String(), stderr.String())
		}
		s.code, s.stderr = cmd.ProcessState.ExitCode(), stderr.String()
		return s
	}
}

// meet has a number of runs begin at the same moment, then looks at what there
// is.
func (c *crowd) meet(runs int) {
	c.t.Helper()
	var ends []func() syncShown
	for range runs {
		ends = append(ends, c.sync(c.crossing.url))
	}
	well := 0
	for _, end := range ends {
		s := end()
		if s.code == 0 {
			well++
		}
		c.judge(s)
	}
	if well == 0 {
		c.t.Errorf("none of %d runs ended well", runs)
	}
	again := c.sync(c.aws.URL)()
	c.judge(again)
	if again.code != 0 || well == runs && again.Requests.Mutating > 0 {
		c.t.Errorf("a re-run ended with %d, and wrote %d times after %d of %d had ended well\n%s", again.code, again.Requests.Mutating, well, runs, again.stderr)
	}
	last := c.sync(c.aws.URL)()
	c.judge(last)
	if cannot := c.bucketElsewhere(); last.code != 0 || last.Changed || last.Requests.Mutating > 0 || len(last.Warnings) != cannot {
		c.t.Errorf("the last run ended with %d, changed %t, and warns of %v", last.code, last.Changed, last.Warnings)
	}
	if len(c.told) != 1 {
		c.t.Errorf("the runs told %d different sets of env lines: %v", len(c.told), c.told)
	}
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		c.lookAt(region)
	}
}

// bucketElsewhere is how many regions cannot record.
func (c *crowd) bucketElsewhere() int {
	if c.bucket == benchBucket {
		return 0
	}
	return 1
}

// judge holds what a run tells against what it may tell.
func (c *crowd) judge(s syncShown) {
	c.t.Helper()
	concurrent := false
	for _, step := range s.Steps {
		for _, r := range step.Resources {
			if r.Error == nil {
				continue
			}
			concurrent = concurrent || r.Error.Code == "ConcurrentChange"
			if r.Error.Code != "ConcurrentChange" && r.Error.Code != "Blocked" {
				c.t.Errorf("a run failed with %s: %s", r.Error.Code, r.Error.Message)
			}
		}
	}
	if s.code != 0 && !concurrent {
		c.t.Errorf("a run ended with %d, and not for a concurrent change\n%s", s.code, s.stderr)
	}
	if s.code == 0 {
		text, err := json.Marshal(s.Env)
		if err != nil {
			c.t.Fatal(err)
		}
		c.told[string(text)] = true
	}
}

// lookAt asserts that a region has one of each, that IVS there may write, and
// that the statement of others is still there.
func (c *crowd) lookAt(region string) {
	c.t.Helper()
	ctx, ivs := c.t.Context(), ivsrealtime.NewFromConfig(c.aws.Config(region, ""))
	storages, err := ivs.ListStorageConfigurations(ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	encoders, err := ivs.ListEncoderConfigurations(ctx, &ivsrealtime.ListEncoderConfigurationsInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(storages.StorageConfigurations) != 1 || len(encoders.EncoderConfigurations) != 1 {
		c.t.Fatalf("%s has %d storage and %d encoder configurations", region, len(storages.StorageConfigurations), len(encoders.EncoderConfigurations))
	}
	there := []string{aws.ToString(storages.StorageConfigurations[0].Arn), aws.ToString(encoders.EncoderConfigurations[0].Arn)}
	for told := range c.told {
		if slices.ContainsFunc(there, func(arn string) bool { return !strings.Contains(told, arn) }) {
			c.t.Errorf("%s has %q, and a run told %s", region, there, told)
		}
	}
	bucket := storages.StorageConfigurations[0].S3.BucketName
	policy, err := s3.NewFromConfig(c.aws.Config(c.regionOf(*bucket), "")).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
	if err != nil {
		c.t.Fatal(err)
	}
	document := aws.ToString(policy.Policy)
	if !strings.Contains(document, "ivs-composite."+region+".amazonaws.com") || c.drifted && *bucket == c.bucket && !strings.Contains(document, "Theirs") {
		c.t.Errorf("the policy of %s: %s", *bucket, document)
	}
}

func (c *crowd) regionOf(bucket string) string {
	if strings.HasSuffix(bucket, "us-east-1") {
		return "us-east-1"
	}
	return benchRegion
}
