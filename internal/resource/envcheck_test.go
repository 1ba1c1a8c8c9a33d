package resource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check compares what a file says with a plan, and gives the findings as "line
// code name".
func (a *account) check(found ...EnvFound) (findings, leftovers []string) {
	a.t.Helper()
	c := a.cloud()
	plan := a.engine(c).Plan(a.t.Context())
	wrong, left, err := CheckEnv(a.t.Context(), c, a.wish, plan, found)
	if err != nil {
		a.t.Fatal(err)
	}
	short := func(all []EnvFinding) (lines []string) {
		for _, f := range all {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", f.Line, f.Code, f.Name, f.Region)))
		}
		return lines
	}
	return short(wrong), short(left)
}

// env are the values of a plan, as a file has them that is right.
func (a *account) env() []EnvFound {
	a.t.Helper()
	var found []EnvFound
	for i, v := range EnvValues(a.wish, a.plan()) {
		found = append(found, EnvFound{Name: v.Name, Value: v.Value, Line: i + 1})
	}
	return found
}

func TestCheckEnvOrder(t *testing.T) {
	a := start(t, regional)
	a.wish.Logging = false
	a.sync()
	found := a.env()
	if findings, leftovers := a.check(found...); len(findings)+len(leftovers) > 0 {
		t.Errorf("a file that is right: %q, %q", findings, leftovers)
	}
	broken := []EnvFound{
		{Name: found[5].Name, Value: "", Line: 4},
		{Name: found[4].Name, Value: found[3].Value, Line: 7},
		{Name: found[3].Name, Value: found[3].Value, Line: 9, Commented: true},
		{Name: found[2].Name, Value: found[2].Value, Line: 11, Odd: true},
		{Name: "OTHER", Value: "x", Line: 12},
		{Name: found[1].Name, Value: found[1].Value, Line: 13},
	}
	want := []string{
		"4 EmptyValue AWS_IVS_ENCODER_CONFIGURATION_ARN_US_EAST_1 us-east-1",
		"7 OtherRegion AWS_IVS_STORAGE_CONFIGURATION_ARN_EU_WEST_1 eu-west-1",
		"9 CommentedOut AWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1 us-east-1",
		"11 OddForm AWS_IVS_REALTIME_RECORDINGS_BUCKET_EU_WEST_1 eu-west-1",
		"0 MissingKey AWS_IVS_REALTIME_RECORDINGS_BUCKET us-east-1",
		"0 MissingKey AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1 eu-west-1",
	}
	findings, _ := a.check(broken...)
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A file's values that are not right are looked up, and only those.
func TestCheckEnvAsksOnlyWhatItMust(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	found := a.env()
	a.server.ResetCalls()
	a.plan()
	before := len(a.calls())
	a.server.ResetCalls()
	a.check(found...)
	if now := len(a.calls()); now != before {
		t.Errorf("%d requests, and %d with a file that is right", before, now)
	}
}

// A value is wrong whether or not AWS tells what it is.
func TestCheckEnvWithoutAnAnswer(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	c := a.cloud()
	plan := a.engine(c).Plan(t.Context())
	a.fault("op=GetEncoderConfiguration code=AccessDeniedException status=403")
	findings, _, err := CheckEnv(t.Context(), c, a.wish, plan, []EnvFound{
		{Name: "AWS_IVS_ENCODER_CONFIGURATION_ARN_US_EAST_1", Value: "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/aaaaaaaaaaaa", Line: 1},
	})
	if err != nil || len(findings) == 0 || findings[0].Code != CodeOther || !strings.Contains(findings[0].Text, "ivs:GetEncoderConfiguration in us-east-1: AccessDeniedException") {
		t.Errorf("findings %+v, %v", findings, err)
	}
}

func TestCheckEnvJudgesForms(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	const bucket, encoder = "AWS_IVS_REALTIME_RECORDINGS_BUCKET", "AWS_IVS_ENCODER_CONFIGURATION_ARN_US_EAST_1"
	for _, c := range []struct{ name, value, code string }{
		{bucket, "arn:aws:s3:::yolo-production-app-ivs-realtime-recordings", CodeOtherKind},
		{bucket, "s3://yolo-production-app-ivs-realtime-recordings", CodeOtherKind},
		{bucket, "yolo-production-app-ivs-recordings-eu-central-1", CodeOtherRegion},
		{bucket, "another", CodeOtherBucket},
		{encoder, "abc", CodeOtherKind},
		{encoder, "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/", CodeOtherKind},
		{encoder, "arn:aws:ivs:us-east-1:123456789012:channel/abcdefghijkl", CodeOtherKind},
		{encoder, "arn:aws:s3:us-east-1:123456789012:encoder-configuration/abcdefghijkl", CodeOtherKind},
		{encoder, "arn:aws:ivs:us-east-1:123456789012:storage-configuration/abcdefghijkl", CodeOtherKind},
		{encoder, "arn:aws:ivs:eu-west-1:999999999999:encoder-configuration/abcdefghijkl", CodeOtherAccount},
		{encoder, "arn:aws:ivs:eu-west-1:123456789012:encoder-configuration/abcdefghijkl", CodeOtherRegion},
		{encoder, "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/abcdefghijkl", CodeStale},
		{encoder, "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/a b", CodeStale},
	} {
		findings, _ := a.check(EnvFound{Name: c.name, Value: c.value, Line: 1})
		if len(findings) == 0 || findings[0] != fmt.Sprintf("1 %s %s us-east-1", c.code, c.name) {
			t.Errorf("%s=%s: %q, want %s", c.name, c.value, findings, c.code)
		}
	}
}
