package policy

import (
	"fmt"
	"slices"
)

// Merge puts statements in: one whose Sid is there takes the place of the first
// with that Sid, another is appended, and one whose meaning is there already
// changes nothing, not even its spelling. All other statements stay as they are,
// where they are. No differences means that there is nothing to write. Of ours
// with the same Sid the last one counts.
func (d *Document) Merge(ours ...Statement) (*Document, []Difference) {
	merged := d.clone()
	var differences []Difference
	for i, s := range ours {
		if s.Sid() != "" && slices.ContainsFunc(ours[i+1:], s.sameSid) || merged.holds(s) {
			continue
		}
		live := Statement{}
		if at := merged.index(s.Sid()); at >= 0 {
			live = merged.statements[at]
			merged.statements[at] = s
		} else {
			merged.statements = append(merged.statements, s)
		}
		differences = append(differences, statementDifferences(label(s), live, s)...)
	}
	return merged, differences
}

// Without takes all statements with those Sids out. A document that is Empty
// afterwards is one to delete.
func (d *Document) Without(sid ...string) (*Document, []Difference) {
	rest := d.clone()
	rest.statements = nil
	var differences []Difference
	for _, s := range d.Statements() {
		if s.Sid() != "" && slices.Contains(sid, s.Sid()) {
			differences = append(differences, wholeStatement(label(s), &s, nil))
			continue
		}
		rest.statements = append(rest.statements, s)
	}
	return rest, differences
}

// Missing returns the statements of before that d no longer holds, which is what
// a writer lost that did not know of them. A statement in whose place d has
// another of the same Sid was changed, not lost.
func (d *Document) Missing(before *Document) []Statement {
	then, now := meaningSet(before), meaningSet(d)
	changed := map[string]bool{}
	for _, s := range d.Statements() {
		if s.Sid() != "" && !then[s.meaning] {
			changed[s.Sid()] = true
		}
	}
	var missing []Statement
	for _, s := range before.Statements() {
		if !now[s.meaning] && !changed[s.Sid()] {
			missing = append(missing, s)
		}
	}
	return missing
}

func meaningSet(d *Document) map[string]bool {
	set := map[string]bool{}
	for _, s := range d.Statements() {
		set[s.meaning] = true
	}
	return set
}

// Restore puts statements of others that Missing found back as they were read, at
// the end. One that d holds is left out. Unlike Merge it replaces nothing: S3
// accepts several statements of one Sid, so a Sid alone does not say which is which.
func (d *Document) Restore(missing ...Statement) (*Document, []Difference) {
	restored := d.clone()
	var differences []Difference
	for _, s := range missing {
		if restored.holds(s) {
			continue
		}
		restored.statements = append(restored.statements, s)
		differences = append(differences, wholeStatement(label(s), nil, &s))
	}
	return restored, differences
}

// clone has statements of its own, so that they can be changed in place.
func (d *Document) clone() *Document {
	if d == nil {
		return &Document{}
	}
	return &Document{members: d.members, statements: slices.Clone(d.statements)}
}

func (d *Document) holds(s Statement) bool {
	return slices.ContainsFunc(d.statements, func(other Statement) bool { return Equal(s, other) })
}

func (s Statement) sameSid(other Statement) bool { return s.Sid() == other.Sid() }

// label names a statement in a difference.
func label(s Statement) string {
	if s.Sid() == "" {
		return "statement without Sid"
	}
	return fmt.Sprintf("statement %s", s.Sid())
}
