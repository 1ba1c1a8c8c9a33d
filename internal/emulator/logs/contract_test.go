package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func TestLogGroups(t *testing.T) {
	client := newClient(newServer(t), account, region)
	put := func(c *contract, days int32) error {
		_, err := c.client.PutRetentionPolicy(c.Context(),
			&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &c.name, RetentionInDays: &days})
		return err
	}

	belief(t, client, "LOG-01 a new group has no retention, class STANDARD and both ARNs (§5.1)", func(c *contract) {
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
	})
	belief(t, client, "LOG-02 the second CreateLogGroup is ResourceAlreadyExistsException (§6.2)", func(c *contract) {
		c.create()
		_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name})
		c.fails(err, "ResourceAlreadyExistsException", "The specified log group already exists")
	})
	belief(t, client, "LOG-03 names are 1 to 512 of an alphabet and do not begin with aws/ (§5.1)", func(c *contract) {
		for name, part := range map[string]string{
			"aws/x":                  "reserved",
			"a b":                    "regular expression pattern",
			"a:b":                    "regular expression pattern",
			strings.Repeat("a", 513): "less than or equal to 512",
			"":                       "greater than or equal to 1",
		} {
			_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
			c.fails(err, "InvalidParameterException", part)
		}
		c.name = strings.Repeat("a", 512)
		c.create()
	})
	belief(t, client, "LOG-04 only the listed retention values are taken (§5.1, §6.2)", func(c *contract) {
		c.create()
		c.fails(put(c, 15), "InvalidParameterException", "'15' at 'retentionInDays'")
		c.fails(put(c, 0), "InvalidParameterException", "retentionInDays")
		for _, days := range []int32{1, 14, 3653} {
			c.ok(put(c, days))
			c.equal(days, *c.describe()[0].RetentionInDays)
		}
	})
	belief(t, client, "LOG-05 DeleteRetentionPolicy means never again (§5.1)", func(c *contract) {
		c.create()
		c.ok(put(c, 14))
		_, err := c.client.DeleteRetentionPolicy(c.Context(), &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &c.name})
		c.ok(err)
		c.equal((*int32)(nil), c.describe()[0].RetentionInDays)
	})
	belief(t, client, "LOG-06 a missing group is ResourceNotFoundException for retention and deletion (§6.2)", func(c *contract) {
		c.fails(put(c, 14), "ResourceNotFoundException", "The specified log group does not exist.")
		_, err := c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
		c.fails(err, "ResourceNotFoundException", "The specified log group does not exist.")
	})
	belief(t, client, "LOG-07 the prefix filter is a prefix, not a name (§5.1)", func(c *contract) {
		c.create()
		sibling := *c
		sibling.name += "-2"
		sibling.create()
		groups := c.describe()
		c.equal([]string{c.name, sibling.name}, []string{*groups[0].LogGroupName, *groups[1].LogGroupName})
	})
	belief(t, client, "LOG-08 the pattern filter finds substrings and leaves out the retention (DescribeLogGroups)", func(c *contract) {
		c.create()
		c.ok(put(c, 14))
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
	})
	belief(t, client, "LOG-09 lists come in pages in order, and a token fits its request only (§5.1)", func(c *contract) {
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
	})
	belief(t, client, "LOG-10 the class is fixed at creation and must be one of four (§5.1)", func(c *contract) {
		_, err := c.client.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name, LogGroupClass: "CHEAP"})
		c.fails(err, "InvalidParameterException", "enum value set")
		c.create(func(in *cloudwatchlogs.CreateLogGroupInput) { in.LogGroupClass = types.LogGroupClassInfrequentAccess })
		c.equal(types.LogGroupClassInfrequentAccess, c.describe()[0].LogGroupClass)
	})
	belief(t, client, "LOG-11 deletion protection stops DeleteLogGroup with ValidationException (§5.1, §6.2)", func(c *contract) {
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
	})
}

func TestTags(t *testing.T) {
	client := newClient(newServer(t), account, region)
	tag := func(c *contract, arn string, tags map[string]string) error {
		_, err := c.client.TagResource(c.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: &arn, Tags: tags})
		return err
	}
	list := func(c *contract) map[string]string {
		c.Helper()
		out, err := c.client.ListTagsForResource(c.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(c.arn())})
		c.ok(err)
		return out.Tags
	}

	belief(t, client, "LOG-20 CreateLogGroup carries tags, TagResource merges, UntagResource removes (§7.1)", func(c *contract) {
		c.create(func(in *cloudwatchlogs.CreateLogGroupInput) { in.Tags = map[string]string{"a": "1", "b": "2"} })
		c.ok(tag(c, c.arn(), map[string]string{"b": "3", "c": ""}))
		c.equal(map[string]string{"a": "1", "b": "3", "c": ""}, list(c))
		_, err := c.client.UntagResource(c.Context(),
			&cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(c.arn()), TagKeys: []string{"a", "never"}})
		c.ok(err)
		c.equal(map[string]string{"b": "3", "c": ""}, list(c))
	})
	belief(t, client, "LOG-21 the tag calls take the ARN without :* only (§7.1)", func(c *contract) {
		c.create()
		c.fails(tag(c, c.arn()+":*", map[string]string{"a": "1"}), "InvalidParameterException", "resourceArn")
	})
	belief(t, client, "LOG-22 a group has at most 50 tags; keys and values have limits (§5.1)", func(c *contract) {
		c.create()
		many := map[string]string{}
		for i := range 50 {
			many[fmt.Sprint(i)] = "x"
		}
		c.ok(tag(c, c.arn(), many))
		c.fails(tag(c, c.arn(), map[string]string{"one more": "x"}), "TooManyTagsException", "50")
		c.fails(tag(c, c.arn(), map[string]string{strings.Repeat("k", 129): "x"}), "InvalidParameterException", "128")
		c.fails(tag(c, c.arn(), map[string]string{"k": strings.Repeat("v", 257)}), "InvalidParameterException", "256")
		c.fails(tag(c, c.arn(), map[string]string{"k": "a*b"}), "InvalidParameterException", "pattern")
		c.fails(tag(c, c.arn(), map[string]string{"aws:k": "v"}), "InvalidParameterException", "reserved")
		c.equal(50, len(list(c)))
	})
	belief(t, client, "LOG-23 tags of a missing group are ResourceNotFoundException (§6.2)", func(c *contract) {
		c.fails(tag(c, c.arn(), map[string]string{"a": "1"}), "ResourceNotFoundException", "does not exist")
	})
}

func TestAccountsAndRegions(t *testing.T) {
	endpoint := newServer(t)
	client := newClient(endpoint, account, region)
	belief(t, client, "LOG-30 groups are per account and region (§2.2)", func(c *contract) {
		c.create()
		for _, other := range []*cloudwatchlogs.Client{
			newClient(endpoint, account, "eu-west-1"),
			newClient(endpoint, "111122223333", region),
		} {
			elsewhere := *c
			elsewhere.client = other
			c.equal(0, len(elsewhere.describe()))
			elsewhere.create()
		}
	})
}
