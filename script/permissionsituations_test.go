package script

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/permissions"
)

const (
	regionalManifest = `name: liveplatforms
environments:
  production:
    aws:
      account-id: "123456789012"
      ivs:
        logging: true
        regions: [us-east-1, eu-west-1]
        recording: {real_time: true, bucket: regional}
`
	oneBucket  = "yolo-production-liveplatforms-ivs-realtime-recordings"
	ownBucket  = "yolo-production-liveplatforms-ivs-recordings-us-east-1"
	ourStorage = "yolo-production-liveplatforms-ivs-storage"
	ourEncoder = "yolo-production-liveplatforms-ivs-encoder"
	ourGroup   = "/aws/ivs/yolo-production-liveplatforms"
	ourRule    = "yolo-production-liveplatforms-ivs-state-change"
	ourPolicy  = "yolo-production-ivs-eventbridge-policy"
)

var (
	// sharedManifest has no account, so that ARNs have a * there.
	sharedManifest = strings.NewReplacer(`account-id: "123456789012"`, "", "regional", "shared").Replace(regionalManifest)
	smallManifest  = strings.Replace(regionalManifest, "[us-east-1, eu-west-1]", "[us-east-1]", 1)
	oneShared      = strings.Replace(sharedManifest, "[us-east-1, eu-west-1]", "[us-east-1]", 1)
	sharpManifest  = strings.Replace(smallManifest, "bucket: regional", "bucket: regional, encoder: {bitrate: 3000000}", 1)
)

// situations are all that commands may meet, so that each makes every call that it
// can make.
func situations() []*situation {
	remove := []string{"destroy", "production", "--delete-recordings", "--confirm", "production", "--no-progress"}
	prune := []string{"prune", "production", "--confirm", "production", "--no-progress"}
	sync := []string{"sync", "production", "--no-progress"}
	return []*situation{
		{name: "first", purpose: permissions.Sync, manifest: regionalManifest, args: sync},
		{name: "first, shared bucket", purpose: permissions.Sync, manifest: sharedManifest, args: sync},
		{name: "second", purpose: permissions.Sync, manifest: regionalManifest, prepare: inSync, args: sync},
		{name: "drift", purpose: permissions.Sync, manifest: smallManifest, prepare: drifted, args: sync},
		{name: "encoder change", purpose: permissions.Sync, manifest: sharpManifest, prepare: func(s *site) {
			s.write(smallManifest)
			inSync(s)
		}, args: sync},
		{name: "two at once", purpose: permissions.Sync, manifest: smallManifest, args: sync, during: beaten},

		{name: "sync --dry-run", purpose: permissions.Plan, manifest: regionalManifest, prepare: inSync, args: append(sync, "--dry-run")},
		{name: "env", purpose: permissions.Plan, manifest: sharedManifest, prepare: inSync, args: []string{"env", "production", "--no-progress"}},

		{name: "all there", purpose: permissions.Status, manifest: regionalManifest, prepare: inUse, args: []string{"status", "production", "--no-progress"}},
		{name: "left over", purpose: permissions.Status, manifest: smallManifest, prepare: droppedInUse, args: []string{"status", "production", "--no-progress"}},

		{name: "all", purpose: permissions.Destroy, manifest: regionalManifest, prepare: recorded, args: remove},
		{name: "with statements of others", purpose: permissions.Destroy, manifest: sharedManifest, prepare: mixed, args: []string{"destroy", "production", "--confirm", "production", "--no-progress"}},
		{name: "recording participants", purpose: permissions.Destroy, manifest: regionalManifest, prepare: func(s *site) {
			inSync(s)
			s.show("us-east-1")
		}, args: remove},
		{name: "in use", purpose: permissions.Destroy, manifest: regionalManifest, prepare: inUse, args: remove, code: 1},

		{name: "dropped region", purpose: permissions.Prune, manifest: smallManifest, prepare: dropped, args: prune},
		{name: "dropped principal", purpose: permissions.Prune, manifest: oneShared, prepare: func(s *site) {
			s.write(sharedManifest)
			mixed(s)
		}, args: prune},
		{name: "in use", purpose: permissions.Prune, manifest: sharpManifest, prepare: func(s *site) {
			droppedInUse(s)
			s.write(sharpManifest)
			inSync(s)
			s.compose("eu-west-1")
		}, args: append(prune, "--replaced")},
		{name: "participants of a dropped region", purpose: permissions.Prune, manifest: smallManifest, prepare: droppedInUse, args: prune},

		{name: "left by proofs", purpose: permissions.Status, manifest: smallManifest, prepare: abandoned, args: []string{"status", "production", "--no-progress"}},
		{name: "left by proofs", purpose: permissions.Destroy, manifest: smallManifest, prepare: abandoned, args: remove},
		{name: "left by proofs", purpose: permissions.Prune, manifest: smallManifest, prepare: abandoned, args: prune},

		{name: "good show", purpose: permissions.Doctor, manifest: smallManifest, prepare: aired, args: []string{"doctor", "production", "--no-progress"}, code: 3},
		{name: "many stages", purpose: permissions.Doctor, manifest: smallManifest, prepare: func(s *site) { logged(s, 4) }, args: []string{"doctor", "production", "--no-progress"}, code: 3},
		{name: "one composition", purpose: permissions.Doctor, manifest: smallManifest, prepare: aired, args: []string{"doctor", "production", "--no-progress", "--composition"}, code: 3, more: func(s *site) []string {
			out, err := s.in("us-east-1").ivs.ListCompositions(s.t.Context(), &ivsrealtime.ListCompositionsInput{})
			if s.check(err); len(out.Compositions) == 0 {
				s.t.Fatal("no composition")
			}
			return []string{*out.Compositions[0].Arn}
		}},

		{name: "ended recording", purpose: permissions.Doctor, manifest: smallManifest, prepare: ended, args: []string{"doctor", "production", "--no-progress", "--prefix"}, code: 3, more: func(s *site) []string {
			return []string{"s3://" + ownBucket + "/" + s.recordedPrefix()}
		}},

		{name: "verify --dry-run", purpose: permissions.Verify, manifest: regionalManifest, prepare: inSync, args: []string{"verify", "production", "--dry-run", "--no-progress"}},

		{name: "once", purpose: permissions.Events, manifest: regionalManifest, prepare: func(s *site) { logged(s, 1) }, args: []string{"events", "production", "--no-progress"}},
		{name: "many stages", purpose: permissions.Events, manifest: regionalManifest, prepare: func(s *site) {
			logged(s, 4)
		}, args: []string{"events", "production", "--no-progress"}},
		{name: "follow", purpose: permissions.Events, manifest: regionalManifest, prepare: func(s *site) { logged(s, 1) }, args: []string{"events", "production", "--follow", "--timeout", "6s"}},
	}
}

// clients are those of one region, for the account that the emulator has.
type clients struct {
	s3     *s3.Client
	ivs    *ivsrealtime.Client
	logs   *cloudwatchlogs.Client
	events *eventbridge.Client
	iam    *iam.Client
}

func (s *site) in(region string) clients {
	cfg := s.aws.Config(region, "")
	return clients{s3.NewFromConfig(cfg), ivsrealtime.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg), iam.NewFromConfig(cfg)}
}

func inSync(s *site) { s.must("sync", "production", "--no-progress") }

// done checks a call that nothing is wanted of.
func done[T any](s *site) func(T, error) {
	return func(_ T, err error) {
		s.t.Helper()
		s.check(err)
	}
}

// drifted takes all away that can be mended where it is.
func drifted(s *site) {
	inSync(s)
	c, ctx, bucket := s.in("us-east-1"), s.t.Context(), aws.String(ownBucket)
	done[*s3.DeleteBucketPolicyOutput](s)(c.s3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: bucket}))
	done[*s3.DeleteBucketTaggingOutput](s)(c.s3.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: bucket}))
	done[*s3.DeleteBucketOwnershipControlsOutput](s)(c.s3.DeleteBucketOwnershipControls(ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: bucket}))
	done[*s3.DeletePublicAccessBlockOutput](s)(c.s3.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: bucket}))
	for _, arn := range []string{s.storage("us-east-1"), s.encoder("us-east-1")} {
		done[*ivsrealtime.UntagResourceOutput](s)(c.ivs.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: []string{"yolo:app", "Name"}}))
	}
	group := "arn:aws:logs:us-east-1:123456789012:log-group:" + ourGroup
	done[*cloudwatchlogs.UntagResourceOutput](s)(c.logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(group), TagKeys: []string{"Name"}}))
	done[*cloudwatchlogs.PutRetentionPolicyOutput](s)(c.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(ourGroup), RetentionInDays: aws.Int32(1)}))
	done[*cloudwatchlogs.DeleteResourcePolicyOutput](s)(c.logs.DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(ourPolicy)}))
	done[*eventbridge.DisableRuleOutput](s)(c.events.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String(ourRule)}))
	rule := "arn:aws:events:us-east-1:123456789012:rule/" + ourRule
	done[*eventbridge.UntagResourceOutput](s)(c.events.UntagResource(ctx, &eventbridge.UntagResourceInput{ResourceARN: aws.String(rule), TagKeys: []string{"Name"}}))
	done[*eventbridge.RemoveTargetsOutput](s)(c.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(ourRule), Ids: []string{"ivs-cloudwatch-logs"}}))
}

// beaten has somebody else create both configurations while the command is
// about to, which then takes its own back.
func beaten(s *site, ended <-chan struct{}) {
	s.aws.Fault("op=Create*Configuration hang times=2")
	for s.aws.Server.Faults()[0].Struck < 2 {
		select {
		case <-ended:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.aws.Server.DetachIAMPolicies()
	c, ctx := s.in("us-east-1"), s.t.Context()
	tags := func(name string) map[string]string {
		return map[string]string{"yolo:app": "liveplatforms", "yolo:environment": "production", "Name": name}
	}
	_, errStorage := c.ivs.CreateStorageConfiguration(ctx, &ivsrealtime.CreateStorageConfigurationInput{
		Name: aws.String(ourStorage), Tags: tags(ourStorage), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(ownBucket)},
	})
	_, errEncoder := c.ivs.CreateEncoderConfiguration(ctx, &ivsrealtime.CreateEncoderConfigurationInput{Name: aws.String(ourEncoder), Tags: tags(ourEncoder)})
	if err := errors.Join(errStorage, errEncoder, s.aws.Server.AttachIAMPolicies(s.policies...)); err != nil {
		s.t.Error(err)
	}
	s.aws.ClearFaults()
}

func (s *site) storage(region string) string {
	s.t.Helper()
	out, err := s.in(region).ivs.ListStorageConfigurations(s.t.Context(), &ivsrealtime.ListStorageConfigurationsInput{})
	if s.check(err); len(out.StorageConfigurations) == 0 {
		s.t.Fatalf("no storage configuration in %s", region)
	}
	return *out.StorageConfigurations[0].Arn
}

func (s *site) encoder(region string) string {
	s.t.Helper()
	out, err := s.in(region).ivs.ListEncoderConfigurations(s.t.Context(), &ivsrealtime.ListEncoderConfigurationsInput{})
	if s.check(err); len(out.EncoderConfigurations) == 0 {
		s.t.Fatalf("no encoder configuration in %s", region)
	}
	return *out.EncoderConfigurations[0].Arn
}

// inUse has a composition record with the configurations of the primary region,
// and a stage record each participant.
func inUse(s *site) {
	inSync(s)
	s.show("us-east-1")
	s.compose("us-east-1")
}

// show has somebody publish to a stage that records each participant.
func (s *site) show(region string) {
	s.t.Helper()
	c, ctx := s.in(region), s.t.Context()
	made, err := c.ivs.CreateStage(ctx, &ivsrealtime.CreateStageInput{
		Name:                                  aws.String("show"),
		AutoParticipantRecordingConfiguration: &ivstypes.AutoParticipantRecordingConfiguration{StorageConfigurationArn: aws.String(s.storage(region))},
	})
	s.check(err)
	s.aws.Publish(*made.Stage.Arn)
}

// compose has all stages of a region recorded together.
func (s *site) compose(region string) {
	s.t.Helper()
	c, ctx := s.in(region), s.t.Context()
	found, err := c.ivs.ListStages(ctx, &ivsrealtime.ListStagesInput{})
	s.check(err)
	for _, made := range found.Stages {
		done[*ivsrealtime.StartCompositionOutput](s)(c.ivs.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
			StageArn: made.Arn,
			Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
				StorageConfigurationArn: aws.String(s.storage(region)), EncoderConfigurationArns: []string{s.encoder(region)},
			}}},
		}))
	}
}

// recorded puts all into a bucket that a bucket can hold.
func recorded(s *site) {
	inSync(s)
	c, ctx, bucket := s.in("us-east-1"), s.t.Context(), aws.String(ownBucket)
	done[*s3.PutBucketVersioningOutput](s)(c.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}))
	s.aws.SeedObjects(emulator.Objects{Bucket: ownBucket, Prefix: "a/", Count: 3, Size: 10, Versions: 2})
	done[*s3.CreateMultipartUploadOutput](s)(c.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: aws.String("half")}))
}

// mixed has statements of others in the policies.
func mixed(s *site) {
	inSync(s)
	ctx := s.t.Context()
	c := s.in("us-east-1")
	read, err := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(oneBucket)})
	s.check(err)
	theirs := fmt.Sprintf(`{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:GetObjectTorrent","Resource":"arn:aws:s3:::%s/*"},`, oneBucket)
	document := strings.Replace(*read.Policy, `"Statement":[`, `"Statement":[`+theirs, 1)
	done[*s3.PutBucketPolicyOutput](s)(c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String(oneBucket), Policy: aws.String(document)}))
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		c := s.in(region)
		found, err := c.logs.DescribeResourcePolicies(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{})
		s.check(err)
		theirs := fmt.Sprintf(`{"Sid":"Theirs","Effect":"Allow","Principal":{"Service":"route53.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"arn:aws:logs:%s:123456789012:log-group:r53:*"},`, region)
		document := strings.Replace(*found.ResourcePolicies[0].PolicyDocument, `"Statement":[`, `"Statement":[`+theirs, 1)
		done[*cloudwatchlogs.PutResourcePolicyOutput](s)(c.logs.PutResourcePolicy(ctx, &cloudwatchlogs.PutResourcePolicyInput{PolicyName: aws.String(ourPolicy), PolicyDocument: aws.String(document)}))
	}
}

// dropped has the manifest lose a region.
func dropped(s *site) {
	s.write(regionalManifest)
	inSync(s)
}

// droppedInUse has it lose a region in which there is a show.
func droppedInUse(s *site) {
	dropped(s)
	s.show("eu-west-1")
}

// abandoned has a killed proof leave all that it makes.
func abandoned(s *site) {
	inSync(s)
	c, ctx := s.in("us-east-1"), s.t.Context()
	const run = "20240102T030405Z-00000000"
	tags := map[string]string{"yolo:verify": run, "yolo:app": "liveplatforms", "yolo:environment": "production"}
	made, err := c.ivs.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: aws.String("yolo-verify-" + run), Tags: tags})
	s.check(err)
	s.aws.Publish(*made.Stage.Arn)
	done[*ivsrealtime.StartCompositionOutput](s)(c.ivs.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
		StageArn: made.Stage.Arn, Tags: tags,
		Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: aws.String(s.storage("us-east-1")), EncoderConfigurationArns: []string{s.encoder("us-east-1")},
		}}},
	}))
	var list []eventtypes.Tag
	for key, value := range tags {
		list = append(list, eventtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	done[*eventbridge.PutRuleOutput](s)(c.events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("yolo-verify-" + run), EventPattern: aws.String(`{"source":["yolo.verify"]}`), Tags: list,
	}))
	done[*eventbridge.PutTargetsOutput](s)(c.events.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule:    aws.String("yolo-verify-" + run),
		Targets: []eventtypes.Target{{Id: aws.String("ivs-cloudwatch-logs"), Arn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:" + ourGroup)}},
	}))
}

// ended has a show that is over, with a recording that says it is not empty.
func ended(s *site) {
	logged(s, 1)
	c, ctx, bucket := s.in("us-east-1"), s.t.Context(), aws.String(ownBucket)
	found, err := c.ivs.ListCompositions(ctx, &ivsrealtime.ListCompositionsInput{})
	s.check(err)
	for _, one := range found.Compositions {
		done[*ivsrealtime.StopCompositionOutput](s)(c.ivs.StopComposition(ctx, &ivsrealtime.StopCompositionInput{Arn: one.Arn}))
	}
	s.aws.Advance(time.Minute)
	key := s.recordedPrefix() + "/events/recording-ended.json"
	read, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key})
	s.check(err)
	text, err := io.ReadAll(read.Body)
	s.check(err)
	long := regexp.MustCompile(`"duration_ms": *0`).ReplaceAll(text, []byte(`"duration_ms": 9000`))
	done[*s3.PutObjectOutput](s)(c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: bytes.NewReader(long)}))
}

// recordedPrefix is where the one recording is.
func (s *site) recordedPrefix() string {
	s.t.Helper()
	found, err := s.in("us-east-1").s3.ListObjectsV2(s.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(ownBucket)})
	if s.check(err); len(found.Contents) == 0 {
		s.t.Fatal("no recording")
	}
	prefix, _, _ := strings.Cut(*found.Contents[0].Key, "/events/")
	return prefix
}

// aired has a show go on that is recorded.
func aired(s *site) { logged(s, 1) }

// logged has shows go on, and their events in the log.
func logged(s *site, shows int) {
	inSync(s)
	for range shows {
		s.show("us-east-1")
	}
	s.compose("us-east-1")
	s.aws.Advance(10 * time.Second)
	done[*ivsrealtime.ListStagesOutput](s)(s.in("us-east-1").ivs.ListStages(s.t.Context(), &ivsrealtime.ListStagesInput{}))
}
