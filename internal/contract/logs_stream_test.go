package contract

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func (c *logsCheck) stream(name string) {
	_, err := c.client.CreateLogStream(c.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &c.name, LogStreamName: &name})
	c.ok(err)
}

// write puts messages, a millisecond apart, and returns the answer.
func (c *logsCheck) write(stream string, from time.Time, messages ...string) (*cloudwatchlogs.PutLogEventsOutput, error) {
	var events []types.InputLogEvent
	for i, m := range messages {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(from.UnixMilli() + int64(i)), Message: aws.String(m)})
	}
	return c.client.PutLogEvents(c.Context(),
		&cloudwatchlogs.PutLogEventsInput{LogGroupName: &c.name, LogStreamName: &stream, LogEvents: events})
}

func (c *logsCheck) filter(pattern string) []string {
	messages := []string{}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c.client,
		&cloudwatchlogs.FilterLogEventsInput{LogGroupName: &c.name, FilterPattern: &pattern, Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(c.Context())
		c.ok(err)
		for _, e := range out.Events {
			messages = append(messages, *e.Message)
		}
	}
	return messages
}

var logStreamBeliefs = []belief{
	{
		id: "LOG-30", source: "Logs API: CreateLogStream",
		claim: "a stream exists once, in an existing group",
		prove: onLogs(func(c *logsCheck) {
			in := &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &c.name, LogStreamName: aws.String("s")}
			_, err := c.client.CreateLogStream(c.Context(), in)
			c.fails(err, "ResourceNotFoundException", "log group")
			c.create()
			c.stream("s")
			_, err = c.client.CreateLogStream(c.Context(), in)
			c.fails(err, "ResourceAlreadyExistsException", "log stream")
			_, err = c.client.CreateLogStream(c.Context(),
				&cloudwatchlogs.CreateLogStreamInput{LogGroupName: &c.name, LogStreamName: aws.String("a:b")})
			c.fails(err, "InvalidParameterException", "[^:*]*")
		}),
	},
	{
		id: "LOG-31", source: "Logs API: DescribeLogStreams",
		claim: "streams are listed by name or by last event",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			for i, name := range []string{"b", "c", "a"} {
				c.stream(name)
				_, err := c.write(name, time.Now().Add(time.Duration(i)*time.Second), "m")
				c.ok(err)
			}
			list := func(order types.OrderBy, descending bool) []string {
				var names []string
				pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(c.client, &cloudwatchlogs.DescribeLogStreamsInput{
					LogGroupName: &c.name, OrderBy: order, Descending: &descending, Limit: aws.Int32(2),
				})
				for pages.HasMorePages() {
					out, err := pages.NextPage(c.Context())
					c.ok(err)
					for _, s := range out.LogStreams {
						names = append(names, *s.LogStreamName)
					}
				}
				return names
			}
			c.equal([]string{"a", "b", "c"}, list(types.OrderByLogStreamName, false))
			c.equal([]string{"a", "c", "b"}, list(types.OrderByLastEventTime, true))
		}),
	},
	{
		id: "LOG-32", source: "Logs API: GetLogEvents",
		claim: "events come back in order, by pages in both directions",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.stream("s")
			_, err := c.write("s", time.Now(), "1", "2", "3")
			c.ok(err)
			get := func(in cloudwatchlogs.GetLogEventsInput) ([]string, *cloudwatchlogs.GetLogEventsOutput) {
				in.LogGroupName, in.LogStreamName, in.Limit = &c.name, aws.String("s"), aws.Int32(2)
				out, err := c.client.GetLogEvents(c.Context(), &in)
				c.ok(err)
				messages := []string{}
				for _, e := range out.Events {
					messages = append(messages, *e.Message)
				}
				return messages, out
			}
			latest, out := get(cloudwatchlogs.GetLogEventsInput{})
			c.equal([]string{"2", "3"}, latest)
			earlier, _ := get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextBackwardToken})
			c.equal([]string{"1"}, earlier)
			head, out := get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true)})
			c.equal([]string{"1", "2"}, head)
			rest, out := get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextForwardToken})
			c.equal([]string{"3"}, rest)
			end, last := get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextForwardToken})
			c.equal([]string{}, end)
			c.equal(*out.NextForwardToken, *last.NextForwardToken)
		}),
	},
	{
		id: "LOG-33", source: "Logs API: PutLogEvents",
		claim: "events older than 14 days or ahead of time are rejected, not refused",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.stream("s")
			out, err := c.write("s", time.Now().AddDate(0, 0, -15), "old")
			c.ok(err)
			c.equal(int32(1), *out.RejectedLogEventsInfo.TooOldLogEventEndIndex)
			out, err = c.write("s", time.Now().Add(3*time.Hour), "new")
			c.ok(err)
			c.equal(int32(0), *out.RejectedLogEventsInfo.TooNewLogEventStartIndex)
			c.equal([]string{}, c.filter(""))
		}),
	},
	{
		id: "LOG-34", source: "Logs API: PutLogEvents",
		claim: "a batch is in order, within a day and within 1 MiB",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.stream("s")
			put := func(first, second time.Time) error {
				_, err := c.client.PutLogEvents(c.Context(), &cloudwatchlogs.PutLogEventsInput{
					LogGroupName: &c.name, LogStreamName: aws.String("s"), LogEvents: []types.InputLogEvent{
						{Timestamp: aws.Int64(first.UnixMilli()), Message: aws.String("1")},
						{Timestamp: aws.Int64(second.UnixMilli()), Message: aws.String("2")},
					},
				})
				return err
			}
			c.fails(put(time.Now(), time.Now().Add(-time.Second)), "InvalidParameterException", "chronological")
			c.fails(put(time.Now().Add(-25*time.Hour), time.Now()), "InvalidParameterException", "24 hours")
			_, err := c.write("s", time.Now(), strings.Repeat("x", 1<<20))
			c.fails(err, "InvalidParameterException", "Upload too large")
			_, err = c.write("never", time.Now(), "x")
			c.fails(err, "ResourceNotFoundException", "log stream")
		}),
	},
	{
		id: "LOG-35", source: "Logs API: FilterLogEvents",
		claim: "events are found by terms over all streams",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			for i, name := range []string{"one", "two"} {
				c.stream(name)
				_, err := c.write(name, time.Now().Add(time.Duration(i)*10*time.Millisecond), fmt.Sprintf("Session Start %d", i), fmt.Sprintf("Session End %d", i))
				c.ok(err)
			}
			c.equal([]string{"Session Start 0", "Session End 0", "Session Start 1", "Session End 1"}, c.filter(""))
			c.equal([]string{"Session End 0", "Session End 1"}, c.filter("Session End"))
			c.equal([]string{"Session Start 1"}, c.filter(`"Start 1"`))
			c.equal([]string{"Session End 1"}, c.filter("1 -Start"))
			c.equal([]string{"Session Start 0", "Session End 1"}, c.filter(`?"Start 0" ?"End 1"`))
			_, err := c.write("one", time.Now(), `{"event_name":"Session Failure"}`)
			c.ok(err)
			c.equal([]string{`{"event_name":"Session Failure"}`}, c.filter(`"\"event_name\":\"Session Failure\""`))
		}),
	},
	{
		id: "LOG-36", source: "Logs API: LogGroup (storedBytes)", onlyEmulated: "AWS counts them hours later",
		claim: "a group's stored bytes grow with its events, but not at once",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.stream("s")
			_, err := c.write("s", time.Now(), strings.Repeat("x", 1000), "y")
			c.ok(err)
			c.equal(int64(0), *c.describe()[0].StoredBytes)
			c.advance(time.Hour)
			if got := *c.describe()[0].StoredBytes; got < 1001 {
				c.Errorf("%d bytes, want 1001 at least", got)
			}
		}),
	},
}
