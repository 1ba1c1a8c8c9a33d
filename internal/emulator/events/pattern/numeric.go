package pattern

import (
	"encoding/json"
)

// limit bounds the numbers that EventBridge compares, on both sides.
const limit = 5e9

// bound is one comparison of a numeric expression.
type bound struct {
	operator string
	value    float64
}

// compileNumeric compiles ["=", 5], [">", 0], [">=", 0, "<", 10] and the like.
func compileNumeric(value any) (test, error) {
	terms, ok := value.(list)
	if !ok {
		return nil, reason("Value of numeric must be an array.")
	}
	first, rest, err := readBound(terms)
	if err != nil {
		return nil, err
	}
	bounds := []bound{first}
	if len(rest) > 0 {
		second, err := readTop(first, rest)
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, second)
	}
	return func(leaf any) bool { return within(leaf, bounds) }, nil
}

func readBound(terms list) (bound, list, error) {
	if len(terms) == 0 {
		return bound{}, nil, reason("Invalid member in numeric match: ]")
	}
	operator, ok := terms[0].(string)
	if !ok {
		return bound{}, nil, reasonf("Invalid member in numeric match: %v", terms[0])
	}
	switch operator {
	case "=", "<", "<=", ">", ">=":
	default:
		return bound{}, nil, reasonf("Unrecognized numeric range operator: %s", operator)
	}
	value, err := readNumber(operator, terms[1:])
	return bound{operator, value}, terms[min(2, len(terms)):], err
}

// readTop reads the upper bound that may follow a lower one.
func readTop(bottom bound, terms list) (bound, error) {
	if bottom.operator != ">" && bottom.operator != ">=" {
		return bound{}, reason("Too many elements in numeric expression")
	}
	operator, ok := terms[0].(string)
	if !ok {
		return bound{}, reasonf("Bad value in numeric range: %v", terms[0])
	}
	if operator != "<" && operator != "<=" {
		return bound{}, reasonf("Bad numeric range operator: %s", operator)
	}
	value, err := readNumber(operator, terms[1:])
	if err != nil {
		return bound{}, err
	}
	if len(terms) > 2 {
		return bound{}, reason("Too many terms in numeric range expression")
	}
	if value <= bottom.value {
		return bound{}, reason("Bottom must be less than top")
	}
	return bound{operator, value}, nil
}

func readNumber(operator string, terms list) (float64, error) {
	if operator == "=" {
		operator = "equals"
	}
	if len(terms) == 0 {
		return 0, reasonf("Value of %s must be numeric", operator)
	}
	number, ok := terms[0].(json.Number)
	if !ok {
		return 0, reasonf("Value of %s must be numeric", operator)
	}
	if err := checkRange(number); err != nil {
		return 0, err
	}
	return number.Float64()
}

func checkRange(number json.Number) error {
	value, err := number.Float64()
	if err != nil || value < -limit || value > limit {
		return reason("Value must be between -5.0E9 and 5.0E9, inclusive")
	}
	return nil
}

func within(leaf any, bounds []bound) bool {
	number, ok := leaf.(json.Number)
	if !ok || checkRange(number) != nil {
		return false
	}
	value, err := number.Float64()
	if err != nil {
		return false
	}
	for _, b := range bounds {
		if !b.holds(value) {
			return false
		}
	}
	return true
}

func (b bound) holds(value float64) bool {
	switch b.operator {
	case "<":
		return value < b.value
	case "<=":
		return value <= b.value
	case ">":
		return value > b.value
	case ">=":
		return value >= b.value
	default:
		return value == b.value
	}
}
