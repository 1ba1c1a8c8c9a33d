package events_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func TestRules(t *testing.T) {
	client := newClient(newServer(t), account, region)
	belief(t, client, "EVT-01 PutRule makes an enabled rule on the default bus (§5.2, §5.5)", func(c *contract) {
		out, err := c.client.PutRule(c.Context(), &eventbridge.PutRuleInput{Name: &c.name, EventPattern: aws.String(serviceEvents)})
		c.ok(err)
		c.Cleanup(func() { c.remove(c.name) })
		c.equal(c.arn(), *out.RuleArn)
		got := c.describe()
		c.equal(c.arn(), *got.Arn)
		c.equal("default", *got.EventBusName)
		c.equal(account, *got.CreatedBy)
		c.equal(serviceEvents, *got.EventPattern)
		c.equal(types.RuleStateEnabled, got.State)
		if got.Description != nil || got.ScheduleExpression != nil || got.RoleArn != nil || got.ManagedBy != nil {
			c.Errorf("more than was put: %+v", got)
		}
	})
	belief(t, client, "EVT-02 PutRule replaces the whole rule: what is left out is gone (§5.5)", func(c *contract) {
		c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Description = aws.String("before") }))
		c.ok(c.put())
		c.equal((*string)(nil), c.describe().Description)
	})
	belief(t, client, "EVT-03 PutRule ignores tags on an update (§5.5)", func(c *contract) {
		tagged := func(value string) func(*eventbridge.PutRuleInput) {
			return func(in *eventbridge.PutRuleInput) {
				in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String(value)}}
			}
		}
		c.ok(c.put(tagged("1")))
		c.ok(c.put(tagged("2")))
		c.ok(c.put())
		c.equal(map[string]string{"a": "1"}, c.tags())
	})
	belief(t, client, "EVT-04 names are 1 to 64 of an alphabet (§5.5)", func(c *contract) {
		for name, part := range map[string]string{
			"":                      "greater than or equal to 1",
			"a/b":                   "regular expression pattern",
			strings.Repeat("a", 65): "less than or equal to 64",
		} {
			c.fails(c.put(func(in *eventbridge.PutRuleInput) { in.Name = &name }), "ValidationException", part)
		}
		c.name = strings.Repeat("a", 64)
		c.ok(c.put())
	})
	belief(t, client, "EVT-05 PutRule without State enables a disabled rule (§5.5)", func(c *contract) {
		c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.State = types.RuleStateDisabled }))
		c.equal(types.RuleStateDisabled, c.describe().State)
		c.ok(c.put())
		c.equal(types.RuleStateEnabled, c.describe().State)
	})
	belief(t, client, "EVT-06 DisableRule and EnableRule change the state alone (§7.1)", func(c *contract) {
		c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Description = aws.String("kept") }))
		_, err := c.client.DisableRule(c.Context(), &eventbridge.DisableRuleInput{Name: &c.name})
		c.ok(err)
		c.equal(types.RuleStateDisabled, c.describe().State)
		_, err = c.client.EnableRule(c.Context(), &eventbridge.EnableRuleInput{Name: &c.name})
		c.ok(err)
		c.equal(types.RuleStateEnabled, c.describe().State)
		c.equal("kept", *c.describe().Description)
	})
	belief(t, client, "EVT-07 a wrong pattern is InvalidEventPatternException with the reason (§6.3)", func(c *contract) {
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
	})
	belief(t, client, "EVT-08 a rule needs a pattern or a schedule (PutRule)", func(c *contract) {
		without := func(in *eventbridge.PutRuleInput) { in.EventPattern = nil }
		c.fails(c.put(without), "ValidationException", "EventPattern or ScheduleExpression must be specified")
		scheduled := func(expression string) error {
			return c.put(without, func(in *eventbridge.PutRuleInput) { in.ScheduleExpression = &expression })
		}
		c.fails(scheduled("rate(5 minute)"), "ValidationException", "ScheduleExpression is not valid")
		c.ok(scheduled("rate(5 minutes)"))
		c.equal((*string)(nil), c.describe().EventPattern)
	})
	belief(t, client, "EVT-09 a pattern has at most 2,048 characters by default (§2.3)", func(c *contract) {
		sized := func(size int) error {
			pattern := serviceEvents + strings.Repeat(" ", size-len(serviceEvents))
			return c.put(func(in *eventbridge.PutRuleInput) { in.EventPattern = &pattern })
		}
		c.ok(sized(2048))
		c.fails(sized(2049), "LimitExceededException", "")
		c.fails(sized(4097), "ValidationException", "less than or equal to 4096")
	})
	belief(t, client, "EVT-10 the state must be one of three (PutRule)", func(c *contract) {
		c.fails(c.put(func(in *eventbridge.PutRuleInput) { in.State = "ON" }), "ValidationException", "enum value set")
	})
	belief(t, client, "EVT-11 a rule that is not there is ResourceNotFoundException (§6.3)", func(c *contract) {
		_, err := c.client.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
		c.fails(err, "ResourceNotFoundException", "Rule "+c.name+" does not exist on EventBus default.")
		_, err = c.client.EnableRule(c.Context(), &eventbridge.EnableRuleInput{Name: &c.name})
		c.fails(err, "ResourceNotFoundException", c.name)
	})
	belief(t, client, "EVT-12 deleting a rule that is not there succeeds (§5.5)", func(c *contract) {
		_, err := c.client.DeleteRule(c.Context(), &eventbridge.DeleteRuleInput{Name: &c.name})
		c.ok(err)
	})
	belief(t, client, "EVT-13 a rule with targets cannot be deleted (§5.5, §6.3)", func(c *contract) {
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
	})
	belief(t, client, "EVT-14 the bus is the default one, by name or ARN; others must exist (§4.1)", func(c *contract) {
		bus := "arn:aws:events:" + region + ":" + account + ":event-bus/"
		c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.EventBusName = aws.String(bus + "default") }))
		c.equal(c.arn(), *c.describe().Arn)
		for _, name := range []string{"other", bus + "other"} {
			err := c.put(func(in *eventbridge.PutRuleInput) { in.EventBusName = &name })
			c.fails(err, "ResourceNotFoundException", "Event bus other does not exist.")
		}
	})
	belief(t, client, "EVT-15 rules are listed by prefix, in pages (§5.5)", func(c *contract) {
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
	})
}

func TestRuleQuota(t *testing.T) {
	client := newClient(newServer(t), account, region)
	belief(t, client, "EVT-20 the 301st rule on a bus is LimitExceededException, an update is not (§2.3)", func(c *contract) {
		for i := range 300 {
			_, err := c.client.PutRule(c.Context(), &eventbridge.PutRuleInput{
				Name: aws.String(fmt.Sprintf("%s-%d", c.name, i)), EventPattern: aws.String(serviceEvents),
			})
			c.ok(err)
		}
		c.fails(c.put(), "LimitExceededException", "")
		c.name += "-299"
		c.ok(c.put())
	})
}

func TestAccountsAndRegions(t *testing.T) {
	endpoint := newServer(t)
	client := newClient(endpoint, account, region)
	belief(t, client, "EVT-21 rules are per account and region (§2.3, §4.1)", func(c *contract) {
		c.ok(c.put())
		for _, other := range []*eventbridge.Client{
			newClient(endpoint, account, "eu-west-1"),
			newClient(endpoint, "111122223333", region),
		} {
			_, err := other.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
			c.fails(err, "ResourceNotFoundException", c.name)
		}
	})
}

func (c *contract) tags() map[string]string {
	c.Helper()
	out, err := c.client.ListTagsForResource(c.Context(), &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(c.arn())})
	c.ok(err)
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[*t.Key] = *t.Value
	}
	return tags
}

func TestTags(t *testing.T) {
	client := newClient(newServer(t), account, region)
	tag := func(c *contract, tags ...types.Tag) error {
		_, err := c.client.TagResource(c.Context(), &eventbridge.TagResourceInput{ResourceARN: aws.String(c.arn()), Tags: tags})
		return err
	}
	pair := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

	belief(t, client, "EVT-30 TagResource merges and UntagResource removes (§7.1)", func(c *contract) {
		c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Tags = []types.Tag{pair("a", "1"), pair("b", "2")} }))
		c.ok(tag(c, pair("b", "3"), pair("c", "")))
		c.equal(map[string]string{"a": "1", "b": "3", "c": ""}, c.tags())
		_, err := c.client.UntagResource(c.Context(),
			&eventbridge.UntagResourceInput{ResourceARN: aws.String(c.arn()), TagKeys: []string{"a", "never"}})
		c.ok(err)
		c.equal(map[string]string{"b": "3", "c": ""}, c.tags())
	})
	belief(t, client, "EVT-31 tags have limits and go with the rule (TagResource)", func(c *contract) {
		c.ok(c.put())
		c.fails(tag(c, pair("", "x")), "ValidationException", "greater than or equal to 1")
		c.fails(tag(c, pair(strings.Repeat("k", 129), "x")), "ValidationException", "128")
		c.fails(tag(c, pair("aws:k", "x")), "ValidationException", "reserved")
		c.fails(tag(c, pair("k", "1"), pair("k", "2")), "ValidationException", "Duplicated")
		c.ok(tag(c, pair("k", "1")))
		c.remove(c.name)
		c.fails(tag(c, pair("k", "1")), "ResourceNotFoundException", "does not exist")
		c.ok(c.put())
		c.equal(map[string]string{}, c.tags())
	})
}
