// Package eventlog reads what EventBridge brought to an environment's log groups:
// once, or as it comes. It tells of each event once, although the log may have it
// twice, and finds those that come late.
//
// It knows nothing of manifests or terminals. Start at Log.Read and Follow;
// event.go is what an event is, live.go what IVS composes at the moment.
package eventlog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/yolo-live/yolo/internal/cloud"
)

// ErrNoGroup is that the log group is not there.
var ErrNoGroup = errors.New("the log group is not there")

// Log is the log of one region.
type Log struct {
	clients *cloud.Clients
	group   string
	stages  *stages
	denied  *denied
}

// NewLog is the log group of a name in the clients' region.
func NewLog(clients *cloud.Clients, group string) *Log {
	d := &denied{}
	return &Log{clients: clients, group: group, stages: newStages(clients, d), denied: d}
}

// Region is where the log is.
func (l *Log) Region() string { return l.clients.Region }

// Read returns the events that happened since a time, each once, in the order of
// their times. The error is ErrNoGroup, or a *cloud.Error.
func (l *Log) Read(ctx context.Context, since time.Time) ([]Event, error) {
	return l.Find(ctx, since, "")
}

// Find is Read for events that have a text in them, such as an ARN; "" finds
// all.
func (l *Log) Find(ctx context.Context, since time.Time, text string) ([]Event, error) {
	events, err := l.scan(ctx, since, text)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	events = slices.DeleteFunc(events, func(e Event) bool {
		known := seen[e.ID]
		seen[e.ID] = true
		return known
	})
	l.stages.name(ctx, events)
	Sort(events)
	return events, nil
}

// scan reads all pages. One without events is not the last while it has a token
// (FilterLogEvents).
func (l *Log) scan(ctx context.Context, since time.Time, text string) ([]Event, error) {
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &l.group, StartTime: aws.Int64(max(since.UnixMilli(), 0))}
	if text != "" {
		in.FilterPattern = aws.String(`"` + text + `"`)
	}
	var events []Event
	for {
		out, err := cloud.Call(ctx, l.clients.Logs.FilterLogEvents, in)
		if e, ok := errors.AsType[*cloud.Error](err); ok && e.Code() == "ResourceNotFoundException" {
			return nil, ErrNoGroup
		}
		if err != nil {
			return nil, err
		}
		for _, line := range out.Events {
			events = append(events, read(l.Region(), line))
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return events, nil
		}
	}
}

// Sort puts events of any regions in the order of their times. Those of one
// second stay as they came: IVS tells no more exact one.
func Sort(events []Event) {
	sort.SliceStable(events, func(i, j int) bool {
		a, b := &events[i], &events[j]
		return cmp.Or(a.Time.Compare(b.Time), a.Logged.Compare(b.Logged)) < 0
	})
}
