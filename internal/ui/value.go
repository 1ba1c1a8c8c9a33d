package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// shown is a value as lines: none for nil, one for a scalar, one for each
// member of a list, and an outline of a document without its punctuation.
func shown(v any) []string {
	text := encode(v)
	switch text {
	case "null":
		return nil
	case "[]", "{}":
		return []string{"(empty)"}
	}
	return outline(text)
}

// encode is compact JSON. What JSON cannot say becomes an empty string.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// outline is JSON as indented lines: "key: value" for the members of an
// object in their order, and the members of a list one below the other.
func outline(text string) []string {
	var lines []string
	switch text[0] {
	case '{':
		for _, m := range members(text) {
			for inner := members(m.value); len(inner) == 1; inner = members(m.value) {
				m = member{m.key + "." + inner[0].key, inner[0].value}
			}
			lines = append(lines, under(clean(m.key)+":", outline(m.value))...)
		}
	case '[':
		var list []json.RawMessage
		_ = json.Unmarshal([]byte(text), &list)
		for i, member := range list {
			if value := string(member); strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
				lines = append(lines, under(fmt.Sprintf("(%d)", i+1), outline(value))...)
			} else {
				lines = append(lines, scalar(value))
			}
		}
	default:
		lines = append(lines, scalar(text))
	}
	return lines
}

// under puts what belongs to a key on its line, or on indented lines below.
func under(key string, value []string) []string {
	if len(value) == 1 {
		return []string{key + " " + value[0]}
	}
	lines := []string{key}
	for _, line := range value {
		lines = append(lines, "  "+line)
	}
	return lines
}

type member struct{ key, value string }

// members are those of a JSON object, in its order; other JSON has none.
func members(object string) []member {
	if !strings.HasPrefix(object, "{") {
		return nil
	}
	var all []member
	d := json.NewDecoder(strings.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			break
		}
		all = append(all, member{fmt.Sprint(key), string(value)})
	}
	return all
}

// scalar is a JSON scalar without quotes, unless it could not be seen or
// would be taken for another one.
func scalar(text string) string {
	var s string
	if json.Unmarshal([]byte(text), &s) != nil || s == "" || s != strings.TrimSpace(s) {
		return clean(text)
	}
	return clean(s)
}
