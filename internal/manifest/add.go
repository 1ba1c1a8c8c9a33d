package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Add returns the file's text with what the draft asks for added, and every
// other byte as it is, but for an `ivs: true` or `ivs: false`, whose value the
// draft's takes the place of. The draft's name has to be the file's, if it has one.
//
// The error is an [*UnsafeError] when the file is written in a way that leaves
// no sure place for it, and an [*InvalidError] when the names of app and
// environment do not go with what is asked for.
func (b *Base) Add(d Draft) (string, error) {
	s, err := b.slot(d.Environment)
	if err != nil {
		return "", err
	}
	// The empty lines at the end of a text may be its own, as after |+.
	for _, s.behindEmpty = range []bool{false, true} {
		var edits []edit
		if edits, err = b.edits(d, s); err != nil {
			return "", err
		}
		text := applied(b.src.text, edits)
		if err = b.prove(d, s, text); err == nil {
			return b.src.mark + text, nil
		}
	}
	return "", err
}

// slot is the place in a file for what is missing of a draft's path.
type slot struct {
	// keys and maps are what there is of the path environments, the
	// environment, aws, ivs; the root is the first map. With as many keys as
	// maps, the last key has no value yet, or one that gives way.
	keys, maps []*yaml.Node
	missing    []string
	// behindEmpty puts it behind empty lines, not before them.
	behindEmpty bool
}

// filled is the value that gives way; nil when the slot is for a new key.
func (s slot) filled() *yaml.Node {
	if len(s.keys) < len(s.maps) {
		return nil
	}
	return valueOf(s.inner(), s.keys[len(s.keys)-1])
}

// inner is the innermost map of the path.
func (s slot) inner() *yaml.Node { return s.maps[len(s.maps)-1] }

// slot finds the place of a draft for an environment.
func (b *Base) slot(environment string) (slot, error) {
	s := slot{missing: []string{"environments", environment, "aws", "ivs"}}
	if b.root == nil {
		return s, nil
	}
	for at := b.root; ; {
		if reason := unsure(at); reason != "" {
			return s, b.unsafe(at, reason)
		}
		s.maps = append(s.maps, at)
		i := own(at, s.missing[0])
		if i < 0 {
			if merged := lookup(b.read.entries(newValue(at), nothing), s.missing[0]); merged.exists() {
				return s, b.unsafe(merged.key, fmt.Sprintf("%s comes from here, and yolo changes nothing that is used elsewhere too", quote(s.missing[0])))
			}
			return s, nil
		}
		key, v := at.Content[i], at.Content[i+1]
		s.keys, s.missing = append(s.keys, key), s.missing[1:]
		switch {
		case v.Kind == yaml.AliasNode, v.Anchor != "":
			return s, b.unsafe(v, unsure(v))
		case isNull(v), isEmptyMap(v), len(s.missing) == 0 && isBool(v):
			return s, nil
		case len(s.missing) == 0:
			return s, b.unsafe(key, "ivs is there already, and yolo changes nothing that is there")
		}
		at = v
	}
}

// unsure says why nothing can be added to a value; empty when it can.
func unsure(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Sprintf("this is *%s, and yolo changes nothing that is used elsewhere too", printable(n.Value))
	case n.Anchor != "":
		return fmt.Sprintf("&%s may be used elsewhere too, and yolo changes nothing that is", printable(n.Anchor))
	case n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0:
		return "this map is written in braces, to which yolo adds nothing"
	}
	return ""
}

func (b *Base) unsafe(n *yaml.Node, reason string) error {
	return &UnsafeError{Position: b.src.at(n), Reason: reason}
}

// own returns the place of a key among a map's own, -1 for none.
func own(m *yaml.Node, name string) int {
	if m == nil || m.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if key := m.Content[i]; keyName(key) == name && !isMerge(key) {
			return i
		}
	}
	return -1
}

func valueOf(m, key *yaml.Node) *yaml.Node { return m.Content[slices.Index(m.Content, key)+1] }

// edits are the insertions that fill a slot.
func (b *Base) edits(d Draft, s slot) ([]edit, error) {
	if len(s.maps) == 0 {
		return []edit{b.atEnd(d.document())}, nil
	}
	step := b.step(s)
	if filled := s.filled(); filled != nil {
		return b.fill(d, s, filled, step)
	}
	column, sk := s.inner().Column, d.added(s, b)
	if b.apart(s) {
		sk = slices.Concat(lines(""), sk)
	}
	return []edit{b.after(b.lastLine(s, column), sk.text(column, step, b.ending()))}, nil
}

// fill puts what is missing below the last key, which has no map yet.
func (b *Base) fill(d Draft, s slot, filled *yaml.Node, step int) ([]edit, error) {
	key := s.keys[len(s.keys)-1]
	edits, err := b.cut(key, filled)
	if err != nil {
		return nil, err
	}
	column := key.Column + step
	last := b.lastLine(s, column)
	edits = append(edits, b.after(last, d.added(s, b).text(column, step, b.ending())))
	if len(s.missing) == 0 && b.AccountID(d.Environment) != d.AccountID {
		edits = append(edits, b.after(last, lines(d.account()).text(key.Column, step, b.ending())))
	}
	return edits, nil
}

// added is the part of the draft that the slot lacks.
func (d Draft) added(s slot, b *Base) sketch {
	switch len(s.missing) {
	case 4:
		if b.App == "" {
			return slices.Concat(lines("name: "+scalarText(d.App), ""), d.environments())
		}
		return d.environments()
	case 3:
		return d.environment()
	case 2:
		return slices.Concat(lines("aws:"), d.aws().deeper())
	case 1:
		if s.filled() != nil {
			return d.aws()
		}
		sk := slices.Concat(lines("ivs:"), d.ivs().deeper())
		if b.AccountID(d.Environment) != d.AccountID {
			sk = slices.Concat(lines(d.account()), sk)
		}
		return sk
	}
	return d.ivs()
}

// step is the indentation of the file: that of the maps on the slot's path, or
// else of the first map in another.
func (b *Base) step(s slot) int {
	for i := len(s.maps) - 1; i > 0; i-- {
		if step := s.maps[i].Column - s.keys[i-1].Column; step > 0 {
			return step
		}
	}
	if step := stepIn(b.root); step > 0 {
		return step
	}
	return 2
}

// stepIn is the first indentation of a map inside of n, 0 for none.
func stepIn(n *yaml.Node) int {
	if n.Kind != yaml.MappingNode {
		return 0
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.MappingNode && v.Style&yaml.FlowStyle == 0 && v.Column > key.Column {
			return v.Column - key.Column
		}
	}
	return 0
}

// apart tells whether a new key is to have an empty line before it: at the top
// level, and where the last environment has one, or the only one has one in it.
func (b *Base) apart(s slot) bool {
	if len(s.maps) != 2 {
		return len(s.maps) == 1
	}
	keys := s.inner().Content
	if len(keys) == 2 {
		lines := b.src.lines[keys[0].Line-1 : b.lastLine(s, s.inner().Column)]
		return slices.ContainsFunc(lines, isBlank)
	}
	above := keys[len(keys)-2].Line - 1
	for above > 1 && strings.HasPrefix(strings.TrimSpace(b.src.lines[above-1]), "#") {
		above--
	}
	return isBlank(b.src.lines[above-1])
}
