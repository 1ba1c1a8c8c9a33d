package logs

import (
	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type describeAccountPoliciesInput struct {
	PolicyType         *string  `json:"policyType"`
	PolicyName         *string  `json:"policyName"`
	AccountIdentifiers []string `json:"accountIdentifiers"`
	NextToken          *string  `json:"nextToken"`
}

type describeAccountPoliciesOutput struct {
	AccountPolicies []accountPolicyOutput `json:"accountPolicies"`
	NextToken       string                `json:"nextToken,omitempty"`
}

// describeAccountPolicies lists none of the types that cannot be made here.
func (s *Service) describeAccountPolicies(r *wire.Request, in *describeAccountPoliciesInput) (*describeAccountPoliciesOutput, error) {
	var c constraint.Checks
	constraint.Required(&c, "policyType", in.PolicyType)
	c.Text("policyType", in.PolicyType, accountPolicyType)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	for _, account := range in.AccountIdentifiers {
		if account != r.Account {
			return nil, invalidParameter("The account " + account + " is not linked to this one.")
		}
	}
	out := &describeAccountPoliciesOutput{AccountPolicies: []accountPolicyOutput{}}
	if *in.PolicyType != retentionPolicyType {
		return out, nil
	}
	query := store.Key("DescribeAccountPolicies", here(r), deref(in.PolicyName))
	after, err := (&page{NextToken: in.NextToken}).after(query)
	if err != nil {
		return nil, err
	}
	return out, s.store.View(func(tx *store.Tx) error {
		scan := where(store.Scan[*accountPolicy](tx, accountPolicyTable, here(r, ""), after),
			func(p *accountPolicy) bool { return in.PolicyName == nil || *in.PolicyName == p.Name })
		policies, last := paging.Take(scan, describeLimit)
		for i := range policies {
			out.AccountPolicies = append(out.AccountPolicies, policies[i].output(r))
		}
		out.NextToken = paging.Token(query, last)
		return nil
	})
}

type deleteAccountPolicyInput struct {
	PolicyName *string `json:"policyName"`
	PolicyType *string `json:"policyType"`
	DryRun     bool    `json:"dryRun"`
}

func (s *Service) deleteAccountPolicy(r *wire.Request, in *deleteAccountPolicyInput) (*nothing, error) {
	var c constraint.Checks
	constraint.Required(&c, "policyName", in.PolicyName)
	constraint.Required(&c, "policyType", in.PolicyType)
	c.Text("policyType", in.PolicyType, accountPolicyType)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	missing := notFound("Policy with name [" + *in.PolicyName + "] does not exist.")
	if *in.PolicyType != retentionPolicyType {
		return nil, missing
	}
	if err := onlyRetention(*in.PolicyType, in.DryRun); err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		if !tx.Delete(accountPolicyTable, here(r, *in.PolicyName)) {
			return missing
		}
		return nil
	})
}
