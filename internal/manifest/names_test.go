package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGeneratedNames(t *testing.T) {
	e := &Environment{App: "liveplatforms", Name: "production"}
	got := map[string]string{
		"shared":     e.SharedBucketName(),
		"regional":   e.RegionalBucketName("eu-west-1"),
		"storage":    e.StorageName(),
		"encoder":    e.EncoderName(),
		"log group":  e.LogGroupName(),
		"policy":     e.LogsPolicyName(),
		"resource":   e.LogsPolicyResource("us-east-1", "123456789012"),
		"rule":       e.RuleName(),
		"target":     TargetID,
		"role":       e.MediaConvertRoleName(),
		"tag env":    e.Tags("x")["yolo:environment"],
		"tag app":    e.Tags("x")["yolo:app"],
		"tag name":   e.Tags("x")["Name"],
		"in default": e.BucketName("eu-west-1"),
	}
	want := map[string]string{
		"shared":     "yolo-production-liveplatforms-ivs-realtime-recordings",
		"regional":   "yolo-production-liveplatforms-ivs-recordings-eu-west-1",
		"storage":    "yolo-production-liveplatforms-ivs-storage",
		"encoder":    "yolo-production-liveplatforms-ivs-encoder",
		"log group":  "/aws/ivs/yolo-production-liveplatforms",
		"policy":     "yolo-production-ivs-eventbridge-policy",
		"resource":   "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-*:*",
		"rule":       "yolo-production-liveplatforms-ivs-state-change",
		"target":     "ivs-cloudwatch-logs",
		"role":       "yolo-production-liveplatforms-mediaconvert-role",
		"tag env":    "production",
		"tag app":    "liveplatforms",
		"tag name":   "x",
		"in default": "yolo-production-liveplatforms-ivs-realtime-recordings",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBucketName(t *testing.T) {
	for name, test := range map[string]struct {
		recording Recording
		want      string
	}{
		"shared":         {Recording{Layout: Shared}, "yolo-prod-shop-ivs-realtime-recordings"},
		"regional":       {Recording{Layout: Regional}, "yolo-prod-shop-ivs-recordings-eu-west-1"},
		"shared named":   {Recording{Layout: Shared, BucketName: "archive"}, "archive"},
		"regional named": {Recording{Layout: Regional, BucketName: "a-{region}-b"}, "a-eu-west-1-b"},
	} {
		e := &Environment{App: "shop", Name: "prod", Recording: test.recording}
		if got := e.BucketName("eu-west-1"); got != test.want {
			t.Errorf("%s: want %s, got %s", name, test.want, got)
		}
	}
}

func TestIsBucketName(t *testing.T) {
	for name, want := range map[string]bool{
		"abc":                   true,
		"a.b-c":                 true,
		"123":                   true,
		strings.Repeat("a", 63): true,
		"1.2.3":                 true,
		"":                      false,
		"ab":                    false,
		strings.Repeat("a", 64): false,
		"Abc":                   false,
		"a_b":                   false,
		"a b":                   false,
		"a{region}":             false,
		"é-archive":             false,
		"-abc":                  false,
		"abc-":                  false,
		".abc":                  false,
		"abc.":                  false,
		"a..b":                  false,
		"10.0.0.1":              false,
		"xn--abc":               false,
		"sthree-abc":            false,
		"amzn-s3-demo-abc":      false,
		"abc-s3alias":           false,
		"abc--ol-s3":            false,
		"abc.mrap":              false,
		"abc--x-s3":             false,
		"abc--table-s3":         false,
	} {
		if got := IsBucketName(name); got != want {
			t.Errorf("%q: want %t, got %t (%s)", name, want, got, bucketProblem(name))
		}
	}
}

// Tag values have at most 256 characters, which no accepted name exceeds.
func TestLongestNamesFitTags(t *testing.T) {
	for feature, limit := range map[string]int{
		"logging: true": 64 - len("yolo-e--ivs-state-change"),
		"recording: {real_time: true, bucket-name: archive}": 128 - len("yolo-e--ivs-storage"),
		"recording: {real_time: true}":                       63 - len("yolo-e--ivs-realtime-recordings"),
		"recording: {real_time: true, bucket: regional}":     63 - len("yolo-e--ivs-recordings-us-east-1"),
	} {
		open := func(length int) (*Manifest, error) {
			return openSource(newSource("yolo.yml", "name: "+strings.Repeat("a", length)+
				"\nenvironments: {e: {aws: {region: us-east-1, ivs: {"+feature+"}}}}\n"))
		}
		if _, err := open(limit + 1); err == nil {
			t.Errorf("%s: a name of %d characters is accepted", feature, limit+1)
		}
		m, err := open(limit)
		if err != nil {
			t.Errorf("%s: %v", feature, err)
			continue
		}
		e, _, _ := m.Environment("e")
		for _, name := range []string{e.BucketName("us-east-1"), e.StorageName(), e.EncoderName(), e.LogGroupName(), e.RuleName()} {
			for key, value := range e.Tags(name) {
				if len(value) > 256 {
					t.Errorf("%s: the tag %s has %d characters", feature, key, len(value))
				}
			}
		}
	}
}

func TestRegions(t *testing.T) {
	regions := IVSRegions()
	if len(regions) != 7 {
		t.Errorf("want the seven regions of IVS Real-Time, got %q", regions)
	}
	for _, region := range regions {
		if !IsIVSRegion(region) || !regionForm.MatchString(region) {
			t.Errorf("%s is not taken for a region", region)
		}
		if place := RegionPlace(region); !strings.HasSuffix(place, ")") {
			t.Errorf("%s is in %q", region, place)
		}
	}
	regions[0] = "changed"
	if !IsIVSRegion("us-east-1") || IsIVSRegion("changed") {
		t.Error("a change to the copy changed the list")
	}
	if place := RegionPlace("ap-southeast-2"); place != "" {
		t.Errorf("a region without IVS Real-Time is in %q", place)
	}
}

func TestRegionForm(t *testing.T) {
	for region, want := range map[string]bool{
		"us-east-1": true, "ap-southeast-12": true, "us-gov-west-1": true, "us-isob-east-1": true,
		"eusc-de-east-1": true, "cn-north-1": true, "mx-central-1": true,
		"us-east": false, "us-east-0": false, "us-east-1a": false, "useast1": false, "US-EAST-1": false,
		"usa-east-1": false, "us-east-1 ": false, " us-east-1": false, "us-east-1\n": false, "": false,
		"us--1": false, "us-east-123": false, "us-a-b-c-1": false, "aws-global": false,
	} {
		if got := regionForm.MatchString(region); got != want {
			t.Errorf("%q: want %t, got %t", region, want, got)
		}
	}
}
