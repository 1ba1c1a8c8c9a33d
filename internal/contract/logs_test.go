package contract

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logsCheck is a check with what proofs about log groups need.
type logsCheck struct {
	*check
	client *cloudwatchlogs.Client
	name   string // of the log group, and what other names begin with
}

func onLogs(prove func(c *logsCheck)) func(*check) {
	return func(c *check) {
		prove(&logsCheck{check: c, client: cloudwatchlogs.NewFromConfig(c.in(home)), name: "/yolo/" + c.name()})
	}
}

func (c *logsCheck) arn() string {
	return "arn:aws:logs:" + home + ":" + c.id + ":log-group:" + c.name
}

// create makes the log group.
func (c *logsCheck) create(change ...func(*cloudwatchlogs.CreateLogGroupInput)) {
	in := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name}
	for _, f := range change {
		f(in)
	}
	_, err := c.client.CreateLogGroup(c.Context(), in)
	c.ok(err)
}

func (c *logsCheck) describe() []types.LogGroup {
	out, err := c.client.DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &c.name})
	c.ok(err)
	return out.LogGroups
}
