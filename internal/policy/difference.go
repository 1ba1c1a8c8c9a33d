package policy

import (
	"slices"
	"strings"
)

// Difference is one attribute of a document that a merge changes. From is nil
// for what is new, To for what goes away; otherwise each is a string, a sorted
// []string, or the json.RawMessage of a whole statement.
type Difference struct {
	Attribute string `json:"attribute"`
	From      any    `json:"from"`
	To        any    `json:"to"`
	// Added and Removed are the members of From and To that are only in one.
	Added   []string `json:"-"`
	Removed []string `json:"-"`
}

// String tells people what is added and removed, as in
// `statement X Action: + s3:PutObject, - s3:GetObject`.
func (d Difference) String() string {
	var parts []string
	for _, v := range d.Added {
		parts = append(parts, "+ "+v)
	}
	for _, v := range d.Removed {
		parts = append(parts, "- "+v)
	}
	if len(parts) == 0 {
		// An empty list comes or goes.
		sign := "+"
		if d.To == nil {
			sign = "-"
		}
		parts = append(parts, sign+" (empty)")
	}
	return d.Attribute + ": " + strings.Join(parts, ", ")
}

// statementDifferences compares attribute by attribute. It is never empty for
// statements that are not Equal.
func statementDifferences(label string, live, want Statement) []Difference {
	from, to := grouped(live.attributes()), grouped(want.attributes())
	var differences []Difference
	for _, w := range to {
		l := find(from, w.key)
		differences = appendChanged(differences, label, w.name, l, &w)
	}
	for _, l := range from {
		if find(to, l.key) == nil {
			differences = appendChanged(differences, label, l.name, &l, nil)
		}
	}
	if len(differences) == 0 && !Equal(live, want) {
		return []Difference{wholeStatement(label, &live, &want)}
	}
	return differences
}

// grouped joins attributes of one key, which a statement has when it writes a
// condition key twice in different case.
func grouped(attributes []attribute) []attribute {
	var groups []attribute
	for _, a := range attributes {
		if g := find(groups, a.key); g != nil {
			g.values = append(slices.Clone(g.values), a.values...)
			continue
		}
		groups = append(groups, a)
	}
	return groups
}

func find(attributes []attribute, key string) *attribute {
	for i := range attributes {
		if attributes[i].key == key {
			return &attributes[i]
		}
	}
	return nil
}

// appendChanged adds the difference between two attributes, nil meaning absent.
func appendChanged(all []Difference, label, name string, from, to *attribute) []Difference {
	d := Difference{
		Attribute: label + " " + name,
		From:      from.shown(),
		To:        to.shown(),
		Added:     to.without(from),
		Removed:   from.without(to),
	}
	if len(d.Added) == 0 && len(d.Removed) == 0 && (from == nil) == (to == nil) {
		return all
	}
	return append(all, d)
}

func (a *attribute) shown() any {
	if a == nil {
		return nil
	}
	if len(a.values) == 1 {
		return a.values[0].shown
	}
	shown := []string{}
	for _, v := range a.values {
		shown = append(shown, v.shown)
	}
	return shown
}

// without lists the values of a that other does not have.
func (a *attribute) without(other *attribute) []string {
	if a == nil {
		return nil
	}
	var only []string
	for _, v := range a.values {
		if other == nil || !slices.ContainsFunc(other.values, func(o spelling) bool { return o.key == v.key }) {
			only = append(only, v.shown)
		}
	}
	return only
}

// wholeStatement is the difference of a statement that comes or goes as it is.
func wholeStatement(label string, from, to *Statement) Difference {
	d := Difference{Attribute: label}
	if from != nil {
		d.From, d.Removed = from.Raw(), []string{from.String()}
	}
	if to != nil {
		d.To, d.Added = to.Raw(), []string{to.String()}
	}
	return d
}
