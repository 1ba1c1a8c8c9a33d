package policy

import (
	"encoding/json"
	"slices"
)

// Statement is one statement as it was read or built. The zero value is an empty
// object.
type Statement struct {
	node node
	view View
	// meaning is equal for statements that say the same, see meaning.go.
	meaning string
}

// View is what a statement says. A nil slice means that the member is absent, an
// empty one that it is there and lists nothing. Values are spelled as read. A View
// is shared: it is not to be written to.
type View struct {
	Sid, Effect               string
	Principals, NotPrincipals []Principal
	Actions, NotActions       []string
	Resources, NotResources   []string
	Conditions                []Condition
	// Unknown names the members this package does not understand, by name or by
	// the form of their value.
	Unknown []string
}

// Principal is one entry of Principal or NotPrincipal. Kind is "AWS", "Service",
// "Federated" or "CanonicalUser"; the bare "*" is Kind "AWS", Value "*", as IAM's
// reference "Principal" says both mean the same in a resource policy.
type Principal struct{ Kind, Value string }

// String is the value alone, except for kinds whose values look like others'.
func (p Principal) String() string {
	if p.Kind == "AWS" || p.Kind == "Service" {
		return p.Value
	}
	return p.Kind + ":" + p.Value
}

// Condition is one key of one operator; a request meets it when one of Values
// fits. Booleans and numbers are held as their literals.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Sid returns the statement's id, "" when it has none.
func (s Statement) Sid() string { return s.view.Sid }

// View returns what the statement says.
func (s Statement) View() View { return s.view }

// Raw returns the statement as read, without white space between its parts.
func (s Statement) Raw() json.RawMessage { return json.RawMessage(s.String()) }

// String is Raw as text.
func (s Statement) String() string {
	if s.node.json == "" {
		return "{}"
	}
	return s.node.json
}

func newStatement(n node) Statement {
	s := Statement{node: n, view: viewOf(n)}
	s.meaning = meaningOf(s.view.Sid, s.attributes())
	return s
}

func viewOf(n node) View {
	var v View
	for _, m := range n.members {
		if !v.read(m) {
			v.Unknown = append(v.Unknown, m.name)
		}
	}
	return v
}

// read takes one member in and reports whether it was understood.
func (v *View) read(m member) (ok bool) {
	switch m.name {
	case "Sid":
		v.Sid, ok = m.value.text, m.value.kind == textNode
		if !ok {
			v.Sid = ""
		}
	case "Effect":
		ok = m.value.kind == textNode && (m.value.text == "Allow" || m.value.text == "Deny")
		if ok {
			v.Effect = m.value.text
		}
	case "Principal":
		v.Principals, ok = principalsOf(m.value)
	case "NotPrincipal":
		v.NotPrincipals, ok = principalsOf(m.value)
	case "Action":
		v.Actions, ok = stringsOf(m.value)
	case "NotAction":
		v.NotActions, ok = stringsOf(m.value)
	case "Resource":
		v.Resources, ok = stringsOf(m.value)
	case "NotResource":
		v.NotResources, ok = stringsOf(m.value)
	case "Condition":
		v.Conditions, ok = conditionsOf(m.value)
	}
	return ok
}

// stringsOf reads a string or a list of strings.
func stringsOf(n node) ([]string, bool) {
	list := []node{n}
	if n.kind == listNode {
		list = n.items
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		if item.kind != textNode {
			return nil, false
		}
		values = append(values, item.text)
	}
	return values, true
}

func principalsOf(n node) ([]Principal, bool) {
	if n.kind == textNode && n.text == "*" {
		return []Principal{{Kind: "AWS", Value: "*"}}, true
	}
	if n.kind != objectNode {
		return nil, false
	}
	principals := []Principal{}
	for _, m := range n.members {
		values, ok := stringsOf(m.value)
		if !ok {
			return nil, false
		}
		for _, v := range values {
			principals = append(principals, Principal{Kind: m.name, Value: v})
		}
	}
	return principals, true
}

func conditionsOf(n node) ([]Condition, bool) {
	if n.kind != objectNode {
		return nil, false
	}
	conditions := []Condition{}
	for _, operator := range n.members {
		// An operator without keys has no documented meaning, so none is given.
		if operator.value.kind != objectNode || len(operator.value.members) == 0 {
			return nil, false
		}
		for _, key := range operator.value.members {
			values, ok := scalarsOf(key.value)
			if !ok {
				return nil, false
			}
			conditions = append(conditions, Condition{Operator: operator.name, Key: key.name, Values: values})
		}
	}
	return conditions, true
}

// scalarsOf reads strings, booleans and numbers, alone or in a list. AWS takes
// true and "true" alike in a condition.
func scalarsOf(n node) ([]string, bool) {
	list := []node{n}
	if n.kind == listNode {
		list = n.items
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		if !slices.Contains([]nodeKind{textNode, boolNode, numberNode}, item.kind) {
			return nil, false
		}
		values = append(values, item.text)
	}
	return values, true
}
