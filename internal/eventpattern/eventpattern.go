// Package eventpattern says whether an EventBridge event pattern matches an
// event, so that a rule can be judged without waiting for one.
//
// It knows the comparisons that AWS documents (EventBridge user guide,
// "Comparison operators"). One that it does not know is an UnknownError, never
// a no: a rule of somebody else's making may use it rightly. Nothing here calls
// AWS. Start at Match.
package eventpattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// UnknownError is a comparison that this package cannot make.
type UnknownError struct{ What string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("the comparison %q is not known here", e.What)
}

// Match tells whether the pattern matches the event; both are JSON objects. Its
// errors are *UnknownError, or say what makes one of them no pattern or no event.
func Match(pattern, event string) (bool, error) {
	p, err := object(pattern)
	if err != nil {
		return false, fmt.Errorf("event pattern: %w", err)
	}
	if len(p) == 0 {
		return false, errors.New("event pattern: it has no keys")
	}
	e, err := object(event)
	if err != nil {
		return false, fmt.Errorf("event: %w", err)
	}
	return matchObject(p, e)
}

// object reads one JSON object, numbers as they are written.
func object(text string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind the object")
	}
	if o == nil {
		return nil, errors.New("it is null")
	}
	return o, nil
}

// matchObject wants every key of the pattern to fit. A key of the event that
// the pattern does not have does not matter.
func matchObject(pattern, event map[string]any) (bool, error) {
	fits := true
	for key, want := range pattern {
		one, err := matchKey(key, want, event)
		if err != nil {
			return false, err
		}
		fits = fits && one
	}
	return fits, nil
}

func matchKey(key string, want any, event map[string]any) (bool, error) {
	if key == "$or" {
		return matchAny(want, event)
	}
	have, there := event[key]
	switch want := want.(type) {
	case map[string]any:
		return matchNested(want, have)
	case []any:
		return matchField(key, want, have, there)
	}
	return false, fmt.Errorf("event pattern: %q: want a list or an object", key)
}

// matchNested also looks into a list of objects, any of which may fit. What is
// no object at all lacks every field, which only exists asks for.
func matchNested(want map[string]any, have any) (bool, error) {
	var objects []map[string]any
	switch have := have.(type) {
	case map[string]any:
		objects = append(objects, have)
	case []any:
		for _, item := range have {
			if o, ok := item.(map[string]any); ok {
				objects = append(objects, o)
			}
		}
	}
	if len(objects) == 0 {
		objects = append(objects, nil)
	}
	fits := false
	for _, o := range objects {
		one, err := matchObject(want, o)
		if err != nil {
			return false, err
		}
		fits = fits || one
	}
	return fits, nil
}

// matchAny is $or: a list of patterns of which one has to fit.
func matchAny(want any, event map[string]any) (bool, error) {
	list, ok := want.([]any)
	if !ok || len(list) < 2 {
		return false, errors.New(`event pattern: "$or": want a list of two or more patterns`)
	}
	fits := false
	for _, item := range list {
		pattern, ok := item.(map[string]any)
		if !ok {
			return false, errors.New(`event pattern: "$or": want objects`)
		}
		one, err := matchObject(pattern, event)
		if err != nil {
			return false, err
		}
		fits = fits || one
	}
	return fits, nil
}

// matchField wants one of the comparisons to fit one of the field's values.
func matchField(key string, want []any, have any, there bool) (bool, error) {
	if len(want) == 0 {
		return false, fmt.Errorf("event pattern: %q: want at least one value", key)
	}
	values, list := have.([]any)
	if !list && there {
		values = []any{have}
	}
	fits := false
	for _, item := range want {
		one, err := matchItem(item, values, there)
		if err != nil {
			return false, fmt.Errorf("event pattern: %q: %w", key, err)
		}
		fits = fits || one
	}
	return fits, nil
}

func matchItem(want any, values []any, there bool) (bool, error) {
	comparison, ok := want.(map[string]any)
	if !ok {
		if _, list := want.([]any); list {
			return false, errors.New("want a value or a comparison, not a list")
		}
		return slices.ContainsFunc(values, func(have any) bool { return same(want, have) }), nil
	}
	if len(comparison) != 1 {
		return false, errors.New("want one comparison in an object")
	}
	for name, operand := range comparison {
		if name == "exists" {
			exists, ok := operand.(bool)
			if !ok {
				return false, errors.New("exists: want true or false")
			}
			return exists == there, nil
		}
		test, err := testOf(name, operand)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(values, test), nil
	}
	return false, nil
}
