package contract

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func refusedTarget(c *eventsCheck, code, part string, change func(*types.Target)) {
	_, err := c.putTargets(c.target(change))
	c.fails(err, code, part)
	c.equal(0, len(c.targets()))
}

var targetBeliefs = []belief{
	{
		id: "EVT-20", source: "EventBridge user guide: Troubleshooting; AWS knowledge center",
		claim: "a log group is a target without a permission or existence check",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			out, err := c.putTargets(c.target())
			c.ok(err)
			c.equal(int32(0), out.FailedEntryCount)
			got := c.targets()
			c.equal(1, len(got))
			c.equal("ivs-cloudwatch-logs", *got[0].Id)
			c.equal(c.group(), *got[0].Arn)
			if got[0].RoleArn != nil || got[0].InputTransformer != nil {
				c.Errorf("more than was put: %+v", got[0])
			}
		}),
	},
	{
		id: "EVT-21", source: "EventBridge user guide: Resource-based policies",
		claim: "RoleArn is refused for a log group",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			refusedTarget(c, "ValidationException", "RoleArn is not supported for target arn:aws:logs:",
				func(t *types.Target) { t.RoleArn = aws.String("arn:aws:iam::" + c.id + ":role/r") })
		}),
	},
	{
		id: "EVT-22", source: "issues of infrastructure tools",
		claim: "the group's ARN may end in :* and is kept as sent",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			_, err := c.putTargets(c.target(func(t *types.Target) { *t.Arn += ":*" }))
			c.ok(err)
			c.equal(c.group()+":*", *c.targets()[0].Arn)
		}),
	},
	{
		id: "EVT-23", source: "EventBridge API: PutTargets",
		claim: "PutTargets is an upsert by id; others stay",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			_, err := c.putTargets(c.target(), c.target(func(t *types.Target) { t.Id = aws.String("theirs") }))
			c.ok(err)
			_, err = c.putTargets(c.target(func(t *types.Target) { *t.Arn += "-2" }))
			c.ok(err)
			got := c.targets()
			c.equal(2, len(got))
			c.equal(c.group()+"-2", *got[0].Arn)
			c.equal("theirs", *got[1].Id)
		}),
	},
	{
		id: "EVT-24", source: "EventBridge quotas",
		claim: "a rule has at most five targets",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			for i := range 5 {
				_, err := c.putTargets(c.target(func(t *types.Target) { t.Id = aws.String(fmt.Sprint(i)) }))
				c.ok(err)
			}
			_, err := c.putTargets(c.target())
			c.fails(err, "LimitExceededException", "")
			_, err = c.putTargets(c.target(func(t *types.Target) { t.Id = aws.String("4") }))
			c.ok(err)
			c.equal(5, len(c.targets()))
		}),
	},
	{
		id: "EVT-25", source: "EventBridge API: PutTargets",
		claim: "a request has at most ten entries",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			var targets []types.Target
			for i := range 11 {
				targets = append(targets, c.target(func(t *types.Target) { t.Id = aws.String(fmt.Sprint(i)) }))
			}
			_, err := c.putTargets(targets...)
			c.fails(err, "ValidationException", "less than or equal to 10")
			_, err = c.putTargets([]types.Target{}...)
			c.fails(err, "ValidationException", "greater than or equal to 1")
		}),
	},
	{
		id: "EVT-26", source: "EventBridge API: PutTargets, RemoveTargets, ListTargetsByRule",
		claim: "the calls on targets need the rule",
		prove: onEvents(func(c *eventsCheck) {
			_, err := c.putTargets(c.target())
			c.fails(err, "ResourceNotFoundException", "Rule "+c.name+" does not exist on EventBus default.")
			_, err = c.client.ListTargetsByRule(c.Context(), &eventbridge.ListTargetsByRuleInput{Rule: &c.name})
			c.fails(err, "ResourceNotFoundException", c.name)
			_, err = c.client.RemoveTargets(c.Context(), &eventbridge.RemoveTargetsInput{Rule: &c.name, Ids: []string{"x"}})
			c.fails(err, "ResourceNotFoundException", c.name)
		}),
	},
	{
		id: "EVT-27", source: "EventBridge user guide: Event bus targets",
		claim: "Input and InputPath are not for log groups",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			refusedTarget(c, "ValidationException", "not supported", func(t *types.Target) { t.Input = aws.String(`{}`) })
			refusedTarget(c, "ValidationException", "not supported", func(t *types.Target) { t.InputPath = aws.String("$.detail") })
		}),
	},
	{
		id: "EVT-28", source: "EventBridge user guide: Event bus targets",
		claim: "a log group's transformer makes timestamp and message, nothing else",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			paths := map[string]string{"time": "$.time", "detail": "$.detail"}
			transformed := func(template string) func(*types.Target) {
				return func(t *types.Target) {
					t.InputTransformer = &types.InputTransformer{InputPathsMap: paths, InputTemplate: &template}
				}
			}
			for _, bad := range []string{
				`"event <detail>"`, `{"timestamp":<time>}`, `{"timestamp":<time>,"message":<detail>,"more":"x"}`,
				`{"timestamp":<time>,"message":1}`, `{"timestamp":<time>,"message":<detail>`,
			} {
				refusedTarget(c, "ValidationException", "is not a valid JSON text", transformed(bad))
			}
			refusedTarget(c, "ValidationException", "invalid placeholder other", transformed(`{"timestamp":<time>,"message":<other>}`))
			for _, good := range []string{`{"timestamp":<time>,"message":<detail>}`, `{"timestamp": <time>, "message": "at <time>"}`} {
				_, err := c.putTargets(c.target(transformed(good)))
				c.ok(err)
				c.equal(good, *c.targets()[0].InputTransformer.InputTemplate)
				c.equal(paths, c.targets()[0].InputTransformer.InputPathsMap)
			}
		}),
	},
	{
		id: "EVT-29", source: "EventBridge API: PutTargets",
		claim: "Input, InputPath and InputTransformer exclude each other",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			refusedTarget(c, "ValidationException", "Only one of", func(t *types.Target) {
				t.Arn, t.Input, t.InputPath = aws.String("arn:aws:sqs:us-east-1:"+c.id+":q"), aws.String(`{}`), aws.String("$")
			})
			refusedTarget(c, "ValidationException", "is not a valid JSON text", func(t *types.Target) {
				t.Arn, t.Input = aws.String("arn:aws:sqs:us-east-1:"+c.id+":q"), aws.String(`{`)
			})
		}),
	},
	{
		id: "EVT-30", source: "EventBridge API: PutTargets",
		claim: "an ARN that no target has is refused",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			for _, arn := range []string{
				"queue", "arn:aws:s3:::bucket", "arn:aws:logs:eu-west-1:" + c.id + ":log-group:/g",
				"arn:aws:logs:us-east-1:" + stranger + ":log-group:/g", "arn:aws:logs:us-east-1:" + c.id + ":log-group:",
			} {
				refusedTarget(c, "ValidationException", "Provided Arn is not in correct format", func(t *types.Target) { t.Arn = &arn })
			}
			refusedTarget(c, "ValidationException", "RoleArn is required for target",
				func(t *types.Target) { t.Arn = aws.String("arn:aws:states:us-east-1:" + c.id + ":stateMachine:m") })
			refusedTarget(c, "ValidationException", "regular expression", func(t *types.Target) { t.Id = aws.String("a b") })
			refusedTarget(c, "ValidationException", "less than or equal to 185",
				func(t *types.Target) { t.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)} })
		}),
	},
	{
		id: "EVT-31", source: "EventBridge API: ListTargetsByRule",
		claim: "targets are listed in pages",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			var want, got []string
			for i := range 5 {
				want = append(want, fmt.Sprint(i))
				_, err := c.putTargets(c.target(func(t *types.Target) { t.Id = &want[i] }))
				c.ok(err)
			}
			in := &eventbridge.ListTargetsByRuleInput{Rule: &c.name, Limit: aws.Int32(2)}
			for {
				out, err := c.client.ListTargetsByRule(c.Context(), in)
				c.ok(err)
				for _, t := range out.Targets {
					got = append(got, *t.Id)
				}
				if in.NextToken = out.NextToken; in.NextToken == nil {
					break
				}
			}
			c.equal(want, got)
		}),
	},
	{
		id: "EVT-32", source: "EventBridge API: RemoveTargets",
		claim: "RemoveTargets answers 200 and tells which ids failed",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			_, err := c.putTargets(c.target())
			c.ok(err)
			out, err := c.client.RemoveTargets(c.Context(),
				&eventbridge.RemoveTargetsInput{Rule: &c.name, Ids: []string{"ivs-cloudwatch-logs", "never"}})
			c.ok(err)
			c.equal(int32(1), out.FailedEntryCount)
			c.equal("never", *out.FailedEntries[0].TargetId)
			c.equal(0, len(c.targets()))
		}),
	},
	{
		id: "EVT-33", source: "EventBridge API: PutRule",
		claim: "PutRule keeps the targets",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			_, err := c.putTargets(c.target())
			c.ok(err)
			c.ok(c.put())
			c.equal(1, len(c.targets()))
		}),
	},
	{
		id: "EVT-34", source: "EventBridge API: ListRuleNamesByTarget",
		claim: "the rules of a target are listed once each, in pages",
		prove: onEvents(func(c *eventsCheck) {
			arn, base := c.group(), c.name
			var want, got []string
			for i := range 3 {
				c.name = fmt.Sprintf("%s-%d", base, i)
				c.ok(c.put())
				for _, id := range []string{"one", "two"} {
					_, err := c.putTargets(types.Target{Id: &id, Arn: &arn})
					c.ok(err)
				}
				want = append(want, c.name)
			}
			in := &eventbridge.ListRuleNamesByTargetInput{TargetArn: &arn, Limit: aws.Int32(2)}
			for {
				out, err := c.client.ListRuleNamesByTarget(c.Context(), in)
				c.ok(err)
				got = append(got, out.RuleNames...)
				if in.NextToken = out.NextToken; in.NextToken == nil {
					break
				}
			}
			c.equal(want, got)
		}),
	},
}

// eventEnvelope is an event of a detail-type.
const eventEnvelope = `{"version":"0","id":"1","detail-type":%q,"source":"aws.ivs","account":"123456789012",` +
	`"time":"2026-11-22T00:00:00Z","region":"us-east-1","resources":[],"detail":{}}`

func matches(c *eventsCheck, pattern, detailType string) bool {
	out, err := c.client.TestEventPattern(c.Context(),
		&eventbridge.TestEventPatternInput{EventPattern: &pattern, Event: aws.String(fmt.Sprintf(eventEnvelope, detailType))})
	c.ok(err)
	return out.Result
}

var eventPatternBeliefs = []belief{
	{
		id: "EVT-35", source: "EventBridge user guide: Events from AWS services; Event patterns",
		claim: "the source alone also matches CloudTrail's API calls, the prefix does not",
		prove: onEvents(func(c *eventsCheck) {
			const source = `{"source":["aws.ivs"]}`
			c.equal(true, matches(c, source, "AWS API Call via CloudTrail"))
			c.equal(false, matches(c, serviceEvents, "AWS API Call via CloudTrail"))
			c.equal(true, matches(c, serviceEvents, "IVS Stage Update"))
			c.equal(true, matches(c, serviceEvents, "IVS Something New"))
		}),
	},
	{
		id: "EVT-36", source: "EventBridge API: TestEventPattern",
		claim: "TestEventPattern refuses wrong patterns and half events",
		prove: onEvents(func(c *eventsCheck) {
			_, err := c.client.TestEventPattern(c.Context(), &eventbridge.TestEventPatternInput{EventPattern: aws.String(`{"a":1}`), Event: aws.String(`{}`)})
			c.fails(err, "InvalidEventPatternException", "must be an object or an array")
			for _, event := range []string{`{`, `[]`, `null`, `{"source":"aws.ivs"}`} {
				_, err = c.client.TestEventPattern(c.Context(), &eventbridge.TestEventPatternInput{EventPattern: aws.String(serviceEvents), Event: &event})
				c.fails(err, "ValidationException", "Event is not valid")
			}
		}),
	},
}
