package script

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/yolo-live/yolo/internal/emulator"
)

// event has IVS tell something, in the form of the type's events.
func (s *seeder) event(a arguments) error {
	name, stage := a.word(0), ""
	if of := a.option("stage"); of != "" {
		var err error
		if stage, err = s.stageARN(of); err != nil {
			stage = fmt.Sprintf("arn:aws:ivs:%s:%s:stage/%s", s.region, s.account, of)
		}
	}
	age, err := time.ParseDuration(cmp.Or(a.option("age"), "0s"))
	if err != nil {
		return err
	}
	e := emulator.Event{Account: s.account, Region: s.region, Source: "aws.ivs", Time: time.Now().Add(-age), DetailType: "IVS Composition State Change"}
	detail := map[string]string{"event_name": name}
	for member, value := range map[string]string{
		"id": a.option("destination"), "participant_id": a.option("participant"), "error_code": a.option("code"), "reason": a.option("reason"),
	} {
		if value != "" {
			detail[member] = value
		}
	}
	if strings.HasPrefix(name, "Participant") {
		e.DetailType, e.Resources = "IVS Stage Update", []string{stage}
	} else {
		detail["stage_arn"] = stage
		e.Resources = []string{fmt.Sprintf("arn:aws:ivs:%s:%s:composition/%s", s.region, s.account, cmp.Or(a.option("composition"), "c1"))}
	}
	if kind := a.option("type"); kind != "" {
		e.DetailType = kind
	}
	e.Detail = detail
	return worldOf(s.ts).aws.Server.Send(e)
}

// logEntry writes a text into a log group, past EventBridge.
func (s *seeder) logEntry(a arguments) error {
	group, stream := aws.String(a.word(0)), aws.String("by-hand")
	if _, err := s.logs.CreateLogStream(s.ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil &&
		!strings.Contains(err.Error(), "ResourceAlreadyExistsException") {
		return err
	}
	_, err := s.logs.PutLogEvents(s.ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream,
		LogEvents: []logstypes.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(a.word(1))}},
	})
	return err
}
