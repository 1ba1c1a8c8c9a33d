package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func (c *eventsCheck) tags() map[string]string {
	out, err := c.client.ListTagsForResource(c.Context(), &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(c.arn())})
	c.ok(err)
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[*t.Key] = *t.Value
	}
	return tags
}

func pair(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func tagRule(c *eventsCheck, tags ...types.Tag) error {
	_, err := c.client.TagResource(c.Context(), &eventbridge.TagResourceInput{ResourceARN: aws.String(c.arn()), Tags: tags})
	return err
}

var ruleTagBeliefs = []belief{
	{
		id: "EVT-18", source: "EventBridge API: TagResource, UntagResource",
		claim: "TagResource merges and UntagResource removes",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put(func(in *eventbridge.PutRuleInput) { in.Tags = []types.Tag{pair("a", "1"), pair("b", "2")} }))
			c.ok(tagRule(c, pair("b", "3"), pair("c", "")))
			c.equal(map[string]string{"a": "1", "b": "3", "c": ""}, c.tags())
			_, err := c.client.UntagResource(c.Context(),
				&eventbridge.UntagResourceInput{ResourceARN: aws.String(c.arn()), TagKeys: []string{"a", "never"}})
			c.ok(err)
			c.equal(map[string]string{"b": "3", "c": ""}, c.tags())
		}),
	},
	{
		id: "EVT-19", source: "EventBridge API: TagResource",
		claim: "tags have limits and go with the rule",
		prove: onEvents(func(c *eventsCheck) {
			c.ok(c.put())
			c.fails(tagRule(c, pair("", "x")), "ValidationException", "greater than or equal to 1")
			c.fails(tagRule(c, pair(strings.Repeat("k", 129), "x")), "ValidationException", "128")
			c.fails(tagRule(c, pair("aws:k", "x")), "ValidationException", "reserved")
			c.fails(tagRule(c, pair("k", "1"), pair("k", "2")), "ValidationException", "Duplicated")
			c.ok(tagRule(c, pair("k", "1")))
			c.ok(removeRule(c.Context(), c.in(home), &c.name))
			c.fails(tagRule(c, pair("k", "1")), "ResourceNotFoundException", "does not exist")
			c.ok(c.put())
			c.equal(map[string]string{}, c.tags())
		}),
	},
}
