package contract

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

const serviceEvents = `{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`

// eventsCheck is a check with what proofs about rules need.
type eventsCheck struct {
	*check
	client *eventbridge.Client
	name   string // of the rule, and what other names begin with
}

func onEvents(prove func(c *eventsCheck)) func(*check) {
	return func(c *check) {
		prove(&eventsCheck{check: c, client: eventbridge.NewFromConfig(c.in(home)), name: c.name()})
	}
}

func (c *eventsCheck) arn() string {
	return "arn:aws:events:" + home + ":" + c.id + ":rule/" + c.name
}

// group is the ARN of a log group that is not there.
func (c *eventsCheck) group() string {
	return "arn:aws:logs:" + home + ":" + c.id + ":log-group:/yolo/" + c.name
}

// put makes or replaces the rule.
func (c *eventsCheck) put(change ...func(*eventbridge.PutRuleInput)) error {
	in := &eventbridge.PutRuleInput{Name: &c.name, EventPattern: aws.String(serviceEvents)}
	for _, f := range change {
		f(in)
	}
	_, err := c.client.PutRule(c.Context(), in)
	return err
}

func (c *eventsCheck) describe() *eventbridge.DescribeRuleOutput {
	out, err := c.client.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
	c.ok(err)
	return out
}

func (c *eventsCheck) putTargets(targets ...types.Target) (*eventbridge.PutTargetsOutput, error) {
	return c.client.PutTargets(c.Context(), &eventbridge.PutTargetsInput{Rule: &c.name, Targets: targets})
}

func (c *eventsCheck) targets() []types.Target {
	out, err := c.client.ListTargetsByRule(c.Context(), &eventbridge.ListTargetsByRuleInput{Rule: &c.name})
	c.ok(err)
	return out.Targets
}

// target is the log group as a target of the rule.
func (c *eventsCheck) target(change ...func(*types.Target)) types.Target {
	t := types.Target{Id: aws.String("ivs-cloudwatch-logs"), Arn: aws.String(c.group())}
	for _, f := range change {
		f(&t)
	}
	return t
}
