package logs

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

const accountPolicyTable = "logs.accountPolicy"

const (
	// retentionPolicyType is the one type of account policy that can be made here.
	retentionPolicyType = "RETENTION_POLICY"
	// maxRetentionPolicies is their number per account and region.
	maxRetentionPolicies = 20
	// retentionDelay passes before a new or changed policy takes effect.
	retentionDelay = 24 * time.Hour
	// maxCriteria is in bytes.
	maxCriteria = 25 << 10
)

var (
	accountPolicyType = constraint.Text{Enum: []string{
		"DATA_PROTECTION_POLICY", "SUBSCRIPTION_FILTER_POLICY", "FIELD_INDEX_POLICY",
		"TRANSFORMER_POLICY", "METRIC_EXTRACTION_POLICY", retentionPolicyType,
	}}
	accountPolicyScope    = constraint.Text{Enum: []string{"ALL"}}
	accountPolicyDocument = constraint.Text{Min: 1, Max: 30720}
)

// accountPolicy is an account-level retention policy as it is kept.
type accountPolicy struct {
	Name     string
	Document string
	Criteria string `json:",omitempty"`
	Created  int64  // milliseconds
	Updated  int64
	// Versions hold what is or will be in effect, oldest first.
	Versions []retention
}

// retention is what a retention policy demands from a moment on.
type retention struct {
	Policy   string
	Created  int64    // of the policy
	From     int64    // in effect since, milliseconds
	Days     int      // 0: never expire
	NewOnly  bool     // only groups made after the policy
	Prefixes []string `json:",omitempty"` // none: every group
}

func (p *retention) covers(g *group) bool {
	if p.NewOnly && g.Created <= p.Created {
		return false
	}
	return len(p.Prefixes) == 0 || slices.ContainsFunc(p.Prefixes, func(prefix string) bool { return strings.HasPrefix(g.Name, prefix) })
}

// longerThan tells whether p wins over q: the longer one does, of equal ones
// the older.
func (p *retention) longerThan(q *retention) bool {
	if p.Days == q.Days {
		return p.Created < q.Created
	}
	return p.Days == 0 || q.Days != 0 && p.Days > q.Days
}

// retentionsInEffect returns what every policy demands now.
func retentionsInEffect(tx *store.Tx, r *wire.Request) []retention {
	var found []retention
	for _, policy := range store.Scan[accountPolicy](tx, accountPolicyTable, here(r, ""), "") {
		if current, ok := policy.inEffect(millis(r.Now)); ok {
			found = append(found, current)
		}
	}
	return found
}

func (p *accountPolicy) inEffect(now int64) (current retention, ok bool) {
	for _, version := range p.Versions {
		if version.From <= now {
			current, ok = version, true
		}
	}
	return current, ok
}

// effectiveRetention returns a group's days, 0 for ever, and the name of the
// account-level policy that sets them, "" when the group does.
func effectiveRetention(g *group, policies []retention) (days int, policy string) {
	var best *retention
	for i := range policies {
		p := &policies[i]
		if p.covers(g) && (best == nil || p.longerThan(best)) {
			best = p
		}
	}
	if best == nil {
		return g.Retention, ""
	}
	return best.Days, best.Policy
}

type putAccountPolicyInput struct {
	PolicyName        *string `json:"policyName"`
	PolicyDocument    *string `json:"policyDocument"`
	PolicyType        *string `json:"policyType"`
	Scope             *string `json:"scope"`
	SelectionCriteria *string `json:"selectionCriteria"`
	DryRun            bool    `json:"dryRun"`
}

func (in *putAccountPolicyInput) check() error {
	var c constraint.Checks
	constraint.Required(&c, "policyName", in.PolicyName)
	constraint.Required(&c, "policyDocument", in.PolicyDocument)
	constraint.Required(&c, "policyType", in.PolicyType)
	c.Text("policyDocument", in.PolicyDocument, accountPolicyDocument)
	c.Text("policyType", in.PolicyType, accountPolicyType)
	c.Text("scope", in.Scope, accountPolicyScope)
	if err := invalid(&c); err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToLower(*in.PolicyName), "aws/") {
		return invalidParameter("Policy names starting with aws/ are reserved for AWS.")
	}
	return onlyRetention(*in.PolicyType, in.DryRun)
}

// onlyRetention refuses what the emulator does not have of account policies.
func onlyRetention(policyType string, dryRun bool) error {
	if policyType != retentionPolicyType || dryRun {
		return wire.Errorf(http.StatusNotImplemented, "NotImplemented",
			"the emulator has account policies of type RETENTION_POLICY only, and no dry run of them")
	}
	return nil
}

type accountPolicyOutput struct {
	PolicyName        string `json:"policyName"`
	PolicyDocument    string `json:"policyDocument"`
	LastUpdatedTime   int64  `json:"lastUpdatedTime"`
	PolicyType        string `json:"policyType"`
	Scope             string `json:"scope"`
	SelectionCriteria string `json:"selectionCriteria,omitempty"`
	AccountID         string `json:"accountId"`
}

func (p *accountPolicy) output(r *wire.Request) accountPolicyOutput {
	return accountPolicyOutput{
		PolicyName: p.Name, PolicyDocument: p.Document, LastUpdatedTime: p.Updated, PolicyType: retentionPolicyType,
		Scope: "ALL", SelectionCriteria: p.Criteria, AccountID: r.Account,
	}
}

type putAccountPolicyOutput struct {
	AccountPolicy accountPolicyOutput `json:"accountPolicy"`
}

func (s *Service) putAccountPolicy(r *wire.Request, in *putAccountPolicyInput) (*putAccountPolicyOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	version, err := readRetention(*in.PolicyDocument, in.SelectionCriteria)
	if err != nil {
		return nil, err
	}
	now := millis(r.Now)
	out := &putAccountPolicyOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		key := here(r, *in.PolicyName)
		policy, exists := store.Get[accountPolicy](tx, accountPolicyTable, key)
		if !exists {
			if tx.Count(accountPolicyTable, here(r, "")) >= maxRetentionPolicies {
				return limitExceeded()
			}
			policy = accountPolicy{Name: *in.PolicyName, Created: now}
		}
		policy.Document, policy.Criteria, policy.Updated = *in.PolicyDocument, deref(in.SelectionCriteria), now
		version.Policy, version.Created, version.From = policy.Name, policy.Created, now+retentionDelay.Milliseconds()
		policy.Versions = append(policy.stillNeeded(now), version)
		store.Put(tx, accountPolicyTable, key, policy)
		out.AccountPolicy = policy.output(r)
		return nil
	})
}

// stillNeeded returns the version in effect and those that wait to be.
func (p *accountPolicy) stillNeeded(now int64) []retention {
	first := 0
	for i, version := range p.Versions {
		if version.From <= now {
			first = i
		}
	}
	return p.Versions[first:]
}

// shortestPolicyRetention is in days (PutAccountPolicy, Retention policy).
const shortestPolicyRetention = 30

// readRetention reads a retention policy's document and selection criteria.
func readRetention(document string, criteria *string) (retention, error) {
	var doc struct {
		RetentionInDays any    `json:"retentionInDays"`
		EnforcementMode string `json:"enforcementMode"`
	}
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return retention{}, invalidParameter("The policy document is not valid: " + err.Error())
	}
	out := retention{NewOnly: doc.EnforcementMode == "NEW_ONLY"}
	if !out.NewOnly && doc.EnforcementMode != "RETROACTIVE" {
		return retention{}, invalidParameter("enforcementMode must be one of [NEW_ONLY, RETROACTIVE]")
	}
	switch days := doc.RetentionInDays.(type) {
	case float64:
		out.Days = int(days)
		if float64(out.Days) != days || out.Days < shortestPolicyRetention || !slices.Contains(retentionDays, out.Days) {
			return retention{}, invalidParameter("retentionInDays is not one of the values that a retention policy allows")
		}
	default:
		if days != "NEVER_EXPIRE" {
			return retention{}, invalidParameter("retentionInDays must be a number of days or NEVER_EXPIRE")
		}
	}
	var err error
	out.Prefixes, err = readCriteria(criteria)
	return out, err
}

var prefixCriteria = lazyregexp.New(`^\s*LogGroupNamePrefix\s+IN\s+(\[.*\])\s*$`)

// readCriteria reads `LogGroupNamePrefix IN ["…", …]`, the only form that
// retention policies support.
func readCriteria(criteria *string) ([]string, error) {
	if criteria == nil {
		return nil, nil
	}
	if len(*criteria) > maxCriteria {
		return nil, invalidParameter("The selection criteria are longer than 25 KB")
	}
	var prefixes []string
	parts := prefixCriteria.FindStringSubmatch(*criteria)
	if parts == nil || json.Unmarshal([]byte(parts[1]), &prefixes) != nil || len(prefixes) == 0 {
		return nil, invalidParameter("The selection criteria are not valid: a retention policy supports LogGroupNamePrefix IN [...] only")
	}
	return prefixes, nil
}
