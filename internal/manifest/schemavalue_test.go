package manifest

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// jsonValue returns what an editor hands to a JSON Schema: the values of YAML
// 1.2's core schema, with aliases and merge keys resolved. A file that is not
// one YAML document has none; an empty one is null.
func jsonValue(src *source) (any, bool) {
	r := newReader(src)
	root, ok := r.parse()
	if !ok {
		return nil, r.findings[0].code == CodeEmptyFile
	}
	c := converter{known: map[*yaml.Node]any{}}
	return c.value(root.node), true
}

// converter remembers what it has converted: aliases can make a tree of
// billions out of a few lines.
type converter struct {
	known map[*yaml.Node]any
}

func (c converter) value(n *yaml.Node) any {
	n = resolved(n)
	if v, ok := c.known[n]; ok {
		return v
	}
	c.known[n] = "itself" // until it is known
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		v = c.object(n)
	case yaml.SequenceNode:
		all := make([]any, len(n.Content))
		for i, item := range n.Content {
			all[i] = c.value(item)
		}
		v = all
	default:
		v = scalar(n)
	}
	c.known[n] = v
	return v
}

func (c converter) object(n *yaml.Node) map[string]any {
	object := map[string]any{}
	var merged []map[string]any
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, at := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merged = append(merged, c.merged(at)...)
			continue
		}
		if name := jsonKey(key); !has(object, name) {
			object[name] = c.value(at)
		}
	}
	for _, other := range merged {
		for name, v := range other {
			if !has(object, name) {
				object[name] = v
			}
		}
	}
	return object
}

func has(object map[string]any, name string) bool {
	_, ok := object[name]
	return ok
}

func (c converter) merged(at *yaml.Node) []map[string]any {
	switch v := c.value(at).(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		var all []map[string]any
		for _, item := range v {
			if object, ok := item.(map[string]any); ok {
				all = append(all, object)
			}
		}
		return all
	}
	return nil
}

// noString begins the names of keys that are no strings, so that they are none
// of ours.
const noString = "no string: "

func jsonKey(key *yaml.Node) string {
	n := resolved(key)
	if isNull(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode || keyName(n) == "" && n.Value != "" {
		return noString + n.Tag + n.Value
	}
	return n.Value
}

func scalar(n *yaml.Node) any {
	untagged := *n
	switch tagOf(n) {
	case "!!bool", "!!int", "!!float", "!!null":
		untagged.Style &^= yaml.TaggedStyle
	}
	switch {
	case isNull(&untagged):
		return nil
	case isBool(&untagged):
		return strings.EqualFold(n.Value, "true")
	case plain(&untagged, intForm):
		return whole(n.Value)
	case plain(&untagged, floatForm):
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	return n.Value
}

func whole(text string) any {
	base := 10
	switch {
	case strings.HasPrefix(text, "0o"):
		text, base = text[2:], 8
	case strings.HasPrefix(text, "0x"):
		text, base = text[2:], 16
	}
	if n, ok := new(big.Int).SetString(text, base); ok {
		return json.Number(n.String())
	}
	return text
}

// segments splits a finding's path into the keys of a JSON value.
func segments(path string) []string {
	var keys []string
	for path != "" {
		if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); err == nil {
			key, _ := strconv.Unquote(quoted)
			keys = append(keys, key)
			path = strings.TrimPrefix(path[1+len(quoted):], "]")
			continue
		}
		path = strings.TrimLeft(path, ".[")
		end := strings.IndexAny(path, ".[]")
		if end < 0 {
			end = len(path)
		}
		key := path[:end]
		if nullForm.MatchString(key) {
			key = "" // as jsonKey has it
		}
		keys = append(keys, key)
		path = strings.TrimPrefix(path[end:], "]")
	}
	return keys
}

func TestSegments(t *testing.T) {
	for path, want := range map[string]string{
		"":                                   "",
		"name":                               "name",
		"environments.a.aws":                 "environments a aws",
		`environments["eu.one"].aws.ivs`:     "environments eu.one aws ivs",
		"environments.a.aws.ivs.regions[10]": "environments a aws ivs regions 10",
		"environments[?]":                    "environments ?",
		`environments[""]`:                   "environments ",
	} {
		if got := strings.Join(segments(path), " "); got != want {
			t.Errorf("%s: want %q, got %q", path, want, got)
		}
	}
}
