package pattern

import (
	"encoding/json"
	"slices"
	"strings"
)

// or is the name whose value is a list of alternatives.
const or = "$or"

func compileObject(in members) (object, error) {
	var out object
	err := out.addAll(in)
	return out, err
}

// addAll adds the members of an object. A name with dots is the same as nesting.
func (o *object) addAll(in members) error {
	if len(in) == 0 {
		return reason("Empty objects are not allowed")
	}
	for _, m := range in {
		var err error
		if alternatives, ok := alternativesOf(m); ok {
			err = o.addOr(alternatives)
		} else {
			err = o.addField(m.name, m)
		}
		if err != nil {
			return err
		}
	}
	return o.checkPaths()
}

func (o *object) addField(name string, m member) error {
	if first, rest, dotted := strings.Cut(name, "."); dotted {
		return o.within(first).addField(rest, m)
	}
	switch value := m.value.(type) {
	case members:
		return o.within(name).addAll(value)
	case list:
		tests, err := compileTests(value)
		if err != nil {
			return err
		}
		o.fields = append(o.fields, field{name: name, anyOf: tests})
		return nil
	default:
		return reasonf("%q must be an object or an array", m.name)
	}
}

// within is the object at a name, which several members may be about: of an
// event's array one element must have it all.
func (o *object) within(name string) *object {
	for i := range o.fields {
		if o.fields[i].name == name && o.fields[i].below != nil {
			return o.fields[i].below
		}
	}
	below := &object{}
	o.fields = append(o.fields, field{name: name, below: below})
	return below
}

func (o *object) addOr(alternatives []members) error {
	var compiled []object
	for _, alternative := range alternatives {
		one, err := compileObject(alternative)
		if err != nil {
			return err
		}
		compiled = append(compiled, one)
	}
	o.ors = append(o.ors, compiled)
	return nil
}

// operators are the names of match expressions; an object in a $or list that
// has one of them makes the list an ordinary one.
var operators = []string{
	"exactly", "prefix", "suffix", "anything-but", "numeric", "exists",
	"equals-ignore-case", "wildcard", "cidr",
}

// alternativesOf returns the objects of a $or. A field named $or is not one
// unless it holds at least two objects of fields.
func alternativesOf(m member) ([]members, bool) {
	values, ok := m.value.(list)
	if m.name != or || !ok || len(values) < 2 {
		return nil, false
	}
	var alternatives []members
	for _, value := range values {
		alternative, ok := value.(members)
		if !ok || slices.ContainsFunc(alternative, func(m member) bool { return slices.Contains(operators, m.name) }) {
			return nil, false
		}
		alternatives = append(alternatives, alternative)
	}
	return alternatives, true
}

// checkPaths refuses a path that occurs twice, also once inside and once
// outside of a $or.
func (o *object) checkPaths() error {
	seen := map[string]bool{}
	for _, path := range o.leafPaths() {
		if seen[path] {
			return reasonf("Path `%s` cannot be allowed multiple times", path)
		}
		seen[path] = true
	}
	for _, alternatives := range o.ors {
		for _, alternative := range alternatives {
			for _, path := range alternative.leafPaths() {
				if seen[path] {
					return reasonf("Path `%s` cannot be allowed multiple times", path)
				}
			}
		}
	}
	return nil
}

func (o *object) leafPaths() []string {
	var paths []string
	for _, f := range o.fields {
		if f.below == nil {
			paths = append(paths, f.name)
			continue
		}
		for _, below := range f.below.leafPaths() {
			paths = append(paths, f.name+"."+below)
		}
	}
	return paths
}

func compileTests(values list) ([]test, error) {
	if len(values) == 0 {
		return nil, reason("Empty arrays are not allowed")
	}
	var tests []test
	for _, value := range values {
		compiled, err := compileTest(value)
		if err != nil {
			return nil, err
		}
		tests = append(tests, compiled)
	}
	return tests, nil
}

func compileTest(value any) (test, error) {
	switch value := value.(type) {
	case members:
		return compileExpression(value)
	case string, bool, nil:
		return func(leaf any) bool { return leaf == value }, nil
	case json.Number:
		return func(leaf any) bool { return sameNumber(leaf, value) }, nil
	default:
		return nil, reason("Match value must be String, number, true, false, or null")
	}
}
