package eventpattern

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// test tells whether one value of an event fits.
type test func(have any) bool

// testOf is a comparison by its name.
func testOf(name string, operand any) (test, error) {
	switch name {
	case "prefix":
		return affix(name, operand, strings.HasPrefix)
	case "suffix":
		return affix(name, operand, strings.HasSuffix)
	case "equals-ignore-case":
		return texts(name, operand, strings.EqualFold)
	case "wildcard":
		return texts(name, operand, func(have, want string) bool { return wildcard(want, have) })
	case "anything-but":
		return anythingBut(operand)
	case "numeric":
		return numeric(operand)
	}
	return nil, &UnknownError{name}
}

// texts compares with one text, or with any of several.
func texts(name string, operand any, fits func(have, want string) bool) (test, error) {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	var want []string
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%s: want a text", name)
		}
		want = append(want, text)
	}
	return func(have any) bool {
		text, ok := have.(string)
		return ok && slices.ContainsFunc(want, func(one string) bool { return fits(text, one) })
	}, nil
}

// affix is a prefix or suffix, which may be told not to mind the case.
func affix(name string, operand any, fits func(have, want string) bool) (test, error) {
	inner, ok := operand.(map[string]any)
	if !ok {
		return texts(name, operand, fits)
	}
	folded, ok := inner["equals-ignore-case"]
	if !ok || len(inner) != 1 {
		return nil, &UnknownError{name}
	}
	return texts(name, folded, func(have, want string) bool { return fits(strings.ToLower(have), strings.ToLower(want)) })
}

// anythingBut fits what is there and is none of the operands.
func anythingBut(operand any) (test, error) {
	if inner, ok := operand.(map[string]any); ok {
		if len(inner) != 1 {
			return nil, &UnknownError{"anything-but"}
		}
		for name, of := range inner {
			if name == "anything-but" || name == "numeric" {
				return nil, &UnknownError{name + " in anything-but"}
			}
			fits, err := testOf(name, of)
			if err != nil {
				return nil, err
			}
			return func(have any) bool { return !fits(have) }, nil
		}
	}
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	return func(have any) bool {
		return !slices.ContainsFunc(list, func(one any) bool { return same(one, have) })
	}, nil
}

// numeric is one comparison, or two that make a range.
func numeric(operand any) (test, error) {
	list, _ := operand.([]any)
	if len(list) != 2 && len(list) != 4 {
		return nil, fmt.Errorf("numeric: want an operator and a number, once or twice")
	}
	var all []test
	for i := 0; i < len(list); i += 2 {
		operator, _ := list[i].(string)
		want, ok := number(list[i+1])
		accepts := orders(operator)
		if !ok || accepts == nil {
			return nil, fmt.Errorf("numeric: %v %v is no comparison", list[i], list[i+1])
		}
		all = append(all, func(have any) bool {
			n, ok := number(have)
			return ok && accepts(n.Cmp(want))
		})
	}
	return func(have any) bool {
		return !slices.ContainsFunc(all, func(one test) bool { return !one(have) })
	}, nil
}

// orders is what an operator accepts of the order of two numbers, nil for none.
func orders(operator string) func(order int) bool {
	switch operator {
	case "=":
		return func(order int) bool { return order == 0 }
	case "<":
		return func(order int) bool { return order < 0 }
	case "<=":
		return func(order int) bool { return order <= 0 }
	case ">":
		return func(order int) bool { return order > 0 }
	case ">=":
		return func(order int) bool { return order >= 0 }
	}
	return nil
}

func number(value any) (*big.Float, bool) {
	literal, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	n, _, err := big.ParseFloat(literal.String(), 10, 64, big.ToNearestEven)
	return n, err == nil
}

// same compares values exactly, numbers by their value.
func same(want, have any) bool {
	a, isNumber := number(want)
	if b, ok := number(have); isNumber && ok {
		return a.Cmp(b) == 0
	}
	switch want.(type) {
	case string, bool, nil:
		return want == have
	}
	return false
}

// wildcard matches * with any run of characters; a backslash takes its meaning
// away.
func wildcard(pattern, text string) bool {
	p, s := 0, 0
	star, resume := -1, 0
	for s < len(text) {
		literal, width := literalAt(pattern, p)
		switch {
		case width > 0 && literal == text[s]:
			p, s = p+width, s+1
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, s
			p++
		case star >= 0:
			resume++
			p, s = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// literalAt is the character that a pattern wants at a place, and how many
// characters say so; 0 for a wildcard or the end.
func literalAt(pattern string, at int) (literal byte, width int) {
	switch {
	case at >= len(pattern), pattern[at] == '*':
		return 0, 0
	case pattern[at] == '\\' && at+1 < len(pattern):
		return pattern[at+1], 2
	}
	return pattern[at], 1
}
