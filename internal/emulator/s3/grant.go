package s3

import (
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
)

// recordActions are what a service that records does to an object, and asks
// for in the policy that it writes (IVS Real-Time user guide, Composite
// Recording).
var recordActions = []string{"s3:PutObject", "s3:PutObjectAcl"}

// MayRecord tells whether the bucket's policy lets a service principal write an
// object under key with the ACL bucket-owner-full-control, over TLS. Of
// conditions that depend on anything else, such as the source's ARN, it takes
// for true that their keys are absent: IVS does not document that it sends any.
func MayRecord(b Bucket, principal, key string) bool {
	document, err := policydoc.Parse(b.Policy)
	if err != nil {
		return false
	}
	context := map[string]string{
		"s3:x-amz-acl":              "bucket-owner-full-control",
		"aws:securetransport":       "true",
		"aws:principalisawsservice": "true",
		"aws:principalservicename":  principal,
		"aws:viaawsservice":         "false",
	}
	for _, action := range recordActions {
		ask := asked{principal: principal, action: action, resource: "arn:aws:s3:::" + b.Name + "/" + key, context: context}
		if !ask.allowed(document) {
			return false
		}
	}
	return true
}

// asked is one thing that a service wants to do (IAM user guide, Policy
// evaluation logic). The context's keys are in lower case.
type asked struct {
	principal, action, resource string
	context                     map[string]string
}

func (a asked) allowed(d *policydoc.Document) bool {
	allowed := false
	for i := range d.Statements {
		s := &d.Statements[i]
		if !a.within(s) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// within tells whether the statement is about what is asked.
func (a asked) within(s *policydoc.Statement) bool {
	action := func(pattern string) bool { return matches(pattern, a.action) }
	resource := func(pattern string) bool { return matchesText(pattern, a.resource) }
	switch {
	case s.Principal != nil && !a.named(s.Principal), s.NotPrincipal != nil && a.named(s.NotPrincipal):
		return false
	case s.Action != nil && !slices.ContainsFunc(s.Action, action), slices.ContainsFunc(s.NotAction, action):
		return false
	case s.Resource != nil && !slices.ContainsFunc(s.Resource, resource), slices.ContainsFunc(s.NotResource, resource):
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !a.meets(operator, key, values) {
				return false
			}
		}
	}
	return true
}

func (a asked) named(p *policydoc.Principal) bool {
	return p.Anybody || slices.Contains(p.Named["AWS"], "*") || slices.Contains(p.Named["Service"], a.principal)
}

// meets evaluates one key of one condition (IAM user guide, Condition
// operators).
func (a asked) meets(operator, key string, values []string) bool {
	operator = strings.ToLower(operator)
	value, present := a.context[strings.ToLower(key)]
	if operator == "null" {
		return slices.Contains(values, strconv.FormatBool(!present))
	}
	operator, ifExists := strings.CutSuffix(operator, "ifexists")
	operator, forAll := strings.CutPrefix(operator, "forallvalues:")
	operator = strings.TrimPrefix(operator, "foranyvalue:")
	negated := strings.Contains(operator, "not")
	if !present {
		return ifExists || forAll || negated
	}
	compare := comparison(strings.Replace(operator, "not", "", 1))
	return slices.ContainsFunc(values, func(wanted string) bool { return compare(wanted, value) }) != negated
}

// comparison compares a condition's value with a text. The context has texts
// only: no number, date or address equals one.
func comparison(operator string) func(wanted, value string) bool {
	switch operator {
	case "stringequals":
		return func(wanted, value string) bool { return wanted == value }
	case "stringlike", "arnequals", "arnlike":
		return matchesText
	case "stringequalsignorecase", "bool":
		return strings.EqualFold
	}
	return func(string, string) bool { return false }
}
