package logs

import (
	"encoding/json"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// asked are the members of all inputs that name what a request is about.
type asked struct {
	LogGroupName       string            `json:"logGroupName"`
	LogGroupIdentifier string            `json:"logGroupIdentifier"`
	LogStreamName      string            `json:"logStreamName"`
	ResourceArn        string            `json:"resourceArn"`
	Tags               map[string]string `json:"tags"`
}

// onStreams are the operations whose action is of log streams (service
// authorization reference, Amazon CloudWatch Logs).
var onStreams = map[string]bool{"DeleteLogStream": true, "PutLogEvents": true, "GetLogEvents": true}

// Authorize implements wire.Guarded. Actions on a log group take its ARN with
// :* behind it, those on its tags without (Logs user guide, Overview of
// managing access permissions). What names no group, such as DescribeLogGroups
// and the resource policies, takes *.
func (s *Service) Authorize(r *wire.Request) error {
	var in asked
	_ = json.Unmarshal(r.Body, &in) // one that cannot be read is refused for that
	arn := in.group(r)
	var have map[string]string
	err := s.store.View(func(tx *store.Tx) error {
		g, _ := store.Get[group](tx, groupTable, here(r, strings.TrimPrefix(arn, arnPrefix(r))))
		have = g.Tags
		return nil
	})
	if err != nil {
		return err
	}
	ask := wire.Ask{Action: "logs:" + r.Operation, Resource: in.resource(r, arn), Keys: wire.TagKeys(in.Tags)}
	asks := []wire.Ask{ask.With(have)}
	if r.Operation == "CreateLogGroup" && len(in.Tags) > 0 {
		asks = append(asks, wire.Ask{Action: "logs:TagResource", Resource: arn, Keys: wire.TagKeys(in.Tags)})
	}
	return r.Allow(wire.StatusJSON11, asks...)
}

func arnPrefix(r *wire.Request) string {
	return "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:"
}

// group is the ARN of the group that is meant, "" for none.
func (in *asked) group(r *wire.Request) string {
	switch {
	case in.LogGroupName != "":
		return arnPrefix(r) + in.LogGroupName
	case strings.HasPrefix(in.LogGroupIdentifier, "arn:"):
		return in.LogGroupIdentifier
	case in.LogGroupIdentifier != "":
		return arnPrefix(r) + in.LogGroupIdentifier
	}
	return strings.TrimSuffix(in.ResourceArn, ":*")
}

func (in *asked) resource(r *wire.Request, group string) string {
	switch {
	case group == "":
		return "*"
	case strings.Contains(r.Operation, "ResourcePolic"):
		return "*"
	case strings.Contains(r.Operation, "Tag"):
		return group
	case onStreams[r.Operation]:
		return group + ":log-stream:" + in.LogStreamName
	}
	return group + ":*"
}
