package script

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// stageManifest is that of a story; a layout and a bitrate are to be put in.
const stageManifest = `name: live
environments:
  production:
    aws:
      account-id: "123456789012"
      ivs:
        logging: true
        regions: [us-east-1, eu-west-1]
        recording: {real_time: true, bucket: %s, encoder: {width: 320, height: 180, bitrate: %d}}
`

// stageRegions are the manifest's.
var stageRegions = []string{"us-east-1", "eu-west-1"}

const sharedBucket = "yolo-production-live-ivs-realtime-recordings"

// stage makes the account and the folder that a story begins with.
type stage struct {
	story
	t      *testing.T
	folder string
	aws    *emulatortest.Instance
}

// setStage returns the folder, in which the account is aws and the app's is app.
func setStage(t *testing.T, one story) string {
	t.Helper()
	s := &stage{story: one, t: t, folder: t.TempDir()}
	s.aws = emulatortest.Start(t, emulator.Options{Dir: filepath.Join(s.folder, "aws")})
	s.want(2_500_000)
	if s.before != nil {
		s.before(s)
	}
	return s.folder
}

func (s *stage) want(bitrate int) {
	s.write("yolo.yml", fmt.Sprintf(stageManifest, s.layout, bitrate))
}

func (s *stage) write(name, text string) {
	app := filepath.Join(s.folder, "app")
	s.check(errors.Join(os.MkdirAll(app, 0o755), os.WriteFile(filepath.Join(app, name), []byte(text), 0o644)))
}

func (s *stage) check(errs ...error) {
	s.t.Helper()
	if err := errors.Join(errs...); err != nil {
		s.t.Fatal(err)
	}
}

// synced syncs what there is.
func (s *stage) synced() {
	s.t.Helper()
	cmd := yolo(s.t.Context(), filepath.Join(s.folder, "app"), s.aws.URL, "sync", "production", "--no-progress")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%v: %s", err, complaint.String())
	}
}

// bucket is the one that a region records to.
func (s *stage) bucket(region string) *string {
	if s.layout == "shared" {
		return aws.String(sharedBucket)
	}
	return aws.String("yolo-production-live-ivs-recordings-" + region)
}

// strangers makes what belongs to others: in the way, beside ours and around it.
func (s *stage) strangers() {
	s.t.Helper()
	buckets := s.s3("us-east-1")
	_, err1 := buckets.CreateBucket(s.t.Context(), &s3.CreateBucketInput{Bucket: aws.String(sharedBucket)})
	_, err2 := buckets.PutBucketTagging(s.t.Context(), &s3.PutBucketTaggingInput{
		Bucket: aws.String(sharedBucket), Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("team"), Value: aws.String("video")}}},
	})
	s.check(err1, err2, s.putStatements(sharedBucket, "us-east-1", foreignStatement(sharedBucket)))
	for _, region := range stageRegions {
		s.foreignLogsPolicy(region)
		_, err := s.ivs(region).CreateEncoderConfiguration(s.t.Context(), &ivsrealtime.CreateEncoderConfigurationInput{Name: aws.String("theirs")})
		s.check(err)
	}
}

func foreignStatement(bucket string) string {
	return fmt.Sprintf(`{"Sid":"TheirRead","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject",`+
		`"Resource":"arn:aws:s3:::%s/*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::123456789012:distribution/E1"}}}`, bucket)
}

func (s *stage) putStatements(bucket, region string, statements ...string) error {
	_, err := s.s3(region).PutBucketPolicy(s.t.Context(), &s3.PutBucketPolicyInput{
		Bucket: &bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`),
	})
	return err
}

// foreignLogsPolicy has another tool's statement where ours is put.
func (s *stage) foreignLogsPolicy(region string) {
	s.t.Helper()
	_, err := s.logs(region).PutResourcePolicy(s.t.Context(), &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String(benchPolicy),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"Service":"es.amazonaws.com"},` +
			`"Action":"logs:PutLogEvents","Resource":"arn:aws:logs:` + region + `:123456789012:log-group:/aws/es/*"}]}`),
	})
	s.check(err)
}

// drift breaks what was synced, everywhere and in many ways.
func (s *stage) drift() {
	s.t.Helper()
	s.synced()
	ctx := s.t.Context()
	for _, region := range stageRegions {
		home := region
		if s.layout == "shared" {
			home = "us-east-1"
		}
		bucket := s.bucket(region)
		_, err1 := s.s3(home).DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: bucket})
		_, err2 := s.s3(home).DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: bucket})
		_, err3 := s.logs(region).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(benchGroup), RetentionInDays: aws.Int32(7)})
		_, err4 := s.events(region).RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(benchRule), Ids: []string{benchTarget}})
		_, err5 := s.events(region).DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String(benchRule)})
		s.check(err1, err2, err3, err4, err5, s.putStatements(*bucket, home, foreignStatement(*bucket)))
		s.foreignLogsPolicy(region)
		s.untag(region)
	}
	// One region lost its configurations too.
	ivs := s.ivs("eu-west-1")
	storages, err := ivs.ListStorageConfigurations(ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	s.check(err)
	_, err = ivs.DeleteStorageConfiguration(ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: storages.StorageConfigurations[0].Arn})
	s.check(err)
	_, err = ivs.DeleteEncoderConfiguration(ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: s.encoder("eu-west-1").Arn})
	s.check(err)
}

// untag takes our tags off the encoder configuration.
func (s *stage) untag(region string) {
	s.t.Helper()
	_, err := s.ivs(region).UntagResource(s.t.Context(), &ivsrealtime.UntagResourceInput{ResourceArn: s.encoder(region).Arn, TagKeys: []string{"yolo:app", "Name"}})
	s.check(err)
}

func (s *stage) encoder(region string) ivstypes.EncoderConfigurationSummary {
	s.t.Helper()
	all, err := s.ivs(region).ListEncoderConfigurations(s.t.Context(), &ivsrealtime.ListEncoderConfigurationsInput{})
	s.check(err)
	return all.EncoderConfigurations[0]
}

// otherEncoder asks for another picture than what was synced, over a bucket with
// a statement of somebody else's.
func (s *stage) otherEncoder() {
	if s.layout == "shared" {
		s.strangers()
	}
	s.synced()
	s.want(1_000_000)
}

// filled has recordings, and somebody else's statement in the logs policy.
func (s *stage) filled() {
	s.t.Helper()
	for _, region := range stageRegions {
		s.foreignLogsPolicy(region)
	}
	s.synced()
	for i, region := range stageRegions {
		count := 3
		if i == 0 && s.layout == "regional" {
			count = 1001 // one more than a list and a delete take
		}
		s.aws.SeedObjects(emulator.Objects{Bucket: *s.bucket(region), Prefix: "show/" + region + "/", Count: count, Size: 1000})
	}
}

// stale has an .env with values that are no more, among the app's own.
func (s *stage) stale() {
	s.synced()
	s.write(".env", "APP_KEY=secret\nAWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1=arn:aws:ivs:us-east-1:123456789012:storage-configuration/gone\n# the end\n")
}

func (s *stage) s3(region string) *s3.Client { return s3.NewFromConfig(s.aws.Config(region, "")) }

func (s *stage) ivs(region string) *ivsrealtime.Client {
	return ivsrealtime.NewFromConfig(s.aws.Config(region, ""))
}

func (s *stage) logs(region string) *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(s.aws.Config(region, ""))
}

func (s *stage) events(region string) *eventbridge.Client {
	return eventbridge.NewFromConfig(s.aws.Config(region, ""))
}
