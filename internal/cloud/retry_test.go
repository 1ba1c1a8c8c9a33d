package cloud

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var storageInput = &ivsrealtime.CreateStorageConfigurationInput{
	S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String("bucket")},
}

func putPolicy(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.PutBucketPolicy, &s3.PutBucketPolicyInput{Bucket: aws.String("b"), Policy: aws.String("{}")})
	return err
}

func createBucket(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.CreateBucket, &s3.CreateBucketInput{Bucket: aws.String("b")}, UnrepeatedBucket)
	return err
}

func deletePolicy(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.DeleteBucketPolicy, &s3.DeleteBucketPolicyInput{Bucket: aws.String("b")})
	return err
}

func deleteLogsPolicy(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").Logs.DeleteResourcePolicy, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String("p")})
	return err
}

func putBlock(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.PutPublicAccessBlock, &s3.PutPublicAccessBlockInput{
		Bucket: aws.String("b"), PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{},
	})
	return err
}

func putRetention(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").Logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(14),
	})
	return err
}

func putLogsPolicy(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").Logs.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{})
	return err
}

func putRule(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").Events.PutRule, &eventbridge.PutRuleInput{Name: aws.String("r")})
	return err
}

func deleteStorage(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: aws.String("arn:aws:ivs:eu-west-1:123456789012:storage-configuration/abc")})
	return err
}

func tagStorage(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").IVS.TagResource, &ivsrealtime.TagResourceInput{
		ResourceArn: aws.String("arn:aws:ivs:eu-west-1:123456789012:storage-configuration/abc"), Tags: map[string]string{"a": "b"},
	})
	return err
}

func TestHowOftenARequestIsSent(t *testing.T) {
	page := reply{status: 503, header: map[string]string{"Content-Type": "text/html"}, body: "<html>Bad gateway</html>"}
	tests := map[string]struct {
		call      func(*testing.T, *Cloud) error
		replies   []reply
		want      int64
		code      string // of the error; "" means that it goes well in the end
		ambiguous bool
	}{
		"policy changed by others":    {putPolicy, []reply{xmlError(409, "OperationAborted", "conflict"), ok("")}, 1, "OperationAborted", false},
		"policy deleted meanwhile":    {deletePolicy, []reply{xmlError(409, "OperationAborted", "conflict"), ok("")}, 1, "OperationAborted", false},
		"logs policy, deleted":        {deleteLogsPolicy, []reply{jsonError(400, "OperationAbortedException", "{}"), ok("{}")}, 1, "OperationAbortedException", false},
		"bucket changed by others":    {putBlock, []reply{xmlError(409, "OperationAborted", "conflict"), ok("")}, 2, "", false},
		"bucket changed for long":     {putBlock, []reply{xmlError(409, "OperationAborted", "conflict")}, 8, "OperationAborted", false},
		"S3 slow down":                {putPolicy, []reply{xmlError(503, "SlowDown", "slow"), ok("")}, 2, "", false},
		"bucket throttled":            {createBucket, []reply{xmlError(503, "SlowDown", "slow"), ok("")}, 2, "", false},
		"bucket throttled for long":   {createBucket, []reply{xmlError(503, "SlowDown", "slow")}, 8, "SlowDown", false},
		"500 on a bucket":             {createBucket, []reply{xmlError(503, "ServiceUnavailable", "no"), ok("")}, 1, "ServiceUnavailable", true},
		"S3 refuses a policy":         {putPolicy, []reply{xmlError(400, "MalformedPolicy", "no")}, 1, "MalformedPolicy", false},
		"logs policy, by others":      {putLogsPolicy, []reply{jsonError(400, "OperationAbortedException", "{}"), ok("{}")}, 1, "OperationAbortedException", false},
		"group changed by others":     {putRetention, []reply{jsonError(400, "OperationAbortedException", "{}"), ok("{}")}, 2, "", false},
		"rule changed by others":      {putRule, []reply{jsonError(400, "ConcurrentModificationException", "{}"), ok("{}")}, 2, "", false},
		"quota is no throttling":      {putLogsPolicy, []reply{jsonError(400, "LimitExceededException", "{}")}, 1, "LimitExceededException", false},
		"throttled":                   {listStorages, []reply{jsonError(429, "ThrottlingException", "{}"), ok("{}")}, 2, "", false},
		"bare 429":                    {listStorages, []reply{{status: 429}, {status: 429}, ok("{}")}, 3, "", false},
		"bare 429 for long":           {listStorages, []reply{{status: 429}}, 8, "TooManyRequests", false},
		"500 on a read":               {listStorages, []reply{jsonError(500, "InternalServerException", "{}"), ok("{}")}, 2, "", false},
		"denied":                      {listStorages, []reply{jsonError(403, "AccessDeniedException", "{}")}, 1, "AccessDeniedException", false},
		"500 on a create":             {createStorage, []reply{jsonError(500, "InternalServerException", "{}"), ok("{}")}, 1, "InternalServerException", true},
		"503 page on a create":        {createStorage, []reply{page, ok("{}")}, 1, CodeInvalidAnswer, true},
		"create throttled":            {createStorage, []reply{jsonError(429, "ThrottlingException", "{}"), ok("{}")}, 2, "", false},
		"create, bare 429":            {createStorage, []reply{{status: 429}, ok("{}")}, 2, "", false},
		"create refused":              {createStorage, []reply{jsonError(400, "ValidationException", "{}")}, 1, "ValidationException", false},
		"create over quota":           {createStorage, []reply{jsonError(402, "ServiceQuotaExceededException", "{}")}, 1, "ServiceQuotaExceededException", false},
		"create meets a create":       {createStorage, []reply{jsonError(409, "ConflictException", "{}"), ok("{}")}, 2, "", false},
		"tag meets a create":          {tagStorage, []reply{jsonError(409, "ConflictException", "{}"), ok("{}")}, 2, "", false},
		"delete of one in use":        {deleteStorage, []reply{jsonError(409, "ConflictException", "{}")}, 1, "ConflictException", false},
		"create, closed":              {createStorage, []reply{{broken: "close"}, ok("{}")}, 1, CodeUnreachable, true},
		"create, cut":                 {createStorage, []reply{{status: 200, body: `{"storage`, broken: "cut"}, ok("{}")}, 1, CodeInvalidAnswer, true},
		"create throttled, then 500":  {createStorage, []reply{{status: 429}, jsonError(500, "InternalServerException", "{}")}, 2, "InternalServerException", true},
		"create answered with a page": {createStorage, []reply{{status: 200, header: page.header, body: "<html>Log in</html>"}}, 1, CodeInvalidAnswer, true},
		"read, closed once":           {listStorages, []reply{{broken: "close"}, ok("{}")}, 2, "", false},
		"read, closed for long":       {listStorages, []reply{{broken: "close"}}, 5, CodeUnreachable, true},
		"read, cut once":              {listStorages, []reply{{status: 200, body: `{"storage`, broken: "cut"}, ok("{}")}, 2, "", false},
		"read, error cut once":        {listStorages, []reply{{status: 404, body: `{"exceptionMess`, broken: "cut"}, ok("{}")}, 2, "", false},
		"create, error cut once":      {createStorage, []reply{{status: 409, body: `{"exceptionMess`, broken: "cut"}, ok("{}")}, 2, "", false},
		"read, cut for long":          {listStorages, []reply{{status: 200, body: `{"storage`, broken: "cut"}}, 5, CodeInvalidAnswer, true},
		"half a document":             {listStorages, []reply{ok(`{"storageConfigurations":[{"ar`), ok("{}")}, 2, "", false},
		"policy answered with a page": {putPolicy, []reply{{status: 200, header: page.header, body: "<html>Log in</html>"}}, 5, CodeInvalidAnswer, true},
		"closed between throttlings":  {listStorages, []reply{{status: 429}, {broken: "close"}, {status: 429}, ok("{}")}, 4, "", false},
		"page for long":               {listStorages, []reply{page}, 8, CodeInvalidAnswer, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, sent := script(t, test.replies...)
			c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
			err := test.call(t, c)
			if got := sent.Load(); got != test.want {
				t.Errorf("sent %d requests, want %d", got, test.want)
			}
			if total, _ := c.Requests(); total != test.want {
				t.Errorf("Requests counts %d, want %d", total, test.want)
			}
			if (err == nil) != (test.code == "") || test.code != "" && !Is(err, test.code) {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			if got := Ambiguous(err); got != test.ambiguous {
				t.Errorf("Ambiguous is %v, want %v: %v", got, test.ambiguous, err)
			}
		})
	}
}

// A connection that is refused never reached AWS, so a create may be repeated.
func TestNoConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
	for _, call := range []func(*testing.T, *Cloud) error{listStorages, createStorage} {
		before, _ := c.Requests()
		err := call(t, c)
		after, _ := c.Requests()
		if after-before != brokenAttempts || !Is(err, CodeUnreachable) || Ambiguous(err) {
			t.Errorf("after %d attempts: %v, ambiguous %v", after-before, err, Ambiguous(err))
		}
	}
}

func TestNoSuchHost(t *testing.T) {
	notFound := &net.DNSError{Err: "no such host", Name: "ivsrealtime.eu-west-1.api.aws", IsNotFound: true}
	c := load(t, Options{Endpoint: "http://ivsrealtime.invalid", AccessKey: "123456789012"})
	dial(c, func() (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: "tcp", Err: notFound} })
	err := createStorage(t, c)
	if total, _ := c.Requests(); total != 1 || !Is(err, CodeNoSuchHost) || Ambiguous(err) {
		t.Errorf("after %d attempts: %v", total, err)
	}
}

// A resolver that does not answer may do so in a moment.
func TestResolverDown(t *testing.T) {
	down := &net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}
	c := load(t, Options{Endpoint: "http://ivsrealtime.invalid", AccessKey: "123456789012"})
	dial(c, func() (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: "tcp", Err: down} })
	err := listStorages(t, c)
	if total, _ := c.Requests(); total != brokenAttempts || !Is(err, CodeNoSuchHost) {
		t.Errorf("after %d attempts: %v", total, err)
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

func TestNoAnswerInTime(t *testing.T) {
	c := load(t, Options{Endpoint: "http://slow.invalid", AccessKey: "123456789012"})
	dial(c, func() (net.Conn, error) { return nil, timeoutError{} })
	err := listStorages(t, c)
	if total, _ := c.Requests(); total != timeoutAttempts || !Is(err, CodeNoAnswer) {
		t.Errorf("after %d attempts: %v", total, err)
	}
}

func TestAttemptsOfTheEnvironment(t *testing.T) {
	for _, mode := range []string{"standard", "adaptive"} {
		t.Run(mode, func(t *testing.T) {
			cleanEnv(t, "")
			withKeys(t)
			url, sent := script(t, xmlError(409, "OperationAborted", "conflict"))
			t.Setenv("AWS_ENDPOINT_URL", url)
			t.Setenv("AWS_MAX_ATTEMPTS", "2")
			t.Setenv("AWS_RETRY_MODE", mode)
			c := load(t, Options{})
			if err := putBlock(t, c); !Is(err, "OperationAborted") || sent.Load() != 2 {
				t.Errorf("after %d attempts: %v", sent.Load(), err)
			}
			_, adaptive := c.base.Retryer().(*retry.AdaptiveMode)
			if adaptive != (mode == "adaptive") {
				t.Errorf("mode %s makes a %T", mode, c.base.Retryer())
			}
		})
	}
}

func TestCanceledIsNotRetried(t *testing.T) {
	url, _ := script(t, reply{status: 429})
	ctx, cancel := context.WithCancel(t.Context())
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012", delay: func(int, error) (time.Duration, error) {
		cancel()
		return time.Hour, nil
	}})
	_, err := Call(ctx, c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{})
	if total, _ := c.Requests(); total != 1 || !Is(err, "Canceled") {
		t.Errorf("after %d attempts: %v", total, err)
	}
}

// After an interruption a request ends with the answer of the attempt that was
// under way, or before the pause that follows one.
func TestNoAttemptAfterStop(t *testing.T) {
	for _, during := range []string{"attempt", "pause"} {
		t.Run(during, func(t *testing.T) {
			stop, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				if during == "attempt" {
					interrupt()
				}
				jsonError(429, "ThrottlingException", "{}").send(w)
			}))
			defer server.Close()
			c := load(t, Options{Endpoint: server.URL, AccessKey: "123456789012", Stop: stop, delay: func(int, error) (time.Duration, error) {
				interrupt()
				return 0, nil
			}})
			if err := listStorages(t, c); requests != 1 || !Is(err, "ThrottlingException") {
				t.Errorf("after %d requests: %v", requests, err)
			}
		})
	}
}

func TestLongestPause(t *testing.T) {
	var got []time.Duration
	for attempt := range attempts {
		got = append(got, longestPause(attempt+1))
	}
	const ms = time.Millisecond
	want := []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms, 5000 * ms}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	for range 100 {
		if delay, err := backoff(1, nil); err != nil || delay < 0 || delay >= firstDelay {
			t.Fatalf("backoff(1) = %v, %v", delay, err)
		}
	}
}
