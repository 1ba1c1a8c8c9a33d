package logs

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Resource policies of the account, by name, and of log groups, by the group.
const (
	accountScopeTable = "logs.resourcePolicy"
	groupPolicyTable  = "logs.groupPolicy"
)

const (
	// defaultMaxPolicies is not adjustable (CloudWatch Logs quotas).
	defaultMaxPolicies = 10
	// maxAccountDocument is in characters (AWS::Logs::ResourcePolicy); the API
	// model allows maxDocument, which is what a group's policy may have.
	maxAccountDocument = 5120
	maxDocument        = 51200
)

var revisionID = constraint.Text{Min: 1}

// resourcePolicy is one as it is kept.
type resourcePolicy struct {
	Name     string `json:",omitempty"` // account scope
	Group    string `json:",omitempty"` // resource scope
	Revision string `json:",omitempty"` // resource scope
	Document string
	Updated  int64 // milliseconds
}

type resourcePolicyOutput struct {
	PolicyName      string `json:"policyName,omitempty"`
	PolicyDocument  string `json:"policyDocument"`
	LastUpdatedTime int64  `json:"lastUpdatedTime"`
	PolicyScope     string `json:"policyScope"`
	ResourceArn     string `json:"resourceArn,omitempty"`
	RevisionID      string `json:"revisionId,omitempty"`
}

func (p *resourcePolicy) output(r *wire.Request) resourcePolicyOutput {
	out := resourcePolicyOutput{
		PolicyName: p.Name, PolicyDocument: p.Document, LastUpdatedTime: p.Updated, PolicyScope: "ACCOUNT", RevisionID: p.Revision,
	}
	if p.Group != "" {
		out.PolicyScope = "RESOURCE"
		out.ResourceArn = (&group{Name: p.Group}).arn(r)
	}
	return out
}

// policyChoice names a policy: by its name or by the group it is on.
type policyChoice struct {
	PolicyName         *string `json:"policyName"`
	ResourceArn        *string `json:"resourceArn"`
	ExpectedRevisionID *string `json:"expectedRevisionId"`
}

// check holds the rules that the operations share. A policy of the account has
// a name and no revision, one of a group neither.
func (in *policyChoice) check(r *wire.Request, c *constraint.Checks) error {
	c.Text("expectedRevisionId", in.ExpectedRevisionID, revisionID)
	if err := invalid(c); err != nil {
		return err
	}
	switch {
	case in.PolicyName == nil && in.ResourceArn == nil, in.PolicyName != nil && in.ResourceArn != nil:
		return invalidParameter("Exactly one of policyName and resourceArn must be specified.")
	case in.PolicyName != nil && *in.PolicyName == "":
		return invalidParameter("policyName must not be empty.")
	case in.PolicyName != nil && in.ExpectedRevisionID != nil:
		return invalidParameter("expectedRevisionId is supported with resourceArn only.")
	case in.ResourceArn != nil:
		if _, ok := groupNameOf(r, *in.ResourceArn); !ok {
			return invalidParameter("resourceArn must be the ARN of a log group of this account and region: " + *in.ResourceArn)
		}
	}
	return nil
}

// checkRevision holds the optimistic locking of a group's policy.
func (in *policyChoice) checkRevision(current resourcePolicy, exists bool) error {
	if exists && in.ExpectedRevisionID == nil {
		return invalidParameter("expectedRevisionId is required: the resource has a policy.")
	}
	if deref(in.ExpectedRevisionID) != current.Revision {
		return wire.Errorf(http.StatusBadRequest, "OperationAbortedException",
			"Multiple concurrent requests to update the same resource were in conflict.")
	}
	return nil
}

type putResourcePolicyInput struct {
	policyChoice
	PolicyDocument *string `json:"policyDocument"`
}

func (in *putResourcePolicyInput) check(r *wire.Request) error {
	var c constraint.Checks
	constraint.Required(&c, "policyDocument", in.PolicyDocument)
	c.Text("policyDocument", in.PolicyDocument, constraint.Text{Min: 1, Max: maxDocument})
	if err := in.policyChoice.check(r, &c); err != nil {
		return err
	}
	if in.ResourceArn == nil && utf8.RuneCountInString(*in.PolicyDocument) > maxAccountDocument {
		c.Text("policyDocument", in.PolicyDocument, constraint.Text{Max: maxAccountDocument})
		return invalid(&c)
	}
	return checkDocument(*in.PolicyDocument)
}

type putResourcePolicyOutput struct {
	ResourcePolicy resourcePolicyOutput `json:"resourcePolicy"`
	RevisionID     string               `json:"revisionId,omitempty"`
}

func (s *Service) putResourcePolicy(r *wire.Request, in *putResourcePolicyInput) (*putResourcePolicyOutput, error) {
	if err := in.check(r); err != nil {
		return nil, err
	}
	out := &putResourcePolicyOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		put := s.putOnAccount
		if in.ResourceArn != nil {
			put = s.putOnGroup
		}
		policy, err := put(tx, r, in)
		out.ResourcePolicy, out.RevisionID = policy.output(r), policy.Revision
		return err
	})
}

func (s *Service) putOnAccount(tx *store.Tx, r *wire.Request, in *putResourcePolicyInput) (resourcePolicy, error) {
	key := here(r, *in.PolicyName)
	_, exists := store.Get[resourcePolicy](tx, accountScopeTable, key)
	if !exists && tx.Count(accountScopeTable, here(r, "")) >= s.MaxResourcePolicies {
		return resourcePolicy{}, limitExceeded()
	}
	policy := resourcePolicy{Name: *in.PolicyName, Document: *in.PolicyDocument, Updated: millis(r.Now)}
	store.Put(tx, accountScopeTable, key, policy)
	return policy, nil
}

func (s *Service) putOnGroup(tx *store.Tx, r *wire.Request, in *putResourcePolicyInput) (resourcePolicy, error) {
	name, _ := groupNameOf(r, *in.ResourceArn)
	if _, err := findGroup(tx, r, name); err != nil {
		return resourcePolicy{}, err
	}
	current, exists := store.Get[resourcePolicy](tx, groupPolicyTable, here(r, name))
	if err := in.checkRevision(current, exists); err != nil {
		return resourcePolicy{}, err
	}
	policy := resourcePolicy{
		Group: name, Document: *in.PolicyDocument, Updated: millis(r.Now),
		Revision: strings.ReplaceAll(r.ID, "-", ""),
	}
	store.Put(tx, groupPolicyTable, here(r, name), policy)
	return policy, nil
}

func (s *Service) deleteResourcePolicy(r *wire.Request, in *policyChoice) (*nothing, error) {
	var c constraint.Checks
	if err := in.check(r, &c); err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		if in.ResourceArn == nil {
			if !tx.Delete(accountScopeTable, here(r, *in.PolicyName)) {
				return notFound("Policy with name [" + *in.PolicyName + "] does not exist.")
			}
			return nil
		}
		name, _ := groupNameOf(r, *in.ResourceArn)
		current, exists := store.Get[resourcePolicy](tx, groupPolicyTable, here(r, name))
		if !exists {
			return notFound("No policy exists on the resource " + *in.ResourceArn)
		}
		if err := in.checkRevision(current, exists); err != nil {
			return err
		}
		tx.Delete(groupPolicyTable, here(r, name))
		return nil
	})
}

type describeResourcePoliciesInput struct {
	page
	PolicyScope *string `json:"policyScope"`
	ResourceArn *string `json:"resourceArn"`
}

type describeResourcePoliciesOutput struct {
	ResourcePolicies []resourcePolicyOutput `json:"resourcePolicies"`
	NextToken        string                 `json:"nextToken,omitempty"`
}

func (in *describeResourcePoliciesInput) check(r *wire.Request) error {
	var c constraint.Checks
	in.page.check(&c)
	c.Text("policyScope", in.PolicyScope, constraint.Text{Enum: []string{"ACCOUNT", "RESOURCE"}})
	if err := invalid(&c); err != nil {
		return err
	}
	if in.ResourceArn == nil {
		return nil
	}
	if _, ok := groupNameOf(r, *in.ResourceArn); !ok {
		return invalidParameter("resourceArn must be the ARN of a log group of this account and region: " + *in.ResourceArn)
	}
	if deref(in.PolicyScope) == "ACCOUNT" {
		return invalidParameter("resourceArn cannot be combined with the policy scope ACCOUNT.")
	}
	return nil
}

// describeResourcePolicies lists the account's policies unless the scope or an
// ARN asks for those of log groups.
func (s *Service) describeResourcePolicies(r *wire.Request, in *describeResourcePoliciesInput) (*describeResourcePoliciesOutput, error) {
	if err := in.check(r); err != nil {
		return nil, err
	}
	table := accountScopeTable
	if in.ResourceArn != nil || deref(in.PolicyScope) == "RESOURCE" {
		table = groupPolicyTable
	}
	query := store.Key("DescribeResourcePolicies", here(r), table, deref(in.ResourceArn))
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &describeResourcePoliciesOutput{ResourcePolicies: []resourcePolicyOutput{}}
	return out, s.store.View(func(tx *store.Tx) error {
		scan := where(store.Scan[*resourcePolicy](tx, table, here(r, ""), after), func(p *resourcePolicy) bool {
			return in.ResourceArn == nil || p.output(r).ResourceArn == *in.ResourceArn
		})
		policies, last := paging.Take(scan, in.limit(describeLimit))
		for i := range policies {
			out.ResourcePolicies = append(out.ResourcePolicies, policies[i].output(r))
		}
		out.NextToken = paging.Token(query, last)
		return nil
	})
}
