package script

import (
	"fmt"
	"os"
	"path/filepath"
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

	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// wreck is one way in which a synced account is broken before a proof.
type wreck struct {
	name    string
	do      func(b *bench)
	command string   // the verify that has to find it
	flags   []string // its flags beside --yes
	// link is the finding, with its verdict; all else is PASS, behind it, or not
	// to be told without it, as the also.
	link string
	also []string
	// evidence and fix are parts of what it says.
	evidence, fix string
	code          int // exit
}

const (
	broken  = 3
	expired = 4
)

// bucketPolicy replaces the bucket's policy.
func (b *bench) bucketPolicy(statements ...string) {
	b.t.Helper()
	document := aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	must[*s3.PutBucketPolicyOutput](b)(b.s3.PutBucketPolicy(b.t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(benchBucket), Policy: document}))
}

// grant is IVS's statement with something changed.
func grant(principal, acl, resource string) string {
	return fmt.Sprintf(`{"Sid":"Grant","Effect":"Allow","Principal":{"Service":%q},"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":%q,`+
		`"Condition":{"StringEquals":{"s3:x-amz-acl":%q},"Bool":{"aws:SecureTransport":"true"}}}`, principal, resource, acl)
}

// deny is a statement of somebody's security department.
func deny(action, condition string) string {
	return fmt.Sprintf(`{"Sid":"Guard","Effect":"Deny","Principal":"*","Action":%q,"Resource":%q%s}`, action, benchObjects, condition)
}

const (
	benchObjects = "arn:aws:s3:::" + benchBucket + "/*"
	composite    = "ivs-composite.eu-west-1.amazonaws.com"
	fullControl  = "bucket-owner-full-control"
	bothServices = `"events.amazonaws.com","delivery.logs.amazonaws.com"`
)

var rightGrant = grant(composite, fullControl, benchObjects)

func (b *bench) logsPolicy(statements ...string) {
	b.t.Helper()
	document := aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	must[*cloudwatchlogs.PutResourcePolicyOutput](b)(b.logs.PutResourcePolicy(b.t.Context(),
		&cloudwatchlogs.PutResourcePolicyInput{PolicyName: aws.String(benchPolicy), PolicyDocument: document}))
}

// deliver is the logs policy's statement with something changed.
func deliver(principals, resource, condition string) string {
	return fmt.Sprintf(`{"Sid":"Deliver","Effect":"Allow","Principal":{"Service":[%s]},"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":%q%s}`,
		principals, resource, condition)
}

func (b *bench) rule(pattern string, state ebtypes.RuleState) {
	b.t.Helper()
	must[*eventbridge.PutRuleOutput](b)(b.events.PutRule(b.t.Context(),
		&eventbridge.PutRuleInput{Name: aws.String(benchRule), EventPattern: aws.String(pattern), State: state}))
}

func (b *bench) target(t ebtypes.Target) {
	b.t.Helper()
	t.Id = aws.String(benchTarget)
	must[*eventbridge.PutTargetsOutput](b)(b.events.PutTargets(b.t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String(benchRule), Targets: []ebtypes.Target{t}}))
}

func (b *bench) noTarget() {
	b.t.Helper()
	must[*eventbridge.RemoveTargetsOutput](b)(b.events.RemoveTargets(b.t.Context(), &eventbridge.RemoveTargetsInput{Rule: aws.String(benchRule), Ids: []string{benchTarget}}))
}

func (b *bench) noBucket() {
	b.t.Helper()
	must[*s3.DeleteBucketOutput](b)(b.s3.DeleteBucket(b.t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(benchBucket)}))
}

func (b *bench) storageARN() *string {
	b.t.Helper()
	out := must[*ivsrealtime.ListStorageConfigurationsOutput](b)(b.ivs.ListStorageConfigurations(b.t.Context(), nil))
	return out.StorageConfigurations[0].Arn
}

func (b *bench) noStorage() {
	b.t.Helper()
	must[*ivsrealtime.DeleteStorageConfigurationOutput](b)(b.ivs.DeleteStorageConfiguration(b.t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{Arn: b.storageARN()}))
}

// edit replaces a text in a file of the app.
func (b *bench) edit(file, from, to string) {
	b.t.Helper()
	path := filepath.Join(b.dir, file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		b.t.Fatalf("%s has no %q: %v\n%s", file, from, err, text)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), from, to)), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

const (
	recording    = "verify:recording"
	logging      = "verify:logging"
	mendLogs     = "yolo sync:logging production"
	mendRecords  = "yolo sync:recording production"
	noGrant      = "the bucket policy does not let IVS write"
	noDelivery   = "no logs resource policy lets EventBridge write"
	ivsPattern   = `{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`
	someoneElses = "999999999999"
)

var envFile = []string{"--env-file", ".env"}

var wrecks = slices.Concat(bucketWrecks, configurationWrecks, ruleWrecks, logWrecks)

var bucketWrecks = []wreck{
	{name: "grant removed", command: recording, link: "write-access FAIL", evidence: noGrant, fix: mendRecords, do: func(b *bench) {
		must[*s3.DeleteBucketPolicyOutput](b)(b.s3.DeleteBucketPolicy(b.t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String(benchBucket)}))
	}},
	{name: "Deny added", command: recording, link: "write-access FAIL", evidence: `statement "Guard" denies s3:PutObject`, fix: "change that statement", do: func(b *bench) {
		b.bucketPolicy(rightGrant, deny("s3:Put*", ""))
	}},
	{name: "Deny of uploads without a KMS header", command: recording, flags: []string{"--dry-run"}, link: "write-access NOT_PROVEN", evidence: `statement "Guard" may deny s3:PutObject`, fix: "change that statement", do: func(b *bench) {
		b.bucketPolicy(rightGrant, deny("s3:PutObject", `,"Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`))
	}},
	{name: "Deny of the ACL that IVS sends", command: recording, link: "write-access FAIL", evidence: `statement "Guard" denies`, fix: "change that statement", do: func(b *bench) {
		b.bucketPolicy(rightGrant, deny("s3:PutObject*", `,"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`))
	}},
	{name: "Deny that may catch it", command: recording, flags: []string{"--dry-run"}, link: "write-access NOT_PROVEN", evidence: "cannot be judged here", fix: "change that statement", do: func(b *bench) {
		b.bucketPolicy(rightGrant, deny("s3:PutObject", `,"Condition":{"StringNotEquals":{"aws:SourceAccount":"123456789012"}}`))
	}},
	{name: "principal of another region", command: recording, link: "write-access FAIL", evidence: noGrant, fix: mendRecords, do: func(b *bench) {
		b.bucketPolicy(grant("ivs-composite.us-east-1.amazonaws.com", fullControl, benchObjects))
	}},
	{name: "principal of low latency", command: recording, link: "write-access FAIL", evidence: noGrant, fix: mendRecords, do: func(b *bench) {
		b.bucketPolicy(grant("ivs.amazonaws.com", fullControl, benchObjects))
	}},
	{name: "grant for another ACL", command: recording, link: "write-access FAIL", evidence: noGrant, fix: mendRecords, do: func(b *bench) {
		b.bucketPolicy(grant(composite, "private", benchObjects))
	}},
	{name: "grant for some of the objects", command: recording, link: "write-access FAIL", evidence: noGrant, fix: mendRecords, do: func(b *bench) {
		b.bucketPolicy(grant(composite, fullControl, "arn:aws:s3:::"+benchBucket+"/recordings/*"))
	}},
	{name: "ownership of the writer", command: recording, link: "object-ownership FAIL", evidence: "does not let recordings in", fix: mendRecords, do: func(b *bench) {
		must[*s3.PutBucketOwnershipControlsOutput](b)(b.s3.PutBucketOwnershipControls(b.t.Context(), &s3.PutBucketOwnershipControlsInput{
			Bucket:            aws.String(benchBucket),
			OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}}},
		}))
	}},
	{name: "KMS by default", command: recording, link: "encryption FAIL", evidence: "aws:kms, not SSE-S3", fix: "set the bucket's default encryption to SSE-S3", do: func(b *bench) {
		must[*s3.PutBucketEncryptionOutput](b)(b.s3.PutBucketEncryption(b.t.Context(), &s3.PutBucketEncryptionInput{
			Bucket: aws.String(benchBucket),
			ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms},
			}}},
		}))
	}},
	{name: "encryption not to be read", command: recording, flags: []string{"--dry-run"}, link: "encryption NOT_PROVEN", evidence: "could not be looked at", fix: "allow s3:GetEncryptionConfiguration", do: func(b *bench) {
		b.aws.Fault("op=GetBucketEncryption code=AccessDenied")
	}},
	{name: "bucket gone", command: recording, link: "bucket FAIL", evidence: "the recordings bucket is missing", fix: mendRecords, do: (*bench).noBucket},
	{name: "bucket of somebody else", command: recording, link: "bucket FAIL", evidence: "the recordings bucket is someone else's", fix: "aws.ivs.recording.bucket-name", do: func(b *bench) {
		b.noBucket()
		theirs := s3.NewFromConfig(b.aws.Config(benchRegion, someoneElses))
		must[*s3.CreateBucketOutput](b)(theirs.CreateBucket(b.t.Context(), &s3.CreateBucketInput{
			Bucket: aws.String(benchBucket), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: benchRegion},
		}))
	}},
	{name: "bucket in the wrong region", command: recording, link: "bucket-region FAIL", evidence: "its bucket is in us-east-1", fix: "name a bucket that is in eu-west-1", do: func(b *bench) {
		b.noBucket()
		there := s3.NewFromConfig(b.aws.Config("us-east-1", ""))
		must[*s3.CreateBucketOutput](b)(there.CreateBucket(b.t.Context(), &s3.CreateBucketInput{
			Bucket: aws.String(benchBucket), ObjectOwnership: s3types.ObjectOwnershipBucketOwnerPreferred,
		}))
		policy := aws.String(`{"Version":"2012-10-17","Statement":[` + rightGrant + `]}`)
		must[*s3.PutBucketPolicyOutput](b)(there.PutBucketPolicy(b.t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(benchBucket), Policy: policy}))
	}},
}

var configurationWrecks = []wreck{
	{name: "no storage configuration", command: recording, link: "storage-configuration FAIL", evidence: "the storage configuration is missing", fix: mendRecords, do: (*bench).noStorage},
	{name: "storage configuration of another bucket", command: recording, link: "storage-configuration FAIL", evidence: "the storage configuration is missing", fix: mendRecords, do: func(b *bench) {
		b.noStorage()
		const other = "another-bucket-of-ours"
		must[*s3.CreateBucketOutput](b)(b.s3.CreateBucket(b.t.Context(), &s3.CreateBucketInput{
			Bucket: aws.String(other), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: benchRegion},
		}))
		must[*ivsrealtime.CreateStorageConfigurationOutput](b)(b.ivs.CreateStorageConfiguration(b.t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
			Name: aws.String(benchStorage), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(other)},
		}))
		b.bucketPolicy(rightGrant)
	}},
	{name: "storage configuration of a run that was killed", command: recording, link: "storage-configuration FAIL", evidence: "of a run that did not finish", fix: mendRecords, do: func(b *bench) {
		must[*ivsrealtime.TagResourceOutput](b)(b.ivs.TagResource(b.t.Context(), &ivsrealtime.TagResourceInput{ResourceArn: b.storageARN(), Tags: map[string]string{"yolo:pending": "x"}}))
	}},
	{name: "encoder changed", command: recording, link: "encoder-configuration FAIL", evidence: "the encoder configuration is missing", fix: mendRecords, do: func(b *bench) {
		b.edit("yolo.yml", "width: 320, height: 180", "width: 640, height: 360")
	}},
	{name: "stale ARN in .env", command: recording, flags: envFile, link: "env-file FAIL", evidence: "is not there any more; an app that uses it will not record in eu-west-1", fix: "yolo env production --write .env", do: func(b *bench) {
		b.edit(".env", ":storage-configuration/", ":storage-configuration/x")
	}},
	{name: "another bucket in .env", command: recording, flags: envFile, link: "env-file FAIL", evidence: "AWS_IVS_REALTIME_RECORDINGS_BUCKET", fix: "yolo env production --write .env", do: func(b *bench) {
		b.edit(".env", benchBucket, "bucket-of-last-year")
	}},
	{name: "key missing in .env", command: recording, flags: envFile, link: "env-file FAIL", evidence: "AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1: the key is missing", fix: "yolo env production --write .env", do: func(b *bench) {
		b.edit(".env", "AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1", "AWS_IVS_ENCODER")
	}},
	{name: "region without IVS", command: recording, link: "ivs FAIL", evidence: "IVS Real-Time does not answer in ap-southeast-2", fix: "use one of", do: func(b *bench) {
		b.edit("yolo.yml", "regions: [eu-west-1]", "regions: [ap-southeast-2]")
		b.aws.Fault("service=ivs region=ap-southeast-2 refuse")
	}},
	{name: "lists refused", command: recording, flags: []string{"--dry-run"}, link: "ivs NOT_PROVEN", also: []string{"storage-configuration"}, evidence: "IVS did not answer", fix: "allow ivs:ListStorageConfigurations", do: func(b *bench) {
		b.aws.Fault("op=ListStorageConfigurations code=AccessDeniedException")
	}},
	{name: "credentials expired", command: recording, link: "ivs NOT_PROVEN", also: []string{"storage-configuration", "encoder-configuration"}, evidence: "IVS did not answer", fix: "log in again", code: expired, do: func(b *bench) {
		b.aws.Fault("service=ivs code=ExpiredTokenException status=403")
	}},
}

var ruleWrecks = []wreck{
	{name: "rule disabled", command: logging, link: "rule FAIL", evidence: "the rule is disabled", fix: mendLogs, do: func(b *bench) {
		must[*eventbridge.DisableRuleOutput](b)(b.events.DisableRule(b.t.Context(), &eventbridge.DisableRuleInput{Name: aws.String(benchRule)}))
	}},
	{name: "no rule", command: logging, link: "rule FAIL", evidence: "the rule is missing", fix: mendLogs, do: func(b *bench) {
		b.noTarget()
		must[*eventbridge.DeleteRuleOutput](b)(b.events.DeleteRule(b.t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String(benchRule)}))
	}},
	{name: "pattern narrowed to a type", command: logging, link: "event-pattern FAIL", evidence: "leaves out Session Start, Session End, Session Failure, Destination Start", fix: mendLogs, do: func(b *bench) {
		b.rule(`{"source":["aws.ivs"],"detail-type":["IVS Stage Update","IVS Participant Recording State Change"]}`, ebtypes.RuleStateEnabled)
	}},
	{name: "pattern without failures", command: logging, link: "event-pattern FAIL", evidence: "leaves out Session Failure, Destination Failure", fix: mendLogs, do: func(b *bench) {
		b.rule(`{"source":["aws.ivs"],"detail":{"event_name":[{"anything-but":{"suffix":"Failure"}}]}}`, ebtypes.RuleStateEnabled)
	}},
	{name: "pattern of another source", command: logging, link: "event-pattern FAIL", evidence: "matches no event of IVS", fix: mendLogs, do: func(b *bench) {
		b.rule(`{"source":["aws.s3"]}`, ebtypes.RuleStateEnabled)
	}},
	{name: "rules not to be read", command: logging, flags: []string{"--dry-run"}, link: "rule NOT_PROVEN", also: []string{"event-pattern"}, evidence: "could not be looked at", fix: "allow events:", do: func(b *bench) {
		b.aws.Fault("op=DescribeRule code=AccessDeniedException")
	}},
	{name: "target with a star", command: logging, link: "target FAIL", evidence: `ends in ":*", with which events may not arrive`, fix: mendLogs, do: func(b *bench) {
		b.target(ebtypes.Target{Arn: aws.String(benchARN + ":*")})
	}},
	{name: "target of another group", command: logging, link: "target FAIL", evidence: "not this log group", fix: mendLogs, do: func(b *bench) {
		b.target(ebtypes.Target{Arn: aws.String(benchARN + "-two")})
	}},
	{name: "target that takes a part", command: logging, link: "target FAIL", evidence: "does not write events as they are", fix: mendLogs, do: func(b *bench) {
		b.target(ebtypes.Target{Arn: aws.String(benchARN), InputTransformer: &ebtypes.InputTransformer{
			InputPathsMap: map[string]string{"t": "$.time"}, InputTemplate: aws.String(`{"timestamp":<t>,"message":"event"}`),
		}})
	}},
	{name: "no target", command: logging, link: "target FAIL", evidence: "the target is missing", fix: mendLogs, do: (*bench).noTarget},
}

var logWrecks = []wreck{
	{name: "logs policy gone", command: logging, link: "logs-policy FAIL", evidence: noDelivery, fix: mendLogs, do: func(b *bench) {
		must[*cloudwatchlogs.DeleteResourcePolicyOutput](b)(b.logs.DeleteResourcePolicy(b.t.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(benchPolicy)}))
	}},
	{name: "logs policy with one principal", command: logging, link: "logs-policy FAIL", evidence: noDelivery, fix: mendLogs, do: func(b *bench) {
		b.logsPolicy(deliver(`"events.amazonaws.com"`, benchARN+":*", ""))
	}},
	{name: "logs policy with SourceArn", command: logging, link: "logs-policy FAIL", evidence: noDelivery, fix: mendLogs, do: func(b *bench) {
		b.logsPolicy(deliver(bothServices, benchARN+":*", `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/`+benchRule+`"}}`))
	}},
	{name: "logs policy without the streams", command: logging, link: "logs-policy FAIL", evidence: noDelivery, fix: mendLogs, do: func(b *bench) {
		b.logsPolicy(deliver(bothServices, benchARN, ""))
	}},
	{name: "logs policy of another group", command: logging, link: "logs-policy FAIL", evidence: noDelivery, fix: mendLogs, do: func(b *bench) {
		b.logsPolicy(deliver(bothServices, benchARN+"-two:*", ""))
	}},
	{name: "Deny in a logs policy", command: logging, link: "logs-policy FAIL", evidence: `statement "Stop" denies logs:PutLogEvents`, fix: "change that statement", do: func(b *bench) {
		b.logsPolicy(deliver(bothServices, benchARN+":*", ""), `{"Sid":"Stop","Effect":"Deny","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}`)
	}},
	{name: "group deleted", command: logging, link: "log-group FAIL", evidence: "the log group is missing", fix: mendLogs, do: func(b *bench) {
		must[*cloudwatchlogs.DeleteLogGroupOutput](b)(b.logs.DeleteLogGroup(b.t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(benchGroup)}))
	}},
	{name: "retention", command: logging, link: "retention FAIL", evidence: "events are kept for 1 day, and the manifest asks for 14", fix: mendLogs, do: func(b *bench) {
		must[*cloudwatchlogs.PutRetentionPolicyOutput](b)(b.logs.PutRetentionPolicy(b.t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(benchGroup), RetentionInDays: aws.Int32(1)}))
	}},
}

// TestVerifyBreaks: each way to break one thing has a finding of its own, with
// what to do about it. Nothing passes, and no show is put on behind it.
func TestVerifyBreaks(t *testing.T) {
	t.Parallel()
	if len(wrecks) < 25 {
		t.Errorf("there are only %d ways", len(wrecks))
	}
	folder := synced(t)
	for _, w := range emulatortest.Sample(wrecks) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, folder)
			w.do(b)
			w.check(b)
		})
	}
}

func (w wreck) check(b *bench) {
	t := b.t
	t.Helper()
	b.aws.ResetCalls()
	s := b.verify(append([]string{w.command, "production", "--yes"}, w.flags...)...)
	line := "configuration " + w.link
	want := []string{line}
	for _, name := range w.also {
		want = append(want, "configuration "+name+" NOT_PROVEN")
	}
	if !slices.Equal(s.wrong(), want) {
		t.Errorf("wrong is %q, want %q\n%s", s.wrong(), want, s.stderr)
	}
	if want := max(w.code, broken); s.code != want {
		t.Errorf("exit code %d, want %d", s.code, want)
	}
	if !strings.HasSuffix(w.link, s.Result) {
		t.Errorf("the result is %s", s.Result)
	}
	f := s.thing(line)
	if !strings.Contains(f.Evidence, w.evidence) || !strings.Contains(f.Fix, w.fix) || f.Fix == "" {
		t.Errorf("it says %q, to be mended by %q; want %q and %q", f.Evidence, f.Fix, w.evidence, w.fix)
	}
	for _, step := range s.Steps {
		for _, one := range step.Resources {
			if step.ID != "configuration" && one.Verdict != "NOT_PROVEN" {
				t.Errorf("%s %s is %s though nothing was shown", step.ID, one.Name, one.Verdict)
			}
		}
	}
	if len(b.aws.Writes()) > 0 {
		t.Errorf("there were writes behind it: %v", b.aws.Writes())
	}
}
