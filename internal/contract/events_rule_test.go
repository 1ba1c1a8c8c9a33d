package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

var ruleBeliefs = []belief{
	{
		id: "EVT-01", source: "EventBridge API: PutRule, DescribeRule",
		claim: "PutRule makes an enabled rule on the default bus",
		prove: onEvents(func(c *eventsCheck) {
			out, err := c.client.PutRule(c.Context(), &eventbridge.PutRuleInput{Name: &c.name, EventPattern: aws.String(serviceEvents)})
			c.ok(err)
			c.equal(c.arn(), *out.RuleArn)
			got := c.describe()
			c.equal(c.arn(), *got.Arn)
			c.equal("default", *got.EventBusName)
			c.equal(c.id, *got.CreatedBy)
			c.equal(serviceEvents, *got.EventPattern)
			c.equal(types.RuleStateEnabled, got.State)
			if got.Description != nil || got.ScheduleExpression != nil || got.RoleArn != nil || got.ManagedBy != nil {
				c.Errorf("more than was put: %+v", got)
			}
		}),
	},
	{
		id: "EVT-02", source: "EventBridge API: PutRule",
		claim: "PutRule replaces the whole rule: what is left out is gone",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Description = aws.String("before") }))
			c.ok(c.put())
			c.equal((*string)(nil), c.describe().Description)
		}),
	},
	{
		id: "EVT-03", source: "EventBridge API: PutRule",
		claim: "PutRule ignores tags on an update",
		prove: onEvents(func(c *eventsCheck) {
			tagged := func(value string) func(*eventbridge.PutRuleInput) {
				return func(in *eventbridge.PutRuleInput) {
					in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String(value)}}
				}
			}
			c.ok(c.put(tagged("1")))
			c.ok(c.put(tagged("2")))
			c.ok(c.put())
			c.equal(map[string]string{"a": "1"}, c.tags())
		}),
	},
	{
		id: "EVT-04", source: "EventBridge API: PutRule",
		claim: "names are 1 to 64 of an alphabet",
		prove: onEvents(func(c *eventsCheck) {
			longest := c.name + strings.Repeat("a", 64-len(c.name))
			for name, part := range map[string]string{
				"":            "greater than or equal to 1",
				"a/b":         "regular expression pattern",
				longest + "a": "less than or equal to 64",
			} {
				c.fails(c.put(func(in *eventbridge.PutRuleInput) { in.Name = &name }), "ValidationException", part)
			}
			c.name = longest
			c.ok(c.put())
		}),
	},
	{
		id: "EVT-05", source: "EventBridge API: PutRule",
		claim: "PutRule without State enables a disabled rule",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.State = types.RuleStateDisabled }))
			c.equal(types.RuleStateDisabled, c.describe().State)
			c.ok(c.put())
			c.equal(types.RuleStateEnabled, c.describe().State)
		}),
	},
	{
		id: "EVT-06", source: "EventBridge API: EnableRule, DisableRule",
		claim: "DisableRule and EnableRule change the state alone",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Description = aws.String("kept") }))
			_, err := c.client.DisableRule(c.Context(), &eventbridge.DisableRuleInput{Name: &c.name})
			c.ok(err)
			c.equal(types.RuleStateDisabled, c.describe().State)
			_, err = c.client.EnableRule(c.Context(), &eventbridge.EnableRuleInput{Name: &c.name})
			c.ok(err)
			c.equal(types.RuleStateEnabled, c.describe().State)
			c.equal("kept", *c.describe().Description)
		}),
	},
	{
		id: "EVT-07", source: "EventBridge API: PutRule; user guide: Event patterns",
		claim: "a wrong pattern is InvalidEventPatternException with the reason",
		prove: onEvents(func(c *eventsCheck) {
			for pattern, reason := range map[string]string{
				`{"source":"aws.ivs"}`:   `"source" must be an object or an array`,
				`{"source":[]}`:          "Empty arrays are not allowed",
				`{}`:                     "Empty objects are not allowed",
				`{"a":[{"begins":"x"}]}`: "Unrecognized match type begins",
				`{`:                      "",
			} {
				err := c.put(func(in *eventbridge.PutRuleInput) { in.EventPattern = &pattern })
				c.fails(err, "InvalidEventPatternException", "Event pattern is not valid. Reason: ")
				c.fails(err, "InvalidEventPatternException", reason)
			}
		}),
	},
	{
		id: "EVT-08", source: "EventBridge API: PutRule",
		claim: "a rule needs a pattern or a schedule",
		prove: onEvents(func(c *eventsCheck) {
			without := func(in *eventbridge.PutRuleInput) { in.EventPattern = nil }
			c.fails(c.put(without), "ValidationException", "EventPattern or ScheduleExpression must be specified")
			scheduled := func(expression string) error {
				return c.put(without, func(in *eventbridge.PutRuleInput) { in.ScheduleExpression = &expression })
			}
			c.fails(scheduled("rate(5 minute)"), "ValidationException", "ScheduleExpression is not valid")
			c.ok(scheduled("rate(5 minutes)"))
			c.equal((*string)(nil), c.describe().EventPattern)
		}),
	},
	{
		id: "EVT-09", source: "EventBridge quotas; API: PutRule",
		claim: "a pattern has at most 2,048 characters by default",
		prove: onEvents(func(c *eventsCheck) {
			sized := func(size int) error {
				pattern := serviceEvents + strings.Repeat(" ", size-len(serviceEvents))
				return c.put(func(in *eventbridge.PutRuleInput) { in.EventPattern = &pattern })
			}
			c.ok(sized(2048))
			c.fails(sized(2049), "LimitExceededException", "")
			c.fails(sized(4097), "ValidationException", "less than or equal to 4096")
		}),
	},
	{
		id: "EVT-10", source: "EventBridge API: PutRule",
		claim: "the state must be one of three",
		prove: onEvents(func(c *eventsCheck) {
			c.fails(c.put(func(in *eventbridge.PutRuleInput) { in.State = "ON" }), "ValidationException", "enum value set")
		}),
	},
	{
		id: "EVT-11", source: "EventBridge API: DescribeRule",
		claim: "a rule that is not there is ResourceNotFoundException",
		prove: onEvents(func(c *eventsCheck) {
			_, err := c.client.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
			c.fails(err, "ResourceNotFoundException", "Rule "+c.name+" does not exist on EventBus default.")
			_, err = c.client.EnableRule(c.Context(), &eventbridge.EnableRuleInput{Name: &c.name})
			c.fails(err, "ResourceNotFoundException", c.name)
		}),
	},
	{
		id: "EVT-12", source: "EventBridge API: DeleteRule",
		claim: "deleting a rule that is not there succeeds",
		prove: onEvents(func(c *eventsCheck) {
			_, err := c.client.DeleteRule(c.Context(), &eventbridge.DeleteRuleInput{Name: &c.name})
			c.ok(err)
		}),
	},
	{
		id: "EVT-13", source: "EventBridge API: DeleteRule",
		claim: "a rule with targets cannot be deleted",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			_, err := c.putTargets(c.target())
			c.ok(err)
			_, err = c.client.DeleteRule(c.Context(), &eventbridge.DeleteRuleInput{Name: &c.name})
			c.fails(err, "ValidationException", "Rule can't be deleted since it has targets.")
			_, err = c.client.RemoveTargets(c.Context(), &eventbridge.RemoveTargetsInput{Rule: &c.name, Ids: []string{"ivs-cloudwatch-logs"}})
			c.ok(err)
			_, err = c.client.DeleteRule(c.Context(), &eventbridge.DeleteRuleInput{Name: &c.name})
			c.ok(err)
			_, err = c.client.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
			c.fails(err, "ResourceNotFoundException", c.name)
		}),
	},
	{
		id: "EVT-14", source: "EventBridge API: PutRule",
		claim: "the bus is the default one, by name or ARN; others must exist",
		prove: onEvents(func(c *eventsCheck) {
			bus := "arn:aws:events:" + home + ":" + c.id + ":event-bus/"
			c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.EventBusName = aws.String(bus + "default") }))
			c.equal(c.arn(), *c.describe().Arn)
			for _, name := range []string{"other", bus + "other"} {
				err := c.put(func(in *eventbridge.PutRuleInput) { in.EventBusName = &name })
				c.fails(err, "ResourceNotFoundException", "Event bus other does not exist.")
			}
		}),
	},
	{
		id: "EVT-15", source: "EventBridge API: ListRules",
		claim: "rules are listed by prefix, in pages",
		prove: onEvents(func(c *eventsCheck) {
			base := c.name
			var want, got []string
			for i := range 5 {
				c.name = fmt.Sprintf("%s-%d", base, i)
				c.ok(c.put())
				want = append(want, c.name)
			}
			in := &eventbridge.ListRulesInput{NamePrefix: &base, Limit: aws.Int32(2)}
			for {
				out, err := c.client.ListRules(c.Context(), in)
				c.ok(err)
				for _, rule := range out.Rules {
					got = append(got, *rule.Name)
				}
				if in.NextToken = out.NextToken; in.NextToken == nil {
					break
				}
			}
			c.equal(want, got)
			_, err := c.client.ListRules(c.Context(), &eventbridge.ListRulesInput{NextToken: aws.String("x")})
			c.fails(err, "ValidationException", "NextToken")
			_, err = c.client.ListRules(c.Context(), &eventbridge.ListRulesInput{Limit: aws.Int32(101)})
			c.fails(err, "ValidationException", "less than or equal to 100")
		}),
	},
}

var ruleQuotaBeliefs = []belief{
	{
		id: "EVT-16", source: "EventBridge quotas",
		claim:        "the 301st rule on a bus is LimitExceededException, an update is not",
		onlyEmulated: "it would use up a quota that others may need",
		prove: onEvents(func(c *eventsCheck) {
			for i := range 300 {
				_, err := c.client.PutRule(c.Context(), &eventbridge.PutRuleInput{
					Name: aws.String(fmt.Sprintf("%s-%d", c.name, i)), EventPattern: aws.String(serviceEvents),
				})
				c.ok(err)
			}
			c.fails(c.put(), "LimitExceededException", "")
			c.name += "-299"
			c.ok(c.put())
		}),
	},
}

var ruleApartBeliefs = []belief{
	{
		id: "EVT-17", source: "EventBridge quotas",
		claim: "rules are per account and region",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			for _, other := range c.apart() {
				_, err := eventbridge.NewFromConfig(other).DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
				c.fails(err, "ResourceNotFoundException", c.name)
			}
		}),
	},
}
