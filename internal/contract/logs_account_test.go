package contract

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func putAccountPolicy(c *logsCheck, document string, criteria *string) error {
	_, err := c.client.PutAccountPolicy(c.Context(), &cloudwatchlogs.PutAccountPolicyInput{
		PolicyName: &c.name, PolicyType: types.PolicyTypeRetentionPolicy, PolicyDocument: &document, SelectionCriteria: criteria,
	})
	return err
}

var accountPolicyBeliefs = []belief{
	{
		id: "LOG-27", source: "Logs API: PutAccountPolicy",
		claim:        "an account-level retention policy can be put, listed and deleted",
		onlyEmulated: "a mistake could shorten the retention of others' groups",
		prove: onLogs(func(c *logsCheck) {
			c.ok(putAccountPolicy(c, `{"retentionInDays":90,"enforcementMode":"RETROACTIVE"}`, aws.String(`LogGroupNamePrefix IN ["`+c.name+`"]`)))
			in := &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: types.PolicyTypeRetentionPolicy, PolicyName: &c.name}
			out, err := c.client.DescribeAccountPolicies(c.Context(), in)
			c.ok(err)
			c.equal(1, len(out.AccountPolicies))
			c.equal(c.id, *out.AccountPolicies[0].AccountId)
			_, err = c.client.DeleteAccountPolicy(c.Context(),
				&cloudwatchlogs.DeleteAccountPolicyInput{PolicyName: &c.name, PolicyType: types.PolicyTypeRetentionPolicy})
			c.ok(err)
			out, err = c.client.DescribeAccountPolicies(c.Context(), in)
			c.ok(err)
			c.equal(0, len(out.AccountPolicies))
		}),
	},
	{
		id: "LOG-28", source: "Logs API: PutAccountPolicy",
		claim:        "it demands 30 days at least, one of two modes and prefixes only",
		onlyEmulated: "a mistake could shorten the retention of others' groups",
		prove: onLogs(func(c *logsCheck) {
			for _, bad := range []string{
				`{`, `{}`, `{"retentionInDays":14,"enforcementMode":"RETROACTIVE"}`, `{"retentionInDays":91,"enforcementMode":"RETROACTIVE"}`,
				`{"retentionInDays":90}`, `{"retentionInDays":"never","enforcementMode":"NEW_ONLY"}`,
				`{"retentionInDays":90,"enforcementMode":"NEW_ONLY","more":1}`,
			} {
				c.refusedFor(bad, putAccountPolicy(c, bad, nil), 400, "InvalidParameterException", "")
			}
			err := putAccountPolicy(c, `{"retentionInDays":"NEVER_EXPIRE","enforcementMode":"NEW_ONLY"}`, aws.String(`LogGroupName IN ["x"]`))
			c.fails(err, "InvalidParameterException", "LogGroupNamePrefix")
		}),
	},
	{
		id: "LOG-29", source: "Logs API: PutAccountPolicy",
		claim:        "it does not take effect at once",
		onlyEmulated: "a mistake could shorten the retention of others' groups",
		prove: onLogs(func(c *logsCheck) {
			c.create()
			c.ok(putAccountPolicy(c, `{"retentionInDays":90,"enforcementMode":"RETROACTIVE"}`, aws.String(`LogGroupNamePrefix IN ["`+c.name+`"]`)))
			if got := c.describe()[0]; got.RetentionInDays != nil || got.RetentionPolicyName != nil {
				c.Errorf("retentionInDays %v, retentionPolicyName %v", got.RetentionInDays, got.RetentionPolicyName)
			}
		}),
	},
}
