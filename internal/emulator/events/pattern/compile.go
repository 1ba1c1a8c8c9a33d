package pattern

import (
	"encoding/json"
	"slices"
	"strings"
)

// or is the name whose value is a list of alternatives.
const or = "$or"

func compileObject(in members) (object, error) {
	if len(in) == 0 {
		return object{}, reason("Empty objects are not allowed")
	}
	var out object
	if err := out.addAll(nil, in); err != nil {
		return object{}, err
	}
	return out, out.checkPaths()
}

// addAll adds the members of an object at path. Objects below are laid out as
// longer paths when a name holds dots, which separate steps like nesting does.
func (o *object) addAll(path []string, in members) error {
	for _, m := range in {
		if alternatives, ok := alternativesOf(m); ok {
			if err := o.addOr(path, alternatives); err != nil {
				return err
			}
			continue
		}
		if err := o.addField(append(slices.Clone(path), strings.Split(m.name, ".")...), m); err != nil {
			return err
		}
	}
	return nil
}

func (o *object) addField(path []string, m member) error {
	switch value := m.value.(type) {
	case members:
		below, err := compileObject(value)
		if err != nil {
			return err
		}
		o.fields = append(o.fields, field{path: path, below: &below})
	case list:
		tests, err := compileTests(value)
		if err != nil {
			return err
		}
		o.fields = append(o.fields, field{path: path, anyOf: tests})
	default:
		return reasonf("%q must be an object or an array", m.name)
	}
	return nil
}

func (o *object) addOr(path []string, alternatives []members) error {
	var compiled []object
	for _, alternative := range alternatives {
		if len(alternative) == 0 {
			return reason("Empty objects are not allowed")
		}
		var one object
		if err := one.addAll(path, alternative); err != nil {
			return err
		}
		if err := one.checkPaths(); err != nil {
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
		at := strings.Join(f.path, ".")
		if f.below == nil {
			paths = append(paths, at)
			continue
		}
		for _, below := range f.below.leafPaths() {
			paths = append(paths, at+"."+below)
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
