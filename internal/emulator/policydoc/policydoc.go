// Package policydoc reads and writes policy documents in IAM's policy
// language, as the emulated services are sent them: resource policies and
// roles' trust policies. It knows the grammar of the language (IAM user guide,
// Grammar of the IAM JSON policy language); what a service makes of actions,
// resources and principals is the service's own.
//
// Start at Parse and Document.String; decide.go is what documents allow.
package policydoc

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Document is a policy.
type Document struct {
	Version    string // 2012-10-17, or 2008-10-17 which is also the default
	ID         string
	Statements []Statement
}

// Statement is one statement. Of the elements in pairs at most one is there;
// a nil list is an element that is absent.
type Statement struct {
	Sid                   string
	Effect                string // Allow or Deny
	Principal             *Principal
	NotPrincipal          *Principal
	Action, NotAction     []string
	Resource, NotResource []string
	Condition             map[string]map[string][]string // operator, key, values
}

// Principal is whom a statement is about: anybody, or the named ones by kind
// (AWS, Service, Federated, CanonicalUser).
type Principal struct {
	Anybody bool // "Principal": "*"
	Named   map[string][]string
}

// String writes the document as AWS hands policies out: no white space,
// members in the order of the grammar, a list of one as a string, longer lists
// of principals and actions in an order of AWS's own.
func (d *Document) String() string {
	var statements []any
	for i := range d.Statements {
		statements = append(statements, d.Statements[i].members())
	}
	return object{{"Version", d.Version}, {"Id", optional(d.ID)}, {"Statement", statements}}.String()
}

func (s *Statement) members() object {
	return object{
		{"Sid", optional(s.Sid)},
		{"Effect", s.Effect},
		{"Principal", s.Principal.value()},
		{"NotPrincipal", s.NotPrincipal.value()},
		{"Action", oneOrMany(slices.Sorted(slices.Values(s.Action)))},
		{"NotAction", oneOrMany(slices.Sorted(slices.Values(s.NotAction)))},
		{"Resource", oneOrMany(s.Resource)},
		{"NotResource", oneOrMany(s.NotResource)},
		{"Condition", s.conditions()},
	}
}

func (s *Statement) conditions() any {
	var operators object
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		var keys object
		for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
			keys = append(keys, member{key, oneOrMany(s.Condition[operator][key])})
		}
		operators = append(operators, member{operator, keys})
	}
	if operators == nil {
		return nil
	}
	return operators
}

func (p *Principal) value() any {
	if p == nil {
		return nil
	}
	if p.Anybody {
		return "*"
	}
	var kinds object
	for _, kind := range slices.Sorted(maps.Keys(p.Named)) {
		names := slices.Clone(p.Named[kind])
		slices.Sort(names)
		kinds = append(kinds, member{kind, oneOrMany(names)})
	}
	return kinds
}

func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func oneOrMany(list []string) any {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	default:
		return list
	}
}

// object is a JSON object whose members keep their order. Members without a
// value are left out.
type object []member

type member struct {
	name  string
	value any
}

func (o object) String() string {
	text, _ := o.MarshalJSON()
	return string(text)
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	b.WriteByte('{')
	for _, m := range o {
		if m.value == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if err := encoder.Encode(m.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := encoder.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	var compact bytes.Buffer
	err := json.Compact(&compact, b.Bytes())
	return compact.Bytes(), err
}
