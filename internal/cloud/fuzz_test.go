package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventstypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// fixed answers each request with the same bytes.
type fixed struct {
	status      int
	contentType string
	body        []byte
}

func (f fixed) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return &http.Response{
		StatusCode: f.status, Status: http.StatusText(f.status), ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {f.contentType}},
		Body:   io.NopCloser(bytes.NewReader(f.body)), ContentLength: int64(len(f.body)),
	}, nil
}

// parsed are operations of each form that an answer has: JSON by path, JSON by
// target, XML of S3 and of the query protocol, lists, tags and events.
func parsed(c *Clients) []func(context.Context) error {
	id := aws.String("arn:aws:ivs:eu-west-1:123456789012:stage/abcd")
	b := aws.String("b")
	return []func(context.Context) error{
		asks(c.IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}),
		asks(c.IVS.GetComposition, &ivsrealtime.GetCompositionInput{Arn: id}),
		asks(c.IVS.CreateStage, &ivsrealtime.CreateStageInput{}),
		asks(c.IVS.ListParticipantEvents, &ivsrealtime.ListParticipantEventsInput{StageArn: id, SessionId: b, ParticipantId: b}),
		asks(c.Logs.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{}),
		asks(c.Logs.DescribeResourcePolicies, &cloudwatchlogs.DescribeResourcePoliciesInput{}),
		asks(c.Logs.FilterLogEvents, &cloudwatchlogs.FilterLogEventsInput{}),
		asks(c.Events.DescribeRule, &eventbridge.DescribeRuleInput{Name: b}),
		asks(c.Events.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: b}),
		asks(c.Events.PutTargets, &eventbridge.PutTargetsInput{Rule: b, Targets: []eventstypes.Target{{Arn: id, Id: b}}}),
		asks(c.S3.HeadBucket, &s3.HeadBucketInput{Bucket: b}),
		asks(c.S3.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: b}),
		asks(c.S3.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: b}),
		asks(c.S3.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: b}),
		asks(c.S3.ListObjectVersions, &s3.ListObjectVersionsInput{Bucket: b}),
		asks(c.S3.DeleteObjects, &s3.DeleteObjectsInput{Bucket: b, Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: b}}}}),
		asks(c.IAM.GetRole, &iam.GetRoleInput{RoleName: b}),
		asks(c.sts.GetCallerIdentity, &sts.GetCallerIdentityInput{}),
	}
}

func asks[I, O, P any](operation func(context.Context, I, ...func(P)) (O, error), in I) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := Call(ctx, operation, in)
		return err
	}
}

// FuzzAnswers: whatever answers, a call ends, and its error is one that tells
// the operation, the region, a code, a text, and is short.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []fixed{
		{200, "application/json", []byte(`{"storageConfigurations":[{"arn":1,"tags":[]}],"nextToken":{}}`)},
		{200, "application/json", []byte(`{"storageConfigurations":[null,{"s3":null}],"composition":[],"stage":"x"}`)},
		{200, "application/x-amz-json-1.1", []byte(`{"logGroups":{"a":"b"},"resourcePolicies":"x","events":[{"timestamp":1e999}]}`)},
		{200, "application/x-amz-json-1.1", []byte(`{"logGroups":[{"arn":"a`)},
		{200, "text/html", []byte("<!DOCTYPE html><title>Log in</title>")},
		{200, "application/xml", []byte("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet")},
		{200, "application/xml", []byte("<A><A><A><A>&lol;</A></A></A></A>")},
		{200, "application/xml", []byte(`<ListVersionsResult><IsTruncated>maybe</IsTruncated><Version><Size>x</Size></Version></ListVersionsResult>`)},
		{200, "", nil},
		{200, "application/json", []byte("null")},
		{200, "application/json", bytes.Repeat([]byte("["), 20_000)},
		{400, "application/json", []byte(`{"__type":7,"message":["x"]}`)},
		{403, "application/xml", []byte("<Error><Code>Access\x1b[31mDenied</Code><Message>\xff</Message></Error>")},
		{301, "application/xml", []byte("<Error><Code>PermanentRedirect</Code><Endpoint>evil.example</Endpoint></Error>")},
		{503, "text/html", []byte("<html>Bad gateway")},
		{204, "application/json", []byte("{}")},
	} {
		f.Add(seed.status, seed.contentType, seed.body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		c := load(t, Options{Endpoint: "http://127.0.0.1:1", AccessKey: "123456789012"})
		c.base.HTTPClient = fixed{status, contentType, body}
		c.base.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, call := range parsed(c.In("eu-west-1")) {
			err := call(ctx)
			if err == nil {
				continue
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Operation == "" || e.Region == "" || e.Code() == "" || len(e.Error()) > 3000 {
				t.Fatalf("HTTP %d, %q, %q: the error is %v", status, contentType, body, err)
			}
			if e.Message() == "" && e.Status == 0 {
				t.Errorf("HTTP %d, %q, %q: nothing is told: %v", status, contentType, body, err)
			}
		}
	})
}
