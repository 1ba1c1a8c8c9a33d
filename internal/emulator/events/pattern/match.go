package pattern

import "strings"

// nest lays an event out so that a name with dots is the same as nesting, as
// it is in patterns.
func nest(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range value {
			put(out, strings.Split(name, "."), nest(member))
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = nest(element)
		}
		return out
	default:
		return value
	}
}

// put sets a value at a path. Where the event has both spellings of one path,
// objects are joined and of other values one wins.
func put(into map[string]any, path []string, value any) {
	if len(path) > 1 {
		below, ok := into[path[0]].(map[string]any)
		if !ok {
			below = map[string]any{}
			into[path[0]] = below
		}
		put(below, path[1:], value)
		return
	}
	before, wasObject := into[path[0]].(map[string]any)
	members, isObject := value.(map[string]any)
	if !wasObject || !isObject {
		into[path[0]] = value
		return
	}
	for name, member := range members {
		put(before, []string{name}, member)
	}
}

// matches tells whether an event's value has all that the pattern's object
// asks for. Of an array one element must have it all.
func (o *object) matches(value any) bool {
	if elements, ok := value.([]any); ok && len(elements) > 0 {
		for _, element := range elements {
			if o.matches(element) {
				return true
			}
		}
		return false
	}
	for _, f := range o.fields {
		if !f.matches(value) {
			return false
		}
	}
	for _, alternatives := range o.ors {
		if !anyMatches(alternatives, value) {
			return false
		}
	}
	return true
}

func anyMatches(alternatives []object, value any) bool {
	for _, alternative := range alternatives {
		if alternative.matches(value) {
			return true
		}
	}
	return false
}

// matches tests what is at the field's name.
func (f *field) matches(value any) bool {
	there := step(value, f.name)
	if f.below != nil {
		return f.below.matches(there)
	}
	return f.test(there)
}

// step goes down one name; where there is nothing of that name is missing.
func step(value any, name string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return missing{}
	}
	member, ok := object[name]
	if !ok {
		return missing{}
	}
	return member
}

// test tries a leaf. An array passes with any of its elements; an object and
// an empty array are no leaves.
func (f *field) test(value any) bool {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if f.test(element) {
				return true
			}
		}
		return len(value) == 0 && f.testLeaf(missing{})
	case map[string]any:
		return f.testLeaf(missing{})
	default:
		return f.testLeaf(value)
	}
}

func (f *field) testLeaf(leaf any) bool {
	for _, t := range f.anyOf {
		if t(leaf) {
			return true
		}
	}
	return false
}
