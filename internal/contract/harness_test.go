package contract

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// likeAWS is an emulator that is used as a real account is.
func likeAWS(t *testing.T) (*account, *emulatortest.Instance) {
	t.Helper()
	i := emulatortest.Start(t, emulator.Options{})
	return &account{id: emulator.DefaultAccount, config: i.Config}, i
}

// inhabit puts something of everything into the account, as somebody else's.
func inhabit(t *testing.T, a *account) {
	t.Helper()
	cfg := a.config(home, a.id)
	ivs := ivsrealtime.NewFromConfig(cfg)
	_, err := s3.NewFromConfig(cfg).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("theirs")})
	_, storage := ivs.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
		S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String("theirs")},
	})
	_, encoder := ivs.CreateEncoderConfiguration(t.Context(), nil)
	_, group := cloudwatchlogs.NewFromConfig(cfg).CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("theirs")})
	_, policy := cloudwatchlogs.NewFromConfig(cfg).PutResourcePolicy(t.Context(),
		&cloudwatchlogs.PutResourcePolicyInput{PolicyName: aws.String("theirs"), PolicyDocument: aws.String(deliveryPolicy)})
	_, rule := eventbridge.NewFromConfig(cfg).PutRule(t.Context(),
		&eventbridge.PutRuleInput{Name: aws.String("theirs"), EventPattern: aws.String(serviceEvents)})
	_, role := iam.NewFromConfig(cfg).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("theirs"), AssumeRolePolicyDocument: aws.String(trust)})
	if err := errors.Join(err, storage, encoder, group, policy, rule, role); err != nil {
		t.Fatal(err)
	}
}

// On a real account nothing of others may stand in a proof's way or be changed
// by it, and what a proof may need is one account and two regions. The state is
// in memory here, and on disk in TestContract and TestShows.
func TestSuiteSparesAnInhabitedAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("TestContract and TestShows prove the same in an empty account")
	}
	t.Parallel()
	a, i := likeAWS(t)
	a.advance = i.Advance // shows need not wait
	inhabit(t, a)
	before := a.leftovers(t)
	i.ResetCalls()
	for _, g := range suite() {
		for _, b := range g.beliefs {
			if b.onlyEmulated == "" {
				t.Run(b.id, func(t *testing.T) {
					o := a.persist(t.Context(), b, []time.Duration{0})
					if len(o.otherwise) > 0 {
						t.Errorf("as AWS might do it: %q", o.otherwise)
					}
					report(t, b, o)
				})
			}
		}
	}
	for _, call := range i.Calls() {
		if call.Account != a.id || call.Region != home && call.Region != away {
			t.Errorf("%s as account %s in %s", call.Operation, call.Account, call.Region)
		}
	}
	if diff := cmp.Diff(before, a.leftovers(t)); diff != "" {
		t.Errorf("what the account has (-before +after)\n%s", diff)
	}
}

func TestProofIsTriedWithLongerPauses(t *testing.T) {
	a, _ := likeAWS(t)
	var tried []time.Duration
	flaky := belief{prove: func(c *check) {
		tried = append(tried, c.pause)
		if len(tried) < 2 {
			c.Errorf("not seen yet")
		}
	}}
	if o := a.persist(t.Context(), flaky, []time.Duration{1, 2, 3}); len(o.failures) != 0 {
		t.Errorf("failures %q", o.failures)
	}
	if diff := cmp.Diff([]time.Duration{1, 2}, tried); diff != "" {
		t.Errorf("pauses (-want +got)\n%s", diff)
	}
}

func TestWhatComesOfAProof(t *testing.T) {
	made := func(c *check) {
		c.encoder(&encoderInput{})
		c.bucket(home)
	}
	refusedIn := func(words string) func(c *check) {
		return func(c *check) {
			_, err := cloudwatchlogs.NewFromConfig(c.in(home)).DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("x")})
			c.fails(err, "ResourceNotFoundException", words)
		}
	}
	filled := func(c *check) {
		for {
			c.encoder(&encoderInput{})
		}
	}
	for name, test := range map[string]struct {
		prove                       func(c *check)
		onAWS                       bool
		failures, notes, skipReason string // parts of them
	}{
		"proved":                    {prove: made},
		"failed":                    {prove: func(c *check) { made(c); c.Errorf("boom") }, failures: "harness_test.go:"},
		"ended":                     {prove: func(c *check) { made(c); c.Fatalf("boom"); c.Errorf("never") }, failures: "boom"},
		"panic":                     {prove: func(c *check) { made(c); panic("boom") }, failures: "panic: boom"},
		"an error":                  {prove: func(c *check) { made(c); c.ok(errors.New("boom")) }, failures: "boom"},
		"a full account":            {prove: filled, onAWS: true, skipReason: "the account has no room"},
		"a quota of the emulator":   {prove: filled, failures: "ServiceQuotaExceededException"},
		"a text of the emulator":    {prove: refusedIn("in other words"), failures: "in other words"},
		"a text of AWS":             {prove: refusedIn("in other words"), onAWS: true, notes: "in other words"},
		"accepted":                  {prove: func(c *check) { c.refused(nil, 400, "X") }, failures: "accepted, want X (400)"},
		"accepted in one case":      {prove: func(c *check) { c.refusedFor("the case", nil, 400, "X") }, failures: "the case"},
		"another code":              {prove: func(c *check) { c.refused(errors.New("boom"), 400, "X") }, failures: "want X (400), got boom"},
		"a difference":              {prove: func(c *check) { c.equal(1, 2) }, failures: "-want +got"},
		"an answer that never came": {prove: func(c *check) { c.record(c.in(home), &encoderInput{}, nil, errors.New("EOF")) }, failures: "not cleaned up"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := likeAWS(t)
			a.emulated = !test.onAWS
			o := a.try(t.Context(), belief{prove: test.prove}, 0)
			for _, part := range []struct{ what, got, want string }{
				{"failures", strings.Join(o.failures, "\n"), test.failures},
				{"notes", strings.Join(o.notes, "\n"), test.notes},
				{"skipped", o.skipped, test.skipReason},
			} {
				if (part.got == "") != (part.want == "") || !strings.Contains(part.got, part.want) {
					t.Errorf("%s: %q, want %q", part.what, part.got, part.want)
				}
			}
			if left := a.leftovers(t); len(left) > 0 {
				t.Errorf("not cleaned up: %q", left)
			}
		})
	}
}

func TestProofIsCleanedUpWhenInterrupted(t *testing.T) {
	a, _ := likeAWS(t)
	ctx, interrupt := context.WithCancel(t.Context())
	o := a.persist(ctx, belief{prove: func(c *check) {
		c.bucket(home)
		interrupt()
		c.bucket(home)
	}}, []time.Duration{0, 0})
	if len(o.failures) != 1 || !strings.Contains(o.failures[0], context.Canceled.Error()) {
		t.Errorf("failures %q, want one", o.failures)
	}
	if left := a.leftovers(t); len(left) > 0 {
		t.Errorf("not cleaned up: %q", left)
	}
}

func TestAnnouncementSaysWhatWillBeDone(t *testing.T) {
	var said strings.Builder
	announce(&said, "sandbox", "123456789012")
	for _, part := range []string{"profile sandbox", "123456789012", home, away, "may bill", marker} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("%q is not in\n%s", part, said.String())
		}
	}
	tried := 0
	for _, g := range withoutBill() {
		tried += len(slices.DeleteFunc(slices.Clone(g.beliefs), func(b belief) bool { return b.onlyEmulated != "" }))
	}
	if !strings.HasPrefix(said.String(), fmt.Sprintf("%d beliefs", tried)) {
		t.Errorf("it does not begin with %d beliefs:\n%s", tried, said.String())
	}
}

func TestAccountOfAProfile(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{})
	path := filepath.Join(t.TempDir(), "config")
	text := "[profile sandbox]\nendpoint_url = " + i.URL + "\naws_access_key_id = 111122223333\naws_secret_access_key = x\nregion = ap-south-1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", path)
	if _, err := onAWS(t.Context(), "missing"); err == nil || !strings.Contains(err.Error(), `profile "missing"`) {
		t.Errorf("a profile that is not there: %v", err)
	}
	a, err := onAWS(t.Context(), "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	if a.id != "111122223333" || a.emulated {
		t.Errorf("account %s, emulated: %t", a.id, a.emulated)
	}
	begun := time.Now()
	o := a.try(t.Context(), belief{prove: func(c *check) { c.encoder(&encoderInput{}) }}, time.Millisecond)
	if len(o.failures) > 0 {
		t.Errorf("failures %q", o.failures)
	}
	// A create and a delete, each in IVS's pace.
	if took := time.Since(begun); took < 2*ivsPace {
		t.Errorf("it took %v, want %v at least", took, 2*ivsPace)
	}
	for _, call := range i.Calls() {
		if call.Region != home || call.Account != a.id {
			t.Errorf("%s as account %s in %s", call.Operation, call.Account, call.Region)
		}
	}
}
