package manifest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// The forms of YAML 1.2's core schema. The parser's own tags are not used:
// they follow YAML 1.1 in part, where 1_000 and 010 are numbers of another kind.
var (
	nullForm  = lazyregexp.New(`^(|~|null|Null|NULL)$`)
	boolForm  = lazyregexp.New(`^(true|True|TRUE|false|False|FALSE)$`)
	intForm   = lazyregexp.New(`^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	floatForm = lazyregexp.New(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	// decimal is a number that YAML 1.1 and 1.2 read alike: no leading zero,
	// which was octal once.
	decimal = lazyregexp.New(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?$`)
)

func isPlain(n *yaml.Node) bool {
	const quotes = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&quotes == 0
}

func plain(n *yaml.Node, form *lazyregexp.Regexp) bool {
	return n.Kind == yaml.ScalarNode && isPlain(n) && tagOf(n) == "" && form.MatchString(n.Value)
}

func isNull(n *yaml.Node) bool   { return plain(n, nullForm) }
func isBool(n *yaml.Node) bool   { return plain(n, boolForm) }
func isNumber(n *yaml.Node) bool { return plain(n, intForm) || plain(n, floatForm) }

// isString reports a string, tagged or not.
func isString(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	return tagOf(n) == "!!str" || tagOf(n) == "" && !isNull(n) && !isBool(n) && !isNumber(n)
}

// describe says in words what a node is.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind != yaml.ScalarNode:
		return "nothing"
	case isBool(n):
		return strings.ToLower(n.Value)
	case isNumber(n):
		return "the number " + n.Value
	case isNull(n):
		return "null"
	case tagOf(n) != "":
		return "a value with the tag " + printable(tagOf(n))
	}
	return "the string " + quote(n.Value)
}

// mistyped reports a value that is no want, such as "true or false". The fix
// is what to write instead.
func (r *reader) mistyped(v value, want, fix string) {
	message := fmt.Sprintf("must be %s, not %s", want, describe(v.node))
	switch {
	case isNull(v.node) && v.node.Value == "":
		message = fmt.Sprintf("must be %s, and has no value", want)
	case tagOf(v.node) != "":
		message = fmt.Sprintf("must be %s, without the tag %s", want, printable(tagOf(v.node)))
		if v.node.Kind != yaml.ScalarNode {
			fix = "remove the tag"
		}
	}
	if v.at != v.node {
		message += fmt.Sprintf(" (*%s is defined on line %d)", printable(v.at.Value), v.node.Line)
	}
	r.reportValue(v, finding{code: CodeWrongType, message: message, fix: fix})
}

// write is the fix that puts text after the key of v.
func (v value) write(text string) string {
	if v.key == nil {
		return "write " + text
	}
	return fmt.Sprintf("write %s: %s", v.name, text)
}

// boolean reads true or false. It reports anything else and returns ok false.
func (r *reader) boolean(v value) (on, ok bool) {
	if !v.exists() {
		return false, false
	}
	if isBool(v.node) {
		return strings.EqualFold(v.node.Value, "true"), true
	}
	r.mistyped(v, "true or false", v.write(likelyBool(v.node)))
	return false, false
}

// likelyBool returns the boolean that somebody meant, or both.
func likelyBool(n *yaml.Node) string {
	switch strings.ToLower(strings.TrimSpace(n.Value)) {
	case "true", "yes", "on", "y", "1", "enabled":
		return "true"
	case "false", "no", "off", "n", "0", "disabled":
		return "false"
	}
	return "true, or false"
}

// text reads a string inside aws.ivs, where no tag is allowed.
func (r *reader) text(v value, want, example string) (string, bool) {
	if !v.exists() {
		return "", false
	}
	if isString(v.node) && tagOf(v.node) == "" {
		return v.node.Value, true
	}
	fix := example
	if v.node.Kind == yaml.ScalarNode && v.node.Value != "" && !isNull(v.node) {
		fix = strconv.Quote(v.node.Value)
		if tagOf(v.node) != "" {
			fix = v.node.Value
		}
	}
	r.mistyped(v, want, v.write(fix))
	return "", false
}

// number reads a decimal number inside aws.ivs.
func (r *reader) number(v value, want, example string) (float64, bool) {
	if !v.exists() {
		return 0, false
	}
	if isNumber(v.node) && decimal.MatchString(v.node.Value) {
		n, err := strconv.ParseFloat(v.node.Value, 64)
		if err == nil {
			return n, true
		}
	}
	if plain(v.node, intForm) {
		want += " in plain digits"
	}
	fix := example
	if n, ok := likelyNumber(v.node); ok {
		fix = n
	}
	r.mistyped(v, want, v.write(fix))
	return 0, false
}

// whole reads a whole number inside aws.ivs. One beyond 32 bits becomes the
// last of them, which is beyond every limit too.
func (r *reader) whole(v value, want, example string) (int, bool) {
	n, ok := r.number(v, want, example)
	if !ok {
		return 0, false
	}
	if plain(v.node, intForm) {
		return int(max(math.MinInt32, min(n, math.MaxInt32))), true
	}
	fix := example
	if n == math.Trunc(n) && math.Abs(n) < math.MaxInt32 {
		fix = strconv.Itoa(int(n))
	}
	r.mistyped(v, want, v.write(fix))
	return 0, false
}

// likelyNumber returns the decimal number that somebody meant by "30", 2_500_000 or 0720.
func likelyNumber(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		return "", false
	}
	s := strings.TrimLeft(strings.ReplaceAll(strings.TrimSpace(n.Value), "_", ""), "0+")
	return s, s != "" && s[0] != '.' && decimal.MatchString(s)
}
