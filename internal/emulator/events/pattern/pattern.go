// Package pattern is EventBridge's event patterns: it refuses what PutRule
// refuses, in the same words, and matches events as the event bus does
// (EventBridge User Guide, "Creating Amazon EventBridge event patterns").
//
// It does not compute the complexity of wildcards, for which EventBridge
// refuses some patterns that are well formed. Start at Parse.
package pattern

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Pattern is an event pattern. It is safe for concurrent use.
type Pattern struct{ root object }

// Parse reads an event pattern. The error's text is the reason as EventBridge
// gives it after "Event pattern is not valid. Reason: ".
func Parse(text string) (*Pattern, error) {
	tree, err := readTree(text)
	if err != nil {
		return nil, err
	}
	root, ok := tree.(members)
	if !ok {
		return nil, reason("Filter is not an object")
	}
	compiled, err := compileObject(root)
	if err != nil {
		return nil, err
	}
	return &Pattern{root: compiled}, nil
}

// Matches tells whether the pattern matches an event, which is a JSON object.
func (p *Pattern) Matches(event []byte) (bool, error) {
	decoder := json.NewDecoder(strings.NewReader(string(event)))
	decoder.UseNumber()
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		return false, err
	}
	return p.root.matches(nest(value)), nil
}

// object is the part of a pattern in braces: all its fields must match, and
// of each $or at least one alternative.
type object struct {
	fields []field
	ors    [][]object
}

// field is one name of a pattern: either an object below it or the tests of
// which one must hold.
type field struct {
	name  string
	below *object
	anyOf []test
}

// test decides on one leaf of an event: a string, json.Number, bool, nil, or
// missing when the event has no leaf there.
type test func(leaf any) bool

// missing stands for a field that the event does not have.
type missing struct{}

// reason is why a pattern is refused, in EventBridge's words and with its
// capitals.
type reason string

func (r reason) Error() string { return string(r) }

func reasonf(format string, values ...any) error { return reason(fmt.Sprintf(format, values...)) }
