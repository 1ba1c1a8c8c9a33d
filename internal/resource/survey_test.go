package resource

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/reconcile"
)

const regionalOne = "regions: [us-east-1]\n        recording: {real_time: true, bucket: regional}"

// manifest gives the account another manifest.
func (a *account) manifest(ivs string) {
	a.t.Helper()
	a.wish.Env = environment(a.t, ivs, a.wish.Env.AccountID)
	a.wish.Regions = a.wish.Env.Regions
}

// survey runs one alone.
func (a *account) survey() (*Survey, *reconcile.Report) {
	a.t.Helper()
	return a.surveyWith(func(s *Survey) ([]reconcile.Group, []reconcile.Node) { return s.Build() })
}

func (a *account) surveyWith(build func(*Survey) ([]reconcile.Group, []reconcile.Node)) (*Survey, *reconcile.Report) {
	c := a.cloud()
	s := NewSurvey(a.wish, c)
	s.waits = a.waits
	engine := &reconcile.Engine{Gate: func(context.Context) error { return nil }}
	engine.Groups, engine.Nodes = build(s)
	report := engine.Plan(a.t.Context())
	a.identified(c)
	return s, report
}

var configurationID = regexp.MustCompile(`(configuration|composition|stage)/[A-Za-z0-9]{12}`)

// told is what a survey found that is not wanted, a line a thing.
func told(i Inventory) []string {
	var lines []string
	for _, t := range i.Leftovers() {
		line := fmt.Sprintf("%s %s %s: %s", t.Key.Region, t.Key.Kind, t.Name, t.Why)
		for _, use := range t.Uses {
			line += fmt.Sprintf(" [%s]", use.Kind)
		}
		if t.Holds != "" {
			line += " holds " + t.Holds
		}
		if !t.Tagged {
			line += " (not tagged)"
		}
		if t.Unknown != nil {
			line += " (unknown)"
		}
		lines = append(lines, configurationID.ReplaceAllString(line, "$1/ID"))
	}
	return lines
}

func (a *account) leftovers(want ...string) {
	a.t.Helper()
	a.leftoversBut("", want...)
}

// leftoversBut is leftovers with warnings of a code, "" for none.
func (a *account) leftoversBut(code string, want ...string) {
	a.t.Helper()
	s, report := a.survey()
	warned := false
	for n := range report.All {
		if n.Err != nil {
			a.t.Errorf("%v: %v", n.Key, n.Err)
		}
		for _, w := range n.Warnings {
			warned = true
			if w.Code != code {
				a.t.Errorf("%v: %v", n.Key, w)
			}
		}
	}
	if !warned && code != "" {
		a.t.Errorf("no warning %s", code)
	}
	if diff := gocmp.Diff(want, told(s.Inventory())); diff != "" {
		a.t.Errorf("left over (-want +got):\n%s", diff)
	}
}

// What a manifest asks for is wanted, and read with the requests of a sync.
func TestSurveyWanted(t *testing.T) {
	a := start(t, regional)
	a.sync()
	a.leftovers()
	s, _ := a.survey()
	var found []string
	for _, thing := range s.Inventory().Things {
		if thing.Standing != Wanted || !thing.Tagged {
			t.Errorf("%v is %d, tagged %t", thing.Key, thing.Standing, thing.Tagged)
		}
		found = append(found, thing.Key.Region+" "+thing.Key.Kind)
	}
	var want []string
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		for _, kind := range []string{"recordings-bucket", "storage-configuration", "encoder-configuration", "log-group", "logs-resource-policy", "rule", "target"} {
			want = append(want, region+" "+kind)
		}
	}
	if diff := gocmp.Diff(want, found); diff != "" {
		t.Errorf("things (-want +got):\n%s", diff)
	}
}

// In one pass with the wanted resources nothing is asked for twice.
func TestSurveyReadsOnce(t *testing.T) {
	for name, ivs := range map[string]string{"shared": shared, "regional": regional} {
		t.Run(name, func(t *testing.T) {
			a := start(t, ivs)
			a.sync()
			a.server.ResetCalls()
			_, report := a.surveyWith(func(s *Survey) (groups []reconcile.Group, nodes []reconcile.Node) {
				groups, nodes = s.Wanted()
				more, looks := s.Build()
				return slices.Concat(groups, more), slices.Concat(nodes, looks)
			})
			if result, changed := report.Result(); result != reconcile.Synced || changed {
				t.Errorf("result %v, changed %t", result, changed)
			}
			asked := map[string]int{}
			for _, call := range a.calls() {
				asked[call.Region+" "+call.Operation]++
			}
			// The bucket's policy and tags are read with its own resource.
			for what, times := range asked {
				region, operation, _ := strings.Cut(what, " ")
				most := 1
				switch operation {
				case "HeadBucket": // the own name, the shared one, those of others
					most = 3
				case "ListTagsForResource": // of the log group and the rule
					most = 2
				}
				if times > most {
					t.Errorf("%d times %s in %s", times, operation, region)
				}
			}
		})
	}
}

// Nothing is in a region: one request for each kind.
func TestSurveyEmptyRegion(t *testing.T) {
	a := start(t, regionalOne)
	a.sync()
	a.server.ResetCalls()
	a.leftovers()
	var there []string
	for _, call := range a.calls() {
		if call.Region == "ap-south-1" {
			there = append(there, call.Operation)
		}
	}
	slices.Sort(there)
	want := []string{
		"DescribeLogGroups", "DescribeResourcePolicies", "DescribeRule", "HeadBucket", "ListEncoderConfigurations", "ListRules", "ListStages", "ListStorageConfigurations",
	}
	if diff := gocmp.Diff(want, there); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestSurveyDroppedRegion(t *testing.T) {
	a := start(t, regional)
	a.sync()
	do(t, a.clients("eu-west-1").S3.PutObject, &s3.PutObjectInput{
		Bucket: aws.String("yolo-production-app-ivs-recordings-eu-west-1"), Key: aws.String("a"), Body: strings.NewReader("b"),
	})
	a.manifest(regionalOne)
	a.leftovers(
		"eu-west-1 recordings-bucket yolo-production-app-ivs-recordings-eu-west-1: eu-west-1 is not in the manifest [storage configuration] holds objects",
		"eu-west-1 bucket-policy-principal ivs-composite.eu-west-1.amazonaws.com: eu-west-1 is not in the manifest [storage configuration]",
		"eu-west-1 storage-configuration yolo-production-app-ivs-storage: eu-west-1 is not in the manifest",
		"eu-west-1 encoder-configuration yolo-production-app-ivs-encoder: eu-west-1 is not in the manifest",
		"eu-west-1 log-group /aws/ivs/yolo-production-app: eu-west-1 is not in the manifest",
		"eu-west-1 logs-resource-policy yolo-production-ivs-eventbridge-policy: eu-west-1 is not in the manifest",
		"eu-west-1 rule yolo-production-app-ivs-state-change: eu-west-1 is not in the manifest",
		"eu-west-1 target ivs-cloudwatch-logs: eu-west-1 is not in the manifest",
	)

	// Another app of the environment keeps the policy.
	do(t, a.clients("eu-west-1").Logs.CreateLogGroup, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/aws/ivs/yolo-production-other")})
	s, _ := a.survey()
	for _, line := range told(s.Inventory()) {
		if strings.Contains(line, "logs-resource-policy") {
			t.Errorf("left over: %s", line)
		}
	}

	// Only what the command is about is looked for, and only where.
	a.wish.Recording = false
	s, _ = a.survey()
	if lines := told(s.Inventory()); len(lines) != 3 {
		t.Errorf("of event logging: %q", lines)
	}
	a.wish.Narrowed = true
	a.leftovers()
}

// The shared bucket's policy has a principal of a region that is dropped.
func TestSurveyDroppedPrincipal(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	a.manifest("regions: [us-east-1]\n        recording: {real_time: true}")
	a.leftovers(
		"us-east-1 bucket-policy-principal ivs-composite.eu-west-1.amazonaws.com: eu-west-1 is not in the manifest [storage configuration]",
		"eu-west-1 storage-configuration yolo-production-app-ivs-storage: eu-west-1 is not in the manifest",
		"eu-west-1 encoder-configuration yolo-production-app-ivs-encoder: eu-west-1 is not in the manifest",
	)
}

// From one bucket for all regions to one for each, and back.
func TestSurveyLayout(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	const sharedName, regionalName = "yolo-production-app-ivs-realtime-recordings", "yolo-production-app-ivs-recordings-eu-west-1"
	replaced := fmt.Sprintf("eu-west-1 storage-configuration yolo-production-app-ivs-storage: it records to %s, not to %s", sharedName, regionalName)
	a.manifest(regional)
	s, _ := a.survey()
	if lines := told(s.Inventory()); !slices.Contains(lines, replaced+"; a sync has yet to make the one that replaces it") {
		t.Errorf("before the sync: %q", lines)
	}
	a.sync()
	a.leftovers(
		fmt.Sprintf("us-east-1 bucket-policy-principal ivs-composite.eu-west-1.amazonaws.com: eu-west-1 records to %s [storage configuration]", regionalName),
		replaced,
	)
	a.manifest(shared)
	a.leftovers(
		fmt.Sprintf("eu-west-1 recordings-bucket %s: eu-west-1 records to %s [storage configuration]", regionalName, sharedName),
		fmt.Sprintf("eu-west-1 bucket-policy-principal ivs-composite.eu-west-1.amazonaws.com: eu-west-1 records to %s [storage configuration]", sharedName),
		fmt.Sprintf("eu-west-1 storage-configuration yolo-production-app-ivs-storage: it records to %s, not to %s", regionalName, sharedName),
	)
	// No region of the manifest has the shared bucket any more.
	a.manifest("regions: [eu-west-1]\n        recording: {real_time: true, bucket: regional}")
	s, _ = a.survey()
	if lines := told(s.Inventory()); !slices.Contains(lines,
		"us-east-1 recordings-bucket "+sharedName+": us-east-1 is not in the manifest [storage configuration] [storage configuration]") {
		t.Errorf("without us-east-1: %q", lines)
	}
}

func TestSurveyFeaturesOff(t *testing.T) {
	a := start(t, regionalOne)
	a.sync()
	a.wish.Env = environment(t, "recording: {real_time: false}", emulator.DefaultAccount)
	s, _ := a.survey()
	for _, line := range told(s.Inventory()) {
		if !strings.Contains(line, "aws.ivs.recording.real_time is false") {
			t.Error(line)
		}
	}
	if n := len(told(s.Inventory())); n != 4 {
		t.Errorf("%d left over", n)
	}
}

// Configurations that are not the one, and what uses them.
func TestSurveyConfigurations(t *testing.T) {
	a := start(t, regionalOne)
	a.wish.Logging = false
	a.sync()
	ivs := a.clients("us-east-1").IVS
	encoder := func(tags map[string]string, width int32) string {
		out := do(t, ivs.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{
			Name: aws.String(a.wish.Env.EncoderName()), Tags: tags, Video: &ivstypes.Video{Width: aws.Int32(width), Height: aws.Int32(720)},
		})
		return *out.EncoderConfiguration.Arn
	}
	ours := a.wish.Env.Tags(a.wish.Env.EncoderName())
	encoder(ours, 1280)
	encoder(merge(ours, map[string]string{tagPending: "run"}), 1280)
	encoder(map[string]string{"yolo:app": "another"}, 1280)
	old := encoder(nil, 640)
	encoder(map[string]string{"yolo:app": "another"}, 640)
	do(t, a.clients("us-east-1").S3.CreateBucket, &s3.CreateBucketInput{Bucket: aws.String("archive")})
	storage := do(t, ivs.CreateStorageConfiguration, &ivsrealtime.CreateStorageConfigurationInput{
		Name: aws.String(a.wish.Env.StorageName()), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String("archive")},
	})
	stage := do(t, ivs.CreateStage, &ivsrealtime.CreateStageInput{
		AutoParticipantRecordingConfiguration: &ivstypes.AutoParticipantRecordingConfiguration{StorageConfigurationArn: storage.StorageConfiguration.Arn},
	})
	do(t, ivs.StartComposition, &ivsrealtime.StartCompositionInput{
		StageArn: stage.Stage.Arn,
		Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: storage.StorageConfiguration.Arn, EncoderConfigurationArns: []string{old},
		}}},
	})
	want := []string{
		"us-east-1 storage-configuration yolo-production-app-ivs-storage: it records to archive, not to yolo-production-app-ivs-recordings-us-east-1 [composition] [stage] (not tagged)",
		"us-east-1 encoder-configuration yolo-production-app-ivs-encoder: another video than the manifest's: 640x720 at 30 fps, 2500000 bps [composition] (not tagged)",
		"us-east-1 encoder-configuration yolo-production-app-ivs-encoder: the same as arn:aws:ivs:us-east-1:123456789012:encoder-configuration/ID, which is used",
		"us-east-1 encoder-configuration yolo-production-app-ivs-encoder: left by a run that did not finish",
	}
	a.leftovers(want...)

	// Who may not ask who uses something does not know that nobody does.
	a.fault("op=ListStages code=AccessDeniedException")
	a.fault("op=ListCompositions code=AccessDeniedException")
	a.leftoversBut(WarnOptionalRead,
		strings.Replace(want[0], " [composition] [stage] (not tagged)", " (not tagged) (unknown)", 1),
		strings.Replace(want[1], " [composition] (not tagged)", " (not tagged) (unknown)", 1),
		want[2]+" (unknown)", want[3]+" (unknown)",
	)
}

// Regions that cannot be read are told of, and hide nothing of the others.
func TestSurveyUnreadable(t *testing.T) {
	a := start(t, regional)
	a.sync()
	a.manifest(regionalOne)
	a.fault("region=eu-west-1 service=ivs code=AccessDeniedException")
	s, report := a.survey()
	n := report.Node(reconcile.Key{Region: "eu-west-1", Kind: "survey"})
	if n.Err != nil || len(n.Warnings) != 1 || n.Warnings[0].Code != WarnNotSurveyed || !strings.Contains(n.Warnings[0].Text, "AccessDenied") {
		t.Errorf("of the closed region: %v, %v", n.Err, n.Warnings)
	}
	lines := told(s.Inventory())
	if len(lines) != 6 || !strings.HasSuffix(lines[0], "(unknown)") || !strings.Contains(lines[2], "log-group") {
		t.Errorf("left over: %q", lines)
	}

	a.fault("region=us-east-1 op=DescribeRule code=AccessDeniedException")
	_, report = a.survey()
	n = report.Node(reconcile.Key{Region: "us-east-1", Kind: "survey"})
	if !cloud.Is(n.Err, "AccessDeniedException") {
		t.Errorf("of a region of the manifest: %v", n.Err)
	}
}

// A region that never answers holds the survey up only for so long.
func TestSurveySilentRegion(t *testing.T) {
	a := start(t, regionalOne)
	a.wish.Logging = false
	a.sync()
	a.waits.stranger = 50e6
	a.fault("region=eu-west-1 hang")
	_, report := a.survey()
	n := report.Node(reconcile.Key{Region: "eu-west-1", Kind: "survey"})
	if n.Err != nil || len(n.Warnings) != 1 || !strings.Contains(n.Warnings[0].Text, "no answer within 50ms") {
		t.Errorf("of the silent region: %v, %v", n.Err, n.Warnings)
	}
}
