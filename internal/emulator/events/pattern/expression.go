package pattern

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
)

const errOneKey = reason("Only one key allowed in match expression")

// compileExpression compiles one match expression, such as {"prefix": "IVS "}.
func compileExpression(in members) (test, error) {
	if len(in) == 0 {
		return nil, reason("Match expression name not found")
	}
	operator, value := in[0].name, in[0].value
	compiled, err := compileOperator(operator, value)
	if err != nil {
		return nil, err
	}
	if len(in) > 1 {
		return nil, errOneKey
	}
	return compiled, nil
}

func compileOperator(operator string, value any) (test, error) {
	switch operator {
	case "prefix", "suffix":
		return compileAffix(operator, value)
	case "equals-ignore-case":
		return withText(operator, value, func(want string) test {
			return onText(func(s string) bool { return strings.EqualFold(s, want) })
		})
	case "wildcard":
		return compileWildcard(value)
	case "anything-but":
		return compileAnythingBut(value)
	case "exists":
		return compileExists(value)
	case "numeric":
		return compileNumeric(value)
	case "cidr":
		return compileCIDR(value)
	case "exactly":
		return withText("exact", value, func(want string) test {
			return func(leaf any) bool { return leaf == want }
		})
	default:
		return nil, reasonf("Unrecognized match type %s", operator)
	}
}

// compileAffix compiles prefix and suffix, of which a text may be given as
// {"equals-ignore-case": text} as well.
func compileAffix(operator string, value any) (test, error) {
	fold := false
	if inner, ok := value.(members); ok {
		if len(inner) == 0 {
			return nil, reasonf("%s expression name not found", strings.ToUpper(operator[:1])+operator[1:])
		}
		if inner[0].name != "equals-ignore-case" {
			return nil, reasonf("Unsupported %s pattern: %s", operator, inner[0].name)
		}
		if len(inner) > 1 {
			return nil, errOneKey
		}
		fold, value = true, inner[0].value
	}
	name := operator
	if fold {
		name = "equals-ignore-case"
	}
	return withText(name, value, func(affix string) test { return hasAffix(operator, affix, fold) })
}

func hasAffix(operator, affix string, fold bool) test {
	return onText(func(s string) bool {
		if len(s) < len(affix) {
			return false
		}
		part := s[:len(affix)]
		if operator == "suffix" {
			part = s[len(s)-len(affix):]
		}
		return part == affix || fold && strings.EqualFold(part, affix)
	})
}

func withText(operator string, value any, make func(string) test) (test, error) {
	text, ok := value.(string)
	if !ok {
		return nil, reasonf("%s match pattern must be a string", operator)
	}
	return make(text), nil
}

func compileExists(value any) (test, error) {
	want, ok := value.(bool)
	if !ok {
		return nil, reason("exists match pattern must be either true or false.")
	}
	return func(leaf any) bool { return (leaf != any(missing{})) == want }, nil
}

func compileCIDR(value any) (test, error) {
	text, ok := value.(string)
	if !ok {
		return nil, reason("prefix match pattern must be a string")
	}
	address, bits, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(bits, "/") {
		return nil, reason("Malformed CIDR, one '/' required")
	}
	if _, err := strconv.Atoi(bits); err != nil {
		return nil, reason("Malformed CIDR, mask bits must be an integer")
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, reasonf("Nonstandard IP address: %s", address)
	}
	return onText(func(s string) bool {
		address, err := netip.ParseAddr(s)
		return err == nil && prefix.Contains(address)
	}), nil
}

// onText makes a test that only a string can pass.
func onText(holds func(string) bool) test {
	return func(leaf any) bool {
		text, ok := leaf.(string)
		return ok && holds(text)
	}
}

func sameNumber(leaf any, want json.Number) bool {
	got, ok := leaf.(json.Number)
	if !ok {
		return false
	}
	if got == want {
		return true
	}
	a, errA := got.Float64()
	b, errB := want.Float64()
	return errA == nil && errB == nil && a == b
}
