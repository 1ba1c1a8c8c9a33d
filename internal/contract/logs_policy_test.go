package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// deliveryPolicy lets EventBridge write to the groups of the proofs.
const deliveryPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"EventBridgeToLogs","Effect":"Allow",` +
	`"Principal":{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]},` +
	`"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/yolo/*:*"}]}`

func (c *logsCheck) putPolicy(name, document string) (*cloudwatchlogs.PutResourcePolicyOutput, error) {
	return c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyName: &name, PolicyDocument: &document})
}

// policies returns the account's policies that the test made.
func (c *logsCheck) policies() []types.ResourcePolicy {
	return slices.DeleteFunc(c.described(&cloudwatchlogs.DescribeResourcePoliciesInput{Limit: aws.Int32(3)}),
		func(p types.ResourcePolicy) bool { return !strings.HasPrefix(*p.PolicyName, c.name) })
}

// described returns all pages.
func (c *logsCheck) described(in *cloudwatchlogs.DescribeResourcePoliciesInput) []types.ResourcePolicy {
	var found []types.ResourcePolicy
	for {
		out, err := c.client.DescribeResourcePolicies(c.Context(), in)
		c.ok(err)
		found = append(found, out.ResourcePolicies...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found
		}
	}
}

var logPolicyBeliefs = []belief{
	{
		id: "LOG-17", source: "Logs API: PutResourcePolicy",
		claim: "PutResourcePolicy is an upsert by name",
		prove: onLogs(func(c *logsCheck) {
			_, err := c.putPolicy(c.name, deliveryPolicy)
			c.ok(err)
			changed := strings.ReplaceAll(deliveryPolicy, "EventBridgeToLogs", "Changed")
			out, err := c.putPolicy(c.name, changed)
			c.ok(err)
			c.equal((*string)(nil), out.RevisionId)
			got := c.policies()
			if len(got) != 1 {
				c.Fatalf("%d policies, want 1", len(got))
			}
			c.equal(c.name, *got[0].PolicyName)
			c.equal(changed, *got[0].PolicyDocument)
			c.equal(types.PolicyScopeAccount, got[0].PolicyScope)
			if *got[0].LastUpdatedTime == 0 {
				c.Errorf("no lastUpdatedTime")
			}
		}),
	},
	{
		id: "LOG-18", source: "CloudWatch Logs quotas",
		claim:        "the eleventh policy is LimitExceededException, an update of the tenth is not",
		onlyEmulated: "it would use up a quota that others may need",
		prove: onLogs(func(c *logsCheck) {
			for i := range 10 {
				_, err := c.putPolicy(fmt.Sprintf("%s-%d", c.name, i), deliveryPolicy)
				c.ok(err)
			}
			_, err := c.putPolicy(c.name+"-one-more", deliveryPolicy)
			c.fails(err, "LimitExceededException", "Resource limit exceeded.")
			_, err = c.putPolicy(c.name+"-9", deliveryPolicy)
			c.ok(err)
			c.equal(10, len(c.policies()))
		}),
	},
	{
		id: "LOG-19", source: "CloudFormation: AWS::Logs::ResourcePolicy",
		claim: "a document has at most 5,120 characters",
		prove: onLogs(func(c *logsCheck) {
			_, err := c.putPolicy(c.name, deliveryPolicy+strings.Repeat(" ", 5120-len(deliveryPolicy)))
			c.ok(err)
			_, err = c.putPolicy(c.name, deliveryPolicy+strings.Repeat(" ", 5121-len(deliveryPolicy)))
			c.fails(err, "InvalidParameterException", "less than or equal to 5120")
		}),
	},
	{
		id: "LOG-20", source: "Logs API: PutResourcePolicy",
		claim: "a document must be a policy with service or AWS principals",
		prove: onLogs(func(c *logsCheck) {
			for _, change := range []struct{ from, to string }{
				{deliveryPolicy, "{"},
				{deliveryPolicy, "[]"},
				{`"Allow"`, `"Maybe"`},
				{`"Statement"`, `"Statements"`},
				{`"2012-10-17"`, `"2012"`},
				{`"Sid"`, `"Name"`},
				{`,"Resource":"arn:aws:logs:*:*:log-group:/yolo/*:*"`, ``},
				{`"logs:PutLogEvents"`, `"s3:PutObject"`},
				{`"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]`, `"AWS":"delivery.logs.amazonaws.com"`},
				{`"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]`, ``},
			} {
				bad := strings.Replace(deliveryPolicy, change.from, change.to, 1)
				_, err := c.putPolicy(c.name, bad)
				c.refusedFor(bad, err, 400, "InvalidParameterException", "olicy")
			}
			c.equal(0, len(c.policies()))
		}),
	},
	{
		id: "LOG-21", source: "IAM user guide: Grammar of the JSON policy language",
		claim: "a principal or action may be one string",
		prove: onLogs(func(c *logsCheck) {
			_, err := c.putPolicy(c.name, `{"Statement":{"Effect":"Deny","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:*","Resource":"*"}}`)
			c.ok(err)
		}),
	},
	{
		id: "LOG-22", source: "Logs API: DeleteResourcePolicy",
		claim: "deleting a policy that is not there is ResourceNotFoundException",
		prove: onLogs(func(c *logsCheck) {
			_, err := c.client.DeleteResourcePolicy(c.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: &c.name})
			c.fails(err, "ResourceNotFoundException", "does not exist")
		}),
	},
}

func putGroupPolicy(c *logsCheck, revision *string) (*cloudwatchlogs.PutResourcePolicyOutput, error) {
	return c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
		ResourceArn: aws.String(c.arn()), PolicyDocument: aws.String(deliveryPolicy), ExpectedRevisionId: revision,
	})
}

var groupPolicyBeliefs = []belief{
	{
		id: "LOG-23", source: "Logs API: PutResourcePolicy, DescribeResourcePolicies",
		claim: "a group's policy is listed by scope or ARN, not by default, and needs no slot",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			out, err := putGroupPolicy(c, nil)
			c.ok(err)
			if out.RevisionId == nil {
				c.Fatalf("no revisionId")
			}
			c.equal(0, len(c.policies()))
			for _, in := range []*cloudwatchlogs.DescribeResourcePoliciesInput{
				{PolicyScope: types.PolicyScopeResource}, {ResourceArn: aws.String(c.arn())},
			} {
				list := c.described(in)
				at := slices.IndexFunc(list, func(p types.ResourcePolicy) bool { return aws.ToString(p.ResourceArn) == c.arn() })
				if at < 0 {
					c.Fatalf("it is not among %d policies", len(list))
				}
				c.equal(*out.RevisionId, *list[at].RevisionId)
				c.equal(types.PolicyScopeResource, list[at].PolicyScope)
			}
		}),
	},
	{
		id: "LOG-24", source: "Logs API: PutResourcePolicy",
		claim: "its revision is locked optimistically",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			first, err := putGroupPolicy(c, nil)
			c.ok(err)
			_, err = putGroupPolicy(c, nil)
			c.fails(err, "InvalidParameterException", "expectedRevisionId")
			second, err := putGroupPolicy(c, first.RevisionId)
			c.ok(err)
			_, err = putGroupPolicy(c, first.RevisionId)
			c.fails(err, "OperationAbortedException", "conflict")
			_, err = c.client.DeleteResourcePolicy(c.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{
				ResourceArn: aws.String(c.arn()), ExpectedRevisionId: second.RevisionId,
			})
			c.ok(err)
		}),
	},
	{
		id: "LOG-25", source: "Logs API: PutResourcePolicy (inferred)",
		claim: "it goes with its group, and needs one",
		prove: onLogs(func(c *logsCheck) {
			_, err := putGroupPolicy(c, nil)
			c.fails(err, "ResourceNotFoundException", "log group")
			c.create()
			_, err = putGroupPolicy(c, nil)
			c.ok(err)
			_, err = c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
			c.ok(err)
			list, err := c.client.DescribeResourcePolicies(c.Context(),
				&cloudwatchlogs.DescribeResourcePoliciesInput{ResourceArn: aws.String(c.arn())})
			c.ok(err)
			c.equal(0, len(list.ResourcePolicies))
		}),
	},
	{
		id: "LOG-26", source: "Logs API: PutResourcePolicy",
		claim: "a policy has a name or a resource, not both",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			_, err := c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
				PolicyName: &c.name, ResourceArn: aws.String(c.arn()), PolicyDocument: aws.String(deliveryPolicy),
			})
			c.fails(err, "InvalidParameterException", "Exactly one")
			_, err = c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyDocument: aws.String(deliveryPolicy)})
			c.fails(err, "InvalidParameterException", "Exactly one")
		}),
	},
}
