package resource

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
	"github.com/yolo-live/yolo/internal/manifest"
)

// unsound are the links that do not hold, as "feature region link hold: evidence".
func unsound(chains []Chain) []string {
	var lines []string
	for _, c := range chains {
		for _, l := range c.Links {
			word := map[Hold]string{Doubtful: "doubtful", Broken: "broken", Moot: "moot"}[l.Hold]
			if word != "" {
				line := fmt.Sprintf("%s %s %s %s: %s", c.Feature, c.Region, l.ID, word, l.Evidence)
				lines = append(lines, strings.TrimSuffix(line, ": "))
			}
		}
	}
	return lines
}

const (
	bucketOfApp  = "yolo-production-app-ivs-realtime-recordings"
	groupOfApp   = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ivs/yolo-production-app"
	bucketObject = "arn:aws:s3:::" + bucketOfApp + "/*"
)

func (a *account) grant(statements ...string) {
	a.putBucketPolicy(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func (a *account) logsPolicy(statements ...string) {
	do(a.t, a.clients(driftRegion).Logs.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String(a.wish.Env.LogsPolicyName()), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`),
	})
}

func (a *account) putRule(pattern string, state ebtypes.RuleState) {
	do(a.t, a.clients(driftRegion).Events.PutRule, &eventbridge.PutRuleInput{Name: a.rule(), EventPattern: aws.String(pattern), State: state})
}

// allow is IVS's own kind of statement for a principal and an ACL.
func allow(principal, acl string) string {
	return fmt.Sprintf(`{"Sid":"A","Effect":"Allow","Principal":{"Service":%q},"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":%q,`+
		`"Condition":{"StringEquals":{"s3:x-amz-acl":%q},"Bool":{"aws:SecureTransport":"true"}}}`, principal, bucketObject, acl)
}

// deliver is the logs policy's statement with something changed.
func deliver(principals, resource, condition string) string {
	return fmt.Sprintf(`{"Sid":"L","Effect":"Allow","Principal":{"Service":[%s]},"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":%q%s}`,
		principals, resource, condition)
}

const (
	bothServices = `"events.amazonaws.com","delivery.logs.amazonaws.com"`
	composite    = "ivs-composite.eu-west-1.amazonaws.com"
	noGrant      = "recording eu-west-1 write-access broken: the bucket policy does not let IVS write"
	noDelivery   = "logging eu-west-1 logs-policy broken: no logs resource policy lets EventBridge write"
)

var breaks = []struct {
	name string
	do   func(a *account)
	want []string
}{
	{"nothing", func(*account) {}, nil},
	{"tags and public access", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.DeletePublicAccessBlock, &s3.DeletePublicAccessBlockInput{Bucket: a.bucketName()})
		do(a.t, a.clients(driftRegion).IVS.UntagResource, &ivsrealtime.UntagResourceInput{ResourceArn: a.storageARN(), TagKeys: []string{manifest.TagApp}})
	}, nil},
	{"grant removed", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.DeleteBucketPolicy, &s3.DeleteBucketPolicyInput{Bucket: a.bucketName()})
	}, []string{noGrant}},
	{"another region's principal", func(a *account) {
		a.grant(allow("ivs-composite.us-east-1.amazonaws.com", "bucket-owner-full-control"))
	}, []string{noGrant}},
	{"the principal of low latency", func(a *account) { a.grant(allow("ivs.amazonaws.com", "bucket-owner-full-control")) }, []string{noGrant}},
	{"a grant for another ACL", func(a *account) { a.grant(allow(composite, "private")) }, []string{noGrant}},
	{"IVS's own grant only", func(a *account) { a.grant(allow(composite, "bucket-owner-full-control")) }, nil},
	{"a Deny that catches it", func(a *account) {
		a.grant(allow(composite, "bucket-owner-full-control"), fmt.Sprintf(`{"Sid":"D","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":%q}`, bucketObject))
	}, []string{`recording eu-west-1 write-access broken: in the bucket policy statement "D" denies s3:PutObject to ` + composite}},
	{"a Deny of plain HTTP", func(a *account) {
		a.grant(allow(composite, "bucket-owner-full-control"),
			fmt.Sprintf(`{"Sid":"D","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":%q,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, bucketObject))
	}, nil},
	{"a Deny that may catch it", func(a *account) {
		a.grant(allow(composite, "bucket-owner-full-control"),
			fmt.Sprintf(`{"Sid":"D","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":%q,"Condition":{"StringNotEquals":{"aws:SourceAccount":"123456789012"}}}`, bucketObject))
	}, []string{`recording eu-west-1 write-access doubtful: in the bucket policy statement "D" may deny s3:PutObject to ` + composite +
		`: its condition StringNotEquals aws:SourceAccount "123456789012" cannot be judged here`}},
	{"ownership of the writer", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutBucketOwnershipControls, &s3.PutBucketOwnershipControlsInput{Bucket: a.bucketName(), OwnershipControls: &s3types.OwnershipControls{
			Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}},
		}})
	}, []string{"recording eu-west-1 object-ownership broken: the bucket's object ownership does not let recordings in"}},
	{"KMS by default", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutBucketEncryption, &s3.PutBucketEncryptionInput{Bucket: a.bucketName(), ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms}}},
		}})
	}, []string{"recording eu-west-1 encryption broken: the bucket's default encryption is aws:kms, not SSE-S3"}},
	{
		"encryption not to be read", func(a *account) { a.fault("op=GetBucketEncryption code=AccessDenied times=9") },
		[]string{"recording eu-west-1 encryption doubtful: the bucket's default encryption could not be looked at"},
	},
	{"no bucket", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.DeleteBucket, &s3.DeleteBucketInput{Bucket: a.bucketName()})
	}, []string{
		"recording eu-west-1 bucket broken: the recordings bucket is missing", "recording eu-west-1 bucket-region moot",
		"recording eu-west-1 object-ownership moot", "recording eu-west-1 encryption moot", "recording eu-west-1 write-access moot",
	}},
	{"another app's bucket", func(a *account) {
		do(a.t, a.clients(driftRegion).S3.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: a.bucketName(), Tagging: &s3types.Tagging{
			TagSet: []s3types.Tag{{Key: aws.String(manifest.TagApp), Value: aws.String("other")}},
		}})
	}, []string{
		"recording eu-west-1 bucket broken: the recordings bucket is someone else's", "recording eu-west-1 bucket-region moot",
		"recording eu-west-1 object-ownership moot", "recording eu-west-1 encryption moot", "recording eu-west-1 write-access moot",
	}},
	{"no storage configuration", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: a.storageARN()})
	}, []string{"recording eu-west-1 storage-configuration broken: the storage configuration is missing"}},
	{"a storage configuration of a dead run", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.TagResource, &ivsrealtime.TagResourceInput{ResourceArn: a.storageARN(), Tags: map[string]string{tagPending: "x"}})
	}, []string{"recording eu-west-1 storage-configuration broken: the storage configuration is of a run that did not finish"}},
	{"another encoder", func(a *account) {
		do(a.t, a.clients(driftRegion).IVS.DeleteEncoderConfiguration, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: a.encoderARN()})
		do(a.t, a.clients(driftRegion).IVS.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{
			Name: aws.String(a.wish.Env.EncoderName()), Video: &ivstypes.Video{Width: aws.Int32(640), Height: aws.Int32(360)},
		})
	}, []string{"recording eu-west-1 encoder-configuration broken: the encoder configuration is missing"}},
	{
		"lists refused", func(a *account) { a.fault("op=ListStorageConfigurations code=AccessDeniedException times=9") },
		[]string{"recording eu-west-1 ivs doubtful: IVS did not answer in eu-west-1", "recording eu-west-1 storage-configuration doubtful: the storage configuration could not be looked at", "logging eu-west-1 ivs doubtful: IVS did not answer in eu-west-1"},
	},
	{"rule disabled", func(a *account) {
		do(a.t, a.clients(driftRegion).Events.DisableRule, &eventbridge.DisableRuleInput{Name: a.rule()})
	}, []string{"logging eu-west-1 rule broken: the rule is disabled"}},
	{"no rule", func(a *account) {
		a.removeTarget()
		do(a.t, a.clients(driftRegion).Events.DeleteRule, &eventbridge.DeleteRuleInput{Name: a.rule()})
	}, []string{"logging eu-west-1 rule broken: the rule is missing", "logging eu-west-1 event-pattern moot", "logging eu-west-1 target broken: the target is missing"}},
	{"pattern of one type", func(a *account) {
		a.putRule(`{"source":["aws.ivs"],"detail-type":["IVS Stage Update","IVS Participant Recording State Change"]}`, ebtypes.RuleStateEnabled)
	}, []string{"logging eu-west-1 event-pattern broken: the rule's pattern leaves out Session Start, Session End, Session Failure, Destination Start, Destination End, Destination Failure, Destination Reconnecting"}},
	{"pattern without failures", func(a *account) {
		a.putRule(`{"source":["aws.ivs"],"detail":{"event_name":[{"anything-but":{"suffix":"Failure"}}]}}`, ebtypes.RuleStateEnabled)
	}, []string{"logging eu-west-1 event-pattern broken: the rule's pattern leaves out Session Failure, Destination Failure, Recording Start Failure, Recording End Failure"}},
	{
		"pattern of another source", func(a *account) { a.putRule(`{"source":["aws.s3"]}`, ebtypes.RuleStateEnabled) },
		[]string{"logging eu-west-1 event-pattern broken: the rule's pattern matches no event of IVS"},
	},
	{"a wider pattern", func(a *account) { a.putRule(`{"source":["aws.ivs"]}`, ebtypes.RuleStateEnabled) }, nil},
	{"target with a star", func(a *account) {
		a.putTarget(ebtypes.Target{Id: aws.String(manifest.TargetID), Arn: aws.String(groupOfApp + ":*")})
	}, []string{`logging eu-west-1 target broken: the target's ARN ` + groupOfApp + `:* ends in ":*", with which events may not arrive`}},
	{"target of another group", func(a *account) {
		a.putTarget(ebtypes.Target{Id: aws.String(manifest.TargetID), Arn: aws.String(groupOfApp + "-two")})
	}, []string{"logging eu-west-1 target broken: the target is " + groupOfApp + "-two, not this log group"}},
	{"target that takes a part", func(a *account) {
		a.putTarget(ebtypes.Target{Id: aws.String(manifest.TargetID), Arn: aws.String(groupOfApp), InputTransformer: &ebtypes.InputTransformer{
			InputPathsMap: map[string]string{"t": "$.time"}, InputTemplate: aws.String(`{"timestamp":<t>,"message":"event"}`),
		}})
	}, []string{"logging eu-west-1 target broken: the target does not write events as they are: it has an input transformer"}},
	{"no target", func(a *account) { a.removeTarget() }, []string{"logging eu-west-1 target broken: the target is missing"}},
	{"no logs policy", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.DeleteResourcePolicy, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(a.wish.Env.LogsPolicyName())})
	}, []string{noDelivery}},
	{"logs policy with one principal", func(a *account) { a.logsPolicy(deliver(`"events.amazonaws.com"`, groupOfApp+":*", "")) }, []string{noDelivery}},
	{"logs policy with SourceArn", func(a *account) {
		a.logsPolicy(deliver(bothServices, groupOfApp+":*", `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/x"}}`))
	}, []string{noDelivery}},
	{"logs policy of the group without streams", func(a *account) { a.logsPolicy(deliver(bothServices, groupOfApp, "")) }, []string{noDelivery}},
	{"a Deny in a logs policy", func(a *account) {
		a.logsPolicy(deliver(bothServices, groupOfApp+":*", ""), `{"Sid":"D","Effect":"Deny","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}`)
	}, []string{`logging eu-west-1 logs-policy broken: of the logs resource policies policy "yolo-production-ivs-eventbridge-policy": statement "D" denies logs:PutLogEvents to events.amazonaws.com`}},
	{"no log group", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a.group()})
	}, []string{"logging eu-west-1 log-group broken: the log group is missing", "logging eu-west-1 retention moot", "logging eu-west-1 target moot"}},
	{"a short retention", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: a.group(), RetentionInDays: aws.Int32(1)})
	}, []string{"logging eu-west-1 retention broken: events are kept for 1 day, and the manifest asks for 14"}},
	{"a long retention", func(a *account) {
		do(a.t, a.clients(driftRegion).Logs.DeleteRetentionPolicy, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: a.group()})
	}, nil},
}

// TestChains: each way to break something makes just its own link unsound.
func TestChains(t *testing.T) {
	some := emulatortest.Sample(breaks)
	manyAtOnce(t, len(some), func(i int) (string, func(*testing.T)) {
		b := some[i]
		return b.name, func(t *testing.T) {
			a := start(t, "regions: [eu-west-1]\n        recording: {real_time: true}")
			a.sync()
			b.do(a)
			chains := Chains(a.wish, a.plan(), nil)
			if diff := cmp.Diff(b.want, unsound(chains)); diff != "" {
				t.Errorf("unsound links (-want +got):\n%s", diff)
			}
			for _, c := range chains {
				for _, l := range c.Links {
					if l.Hold == Holds && (l.Fact == "" || l.Evidence == "") {
						t.Errorf("%s %s holds without a fact or evidence: %+v", c.Feature, l.ID, l)
					}
					if strings.Contains(l.Evidence, "cannot be judged here") && l.Fact == "" {
						t.Errorf("%s %s is doubtful without a fact: %+v", c.Feature, l.ID, l)
					}
				}
			}
		}
	})
}

// TestChainsOfSharedBucket: the region whose bucket is elsewhere is broken, and
// the manifest's line is named.
func TestChainsOfSharedBucket(t *testing.T) {
	a := start(t, shared)
	a.sync()
	chains := Chains(a.wish, a.plan(), nil)
	want := []string{"recording eu-west-1 bucket-region broken: its bucket is in us-east-1"}
	if diff := cmp.Diff(want, unsound(chains)); diff != "" {
		t.Errorf("unsound links (-want +got):\n%s", diff)
	}
	if fix := chains[2].Broken().Fix; !strings.Contains(fix, "set aws.ivs.recording.bucket: regional") {
		t.Errorf("the fix is %q", fix)
	}
}

// TestChainsOfApp: what an app has in its variables breaks its region's chain.
func TestChainsOfApp(t *testing.T) {
	a := start(t, regional)
	a.sync()
	found := a.env()
	file := slices.DeleteFunc(slices.Clone(found), func(f EnvFound) bool { return f.Name == "AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1" })
	for i := range file {
		if file[i].Name == "AWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1" {
			file[i].Value = "arn:aws:ivs:us-east-1:123456789012:storage-configuration/AAAAAAAAAAAA"
		}
	}
	for name, c := range map[string]struct {
		found []EnvFound
		want  []string
	}{
		"right": {found, nil},
		"stale and missing": {file, []string{
			"recording us-east-1 env-file broken: .env:4: AWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1: this storage configuration is not there any more; an app that uses it will not record in us-east-1",
			"recording eu-west-1 env-file broken: .env: AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1: the key is missing; an app without it cannot record in eu-west-1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := a.plan()
			findings, _, err := CheckEnv(t.Context(), a.cloud(), a.wish, plan, c.found)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, unsound(Chains(a.wish, plan, &AppEnv{File: ".env", Findings: findings}))); diff != "" {
				t.Errorf("unsound links (-want +got):\n%s", diff)
			}
		})
	}
}
