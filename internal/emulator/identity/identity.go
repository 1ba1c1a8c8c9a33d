// Package identity decides what a caller with IAM policies may do. It knows
// identity-based policies alone: no permissions boundary, session policy or
// organization's policy, and what they allow in the caller's own account needs
// no resource policy beside (IAM user guide, Policy evaluation logic).
//
// Start at Parse and New.
package identity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxSize is what a managed policy may have in characters, white space not
// counted (IAM user guide, IAM and AWS STS quotas).
const maxSize = 6144

// maxPolicies is how many managed policies a user may have attached at most,
// after the quota was raised (IAM user guide, IAM and AWS STS quotas).
const maxPolicies = 20

// userName is whom the policies are attached to.
const userName = "limited"

// Policy is one identity-based policy.
type Policy struct{ document *policydoc.Document }

// Parse reads a policy as IAM takes it. What this package cannot evaluate, such
// as a policy variable, is an error too: passed over, it would allow too much.
func Parse(text string) (*Policy, error) {
	if size := visible(text); size > maxSize {
		return nil, fmt.Errorf("IAM policy: %d characters without white space, IAM's limit for a managed policy is %d", size, maxSize)
	}
	document, err := policydoc.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("IAM policy: %w", err)
	}
	for i := range document.Statements {
		if err := check(&document.Statements[i]); err != nil {
			return nil, fmt.Errorf("IAM policy: statement %d: %w", i+1, err)
		}
	}
	return &Policy{document}, nil
}

func visible(text string) int {
	count := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			count++
		}
	}
	return count
}

// User is an IAM user with policies. It implements wire.Caller.
type User struct{ policies []*Policy }

// New makes a user. Without a policy it may do nothing.
func New(policies []*Policy) (*User, error) {
	if len(policies) > maxPolicies {
		return nil, fmt.Errorf("IAM policies: %d, a user can have %d", len(policies), maxPolicies)
	}
	return &User{policies}, nil
}

// ARN implements wire.Caller.
func (u *User) ARN(account string) string { return "arn:aws:iam::" + account + ":user/" + userName }

// Refusal implements wire.Caller. A statement that denies wins over all that
// allow, and what no statement allows is refused.
func (u *User) Refusal(r *wire.Request, ask wire.Ask) *wire.Refusal {
	allowed, question := false, u.question(r, ask)
	for _, p := range u.policies {
		for i := range p.document.Statements {
			s := &p.document.Statements[i]
			if !about(s, question) {
				continue
			}
			if s.Effect == "Deny" {
				return &wire.Refusal{Ask: ask, User: u.ARN(r.Account), Explicit: true}
			}
			allowed = true
		}
	}
	if allowed {
		return nil
	}
	return &wire.Refusal{Ask: ask, User: u.ARN(r.Account)}
}

// question is the ask with the keys that every request has.
func (u *User) question(r *wire.Request, ask wire.Ask) policydoc.Ask {
	q := policydoc.Ask{Action: ask.Action, Resource: ask.Resource, Lists: map[string][]string{
		"aws:requestedregion":  {r.Region},
		"aws:principalaccount": {r.Account},
		"aws:principalarn":     {u.ARN(r.Account)},
		"aws:principaltype":    {"User"},
		"aws:username":         {userName},
		"aws:securetransport":  {"true"},
	}}
	for name, values := range ask.Keys {
		q.Lists[strings.ToLower(name)] = values
	}
	return q
}

// about tells whether a statement is about what is asked. In a resource a *
// covers no colon but in the ARN's last part (IAM user guide, JSON policy
// elements: Resource).
func about(s *policydoc.Statement, q policydoc.Ask) bool {
	action := func(pattern string) bool { return policydoc.MatchesAction(pattern, q.Action) }
	resource := func(pattern string) bool { return pattern == "*" || policydoc.MatchesARN(pattern, q.Resource) }
	switch {
	case s.Action != nil && !slices.ContainsFunc(s.Action, action), slices.ContainsFunc(s.NotAction, action):
		return false
	case s.Resource != nil && !slices.ContainsFunc(s.Resource, resource), slices.ContainsFunc(s.NotResource, resource):
		return false
	}
	return q.Meets(s.Condition)
}
