package emulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/events"
)

const groupARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/g"

// logged sets event logging up, as a sync does, and lets all events through.
func (f *fixture) logged(t *testing.T) {
	t.Helper()
	cfg := f.Config("us-east-1", "")
	logs, bus := cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg)
	_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/aws/ivs/g")})
	if err == nil {
		_, err = logs.PutResourcePolicy(t.Context(), &cloudwatchlogs.PutResourcePolicyInput{
			PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":` +
				`["events.amazonaws.com","delivery.logs.amazonaws.com"]},"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"` + groupARN + `:*"}}`),
		})
	}
	if err == nil {
		_, err = bus.PutRule(t.Context(), &eventbridge.PutRuleInput{
			Name: aws.String("r"), EventPattern: aws.String(`{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`),
		})
	}
	if err == nil {
		_, err = bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
			Rule: aws.String("r"), Targets: []ebtypes.Target{{Id: aws.String("t"), Arn: aws.String(groupARN)}},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// log is what is in the log, in order.
func (f *fixture) log(t *testing.T) []logstypes.FilteredLogEvent {
	t.Helper()
	out, err := cloudwatchlogs.NewFromConfig(f.Config("us-east-1", "")).FilterLogEvents(t.Context(),
		&cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/aws/ivs/g")})
	if err != nil {
		t.Fatal(err)
	}
	return out.Events
}

// named are the events of the log by name, with how long each was under way.
func (f *fixture) named(t *testing.T) []string {
	t.Helper()
	names := []string{}
	for _, e := range f.log(t) {
		var event struct{ Detail map[string]string }
		if err := json.Unmarshal([]byte(*e.Message), &event); err != nil {
			t.Fatal(err)
		}
		name := event.Detail["event_name"]
		if late := time.Duration(*e.IngestionTime-*e.Timestamp) * time.Millisecond; late >= time.Second {
			name += " " + late.Truncate(time.Second).String()
		}
		names = append(names, name)
	}
	return names
}

// arrivals are the names of the events in the order in which they came.
func (f *fixture) arrivals(t *testing.T) []string {
	t.Helper()
	history, err := f.Server.Events()
	if err != nil {
		t.Fatal(err)
	}
	came := slices.DeleteFunc(history.Events, func(r events.Record) bool { return r.Arrival == nil })
	slices.SortStableFunc(came, func(a, b events.Record) int { return a.Arrival.At.Compare(b.Arrival.At) })
	names := []string{}
	for _, r := range came {
		names = append(names, r.Name)
	}
	return names
}

// A composition's events are in the form that IVS documents, in the log, with
// the event's time.
func TestEventsOfAComposition(t *testing.T) {
	f := start(t, emulator.Options{Clock: standing()})
	f.logged(t)
	if err := f.composition(t); err != nil {
		t.Fatal(err)
	}
	f.Advance(10 * time.Second)
	list, err := f.ivs.ListCompositions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := list.Compositions[0]
	logged := f.log(t)
	if len(logged) != 2 {
		t.Fatalf("%d events in the log", len(logged))
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(*logged[1].Message), &got); err != nil {
		t.Fatal(err)
	}
	id, _ := got["id"].(string)
	delete(got, "id")
	want := map[string]any{
		"version": "0", "detail-type": "IVS Composition State Change", "source": "aws.ivs", "account": "123456789012", "region": "us-east-1",
		"time": c.StartTime.Add(3 * time.Second).UTC().Format(time.RFC3339), "resources": []any{*c.Arn},
		"detail": map[string]any{"event_name": "Destination Start", "stage_arn": *c.StageArn, "id": *c.Destinations[0].Id},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(id) != 36 {
		t.Errorf("id %s (-want +got)\n%s", id, diff)
	}
	if at := time.UnixMilli(*logged[1].Timestamp).UTC().Format(time.RFC3339); at != want["time"] {
		t.Errorf("timestamp %s, want %s", at, want["time"])
	}
	f.Advance(2 * time.Minute) // nobody publishes
	if diff := cmp.Diff([]string{"Session Start", "Destination Start", "Destination End", "Session End"}, f.named(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := f.ivs.StopComposition(t.Context(), &ivsrealtime.StopCompositionInput{Arn: c.Arn}); err != nil {
		t.Fatal(err)
	}
	f.Advance(time.Hour)
	if n := len(f.log(t)); n != 4 {
		t.Errorf("%d events after it was stopped again and forgotten", n)
	}
}

// recorded starts a composition that goes to a bucket.
func (f *fixture) recorded(t *testing.T) (*ivstypes.Composition, error) {
	t.Helper()
	buckets := s3.NewFromConfig(f.Config("us-east-1", ""))
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(recordings)}); err != nil {
		return nil, err
	}
	storage, err := f.ivs.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
		S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(recordings)},
	})
	if err != nil {
		return nil, err
	}
	encoder, err := f.ivs.CreateEncoderConfiguration(t.Context(), nil)
	if err != nil {
		return nil, err
	}
	stage, err := f.ivs.CreateStage(t.Context(), nil)
	if err != nil {
		return nil, err
	}
	out, err := f.ivs.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{
		StageArn: stage.Stage.Arn,
		Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: storage.StorageConfiguration.Arn, EncoderConfigurationArns: []string{*encoder.EncoderConfiguration.Arn},
		}}},
	})
	if err != nil {
		return nil, err
	}
	return out.Composition, nil
}

func TestEventsOfACompositionThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(f *fixture, c *ivstypes.Composition) error
		want []string
		code string
	}{
		"the stage goes": {
			fail: func(f *fixture, c *ivstypes.Composition) error {
				f.Advance(10 * time.Second)
				_, err := f.ivs.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{Arn: c.StageArn})
				return err
			},
			want: []string{"Session Start", "Destination Start", "Destination End", "Session Failure"},
			code: `"error_code":"StageDeleted","reason":"Stage has been deleted"`,
		},
		"the grant goes": {
			fail: func(f *fixture, _ *ivstypes.Composition) error {
				f.Advance(10 * time.Second)
				_, err := s3.NewFromConfig(f.Config("us-east-1", "")).DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String(recordings)})
				return err
			},
			want: []string{"Session Start", "Destination Start", "Destination Failure", "Session Failure"},
			code: `"error_code":"AccessDeniedException","reason":"Access denied to S3 bucket. Please verify your bucket policy."`,
		},
		"stopped before it is up": {
			fail: func(f *fixture, c *ivstypes.Composition) error {
				_, err := f.ivs.StopComposition(t.Context(), &ivsrealtime.StopCompositionInput{Arn: c.Arn})
				return err
			},
			want: []string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, emulator.Options{Clock: standing()})
			f.logged(t)
			c, err := f.recorded(t)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.fail(f, c); err != nil {
				t.Fatal(err)
			}
			f.Advance(10 * time.Second)
			if diff := cmp.Diff(test.want, f.named(t)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !slices.ContainsFunc(f.log(t), func(e logstypes.FilteredLogEvent) bool { return strings.Contains(*e.Message, test.code) }) && test.code != "" {
				t.Errorf("no event has %s", test.code)
			}
		})
	}
}

// Events can be made late, doubled, out of order or lost.
func TestFaultsOfEvents(t *testing.T) {
	for fault, test := range map[string]struct{ log, order []string }{
		"event-twice": {
			log:   []string{"One", "One", "Two", "Two", "Three", "Three"},
			order: []string{"One", "Two", "Three"},
		},
		"event-lost event=T*": {log: []string{"One"}, order: []string{"One"}},
		"event-late=10m event=One times=1": {
			log:   []string{"One 10m0s", "Two", "Three"},
			order: []string{"Two", "Three", "One"},
		},
		"event-after-next skip=1 times=1": {
			log:   []string{"One", "Two 1s", "Three"},
			order: []string{"One", "Three", "Two"},
		},
		"event-lost region=eu-*":              {log: []string{"One", "Two", "Three"}, order: []string{"One", "Two", "Three"}},
		"event-lost account=111111111111":     {log: []string{"One", "Two", "Three"}, order: []string{"One", "Two", "Three"}},
		"op=PutEvents code=InternalException": {log: []string{"One", "Two", "Three"}, order: []string{"One", "Two", "Three"}},
	} {
		t.Run(fault, func(t *testing.T) {
			f := start(t, emulator.Options{Clock: func() time.Time { return time.Unix(1_800_000_000, 0) }})
			f.logged(t)
			f.Fault(fault)
			for _, name := range []string{"One", "Two", "Three"} {
				f.send(t, name)
				f.Advance(time.Second)
			}
			f.Advance(9 * time.Minute)
			if strings.HasPrefix(fault, "event-late") && len(f.log(t)) != 2 {
				t.Errorf("after nine minutes: %q", f.named(t))
			}
			f.Advance(time.Minute)
			if diff := cmp.Diff(test.log, f.named(t)); diff != "" {
				t.Errorf("log (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.order, f.arrivals(t)); diff != "" {
				t.Errorf("order (-want +got)\n%s", diff)
			}
		})
	}
}

func (f *fixture) send(t *testing.T, name string) {
	t.Helper()
	err := f.Server.Send(emulator.Event{
		Account: "123456789012", Region: "us-east-1", Source: "aws.ivs", DetailType: "IVS Stage Update", Detail: map[string]string{"event_name": name},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is on its way is in the folder: it comes whoever looks, also after a
// restart, and once.
func TestEventsOfOneFolder(t *testing.T) {
	options := emulator.Options{Dir: t.TempDir(), Clock: standing()}
	first, second := start(t, options), start(t, options)
	first.logged(t)
	second.Fault("event-late=10m times=1")
	second.send(t, "Late")
	first.send(t, "First")
	if diff := cmp.Diff([]string{"First"}, start(t, options).names(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	first.Advance(time.Hour)
	for _, f := range []*fixture{start(t, options), first, second} {
		if diff := cmp.Diff([]string{"First", "Late"}, f.arrivals(t)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := len(f.log(t)); n != 2 {
			t.Errorf("%d events in the log", n)
		}
	}
}

// names are the events of the log.
func (f *fixture) names(t *testing.T) []string {
	t.Helper()
	names := f.named(t)
	for i := range names {
		names[i], _, _ = strings.Cut(names[i], " ")
	}
	return names
}
