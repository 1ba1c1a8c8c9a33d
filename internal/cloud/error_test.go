package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

func headBucket(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.HeadBucket, &s3.HeadBucketInput{Bucket: aws.String("b")})
	return err
}

func getRole(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").IAM.GetRole, &iam.GetRoleInput{RoleName: aws.String("r")})
	return err
}

func whoAmI(t *testing.T, c *Cloud) error {
	_, err := c.Account(t.Context())
	return err
}

// queryError is an error as STS and IAM send it.
func queryError(status int, code, message string) reply {
	return reply{status: status, header: map[string]string{"Content-Type": "text/xml", "X-Amzn-Requestid": "req-1"}, body: fmt.Sprintf(
		`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`, code, message)}
}

// What a person reads is the text, the hint and the request id.
func TestWhatAnErrorSays(t *testing.T) {
	const (
		again   = "log in again, or check the profile and the AWS_… variables, then run the same command again"
		slower  = "AWS asks to slow down; run the same command again, with --parallelism 5 if it stays"
		clock   = "set this machine's clock, then run the same command again"
		silent  = "S3 gives no reason for this call; most often the login has expired: log in again, then run the same command again"
		proxied = "check for a proxy in between, and AWS_ENDPOINT_URL if it is set"
	)
	allow := func(actions string) string {
		return "allow " + actions + " for the identity that runs yolo, or look for a policy that denies it"
	}
	page := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	tests := map[string]struct {
		call           func(*testing.T, *Cloud) error
		reply          reply
		text, hint, id string
	}{
		"IVS's own member": {
			createStorage, jsonError(402, "ServiceQuotaExceededException", `{"exceptionMessage":"Quota of 5 reached."}`),
			"ivs:CreateStorageConfiguration in eu-west-1: ServiceQuotaExceededException: Quota of 5 reached",
			"delete what is not used any more, or ask AWS to raise the quota (Service Quotas, Amazon IVS)", "req-1",
		},
		"message": {
			createStorage, jsonError(409, "ConflictException", `{"message":"in use"}`),
			"someone else is changing this: ivs:CreateStorageConfiguration in eu-west-1: ConflictException: in use", "it is in use, or being changed by somebody else; run the same command again later", "req-1",
		},
		"Message": {
			createStorage, jsonError(403, "AccessDeniedException", `{"Message":"User: arn:aws:iam::123456789012:user/x is not authorized to perform: ivs:CreateStorageConfiguration"}`),
			"ivs:CreateStorageConfiguration in eu-west-1: AccessDeniedException: User: arn:aws:iam::123456789012:user/x is not authorized to perform: ivs:CreateStorageConfiguration",
			allow("ivs:CreateStorageConfiguration, ivs:TagResource, s3:GetBucketLocation, s3:GetBucketPolicy, s3:PutBucketPolicy"), "req-1",
		},
		"no text": {
			listStorages, jsonError(403, "AccessDeniedException", ""),
			"ivs:ListStorageConfigurations in eu-west-1: AccessDeniedException (HTTP 403, without a text)", allow("ivs:ListStorageConfigurations"), "req-1",
		},
		"account not verified": {
			createStorage, jsonError(403, "PendingVerification", `{"exceptionMessage":"Your account is pending verification."}`),
			"ivs:CreateStorageConfiguration in eu-west-1: PendingVerification: Your account is pending verification", "AWS has not verified the account yet; wait, or ask AWS Support", "req-1",
		},
		"a gateway without a code": {
			listStorages,
			reply{status: 403, body: `{"message":"Forbidden by the gateway"}`},
			"ivs:ListStorageConfigurations in eu-west-1: Forbidden: Forbidden by the gateway", allow("ivs:ListStorageConfigurations"), "",
		},
		"a bare 429": {listStorages, reply{status: 429}, "ivs:ListStorageConfigurations in eu-west-1: TooManyRequests (HTTP 429, without a text)", slower, ""},
		"a proxy's page": {
			listStorages,
			reply{status: 502, header: page, body: "<html>\n <b>Bad   gateway</b>" + strings.Repeat("x", 100)},
			"ivs:ListStorageConfigurations in eu-west-1: InvalidAnswer: an answer that is not AWS's: HTTP 502, text/html; charset=utf-8: <html> <b>Bad gateway</b>" + strings.Repeat("x", 55) + "…", proxied, "",
		},
		"a hotel's page": {
			headBucket,
			reply{status: 200, header: page},
			"s3:HeadBucket in eu-west-1: InvalidAnswer: an answer that is not AWS's: HTTP 200, text/html; charset=utf-8: empty", proxied, "",
		},
		"a page instead of S3": {
			headBucket,
			reply{status: 403, header: page},
			"s3:HeadBucket in eu-west-1: InvalidAnswer: an answer that is not AWS's: HTTP 403, text/html; charset=utf-8: empty", proxied, "",
		},
		"a cut answer": {
			listStorages,
			reply{status: 200, header: map[string]string{"Content-Type": "application/json"}, body: "{", broken: "cut"},
			"ivs:ListStorageConfigurations in eu-west-1: InvalidAnswer: the answer broke off, or is not AWS's (HTTP 200, application/json): unexpected EOF", proxied, "",
		},
		"closed": {
			listStorages,
			reply{broken: "close"},
			"ivs:ListStorageConfigurations in eu-west-1: Unreachable: the connection was closed without an answer", "check the network, a proxy or VPN, and AWS_ENDPOINT_URL if it is set", "",
		},
		"no bucket":          {headBucket, reply{status: 404}, "s3:HeadBucket in eu-west-1: NotFound (HTTP 404, without a text)", "", ""},
		"forbidden bucket":   {headBucket, reply{status: 403}, "s3:HeadBucket in eu-west-1: Forbidden (HTTP 403, without a text)", allow("s3:ListBucket"), ""},
		"a bucket, no word":  {headBucket, reply{status: 400}, "s3:HeadBucket in eu-west-1: BadRequest (HTTP 400, without a text)", silent, ""},
		"S3":                 {putPolicy, xmlError(403, "AccessDenied", "Access Denied"), "s3:PutBucketPolicy in eu-west-1: AccessDenied (HTTP 403, without a text)", allow("s3:PutBucketPolicy"), "req-1"},
		"quota of logs":      {putLogsPolicy, jsonError(400, "LimitExceededException", `{"message":"Resource limit exceeded."}`), "logs:PutResourcePolicy in eu-west-1: LimitExceededException: Resource limit exceeded", "delete what is not used any more; this quota holds per region", "req-1"},
		"rule denied":        {putRule, jsonError(400, "AccessDeniedException", `{"Message":"no"}`), "events:PutRule in eu-west-1: AccessDeniedException: no", allow("events:PutRule, events:TagResource"), "req-1"},
		"role denied":        {getRole, queryError(403, "AccessDenied", "no"), "iam:GetRole in eu-west-1: AccessDenied: no", allow("iam:GetRole"), "req-1"},
		"expired at S3":      {putPolicy, xmlError(400, "ExpiredToken", "The provided token has expired."), "s3:PutBucketPolicy in eu-west-1: ExpiredToken: The provided token has expired", again, "req-1"},
		"unknown key at S3":  {putPolicy, xmlError(403, "InvalidAccessKeyId", "no such key"), "s3:PutBucketPolicy in eu-west-1: InvalidAccessKeyId: no such key", again, "req-1"},
		"expired at IVS":     {listStorages, jsonError(403, "ExpiredTokenException", `{"message":"expired"}`), "ivs:ListStorageConfigurations in eu-west-1: ExpiredTokenException: expired", again, "req-1"},
		"unknown at Logs":    {putLogsPolicy, jsonError(400, "UnrecognizedClientException", `{"message":"invalid token"}`), "logs:PutResourcePolicy in eu-west-1: UnrecognizedClientException: invalid token", again, "req-1"},
		"expired at Events":  {putRule, jsonError(400, "ExpiredTokenException", `{"message":"expired"}`), "events:PutRule in eu-west-1: ExpiredTokenException: expired", again, "req-1"},
		"expired at IAM":     {getRole, queryError(403, "ExpiredToken", "expired"), "iam:GetRole in eu-west-1: ExpiredToken: expired", again, "req-1"},
		"unknown at STS":     {whoAmI, queryError(403, "InvalidClientTokenId", "The security token included in the request is invalid."), "sts:GetCallerIdentity in eu-west-1: InvalidClientTokenId: The security token included in the request is invalid", again, "req-1"},
		"skewed clock":       {putLogsPolicy, jsonError(400, "InvalidSignatureException", `{"message":"Signature expired: 20200101T000000Z is now earlier than 20200101T000500Z"}`), "logs:PutResourcePolicy in eu-west-1: InvalidSignatureException: Signature expired: 20200101T000000Z is now earlier than 20200101T000500Z", clock, "req-1"},
		"skewed clock at S3": {putPolicy, xmlError(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."), "s3:PutBucketPolicy in eu-west-1: RequestTimeTooSkewed: The difference between the request time and the current time is too large", clock, "req-1"},
		"throttled at STS":   {whoAmI, queryError(400, "Throttling", "Rate exceeded"), "sts:GetCallerIdentity in eu-west-1: Throttling: Rate exceeded", slower, "req-1"},
		"throttled at S3":    {putPolicy, xmlError(503, "SlowDown", "Please reduce your request rate."), "s3:PutBucketPolicy in eu-west-1: SlowDown: Please reduce your request rate", slower, "req-1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := script(t, test.reply)
			err := test.call(t, load(t, Options{Endpoint: url, AccessKey: "123456789012"}))
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("error %v, want an *Error", err)
			}
			got := []string{err.Error(), e.Hint(), e.RequestID()}
			if diff := cmp.Diff([]string{test.text, test.hint, test.id}, got); diff != "" {
				t.Errorf("text, hint and request id (-want +got):\n%s", diff)
			}
			if e.Expired() != (test.hint == again || test.hint == clock || test.hint == silent) {
				t.Errorf("Expired is %v", e.Expired())
			}
		})
	}
}

func TestBucketRegion(t *testing.T) {
	for _, status := range []int{301, 400, 403} {
		url, _ := script(t, reply{status: status, header: map[string]string{"X-Amz-Bucket-Region": "ap-south-1"}})
		e, ok := errors.AsType[*Error](headBucket(t, load(t, Options{Endpoint: url, AccessKey: "123456789012"})))
		if !ok || e.BucketRegion != "ap-south-1" || e.Status != status {
			t.Errorf("HTTP %d: %+v", status, e)
		}
	}
}

// The Service Authorization Reference names these.
func TestActions(t *testing.T) {
	tests := []struct{ service, operation, want string }{
		{"S3", "HeadBucket", "s3:ListBucket"},
		{"S3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
		{"S3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
		{"S3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
		{"S3", "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"},
		{"S3", "CreateBucket", "s3:CreateBucket s3:PutBucketOwnershipControls s3:TagResource"},
		{"S3", "ListObjectVersions", "s3:ListBucketVersions"},
		{"IVS RealTime", "GetEncoderConfiguration", "ivs:GetEncoderConfiguration"},
		{"IVS RealTime", "DeleteStorageConfiguration", "ivs:DeleteStorageConfiguration s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy"},
		{"CloudWatch Logs", "PutRetentionPolicy", "logs:PutRetentionPolicy"},
		{"CloudWatch Logs", "CreateLogGroup", "logs:CreateLogGroup logs:TagResource"},
		{"EventBridge", "PutTargets", "events:PutTargets"},
		{"IAM", "GetRole", "iam:GetRole"},
	}
	for _, test := range tests {
		e := &Error{Service: test.service, Operation: test.operation}
		if got := strings.Join(e.Actions(), " "); got != test.want {
			t.Errorf("%s needs %s, want %s", test.operation, got, test.want)
		}
	}
}

func TestNotEvenSent(t *testing.T) {
	for url, code := range map[string]string{"http://[::1": CodeNotSent, "127.0.0.1:4566": CodeNotSent} {
		cleanEnv(t, "")
		withKeys(t)
		t.Setenv("AWS_ENDPOINT_URL", url)
		for _, call := range []func(*testing.T, *Cloud) error{listStorages, headBucket, createStorage} {
			c := load(t, Options{})
			err := call(t, c)
			e, _ := errors.AsType[*Error](err)
			if total, _ := c.Requests(); total != 0 || !Is(err, code) || !strings.Contains(e.Hint(), "AWS_ENDPOINT_URL") || Ambiguous(err) {
				t.Errorf("%s: %v (%d requests)", url, err, total)
			}
		}
	}
}

// Credentials that can no longer be had in the middle of a run.
func TestCredentialsGone(t *testing.T) {
	url, sent := script(t, ok("{}"))
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
	c.base.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("process provider error: error in credential_process: exit status 1")
	})
	err := createStorage(t, c)
	e, _ := errors.AsType[*Error](err)
	if !Is(err, CodeCredentials) || !e.Expired() || Ambiguous(err) || sent.Load() != 0 {
		t.Errorf("%v (%d requests)", err, sent.Load())
	}
	if !strings.Contains(err.Error(), "credential_process: exit status 1") {
		t.Errorf("%q does not tell the reason", err)
	}
}

func TestCounts(t *testing.T) {
	url, _ := script(t, reply{status: 429}, ok("{}"), reply{status: 429}, ok("{}"), ok("{}"))
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
	for _, call := range []func(*testing.T, *Cloud) error{listStorages, putRule, headBucket} {
		if err := call(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if total, mutating := c.Requests(); total != 5 || mutating != 2 {
		t.Errorf("%d requests, %d of them mutating; want 5 and 2, retries included", total, mutating)
	}
}

func TestTraceHasNoSecrets(t *testing.T) {
	cleanEnv(t, "")
	withKeys(t)
	t.Setenv("AWS_SESSION_TOKEN", "the-session-token")
	url, _ := script(t, reply{broken: "close"}, jsonError(500, "InternalServerException", "{}"), ok("{}"))
	t.Setenv("AWS_ENDPOINT_URL", url)
	var mu sync.Mutex
	var traced []Request
	c := load(t, Options{Trace: func(r Request) {
		mu.Lock()
		defer mu.Unlock()
		traced = append(traced, r)
	}})
	_, err := Call(t.Context(), c.In("eu-west-1").Logs.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{})
	_, err2 := Call(t.Context(), c.In("eu-west-1").Events.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("r")})
	_, err3 := Call(t.Context(), c.In("eu-west-1").IVS.ListStages, &ivsrealtime.ListStagesInput{})
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	var attempts []int
	var statuses []int
	for _, r := range traced {
		attempts, statuses = append(attempts, r.Attempt), append(statuses, r.Status)
		text := fmt.Sprintf("%+v", r)
		for _, secret := range []string{"the-secret", "the-session-token", "AKIDEXAMPLE", "Signature="} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the trace: %s", secret, text)
			}
		}
	}
	printed := fmt.Errorf("get identity: parse failed of process output: {the-secret, error: %s", "the-secret")
	code, text := unanswered(false, printed)
	if said := code + text + Brief(printed); strings.Contains(said, "the-secret") || code != CodeCredentials {
		t.Errorf("what a credential_process printed is told as %s", said)
	}
	if diff := cmp.Diff([][]int{{1, 2, 3, 1, 1}, {0, 500, 200, 200, 200}}, [][]int{attempts, statuses}); diff != "" {
		t.Errorf("attempts and statuses (-want +got):\n%s", diff)
	}
}

// What has one reason, whatever was asked for, can be told once.
func TestWhatFailedCallsHaveInCommon(t *testing.T) {
	tests := map[string]struct {
		call  func(*testing.T, *Cloud) error
		reply reply
		want  string
	}{
		"a closed connection": {listStorages, reply{broken: "close"}, "Unreachable in eu-west-1: the connection was closed without an answer"},
		"expired at S3":       {putPolicy, xmlError(400, "ExpiredToken", "The provided token has expired."), "ExpiredToken: the credentials have expired"},
		"expired at IVS":      {listStorages, jsonError(403, "ExpiredTokenException", "{}"), "ExpiredToken: the credentials have expired"},
		"denied":              {listStorages, jsonError(403, "AccessDeniedException", "{}"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := script(t, test.reply)
			e, ok := errors.AsType[*Error](test.call(t, load(t, Options{Endpoint: url, AccessKey: "123456789012"})))
			if !ok || e.Alike() != test.want {
				t.Errorf("%v have %q in common, want %q", e, e.Alike(), test.want)
			}
		})
	}
}
