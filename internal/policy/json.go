package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nesting; a policy needs five levels.
const maxDepth = 32

type nodeKind int

const (
	objectNode nodeKind = iota
	listNode
	textNode
	boolNode
	numberNode
	nullNode
)

func (k nodeKind) String() string {
	return [...]string{"an object", "a list", "a string", "a boolean", "a number", "null"}[k]
}

// node is one JSON value that remembers how it was written. encoding/json's own
// types would lose the order of members and match their names in any case.
type node struct {
	kind nodeKind
	at   int
	// json is the value as read, without white space.
	json string
	// text is a string's content, or the literal of another scalar.
	text    string
	items   []node
	members []member
}

type member struct {
	name  string
	value node
}

// parseJSON reads exactly one value. Errors are *ParseError.
func parseJSON(source string) (node, error) {
	if !utf8.ValidString(source) {
		at := strings.IndexFunc(source, func(r rune) bool { return r == utf8.RuneError })
		return node{}, &ParseError{Offset: at, Reason: "not UTF-8"}
	}
	var raw json.RawMessage
	if err := json.Unmarshal([]byte(source), &raw); err != nil {
		at := 0
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = int(syntax.Offset)
		}
		return node{}, &ParseError{Offset: at, Reason: err.Error()}
	}
	p := jsonReader{source: source, decoder: json.NewDecoder(strings.NewReader(source))}
	p.decoder.UseNumber()
	return p.value(0)
}

// jsonReader builds nodes from the tokens of a source known to be valid.
type jsonReader struct {
	source  string
	decoder *json.Decoder
}

// next returns the next token, where it begins and how it was written.
func (r jsonReader) next() (token json.Token, at int, literal string, err error) {
	before := int(r.decoder.InputOffset())
	token, err = r.decoder.Token()
	if err != nil {
		return nil, before, "", &ParseError{Offset: before, Reason: err.Error()}
	}
	read := r.source[before:r.decoder.InputOffset()]
	literal = strings.TrimLeft(read, " \t\r\n,:")
	at = before + len(read) - len(literal)
	if s, ok := token.(string); ok && hasLoneSurrogate(s, literal) {
		return nil, at, "", &ParseError{Offset: at, Reason: fmt.Sprintf("%s: half of a UTF-16 pair", literal)}
	}
	return token, at, literal, nil
}

// hasLoneSurrogate reports whether decoding a string lost something: encoding/json
// turns a lone surrogate into U+FFFD, which would make different strings equal.
func hasLoneSurrogate(decoded, literal string) bool {
	const replaced = string(utf8.RuneError)
	written := strings.Count(literal, replaced) + strings.Count(strings.ToLower(literal), `\ufffd`)
	return strings.Count(decoded, replaced) > written
}

func (r jsonReader) value(depth int) (node, error) {
	token, at, literal, err := r.next()
	if err != nil {
		return node{}, err
	}
	if depth >= maxDepth {
		return node{}, &ParseError{Offset: at, Reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	n := node{at: at, json: literal, text: literal}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return r.object(at, depth)
		}
		return r.list(at, depth)
	case string:
		n.kind, n.text = textNode, t
	case bool:
		n.kind = boolNode
	case json.Number:
		n.kind = numberNode
	default:
		n.kind = nullNode
	}
	return n, nil
}

func (r jsonReader) list(at, depth int) (node, error) {
	var items []node
	for r.decoder.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		items = append(items, item)
	}
	n := list(items)
	n.at = at
	_, _, _, err := r.next()
	return n, err
}

func (r jsonReader) object(at, depth int) (node, error) {
	var members []member
	seen := map[string]bool{}
	for r.decoder.More() {
		token, nameAt, _, err := r.next()
		if err != nil {
			return node{}, err
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, &ParseError{Offset: nameAt, Reason: fmt.Sprintf("member %q is there twice in one object", name)}
		}
		seen[name] = true
		value, err := r.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		members = append(members, member{name: name, value: value})
	}
	n := object(members)
	n.at = at
	_, _, _, err := r.next()
	return n, err
}

func text(s string) node {
	return node{kind: textNode, json: quote(s), text: s}
}

func list(items []node) node {
	var parts []string
	for _, item := range items {
		parts = append(parts, item.json)
	}
	return node{kind: listNode, json: "[" + strings.Join(parts, ",") + "]", items: items}
}

func texts(values []string) node {
	var items []node
	for _, v := range values {
		items = append(items, text(v))
	}
	return list(items)
}

func object(members []member) node {
	var parts []string
	for _, m := range members {
		parts = append(parts, quote(m.name)+":"+m.value.json)
	}
	return node{kind: objectNode, json: "{" + strings.Join(parts, ",") + "}", members: members}
}

// quote cannot fail: every string has a JSON form.
func quote(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted)
}

// canonical writes a value that is not understood so that the order of members
// and the escapes in strings make no difference. Lists keep their order.
func canonical(n node) string {
	var parts []string
	switch n.kind {
	case objectNode:
		for _, m := range n.members {
			parts = append(parts, quote(m.name)+":"+canonical(m.value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case listNode:
		for _, item := range n.items {
			parts = append(parts, canonical(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case textNode:
		return quote(n.text)
	default:
		return n.text
	}
}
