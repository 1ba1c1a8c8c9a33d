package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// fixture is an emulator and an IVS client that does not retry.
type fixture struct {
	*emulatortest.Instance
	ivs *ivsrealtime.Client
}

func start(t *testing.T, options emulator.Options) *fixture {
	t.Helper()
	i := emulatortest.Start(t, options)
	return &fixture{Instance: i, ivs: ivsClient(i, "us-east-1")}
}

func ivsClient(i *emulatortest.Instance, region string) *ivsrealtime.Client {
	return ivsrealtime.NewFromConfig(i.Config(region, ""), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
}

func (f *fixture) create(t *testing.T) error {
	_, err := f.ivs.CreateEncoderConfiguration(t.Context(), &ivsrealtime.CreateEncoderConfigurationInput{Name: aws.String("e")})
	return err
}

// encoders counts what a list shows.
func (f *fixture) encoders(t *testing.T) int {
	t.Helper()
	out, err := f.ivs.ListEncoderConfigurations(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(out.EncoderConfigurations)
}

func status(err error) int {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return e.HTTPStatusCode()
	}
	return 0
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

func TestFaultsOfOneCreate(t *testing.T) {
	tests := map[string]struct {
		fault  string
		code   string // of the error
		status int
		is     error // in its chain
		made   int   // configurations afterwards
	}{
		"code":                     {fault: "code=InternalServerException", code: "InternalServerException", status: 500},
		"a quota of IVS is a 402":  {fault: "code=ServiceQuotaExceededException", code: "ServiceQuotaExceededException", status: 402},
		"unmodeled code":           {fault: "code=ThrottlingException", code: "ThrottlingException", status: 429},
		"status overridden":        {fault: "code=Whatever status=418 message='no tea'", code: "Whatever", status: 418},
		"other service":            {fault: "service=s3 refuse", made: 1},
		"other account":            {fault: "account=000000000000 refuse", made: 1},
		"all of them match":        {fault: "service=ivs region=us-* op=Create*Configuration account=123456789012 refuse", is: io.EOF},
		"a policy edit of encoder": {fault: "lose-policy-edit", made: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := start(t, emulator.Options{})
			f.Fault(test.fault)
			err := f.create(t)
			wantError := test.code != "" || test.is != nil
			if (err != nil) != wantError {
				t.Fatalf("create: %v, want an error: %v", err, wantError)
			}
			if code(err) != test.code || status(err) != test.status {
				t.Errorf("create: %d %s, want %d %s (%v)", status(err), code(err), test.status, test.code, err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("create: %v, want %v", err, test.is)
			}
			f.ClearFaults()
			if made := f.encoders(t); made != test.made {
				t.Errorf("%d configurations were made, want %d", made, test.made)
			}
		})
	}
}

func TestFaultTimesAndSkip(t *testing.T) {
	f := start(t, emulator.Options{})
	f.Fault("op=CreateEncoderConfiguration code=ConflictException skip=1 times=2")
	var got []string
	for range 4 {
		got = append(got, code(f.create(t)))
	}
	if want := ",ConflictException,ConflictException,"; strings.Join(got, ",") != want {
		t.Errorf("codes %q, want %q", strings.Join(got, ","), want)
	}
	armed := f.Server.Faults()[0]
	if armed.Matched != 3 || armed.Struck != 2 {
		t.Errorf("matched %d and struck %d, want 3 and 2", armed.Matched, armed.Struck)
	}
}

// The create has no idempotency token and the SDK repeats it after a 500, so
// each attempt that had its effect leaves a configuration.
func TestRetriedCreateLeavesDuplicates(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{})
	i.Fault("op=CreateEncoderConfiguration code=InternalServerException after times=2")
	f := &fixture{Instance: i, ivs: ivsrealtime.NewFromConfig(i.Config("us-east-1", ""))}
	if err := f.create(t); err != nil {
		t.Fatal(err)
	}
	if made := f.encoders(t); made != 3 {
		t.Errorf("%d configurations, want 3", made)
	}
}

func TestInvisibleUntilItsTime(t *testing.T) {
	dir := t.TempDir()
	f := start(t, emulator.Options{Dir: dir})
	other := start(t, emulator.Options{Dir: dir})
	f.Fault("op=Create* invisible=1h times=1")
	out, err := f.ivs.CreateEncoderConfiguration(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	get := func(f *fixture) error {
		_, err := f.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: out.EncoderConfiguration.Arn})
		return err
	}
	for name, f := range map[string]*fixture{"the process": f, "another": other} {
		if _, missing := errors.AsType[*types.ResourceNotFoundException](get(f)); !missing || f.encoders(t) != 0 {
			t.Errorf("%s shows the configuration at once", name)
		}
	}
	other.Advance(time.Hour)
	for name, f := range map[string]*fixture{"the process": f, "another": other} {
		if err := get(f); err != nil || f.encoders(t) != 1 {
			t.Errorf("%s does not show the configuration when its time has come: %v", name, err)
		}
	}
}

// The SDK measures the skew by the answer's Date and signs anew, so one more
// attempt is all that a skewed clock costs.
func TestSkewedClock(t *testing.T) {
	for name, test := range map[string]struct {
		skew  string
		code  string
		calls int // with the SDK's retries
	}{
		"behind":       {"1h", "InvalidSignatureException", 2},
		"ahead":        {"-1h", "InvalidSignatureException", 2},
		"not by much":  {"4m", "", 1},
		"just too far": {"6m", "InvalidSignatureException", 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, emulator.Options{})
			f.Fault("skew=" + test.skew)
			if err := f.create(t); code(err) != test.code {
				t.Errorf("create: %v, want code %q", err, test.code)
			}
			f.ResetCalls()
			f.ivs = ivsrealtime.NewFromConfig(f.Config("us-east-1", ""))
			if err := f.create(t); err != nil {
				t.Errorf("the SDK did not correct the clock: %v", err)
			}
			if calls := len(f.Calls()); calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}

func TestSkewedClockOfSTS(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{})
	i.Fault("skew=1h")
	client := sts.NewFromConfig(i.Config("us-east-1", ""))
	if _, err := client.GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("the SDK did not correct the clock: %v", err)
	}
	if first := i.Calls()[0]; first.Code != "SignatureDoesNotMatch" || first.Status != http.StatusForbidden {
		t.Errorf("the first answer was %d %s, want 403 SignatureDoesNotMatch", first.Status, first.Code)
	}
}

// S3 lets a clock be off by more than the others do, and has a code of its own.
func TestSkewedClockOfS3(t *testing.T) {
	for skew, want := range map[string]string{"14m": "", "-16m": "RequestTimeTooSkewed"} {
		i := emulatortest.Start(t, emulator.Options{})
		i.Fault("skew=" + skew)
		if _, err := s3.NewFromConfig(i.Config("us-east-1", "")).ListBuckets(t.Context(), nil); err != nil {
			t.Errorf("%s: the SDK did not correct the clock: %v", skew, err)
		}
		if first := i.Calls()[0]; first.Code != want {
			t.Errorf("%s: the first answer was %d %s, want code %q", skew, first.Status, first.Code, want)
		}
	}
}

// What AWS's front end refuses has its text in another member than IVS's own
// errors, and the SDK drops it.
func TestTextOfAuthorizationErrors(t *testing.T) {
	f := start(t, emulator.Options{})
	for fault, want := range map[string]bool{"code=AccessDeniedException": false, "code=AccessDeniedException message=mine": true} {
		f.Fault(fault + " times=1")
		denied, ok := errors.AsType[*types.AccessDeniedException](f.create(t))
		if !ok {
			t.Fatalf("%s: not an AccessDeniedException", fault)
		}
		if has := denied.ExceptionMessage != nil; has != want {
			t.Errorf("%s: the SDK sees a text: %v, want %v", fault, has, want)
		}
	}
}

func TestLatencyOfARegion(t *testing.T) {
	f := start(t, emulator.Options{})
	const slow = 60 * time.Millisecond
	f.Latency("us-east-1=" + slow.String())
	begun := time.Now()
	if err := f.create(t); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < slow {
		t.Errorf("the create took %v, want %v at least", took, slow)
	}
	call := f.Calls()[0]
	if took := call.End.Sub(call.Start); took < slow {
		t.Errorf("the call log says %v, want %v at least", took, slow)
	}
}

// A share of what matches is struck, the same in each run that does the same,
// whatever other requests come between, and another one with another seed.
func TestFaultsStrikeAShare(t *testing.T) {
	const requests = 200
	pattern := func(seed string, between int) (struck string) {
		f := start(t, emulator.Options{})
		f.Fault("op=ListEncoderConfigurations region=us-* share=30% code=ThrottlingException seed=" + seed)
		elsewhere := ivsClient(f.Instance, "us-west-2")
		for range requests {
			for range between {
				_, _ = elsewhere.ListEncoderConfigurations(t.Context(), nil)
			}
			_, err := f.ivs.ListEncoderConfigurations(t.Context(), nil)
			if err == nil {
				struck += "."
			} else {
				struck += "x"
			}
		}
		return struck
	}
	first := pattern("1", 0)
	if n := strings.Count(first, "x"); n < requests*2/10 || n > requests*4/10 {
		t.Errorf("%d of %d were struck: %s", n, requests, first)
	}
	if again := pattern("1", 1); again != first {
		t.Errorf("the same seed struck\n%s\n%s", first, again)
	}
	if other := pattern("2", 0); other == first {
		t.Errorf("another seed struck the same: %s", other)
	}
}

// Each service has its own codes for what all of them turn away.
func TestFaultsInTheWordsOfTheService(t *testing.T) {
	type codes struct{ S3, IVS, STS string }
	for fault, want := range map[string]codes{
		"throttled": {"SlowDown", "ThrottlingException", "Throttling"},
		"expired":   {"ExpiredToken", "ExpiredTokenException", "ExpiredToken"},
	} {
		f := start(t, emulator.Options{})
		f.Fault(fault)
		cfg := f.Config("us-east-1", "")
		cfg.RetryMaxAttempts = 1
		_, s3Err := s3.NewFromConfig(cfg).ListBuckets(t.Context(), nil)
		_, stsErr := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
		if got := (codes{code(s3Err), code(f.create(t)), code(stsErr)}); got != want {
			t.Errorf("%s: %+v, want %+v", fault, got, want)
		}
	}
}
