package pattern

import (
	"encoding/json"
	"strings"
)

// compileAnythingBut compiles the operator over texts, numbers or a list of
// either, or over another operator: then a leaf passes that none of its texts
// matches.
func compileAnythingBut(value any) (test, error) {
	switch value := value.(type) {
	case members:
		return compileAnythingButOperator(value)
	case list:
		return compileAnythingButList(value)
	case string:
		return not(func(leaf any) bool { return leaf == value }), nil
	case json.Number:
		if err := checkRange(value); err != nil {
			return nil, err
		}
		return not(func(leaf any) bool { return sameNumber(leaf, value) }), nil
	default:
		return nil, reason("Value of anything-but must be an array or single string/number value.")
	}
}

func compileAnythingButList(values list) (test, error) {
	texts, numbers := 0, 0
	for _, value := range values {
		switch value := value.(type) {
		case string:
			texts++
		case json.Number:
			numbers++
			if err := checkRange(value); err != nil {
				return nil, err
			}
		default:
			return nil, reason("Inside anything but list, start|null|boolean is not supported.")
		}
	}
	if (texts > 0) == (numbers > 0) {
		return nil, reason("Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	tests, err := compileTests(values)
	if err != nil {
		return nil, err
	}
	return not(tests...), nil
}

func compileAnythingButOperator(in members) (test, error) {
	if len(in) == 0 {
		return nil, reason("Anything-But expression name not found")
	}
	operator := in[0].name
	switch operator {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
	default:
		return nil, reasonf("Unsupported anything-but pattern: %s", operator)
	}
	if len(in) > 1 {
		return nil, errOneKey
	}
	values, ok := in[0].value.(list)
	if !ok {
		values = list{in[0].value}
	}
	if len(values) == 0 {
		return nil, reason("Empty arrays are not allowed")
	}
	return compileAnythingButTexts(operator, values)
}

func compileAnythingButTexts(operator string, values list) (test, error) {
	var tests []test
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, notText(operator)
		}
		affix := strings.HasSuffix(operator, "fix")
		if affix && text == "" {
			return nil, reason("Null prefix/suffix not allowed")
		}
		compiled, err := compileOperator(operator, text)
		if err != nil {
			return nil, err
		}
		tests = append(tests, compiled)
	}
	return not(tests...), nil
}

func notText(operator string) error {
	if strings.HasSuffix(operator, "fix") {
		return reason("prefix/suffix match pattern must be a string")
	}
	return reasonf("Inside anything-but/%s list, number|start|null|boolean is not supported.", operator)
}

// not makes a test that a leaf passes when it exists and passes none of tests.
func not(tests ...test) test {
	return func(leaf any) bool {
		if leaf == any(missing{}) {
			return false
		}
		for _, t := range tests {
			if t(leaf) {
				return false
			}
		}
		return true
	}
}
