package resource

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
)

// drift is something that others do to an account in eu-west-1, where its
// bucket is.
type drift struct {
	name string
	do   func(a *account)
	// want are the attributes that a plan names, in no order.
	want []string
	// keeps is what of it a sync must leave, as in a dump.
	keeps string
}

const driftRegion = "eu-west-1"

const foreignPolicy = `{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
	`"Action":"s3:GetObject","Resource":"arn:aws:s3:::yolo-production-app-ivs-realtime-recordings/*"}}`

func (a *account) bucketName() *string { return aws.String(a.wish.Env.SharedBucketName()) }

func (a *account) putBucketPolicy(document string) {
	do(a.t, a.clients(driftRegion).S3.PutBucketPolicy, &s3.PutBucketPolicyInput{Bucket: a.bucketName(), Policy: aws.String(document)})
}

func (a *account) group() *string { return aws.String(a.wish.Env.LogGroupName()) }

func (a *account) groupARN() *string {
	return aws.String("arn:aws:logs:" + driftRegion + ":123456789012:log-group:" + a.wish.Env.LogGroupName())
}

func (a *account) rule() *string { return aws.String(a.wish.Env.RuleName()) }

func (a *account) ruleARN() *string {
	return aws.String("arn:aws:events:" + driftRegion + ":123456789012:rule/" + a.wish.Env.RuleName())
}

func (a *account) storageARN() *string {
	return do(a.t, a.clients(driftRegion).IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}).StorageConfigurations[0].Arn
}

func (a *account) encoderARN() *string {
	return do(a.t, a.clients(driftRegion).IVS.ListEncoderConfigurations, &ivsrealtime.ListEncoderConfigurationsInput{}).EncoderConfigurations[0].Arn
}

func (a *account) putTarget(target ebtypes.Target) {
	do(a.t, a.clients(driftRegion).Events.PutTargets, &eventbridge.PutTargetsInput{Rule: a.rule(), Targets: []ebtypes.Target{target}})
}

func (a *account) removeTarget() {
	do(a.t, a.clients(driftRegion).Events.RemoveTargets, &eventbridge.RemoveTargetsInput{Rule: a.rule(), Ids: []string{manifest.TargetID}})
}

var ourTags = []string{"tag Name", "tag yolo:app", "tag yolo:environment"}

var drifts = []drift{
	{"ownership of the writer", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutBucketOwnershipControls, &s3.PutBucketOwnershipControlsInput{Bucket: a.bucketName(), OwnershipControls: &s3types.OwnershipControls{
			Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}},
		}})
	}, []string{"object-ownership"}, ""},
	{"no ownership", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.DeleteBucketOwnershipControls, &s3.DeleteBucketOwnershipControlsInput{Bucket: a.bucketName()})
	}, []string{"object-ownership"}, ""},
	{"public access half open", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutPublicAccessBlock, &s3.PutPublicAccessBlockInput{Bucket: a.bucketName(), PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
		}})
	}, []string{"block-public-policy", "restrict-public-buckets"}, ""},
	{"a policy of others only", func(a *account) { a.putBucketPolicy(foreignPolicy) }, []string{"policy statement IVSRealtimeRecording"}, `"Sid":"Theirs"`},
	{"no policy", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.DeleteBucketPolicy, &s3.DeleteBucketPolicyInput{Bucket: a.bucketName()})
	}, []string{"policy statement IVSRealtimeRecording"}, ""},
	{"tags of others only", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: a.bucketName(), Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("team"), Value: aws.String("video")}}}})
	}, ourTags, `"team":"video"`},
	{"storage without a tag", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.UntagResource, &ivsrealtime.UntagResourceInput{ResourceArn: a.storageARN(), TagKeys: []string{manifest.TagApp}})
	}, []string{"tag yolo:app"}, ""},
	{"encoder with another name tag", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.TagResource, &ivsrealtime.TagResourceInput{ResourceArn: a.encoderARN(), Tags: map[string]string{"Name": "mine", "cost": "7"}})
	}, []string{"tag Name"}, `"cost":"7"`},
	{"no storage", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: a.storageARN()})
	}, append([]string{"s3.bucket-name"}, ourTags...), ""},
	{"no encoder", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.DeleteEncoderConfiguration, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: a.encoderARN()})
	}, append([]string{"width", "height", "framerate", "bitrate"}, ourTags...), ""},
	{"a short retention", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: a.group(), RetentionInDays: aws.Int32(1)})
	}, []string{"retention-days"}, ""},
	{"an unfinished group", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.TagResource, &cloudwatchlogs.TagResourceInput{ResourceArn: a.groupARN(), Tags: map[string]string{tagPending: "retention"}})
		do(a.t, a.clients(driftRegion).Logs.DeleteRetentionPolicy, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: a.group()})
	}, []string{"retention-days", "tag yolo:pending"}, ""},
	{"group tags", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.UntagResource, &cloudwatchlogs.UntagResourceInput{ResourceArn: a.groupARN(), TagKeys: []string{manifest.TagEnvironment}})
		do(a.t, a.clients(driftRegion).Logs.TagResource, &cloudwatchlogs.TagResourceInput{ResourceArn: a.groupARN(), Tags: map[string]string{"owner": "us"}})
	}, []string{"tag yolo:environment"}, `"owner":"us"`},
	{"no group", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a.group()})
	}, append([]string{"retention-days"}, ourTags...), ""},
	{"no logs policy", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.DeleteResourcePolicy, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(a.wish.Env.LogsPolicyName())})
	}, []string{"policy statement YoloIvsEvents"}, ""},
	{"a logs policy of others under our name", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{
			PolicyName: aws.String(a.wish.Env.LogsPolicyName()),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Route53","Effect":"Allow","Principal":{"Service":"route53.amazonaws.com"},` +
				`"Action":"logs:PutLogEvents","Resource":"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/route53/*:*"}]}`),
		})
	}, []string{"policy statement YoloIvsEvents"}, "Route53"},
	{"rule disabled", func(a *account) {
		do(a.t, a.clients(driftRegion).Events.DisableRule, &eventbridge.DisableRuleInput{Name: a.rule()})
	}, []string{"state"}, ""},
	{"rule of earlier tooling", func(a *account) {
		do(a.t, a.clients(driftRegion).Events.PutRule, &eventbridge.PutRuleInput{Name: a.rule(), EventPattern: aws.String(`{"source":["aws.ivs"]}`), Description: aws.String("by hand")})
	}, []string{"event-pattern"}, "by hand"},
	{"rule tags", func(a *account) {
		do(a.t, a.clients(driftRegion).Events.UntagResource, &eventbridge.UntagResourceInput{ResourceARN: a.ruleARN(), TagKeys: []string{"Name"}})
	}, []string{"tag Name"}, ""},
	{"target with a star", func(a *account) {
		a.putTarget(ebtypes.Target{
			Id: aws.String(manifest.TargetID), Arn: aws.String(*a.groupARN() + ":*"),
			DeadLetterConfig: &ebtypes.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:dead")},
		})
	}, []string{"arn"}, "sqs:eu-west-1:123456789012:dead"},
	{"no target", func(a *account) { a.removeTarget() }, []string{"arn"}, ""},
	{"a target of others", func(a *account) {
		a.putTarget(ebtypes.Target{Id: aws.String("theirs"), Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:queue")})
	}, nil, "sqs:eu-west-1:123456789012:queue"},
	{"the MediaConvert role", func(a *account) {
		role := aws.String(a.wish.Env.MediaConvertRoleName())
		if _, err := a.clients(driftRegion).IAM.GetRole(a.t.Context(), &iam.GetRoleInput{RoleName: role}); err == nil {
			return
		}
		do(a.t, a.clients(driftRegion).IAM.CreateRole, &iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"mediaconvert.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	}, []string{"policy statement MediaConvertRead"}, `"Sid":"MediaConvertRead"`},
}

const driftLayout = "regions: [eu-west-1, us-east-1]\n        recording: {real_time: true}"

// planned are the attributes that a plan would change, of a policy's statement
// the statement alone.
func (a *account) planned() []string {
	var all []string
	for n := range a.plan().All {
		for _, c := range n.Changes {
			if words := strings.Fields(c.Attribute); words[0] == "policy" {
				c.Attribute = strings.Join(words[:3], " ")
			}
			all = append(all, c.Attribute)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestDriftIsNamedAndMended(t *testing.T) {
	manyAtOnce(t, len(drifts), func(i int) (string, func(*testing.T)) {
		d := drifts[i]
		return d.name, func(t *testing.T) {
			a := start(t, driftLayout)
			a.sync()
			d.do(a)
			want := slices.Sorted(slices.Values(d.want))
			if diff := cmp.Diff(want, a.planned()); diff != "" {
				t.Errorf("planned attributes (-want +got):\n%s", diff)
			}
			a.sync()
			a.settled()
			if dump := strings.Join(a.dump(), "\n"); !strings.Contains(dump, d.keeps) || strings.Contains(dump, tagPending) {
				t.Errorf("%q is not there, or something is pending:\n%s", d.keeps, dump)
			}
		}
	})
}

// Any number of drifts at once, again and again on the same account.
func TestAnyDriftsAreMended(t *testing.T) {
	a := start(t, driftLayout)
	a.sync()
	rng := rand.New(rand.NewPCG(2, 3))
	for range 15 {
		var done []string
		for _, i := range rng.Perm(len(drifts))[:1+rng.IntN(8)] {
			// What needs a thing comes after what removed it, or has nothing to do.
			if d := drifts[i]; !strings.HasPrefix(d.name, "no ") || len(done) == 0 {
				d.do(a)
				done = append(done, d.name)
				if strings.HasPrefix(d.name, "no ") {
					break
				}
			}
		}
		a.sync()
		a.settled()
		if t.Failed() {
			t.Fatalf("after %q", done)
		}
	}
}

// The same account gives the same plan, whatever order maps have.
func TestPlansAreTheSame(t *testing.T) {
	a := start(t, driftLayout)
	a.sync()
	for _, d := range drifts {
		if !strings.HasPrefix(d.name, "no ") {
			d.do(a)
		}
	}
	first := a.plan()
	for range 10 {
		if !a.plan().Same(first) {
			t.Fatal("two plans of the same account differ")
		}
	}
}
