package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/events"
)

// Whatever stands in the way, an event is dropped, counted, and told why.
func TestEventsThatAreDropped(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(logs *cloudwatchlogs.Client, bus *eventbridge.Client) error
		options emulator.Options
		want    []events.Counts
		says    string
	}{
		"nothing": {want: []events.Counts{{Rule: "r", Triggered: 1, Invocations: 1}}},
		"no group": {
			change: func(logs *cloudwatchlogs.Client, _ *eventbridge.Client) error {
				_, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/aws/ivs/g")})
				return err
			},
			want: []events.Counts{{Rule: "r", Triggered: 1, Invocations: 1, FailedInvocations: 1}}, says: "log group /aws/ivs/g is not there",
		},
		"no policy": {
			change: func(logs *cloudwatchlogs.Client, _ *eventbridge.Client) error {
				_, err := logs.DeleteResourcePolicy(t.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String("p")})
				return err
			},
			want: []events.Counts{{Rule: "r", Triggered: 1, Invocations: 1, FailedInvocations: 1}},
			says: "no resource policy lets events.amazonaws.com do logs:CreateLogStream on " + groupARN,
		},
		"disabled": {
			change: func(_ *cloudwatchlogs.Client, bus *eventbridge.Client) error {
				_, err := bus.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: aws.String("r")})
				return err
			},
			want: []events.Counts{},
		},
		"another pattern": {
			change: func(_ *cloudwatchlogs.Client, bus *eventbridge.Client) error {
				_, err := bus.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"detail":{"event_name":["Two"]}}`)})
				return err
			},
			want: []events.Counts{},
		},
		"another kind of target": {
			change: func(_ *cloudwatchlogs.Client, bus *eventbridge.Client) error {
				_, err := bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
					Rule: aws.String("r"), Targets: []ebtypes.Target{{Id: aws.String("t"), Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:q")}},
				})
				return err
			},
			want: []events.Counts{{Rule: "r", Triggered: 1, Unsupported: 1}}, says: "the emulator delivers to log groups only",
		},
		"a doubt": {
			change: func(_ *cloudwatchlogs.Client, bus *eventbridge.Client) error {
				_, err := bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
					Rule: aws.String("r"), Targets: []ebtypes.Target{{Id: aws.String("t"), Arn: aws.String(groupARN + ":*")}},
				})
				return err
			},
			options: emulator.Options{RefuseDoubtfulDelivery: true},
			want:    []events.Counts{{Rule: "r", Triggered: 1, Invocations: 1, FailedInvocations: 1}}, says: "the target's ARN ends in :*",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, test.options)
			f.logged(t)
			if test.change != nil {
				cfg := f.Config("us-east-1", "")
				if err := test.change(cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg)); err != nil {
					t.Fatal(err)
				}
			}
			f.send(t, "One")
			history, err := f.Server.Events()
			if err != nil {
				t.Fatal(err)
			}
			for i := range test.want {
				test.want[i].Account, test.want[i].Region = "123456789012", "us-east-1"
			}
			if diff := cmp.Diff(test.want, history.Rules); diff != "" {
				t.Errorf("counts (-want +got)\n%s", diff)
			}
			said := ""
			for _, delivery := range history.Events[0].Arrival.Deliveries {
				said += delivery.Error
			}
			if !strings.HasPrefix(said, test.says) || (said == "") != (test.says == "") {
				t.Errorf("it says %q, want %q", said, test.says)
			}
		})
	}
}
