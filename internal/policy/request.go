package policy

import (
	"fmt"
	"strings"
)

// answer is the truth about a request whose context is only partly known.
type answer int

const (
	no answer = iota
	maybe
	yes
)

// request is what a service will ask for, as far as AWS documents it.
type request struct {
	// service is the service principal that asks.
	service string
	action  string
	// resource is the set of ARNs that all have to be reachable.
	resource string
	// context holds the condition keys that are known, in lower case.
	context map[string]string
}

// finding is how a statement relates to a request, and in words why it is not
// simply yes.
type finding struct {
	answer answer
	why    string
}

// match says whether a statement applies to the request, whatever its effect.
func (r request) match(v View) finding {
	findings := []finding{r.matchPrincipal(v), r.matchAction(v), r.matchResource(v)}
	for _, c := range v.Conditions {
		findings = append(findings, r.matchCondition(c))
	}
	if len(v.Unknown) > 0 {
		findings = append(findings, finding{maybe, fmt.Sprintf("its %s is not understood", strings.Join(v.Unknown, ", "))})
	}
	weakest := finding{answer: yes}
	for _, f := range findings {
		if f.answer < weakest.answer {
			weakest = f
		}
	}
	return weakest
}

func (r request) matchPrincipal(v View) finding {
	if v.NotPrincipals != nil {
		if r.namedIn(v.NotPrincipals) {
			return finding{no, "it excepts " + r.service}
		}
		return finding{answer: yes}
	}
	if r.namedIn(v.Principals) {
		return finding{answer: yes}
	}
	return finding{no, "it does not name " + r.service}
}

// namedIn needs the exact name: a wildcard inside a principal matches nothing
// (IAM reference, "Principal").
func (r request) namedIn(principals []Principal) bool {
	for _, p := range principals {
		if p == (Principal{"Service", r.service}) || p == anyone {
			return true
		}
	}
	return false
}

var anyone = Principal{Kind: "AWS", Value: "*"}

func (r request) matchAction(v View) finding {
	listed := actionIn(v.Actions, r.action)
	if v.NotActions != nil {
		listed = !actionIn(v.NotActions, r.action)
	}
	if listed {
		return finding{answer: yes}
	}
	return finding{no, "it does not cover " + r.action}
}

func actionIn(patterns []string, action string) bool {
	for _, p := range patterns {
		if covers(strings.ToLower(p), strings.ToLower(action)) {
			return true
		}
	}
	return false
}

func (r request) matchResource(v View) finding {
	covered := r.resourceIn(v.Resources)
	if v.NotResources != nil {
		// yes and no change places.
		covered = yes - r.resourceIn(v.NotResources)
	}
	switch covered {
	case yes:
		return finding{answer: yes}
	case maybe:
		return finding{maybe, "its resource may cover only part of " + r.resource}
	default:
		return finding{no, "its resource does not cover " + r.resource}
	}
}

func (r request) resourceIn(patterns []string) answer {
	best := no
	for _, p := range patterns {
		best = max(best, coverage(p, r.resource))
	}
	return best
}

func (r request) matchCondition(c Condition) finding {
	f := finding{r.meets(c), fmt.Sprintf("its condition %s does not hold", c)}
	if f.answer == maybe {
		f.why = fmt.Sprintf("its condition %s cannot be judged here", c)
	}
	return f
}

// String is the condition for people, as in `Bool aws:SecureTransport "true"`.
func (c Condition) String() string {
	var values []string
	for _, v := range c.Values {
		values = append(values, fmt.Sprintf("%q", v))
	}
	return c.Operator + " " + c.Key + " " + strings.Join(values, " or ")
}

// meets evaluates a condition on a known key. The set prefixes and IfExists make
// no difference there, as such a key is present with one value.
func (r request) meets(c Condition) answer {
	actual, known := r.context[strings.ToLower(c.Key)]
	if !known || len(c.Values) == 0 || strings.Contains(strings.Join(c.Values, ""), "${") {
		return maybe
	}
	operator, negated := baseOperator(c.Operator), false
	if rest, ok := strings.CutPrefix(operator, "stringnot"); ok {
		operator, negated = "string"+rest, true
	}
	fits := valueTest(operator)
	if fits == nil {
		return maybe
	}
	met := false
	for _, want := range c.Values {
		met = met || fits(want, actual)
	}
	if met != negated {
		return yes
	}
	return no
}

// valueTest returns how an operator compares, nil for one that is not known.
func valueTest(operator string) func(want, actual string) bool {
	switch operator {
	case "stringequals":
		return func(want, actual string) bool { return want == actual }
	case "stringequalsignorecase", "bool":
		return strings.EqualFold
	case "stringlike":
		return covers
	case "null":
		return func(want, _ string) bool { return strings.EqualFold(want, "false") }
	}
	return nil
}
