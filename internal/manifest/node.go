package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxSteps bounds the map entries that aliases and merge keys may expand to.
const maxSteps = 100_000

// value is a node of the manifest and where it was written.
type value struct {
	name string     // of the key; empty when the key is no plain scalar
	key  *yaml.Node // nil for items of lists and for the root
	at   *yaml.Node // as written, which may be an alias
	node *yaml.Node // what it stands for; nil in the zero value
	path string
}

func newValue(n *yaml.Node) value { return value{at: n, node: resolved(n)} }

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (v value) exists() bool { return v.node != nil }

// child returns the value of a key of v.
func (v value) child(key, at *yaml.Node) value {
	c := newValue(at)
	c.key, c.name = key, keyName(key)
	c.path = join(v.path, c.name)
	if !isString(resolved(key)) && c.name == "" {
		c.path = v.path + "[?]"
	}
	return c
}

// items returns the items of a list.
func (v value) items() []value {
	out := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		out[i] = newValue(n)
		out[i].path = fmt.Sprintf("%s[%d]", v.path, i)
	}
	return out
}

// join adds a key to a path. Names that would make the path ambiguous are quoted.
func join(path, name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\" ") || printable(name) != name {
		return path + "[" + quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyName returns the name of a key, empty for maps, lists and tagged keys.
func keyName(n *yaml.Node) string {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || tagOf(n) != "" && tagOf(n) != "!!str" {
		return ""
	}
	return n.Value
}

// tagOf returns the tag that the file gives a node, empty when it has none.
func tagOf(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" {
		return n.Tag
	}
	return ""
}

func isMerge(key *yaml.Node) bool {
	if key.Kind != yaml.ScalarNode || key.Value != "<<" {
		return false
	}
	return isPlain(key) && tagOf(key) == "" || tagOf(key) == "!!merge"
}

// everything and nothing choose the keys that must not be there twice.
func everything(string) bool { return true }
func nothing(string) bool    { return false }

func oneOf(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

// entries returns the entries of a map, those of its merge keys after its own.
// Of anything else it returns none. A key that is there twice is reported when
// unique says so; the first one counts.
func (r *reader) entries(v value, unique func(string) bool) []value {
	if !v.exists() || v.node.Kind != yaml.MappingNode {
		return nil
	}
	c := collector{reader: r, parent: v, unique: unique, seen: map[string]bool{}}
	c.collect(v.node)
	return c.entries
}

func lookup(entries []value, name string) value {
	for _, v := range entries {
		if v.name == name {
			return v
		}
	}
	return value{}
}

// collector gathers the entries of one map.
type collector struct {
	*reader
	parent  value
	unique  func(string) bool
	seen    map[string]bool
	entries []value
}

func (c *collector) collect(n *yaml.Node) {
	if slices.Contains(c.active, n) {
		c.reportAt(n, finding{
			code: CodeAliasCycle, path: c.parent.path,
			message: "this map merges itself", fix: "remove the alias that leads back to it",
		})
		return
	}
	c.active = append(c.active, n)
	defer func() { c.active = c.active[:len(c.active)-1] }()
	var merges []*yaml.Node
	own := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content) && c.step(n); i += 2 {
		key, at := n.Content[i], n.Content[i+1]
		name := keyName(key)
		merge := isMerge(key)
		if merge {
			merges = append(merges, at)
			name = "<<"
		}
		if first, twice := own[name]; twice && name != "" {
			c.twice(key, first, merge || c.unique(name))
			continue
		}
		own[name] = key
		if !merge && !c.seen[name] {
			c.entries = append(c.entries, c.parent.child(key, at))
		}
	}
	for name := range own {
		c.seen[name] = name != ""
	}
	for _, at := range merges {
		c.merge(at)
	}
}

func (c *collector) twice(key, first *yaml.Node, report bool) {
	if !report {
		return
	}
	fix := "keep one of the two"
	if isMerge(key) {
		fix = "merge both with one key, as in <<: [*a, *b]"
	}
	name := resolved(key).Value
	c.reportAt(key, finding{
		code: CodeDuplicateKey, path: join(c.parent.path, name),
		message: fmt.Sprintf("the key %s is already on line %d", quote(name), first.Line), fix: fix,
	})
}

func (c *collector) merge(at *yaml.Node) {
	switch n := resolved(at); n.Kind {
	case yaml.MappingNode:
		c.collect(n)
		return
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if resolved(item).Kind != yaml.MappingNode {
				c.badMerge(item)
				continue
			}
			if c.step(item) {
				c.collect(resolved(item))
			}
		}
		return
	}
	c.badMerge(at)
}

func (c *collector) badMerge(at *yaml.Node) {
	c.reportAt(at, finding{
		code: CodeInvalidMerge, path: join(c.parent.path, "<<"),
		message: "<< merges a map or a list of maps, not " + describe(resolved(at)),
		fix:     "name an anchor of a map, as in <<: *defaults",
	})
}

// step counts an entry, and reports and returns false when there are too many.
func (r *reader) step(n *yaml.Node) bool {
	r.steps++
	if r.steps == maxSteps {
		r.reportAt(n, finding{
			code:    CodeTooManyAliases,
			message: fmt.Sprintf("aliases and merge keys expand to more than %d entries", maxSteps),
			fix:     "use fewer aliases of aliases",
		})
	}
	return r.steps < maxSteps
}
