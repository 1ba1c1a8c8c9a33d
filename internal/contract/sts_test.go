package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

var stsBeliefs = []belief{
	{
		id: "STS-01", source: "STS API: GetCallerIdentity",
		claim: "GetCallerIdentity tells account, ARN and user id of who signed, in every region",
		prove: func(c *check) {
			for _, region := range []string{home, away} {
				who, err := sts.NewFromConfig(c.in(region)).GetCallerIdentity(c.Context(), &sts.GetCallerIdentityInput{})
				c.ok(err)
				if *who.Account != c.id || !strings.HasPrefix(*who.Arn, "arn:aws:") || !strings.Contains(*who.Arn, "::"+c.id+":") || *who.UserId == "" {
					c.Errorf("%s: %s, %s, %s", region, *who.Account, *who.Arn, *who.UserId)
				}
			}
		},
	},
}
