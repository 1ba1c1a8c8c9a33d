package policydoc

import (
	"slices"
	"strconv"
	"strings"
)

// Ask is one thing that somebody wants to do. Keys of the context are in lower
// case; one that is not there was not sent.
type Ask struct {
	Principal, Action, Resource string
	Context                     map[string]string
	// Lists are the keys that have several values, such as aws:TagKeys.
	Lists map[string][]string
}

// Allowed tells whether the documents together let it happen: one statement
// allows it and none denies it (IAM user guide, Policy evaluation logic).
func (a Ask) Allowed(documents ...*Document) bool {
	allowed := false
	for _, d := range documents {
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
	}
	return allowed
}

// within tells whether the statement is about what is asked.
func (a Ask) within(s *Statement) bool {
	action := func(pattern string) bool { return MatchesAction(pattern, a.Action) }
	resource := func(pattern string) bool { return Matches(pattern, a.Resource) }
	switch {
	case s.Principal != nil && !a.named(s.Principal), s.NotPrincipal != nil && a.named(s.NotPrincipal):
		return false
	case s.Action != nil && !slices.ContainsFunc(s.Action, action), slices.ContainsFunc(s.NotAction, action):
		return false
	case s.Resource != nil && !slices.ContainsFunc(s.Resource, resource), slices.ContainsFunc(s.NotResource, resource):
		return false
	}
	return a.Meets(s.Condition)
}

// Meets tells whether what is asked is as all conditions have it.
func (a Ask) Meets(conditions map[string]map[string][]string) bool {
	for operator, keys := range conditions {
		for key, values := range keys {
			if !a.meets(operator, key, values) {
				return false
			}
		}
	}
	return true
}

func (a Ask) named(p *Principal) bool {
	return p.Anybody || slices.Contains(p.Named["AWS"], "*") || slices.Contains(p.Named["Service"], a.Principal)
}

// meets evaluates one key of one condition (IAM user guide, Condition
// operators).
func (a Ask) meets(operator, key string, values []string) bool {
	operator = strings.ToLower(operator)
	sent := a.Lists[strings.ToLower(key)]
	if value, single := a.Context[strings.ToLower(key)]; single {
		sent = []string{value}
	}
	if operator == "null" {
		return slices.Contains(values, strconv.FormatBool(len(sent) == 0))
	}
	operator, ifExists := strings.CutSuffix(operator, "ifexists")
	operator, forAll := strings.CutPrefix(operator, "forallvalues:")
	operator, forAny := strings.CutPrefix(operator, "foranyvalue:")
	negated := strings.Contains(operator, "not")
	if len(sent) == 0 {
		return ifExists || forAll || negated && !forAny
	}
	compare := comparison(strings.Replace(operator, "not", "", 1))
	meets := func(value string) bool {
		return slices.ContainsFunc(values, func(wanted string) bool { return compare(wanted, value) }) != negated
	}
	if forAll {
		return !slices.ContainsFunc(sent, func(value string) bool { return !meets(value) })
	}
	return slices.ContainsFunc(sent, meets)
}

// comparison compares a condition's value with a text. What it does not know
// holds for nothing.
func comparison(operator string) func(wanted, value string) bool {
	switch operator {
	case "stringequals":
		return func(wanted, value string) bool { return wanted == value }
	case "stringlike":
		return Matches
	case "arnequals", "arnlike":
		return MatchesARN
	case "stringequalsignorecase", "bool":
		return strings.EqualFold
	}
	if relation, ok := strings.CutPrefix(operator, "numeric"); ok {
		return ordered(relation, number)
	}
	if relation, ok := strings.CutPrefix(operator, "date"); ok {
		return ordered(relation, instant)
	}
	return func(string, string) bool { return false }
}

// MatchesARN compares the six parts of an ARN one by one, so that a * covers no
// colon but in the last (IAM user guide, ARN condition operators).
func MatchesARN(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != len(parts) {
		return false
	}
	for i := range patterns {
		if !Matches(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

// MatchesAction compares a pattern with an action, in any case.
func MatchesAction(pattern, action string) bool {
	if !strings.ContainsAny(pattern, "*?") && !strings.EqualFold(pattern, action) {
		return false // as most are: no need to write both in lower case
	}
	return Matches(strings.ToLower(pattern), strings.ToLower(action))
}

// Matches compares a pattern, in which * stands for any text and ? for any
// letter, with a text.
func Matches(pattern, text string) bool {
	star, tried := -1, 0 // the last * of the pattern, and what it was last made to cover
	p, a := 0, 0
	for a < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, tried = p, a
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[a]):
			p++
			a++
		case star >= 0:
			tried++
			p, a = star+1, tried
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
