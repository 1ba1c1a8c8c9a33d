package ui

import (
	"encoding/json"
	"fmt"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// WarnIAMPolicyTooLarge is the code of the warning that IAM does not take a policy.
const WarnIAMPolicyTooLarge = "IAMPolicyTooLarge"

// Permissions is a policy and what there is to say about it.
type Permissions struct {
	Policy json.RawMessage // "" for none
	// Actions and Statements count what is in it; Size is in characters as IAM
	// counts them, of which it takes Limit.
	Actions, Statements, Size, Limit int
	// Purposes are what it is for, as in "sync and verify".
	Purposes string
	// NoAccount is that the manifest names none, so that ARNs have a * there.
	NoAccount bool
	// Commands attach it, in a shell; when it is too large, one for each purpose.
	Commands []string
	// Reason is why there is no policy.
	Reason string
}

// Warning is that the policy is too large, nil when it is not.
func (p *Permissions) Warning() *reconcile.Warning {
	if p.Size <= p.Limit {
		return nil
	}
	return &reconcile.Warning{
		Code: WarnIAMPolicyTooLarge,
		Text: fmt.Sprintf("the policy has %s characters, and IAM takes %s in a managed policy", grouped(int64(p.Size)), grouped(int64(p.Limit))),
		Fix:  "print one policy for each purpose with --for, and attach them all; or list fewer regions",
	}
}

// PermissionsSummary tells people what a policy is for and how to attach it.
func PermissionsSummary(s *Streams, m Meta, said Permissions) {
	p := s.layout().page()
	p.warnings(m.Warnings)
	p.blank()
	if said.Reason != "" {
		p.line(0, 2, p.style.paint(ok, "No permission is needed:")+" "+clean(said.Reason))
		s.print(p)
		return
	}
	attach := "To attach it"
	if said.Size > said.Limit {
		attach = "To attach one for each purpose"
	}
	p.line(0, 2, fmt.Sprintf("The policy above is the smallest one for %s: %s in %s, %s of the %s characters that IAM takes. %s:",
		said.Purposes, count(said.Actions, "action"), count(said.Statements, "statement"), grouped(int64(said.Size)), grouped(int64(said.Limit)), attach))
	p.blank()
	width := p.width
	p.width = 0 // what is to be copied stays whole
	for _, command := range said.Commands {
		p.line(2, 2, clean(command))
	}
	p.width = width
	p.blank()
	p.line(0, 2, "sts:GetCallerIdentity needs no permission.")
	if said.NoAccount {
		p.line(0, 2, "The manifest names no account, so the ARNs have a * there; aws.account-id narrows them.")
	}
	s.print(p)
}

// NewPermissionsDocument is the document of a policy.
func NewPermissionsDocument(m Meta, said Permissions) Document {
	d := NewDocument(nil, m, nil)
	if said.Reason != "" {
		return d
	}
	d.Result = reconcile.Synced.Word(false, false)
	d.Policy, d.PolicySize = said.Policy, said.Size
	return d
}
