package emulator_test

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// seen is what a client sees of a create and, without the fault, has made.
type seen struct {
	code string
	is   error
	made int
}

// "It can be told to be slow and to fail: … faults (which operation, which
// region, how many times, before or after the effect; an error code, a refused
// or reset connection, a cut answer, a hang, a thing that becomes visible only
// later, a skewed clock, IVS losing a policy edit to a concurrent writer)". The
// last one is TestPolicyEditsThatAreLost.
func TestFaultsThatItCanBeToldOf(t *testing.T) {
	errs := []error{io.EOF, syscall.ECONNRESET, io.ErrUnexpectedEOF, context.Canceled}
	for words, test := range map[string]struct {
		fault string
		want  []seen // of one create after the other
	}{
		"which operation":      {"op=CreateEncoder* code=ConflictException", []seen{{"ConflictException", nil, 0}}},
		"another operation":    {"op=CreateStorage* code=ConflictException", []seen{{"", nil, 1}}},
		"which region":         {"op=Create* region=us-east-1 code=ConflictException", []seen{{"ConflictException", nil, 0}}},
		"another region":       {"op=Create* region=eu-west-1 code=ConflictException", []seen{{"", nil, 1}}},
		"how many times":       {"op=Create* code=ConflictException times=2", []seen{{"ConflictException", nil, 0}, {"ConflictException", nil, 0}, {"", nil, 1}}},
		"after how many":       {"op=Create* code=ConflictException skip=1", []seen{{"", nil, 1}, {"ConflictException", nil, 1}}},
		"before the effect":    {"op=Create* code=InternalServerException", []seen{{"InternalServerException", nil, 0}}},
		"after the effect":     {"op=Create* code=InternalServerException after", []seen{{"InternalServerException", nil, 1}}},
		"a refused connection": {"op=Create* refuse", []seen{{"", io.EOF, 0}}},
		"a reset connection":   {"op=Create* reset", []seen{{"", syscall.ECONNRESET, 0}}},
		"a reset one, after":   {"op=Create* reset after", []seen{{"", syscall.ECONNRESET, 1}}},
		"a cut answer":         {"op=Create* cut", []seen{{"", io.ErrUnexpectedEOF, 1}}},
		"a hang":               {"op=Create* hang", []seen{{"", context.Canceled, 0}}},
		"a hang, after":        {"op=Create* hang after", []seen{{"", context.Canceled, 1}}},
		"a thing that becomes visible only later": {"op=Create* invisible=1h", []seen{{"", nil, 0}}},
		"a skewed clock":            {"op=Create* skew=1h", []seen{{"InvalidSignatureException", nil, 0}}},
		"a skewed clock, other way": {"op=Create* skew=-1h", []seen{{"InvalidSignatureException", nil, 0}}},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			f := start(t, emulator.Options{})
			f.Fault(test.fault)
			for i, want := range test.want {
				var err error
				if errors.Is(want.is, context.Canceled) {
					err = f.createAndGo(t, want.made)
				} else {
					_, err = f.ivs.CreateEncoderConfiguration(t.Context(), nil)
				}
				got := seen{code: code(err), made: f.encoders(t)}
				for _, known := range errs {
					if errors.Is(err, known) {
						got.is = known
					}
				}
				if got != want || (err == nil) != (want.code == "" && want.is == nil) {
					t.Errorf("create %d: %+v, want %+v (%v)", i+1, got, want, err)
				}
			}
		})
	}
}

// "over HTTP a 12-digit access key is the account, else --account, else the
// same default".
func TestAccountOfAnAccessKey(t *testing.T) {
	for _, test := range []struct{ option, accessKey, want string }{
		{"", "111111111111", "111111111111"},
		{"333333333333", "111111111111", "111111111111"},
		{"333333333333", "AKIAEXAMPLE", "333333333333"},
		{"333333333333", "1111111111111", "333333333333"},
		{"", "AKIAEXAMPLE", emulator.DefaultAccount},
	} {
		cfg := emulatortest.Start(t, emulator.Options{Account: test.option}).Config("eu-west-1", "")
		cfg.Credentials = credentials.NewStaticCredentialsProvider(test.accessKey, "secret", "")
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := "arn:aws:iam::" + test.want + ":root"; aws.ToString(who.Account) != test.want || *who.Arn != want || *who.UserId != test.want {
			t.Errorf("option %q, key %q: %s, %s, %s, want account %s", test.option, test.accessKey, *who.Account, *who.Arn, *who.UserId, test.want)
		}
	}
}
