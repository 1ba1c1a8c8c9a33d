package policy

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Equal reports whether two statements say the same under the same Sid. It makes
// no difference whether a value is a string or a list of one, in which order
// lists and members are, in which case actions, condition operators and condition
// keys are written, whether a condition's value is true or "true", and whether an
// account is written as its id or as its root ARN. Members that are not
// understood must be the same JSON.
func Equal(a, b Statement) bool {
	return a.meaning == b.meaning
}

// attribute is one part of a statement that is compared and shown on its own.
type attribute struct {
	// name is for people; attributes with the same key are the same one.
	name, key string
	values    []spelling
}

// spelling is a value as written; those with the same key mean the same.
type spelling struct{ shown, key string }

// attributes takes the statement apart, without its Sid.
func (s Statement) attributes() []attribute {
	v := s.view
	var all []attribute
	if v.Effect != "" {
		all = append(all, newAttribute("Effect", []string{v.Effect}, exactly))
	}
	all = append(all, principalAttributes("Principal", v.Principals)...)
	all = append(all, principalAttributes("NotPrincipal", v.NotPrincipals)...)
	all = appendList(all, "Action", v.Actions, strings.ToLower)
	all = appendList(all, "NotAction", v.NotActions, strings.ToLower)
	all = appendList(all, "Resource", v.Resources, exactly)
	all = appendList(all, "NotResource", v.NotResources, exactly)
	for _, c := range v.Conditions {
		all = append(all, conditionAttribute(c))
	}
	for _, m := range s.node.members {
		if slices.Contains(v.Unknown, m.name) {
			all = append(all, unknownAttribute(m))
		}
	}
	return all
}

func exactly(s string) string { return s }

// newAttribute sorts the values and drops repetitions, which mean nothing.
func newAttribute(name string, values []string, key func(string) string) attribute {
	a := attribute{name: name, key: name}
	for _, v := range values {
		a.values = append(a.values, spelling{shown: v, key: key(v)})
	}
	sort.SliceStable(a.values, func(i, j int) bool {
		x, y := a.values[i], a.values[j]
		return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.shown, y.shown)) < 0
	})
	a.values = slices.CompactFunc(a.values, func(x, y spelling) bool { return x.key == y.key })
	return a
}

func appendList(all []attribute, name string, values []string, key func(string) string) []attribute {
	if values == nil {
		return all
	}
	return append(all, newAttribute(name, values, key))
}

func principalAttributes(name string, principals []Principal) []attribute {
	if principals == nil {
		return nil
	}
	if len(principals) == 0 {
		return []attribute{newAttribute(name, nil, exactly)}
	}
	byKind := map[string][]string{}
	var kinds []string
	for _, p := range principals {
		if byKind[p.Kind] == nil {
			kinds = append(kinds, p.Kind)
		}
		byKind[p.Kind] = append(byKind[p.Kind], p.Value)
	}
	slices.Sort(kinds)
	var all []attribute
	for _, kind := range kinds {
		key := exactly
		if kind == "AWS" {
			key = accountOf
		}
		all = append(all, newAttribute(name+"."+kind, byKind[kind], key))
	}
	return all
}

var rootARN = lazyregexp.New(`^arn:aws[a-z-]*:iam::([0-9]{12}):root$`)

// accountOf gives an account's root ARN and its id one spelling: IAM's reference
// "Principal" says they mean the same.
func accountOf(principal string) string {
	if m := rootARN.FindStringSubmatch(principal); m != nil {
		return m[1]
	}
	return principal
}

func conditionAttribute(c Condition) attribute {
	key := exactly
	if isBoolean(c.Operator) {
		key = strings.ToLower
	}
	a := newAttribute("Condition."+c.Operator+"."+c.Key, c.Values, key)
	// The separator cannot be part of an operator, so that no two conditions
	// share a key by the place of a dot.
	a.key = strings.ToLower("Condition\x00" + c.Operator + "\x00" + c.Key)
	return a
}

func isBoolean(operator string) bool {
	operator = baseOperator(operator)
	return operator == "bool" || operator == "null"
}

// baseOperator lowers an operator and takes the set prefix and IfExists off.
func baseOperator(operator string) string {
	operator = strings.ToLower(operator)
	operator = strings.TrimPrefix(operator, "forallvalues:")
	operator = strings.TrimPrefix(operator, "foranyvalue:")
	return strings.TrimSuffix(operator, "ifexists")
}

func unknownAttribute(m member) attribute {
	a := newAttribute(m.name, []string{m.value.json}, exactly)
	a.key = "unknown\x00" + m.name
	a.values[0].key = canonical(m.value)
	return a
}

func meaningOf(sid string, attributes []attribute) string {
	var parts []string
	for _, a := range attributes {
		part := strconv.Quote(a.key) + "="
		for _, v := range a.values {
			part += strconv.Quote(v.key) + ","
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strconv.Quote(sid) + ":" + strings.Join(parts, ";")
}
