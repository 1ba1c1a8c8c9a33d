package logs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const document = `{"Version":"2012-10-17","Statement":[{"Sid":"EventBridgeToLogs","Effect":"Allow",` +
	`"Principal":{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]},` +
	`"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/yolo/*:*"}]}`

func (c *contract) putPolicy(name, document string) (*cloudwatchlogs.PutResourcePolicyOutput, error) {
	c.Helper()
	c.Cleanup(func() {
		_, _ = c.client.DeleteResourcePolicy(context.Background(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: &name})
	})
	return c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyName: &name, PolicyDocument: &document})
}

// policies returns the account's policies that the test made.
func (c *contract) policies() []types.ResourcePolicy {
	c.Helper()
	var found []types.ResourcePolicy
	in := &cloudwatchlogs.DescribeResourcePoliciesInput{Limit: aws.Int32(3)}
	for {
		out, err := c.client.DescribeResourcePolicies(c.Context(), in)
		c.ok(err)
		for _, p := range out.ResourcePolicies {
			if strings.HasPrefix(*p.PolicyName, c.name) {
				found = append(found, p)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found
		}
	}
}

func TestAccountResourcePolicies(t *testing.T) {
	client := newClient(newServer(t), account, region)
	belief(t, client, "LOG-40 PutResourcePolicy is an upsert by name (§5.3)", func(c *contract) {
		_, err := c.putPolicy(c.name, document)
		c.ok(err)
		changed := strings.ReplaceAll(document, "EventBridgeToLogs", "Changed")
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
			c.Error("no lastUpdatedTime")
		}
	})
	belief(t, client, "LOG-41 the eleventh policy is LimitExceededException, an update of the tenth is not (§5.3)", func(c *contract) {
		for i := range 10 {
			_, err := c.putPolicy(fmt.Sprintf("%s-%d", c.name, i), document)
			c.ok(err)
		}
		_, err := c.putPolicy(c.name+"-one-more", document)
		c.fails(err, "LimitExceededException", "Resource limit exceeded.")
		_, err = c.putPolicy(c.name+"-9", document)
		c.ok(err)
		c.equal(10, len(c.policies()))
	})
	belief(t, client, "LOG-42 a document has at most 5,120 characters (§2.2)", func(c *contract) {
		_, err := c.putPolicy(c.name, document+strings.Repeat(" ", 5120-len(document)))
		c.ok(err)
		_, err = c.putPolicy(c.name, document+strings.Repeat(" ", 5121-len(document)))
		c.fails(err, "InvalidParameterException", "less than or equal to 5120")
	})
	belief(t, client, "LOG-43 a document must be a policy with service or AWS principals (§5.2)", func(c *contract) {
		for _, change := range []struct{ from, to string }{
			{document, "{"},
			{document, "[]"},
			{`"Allow"`, `"Maybe"`},
			{`"Statement"`, `"Statements"`},
			{`"2012-10-17"`, `"2012"`},
			{`"Sid"`, `"Name"`},
			{`,"Resource":"arn:aws:logs:*:*:log-group:/yolo/*:*"`, ``},
			{`"logs:PutLogEvents"`, `"s3:PutObject"`},
			{`"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]`, `"AWS":"delivery.logs.amazonaws.com"`},
			{`"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]`, ``},
		} {
			bad := strings.Replace(document, change.from, change.to, 1)
			if _, err := c.putPolicy(c.name, bad); err == nil {
				c.Errorf("accepted: %s", bad)
			} else {
				c.fails(err, "InvalidParameterException", "olicy")
			}
		}
		c.equal(0, len(c.policies()))
	})
	belief(t, client, "LOG-44 a principal or action may be one string (§5.2)", func(c *contract) {
		_, err := c.putPolicy(c.name, `{"Statement":{"Effect":"Deny","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:*","Resource":"*"}}`)
		c.ok(err)
	})
	belief(t, client, "LOG-45 deleting a policy that is not there is ResourceNotFoundException (§6.2)", func(c *contract) {
		_, err := c.client.DeleteResourcePolicy(c.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: &c.name})
		c.fails(err, "ResourceNotFoundException", "does not exist")
	})
}

func TestGroupResourcePolicies(t *testing.T) {
	client := newClient(newServer(t), account, region)
	put := func(c *contract, revision *string) (*cloudwatchlogs.PutResourcePolicyOutput, error) {
		return c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
			ResourceArn: aws.String(c.arn()), PolicyDocument: aws.String(document), ExpectedRevisionId: revision,
		})
	}
	belief(t, client, "LOG-50 a group's policy is listed by scope or ARN, not by default, and needs no slot (§5.3)", func(c *contract) {
		c.create()
		out, err := put(c, nil)
		c.ok(err)
		if out.RevisionId == nil {
			c.Fatal("no revisionId")
		}
		c.equal(0, len(c.policies()))
		for _, in := range []*cloudwatchlogs.DescribeResourcePoliciesInput{
			{PolicyScope: types.PolicyScopeResource}, {ResourceArn: aws.String(c.arn())},
		} {
			list, err := c.client.DescribeResourcePolicies(c.Context(), in)
			c.ok(err)
			c.equal(1, len(list.ResourcePolicies))
			c.equal(c.arn(), *list.ResourcePolicies[0].ResourceArn)
			c.equal(*out.RevisionId, *list.ResourcePolicies[0].RevisionId)
			c.equal(types.PolicyScopeResource, list.ResourcePolicies[0].PolicyScope)
		}
	})
	belief(t, client, "LOG-51 its revision is locked optimistically (§5.3)", func(c *contract) {
		c.create()
		first, err := put(c, nil)
		c.ok(err)
		_, err = put(c, nil)
		c.fails(err, "InvalidParameterException", "expectedRevisionId")
		second, err := put(c, first.RevisionId)
		c.ok(err)
		_, err = put(c, first.RevisionId)
		c.fails(err, "OperationAbortedException", "conflict")
		_, err = c.client.DeleteResourcePolicy(c.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{
			ResourceArn: aws.String(c.arn()), ExpectedRevisionId: second.RevisionId,
		})
		c.ok(err)
	})
	belief(t, client, "LOG-52 it goes with its group, and needs one (§5.3)", func(c *contract) {
		_, err := put(c, nil)
		c.fails(err, "ResourceNotFoundException", "log group")
		c.create()
		_, err = put(c, nil)
		c.ok(err)
		_, err = c.client.DeleteLogGroup(c.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
		c.ok(err)
		list, err := c.client.DescribeResourcePolicies(c.Context(),
			&cloudwatchlogs.DescribeResourcePoliciesInput{ResourceArn: aws.String(c.arn())})
		c.ok(err)
		c.equal(0, len(list.ResourcePolicies))
	})
	belief(t, client, "LOG-53 a policy has a name or a resource, not both (PutResourcePolicy)", func(c *contract) {
		c.create()
		_, err := c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
			PolicyName: &c.name, ResourceArn: aws.String(c.arn()), PolicyDocument: aws.String(document),
		})
		c.fails(err, "InvalidParameterException", "Exactly one")
		_, err = c.client.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyDocument: aws.String(document)})
		c.fails(err, "InvalidParameterException", "Exactly one")
	})
}

func TestAccountPolicies(t *testing.T) {
	client := newClient(newServer(t), account, region)
	put := func(c *contract, document string, criteria *string) error {
		c.Cleanup(func() {
			_, _ = c.client.DeleteAccountPolicy(context.Background(),
				&cloudwatchlogs.DeleteAccountPolicyInput{PolicyName: &c.name, PolicyType: types.PolicyTypeRetentionPolicy})
		})
		_, err := c.client.PutAccountPolicy(c.Context(), &cloudwatchlogs.PutAccountPolicyInput{
			PolicyName: &c.name, PolicyType: types.PolicyTypeRetentionPolicy, PolicyDocument: &document, SelectionCriteria: criteria,
		})
		return err
	}
	belief(t, client, "LOG-60 an account-level retention policy can be put, listed and deleted (§5.1)", func(c *contract) {
		c.ok(put(c, `{"retentionInDays":90,"enforcementMode":"RETROACTIVE"}`, aws.String(`LogGroupNamePrefix IN ["`+c.name+`"]`)))
		in := &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: types.PolicyTypeRetentionPolicy, PolicyName: &c.name}
		out, err := c.client.DescribeAccountPolicies(c.Context(), in)
		c.ok(err)
		c.equal(1, len(out.AccountPolicies))
		c.equal(account, *out.AccountPolicies[0].AccountId)
		_, err = c.client.DeleteAccountPolicy(c.Context(),
			&cloudwatchlogs.DeleteAccountPolicyInput{PolicyName: &c.name, PolicyType: types.PolicyTypeRetentionPolicy})
		c.ok(err)
		out, err = c.client.DescribeAccountPolicies(c.Context(), in)
		c.ok(err)
		c.equal(0, len(out.AccountPolicies))
	})
	belief(t, client, "LOG-61 it demands 30 days at least, one of two modes and prefixes only (PutAccountPolicy)", func(c *contract) {
		for _, bad := range []string{
			`{`, `{}`, `{"retentionInDays":14,"enforcementMode":"RETROACTIVE"}`, `{"retentionInDays":91,"enforcementMode":"RETROACTIVE"}`,
			`{"retentionInDays":90}`, `{"retentionInDays":"never","enforcementMode":"NEW_ONLY"}`,
			`{"retentionInDays":90,"enforcementMode":"NEW_ONLY","more":1}`,
		} {
			if err := put(c, bad, nil); err == nil {
				c.Errorf("accepted: %s", bad)
			} else {
				c.fails(err, "InvalidParameterException", "")
			}
		}
		err := put(c, `{"retentionInDays":"NEVER_EXPIRE","enforcementMode":"NEW_ONLY"}`, aws.String(`LogGroupName IN ["x"]`))
		c.fails(err, "InvalidParameterException", "LogGroupNamePrefix")
	})
	belief(t, client, "LOG-62 it does not take effect at once (PutAccountPolicy)", func(c *contract) {
		c.create()
		c.ok(put(c, `{"retentionInDays":90,"enforcementMode":"RETROACTIVE"}`, aws.String(`LogGroupNamePrefix IN ["`+c.name+`"]`)))
		if got := c.describe()[0]; got.RetentionInDays != nil || got.RetentionPolicyName != nil {
			c.Errorf("retentionInDays %v, retentionPolicyName %v", got.RetentionInDays, got.RetentionPolicyName)
		}
	})
}
