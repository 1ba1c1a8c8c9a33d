package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func putRetention(c *logsCheck, days int32) error {
	_, err := c.client.PutRetentionPolicy(c.Context(),
		&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &c.name, RetentionInDays: &days})
	return err
}

var logGroupBeliefs = []belief{
	{
		id: "LOG-01", source: "Logs API: LogGroup",
		claim: "a new group has no retention, class STANDARD and both ARNs",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			groups := c.describe()
			if len(groups) != 1 {
				c.Fatalf("%d groups, want 1", len(groups))
			}
			got := groups[0]
			c.equal(c.name, *got.LogGroupName)
			c.equal(c.arn()+":*", *got.Arn)
			c.equal(c.arn(), *got.LogGroupArn)
			c.equal(types.LogGroupClassStandard, got.LogGroupClass)
			c.equal((*int32)(nil), got.RetentionInDays)
			c.equal(int64(0), *got.StoredBytes)
			c.equal(false, *got.DeletionProtectionEnabled)
			if *got.CreationTime == 0 || got.RetentionPolicyName != nil {
				c.Errorf("creationTime %d, retentionPolicyName %v", *got.CreationTime, got.RetentionPolicyName)
			}
		}),
	},
	{
		id: "LOG-02", source: "Logs API: CreateLogGroup",
		claim: "the second CreateLogGroup is ResourceAlreadyExistsException",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name})
			c.fails(err, "ResourceAlreadyExistsException", "The specified log group already exists")
		}),
	},
	{
		id: "LOG-03", source: "Logs API: CreateLogGroup",
		claim: "names are 1 to 512 of an alphabet and do not begin with aws/",
		prove: onLogs(func(c *logsCheck) {
			longest := c.name + strings.Repeat("a", 512-len(c.name))
			for name, part := range map[string]string{
				"aws/x":       "reserved",
				"a b":         "regular expression pattern",
				"a:b":         "regular expression pattern",
				longest + "a": "less than or equal to 512",
				"":            "greater than or equal to 1",
			} {
				_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
				c.fails(err, "InvalidParameterException", part)
			}
			c.name = longest
			c.create()
		}),
	},
	{
		id: "LOG-04", source: "Logs API: PutRetentionPolicy",
		claim: "only the listed retention values are taken",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.fails(putRetention(c, 15), "InvalidParameterException", "'15' at 'retentionInDays'")
			c.fails(putRetention(c, 0), "InvalidParameterException", "retentionInDays")
			for _, days := range []int32{1, 14, 3653} {
				c.ok(putRetention(c, days))
				c.equal(days, *c.describe()[0].RetentionInDays)
			}
		}),
	},
	{
		id: "LOG-05", source: "Logs API: DeleteRetentionPolicy",
		claim: "DeleteRetentionPolicy means never again",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.ok(putRetention(c, 14))
			_, err := c.client.DeleteRetentionPolicy(c.Context(), &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &c.name})
			c.ok(err)
			c.equal((*int32)(nil), c.describe()[0].RetentionInDays)
		}),
	},
	{
		id: "LOG-06", source: "Logs API: PutRetentionPolicy, DeleteLogGroup",
		claim: "a missing group is ResourceNotFoundException for retention and deletion",
		prove: onLogs(func(c *logsCheck) {
			c.fails(putRetention(c, 14), "ResourceNotFoundException", "The specified log group does not exist.")
			_, err := c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
			c.fails(err, "ResourceNotFoundException", "The specified log group does not exist.")
		}),
	},
	{
		id: "LOG-07", source: "Logs API: DescribeLogGroups",
		claim: "the prefix filter is a prefix, not a name",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			sibling := *c
			sibling.name += "-2"
			sibling.create()
			groups := c.describe()
			c.equal([]string{c.name, sibling.name}, []string{*groups[0].LogGroupName, *groups[1].LogGroupName})
		}),
	},
	{
		id: "LOG-08", source: "Logs API: DescribeLogGroups",
		claim: "the pattern filter finds substrings and leaves out the retention",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.ok(putRetention(c, 14))
			middle := c.name[6:]
			out, err := c.client.DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: &middle})
			c.ok(err)
			c.equal(1, len(out.LogGroups))
			if got := out.LogGroups[0]; got.RetentionInDays != nil || got.StoredBytes != nil {
				c.Errorf("retentionInDays %v, storedBytes %v", got.RetentionInDays, got.StoredBytes)
			}
			_, err = c.client.DescribeLogGroups(c.Context(),
				&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: &middle, LogGroupNamePrefix: &c.name})
			c.fails(err, "InvalidParameterException", "mutually exclusive")
		}),
	},
	{
		id: "LOG-09", source: "Logs API: DescribeLogGroups",
		claim: "lists come in pages in order, and a token fits its request only",
		prove: onLogs(func(c *logsCheck) {
			base := c.name
			var want, got []string
			for i := range 5 {
				c.name = fmt.Sprintf("%s-%d", base, i)
				c.create()
				want = append(want, c.name)
			}
			pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.client,
				&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &base, Limit: aws.Int32(2)})
			sizes := []int{}
			for pages.HasMorePages() {
				page, err := pages.NextPage(c.Context())
				c.ok(err)
				sizes = append(sizes, len(page.LogGroups))
				for _, g := range page.LogGroups {
					got = append(got, *g.LogGroupName)
				}
			}
			c.equal([]int{2, 2, 1}, sizes)
			c.equal(want, got)

			first, err := c.client.DescribeLogGroups(c.Context(),
				&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &base, Limit: aws.Int32(2)})
			c.ok(err)
			_, err = c.client.DescribeLogGroups(c.Context(),
				&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &c.name, NextToken: first.NextToken})
			c.fails(err, "InvalidParameterException", "The specified nextToken is invalid.")
			_, err = c.client.DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(51)})
			c.fails(err, "InvalidParameterException", "less than or equal to 50")
		}),
	},
	{
		id: "LOG-10", source: "Logs API: CreateLogGroup",
		claim: "the class is fixed at creation and must be one of four",
		prove: onLogs(func(c *logsCheck) {
			_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name, LogGroupClass: "CHEAP"})
			c.fails(err, "InvalidParameterException", "enum value set")
			c.create(func(in *cloudwatchlogs.CreateLogGroupInput) { in.LogGroupClass = types.LogGroupClassInfrequentAccess })
			c.equal(types.LogGroupClassInfrequentAccess, c.describe()[0].LogGroupClass)
		}),
	},
	{
		id: "LOG-11", source: "Logs API: DeleteLogGroup (the code is inferred)",
		claim: "deletion protection stops DeleteLogGroup with ValidationException",
		prove: onLogs(func(c *logsCheck) {
			c.create(func(in *cloudwatchlogs.CreateLogGroupInput) { in.DeletionProtectionEnabled = aws.Bool(true) })
			_, err := c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
			c.fails(err, "ValidationException", "deletion protection")
			_, err = c.client.PutLogGroupDeletionProtection(c.Context(), &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
				LogGroupIdentifier: aws.String(c.arn()), DeletionProtectionEnabled: aws.Bool(false),
			})
			c.ok(err)
			_, err = c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
			c.ok(err)
			c.equal(0, len(c.describe()))
		}),
	},
}

func tagGroup(c *logsCheck, arn string, tags map[string]string) error {
	_, err := c.client.TagResource(c.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: &arn, Tags: tags})
	return err
}

func groupTags(c *logsCheck) map[string]string {
	out, err := c.client.ListTagsForResource(c.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(c.arn())})
	c.ok(err)
	return out.Tags
}

var logTagBeliefs = []belief{
	{
		id: "LOG-12", source: "Logs API: CreateLogGroup, TagResource, UntagResource",
		claim: "CreateLogGroup carries tags, TagResource merges, UntagResource removes",
		prove: onLogs(func(c *logsCheck) {
			c.create(func(in *cloudwatchlogs.CreateLogGroupInput) { in.Tags = map[string]string{"a": "1", "b": "2"} })
			c.ok(tagGroup(c, c.arn(), map[string]string{"b": "3", "c": ""}))
			c.equal(map[string]string{"a": "1", "b": "3", "c": ""}, groupTags(c))
			_, err := c.client.UntagResource(c.Context(),
				&cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(c.arn()), TagKeys: []string{"a", "never"}})
			c.ok(err)
			c.equal(map[string]string{"b": "3", "c": ""}, groupTags(c))
		}),
	},
	{
		id: "LOG-13", source: "Logs API: TagResource",
		claim: "the tag calls take the ARN without :* only",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.fails(tagGroup(c, c.arn()+":*", map[string]string{"a": "1"}), "InvalidParameterException", "resourceArn")
		}),
	},
	{
		id: "LOG-14", source: "Logs API: TagResource",
		claim: "a group has at most 50 tags; keys and values have limits",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			many := map[string]string{}
			for i := range 50 {
				many[fmt.Sprint(i)] = "x"
			}
			c.ok(tagGroup(c, c.arn(), many))
			c.fails(tagGroup(c, c.arn(), map[string]string{"one more": "x"}), "TooManyTagsException", "50")
			c.fails(tagGroup(c, c.arn(), map[string]string{strings.Repeat("k", 129): "x"}), "InvalidParameterException", "128")
			c.fails(tagGroup(c, c.arn(), map[string]string{"k": strings.Repeat("v", 257)}), "InvalidParameterException", "256")
			c.fails(tagGroup(c, c.arn(), map[string]string{"k": "a*b"}), "InvalidParameterException", "pattern")
			c.fails(tagGroup(c, c.arn(), map[string]string{"aws:k": "v"}), "InvalidParameterException", "reserved")
			c.equal(50, len(groupTags(c)))
		}),
	},
	{
		id: "LOG-15", source: "Logs API: TagResource",
		claim: "tags of a missing group are ResourceNotFoundException",
		prove: onLogs(func(c *logsCheck) {
			c.fails(tagGroup(c, c.arn(), map[string]string{"a": "1"}), "ResourceNotFoundException", "does not exist")
		}),
	},
}

var logApartBeliefs = []belief{
	{
		id: "LOG-16", source: "CloudWatch Logs quotas",
		claim: "groups are per account and region",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			for _, other := range c.apart() {
				elsewhere := *c
				elsewhere.client = cloudwatchlogs.NewFromConfig(other)
				c.equal(0, len(elsewhere.describe()))
				elsewhere.create()
			}
		}),
	},
}
