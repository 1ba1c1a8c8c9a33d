package policy

import (
	"slices"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// WithoutRecording takes the right to write away that our statement gives to the
// recording principals of the regions for which gone is true. Principals of others
// in it stay, and so does any other statement, whatever it grants. A document that
// is Empty afterwards is one to delete.
func WithoutRecording(live *Document, gone func(region string) bool) (*Document, []Difference) {
	ours := func(p Principal) bool {
		region, ok := RecordingRegion(p.Value)
		return ok && p.Kind == "Service" && gone(region)
	}
	return live.takeOut(func(s Statement) (rest Statement, left bool) {
		if s.Sid() != SidRecording || s.view.Effect != "Allow" || s.excludes() {
			return s, true
		}
		kept := slices.DeleteFunc(slices.Clone(s.view.Principals), ours)
		switch {
		case len(kept) == len(s.view.Principals):
			return s, true
		case !slices.ContainsFunc(kept, func(p Principal) bool { return !deleted(p) }):
			return Statement{}, false
		}
		return s.with("Principal", principalNode(slices.DeleteFunc(kept, deleted))), true
	})
}

// RecordingRegions lists the regions whose recording principals an Allow of the
// document names, each once and sorted.
func RecordingRegions(d *Document) []string {
	var regions []string
	for _, s := range d.Statements() {
		for _, p := range s.view.Principals {
			if region, ok := RecordingRegion(p.Value); ok && p.Kind == "Service" && s.view.Effect == "Allow" {
				regions = append(regions, region)
			}
		}
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

var eventBridgeSid = lazyregexp.New(`^` + SidEventBridgeLogs + `[0-9]*$`)

// WithoutEventBridgeLogs takes our statement out of the policy of our name, that
// for the log streams of resource. Of a statement of our Sid to which others added
// their resources, or their principals, theirs stay. Kept are the Sids of those
// that cannot be taken apart without taking from others, and that stay whole.
func WithoutEventBridgeLogs(live *Document, resource string) (rest *Document, differences []Difference, kept []string) {
	rest, differences = live.takeOut(func(s Statement) (Statement, bool) {
		v := s.view
		if !eventBridgeSid.MatchString(v.Sid) || v.Effect != "Allow" || s.excludes() {
			return s, true
		}
		resources := slices.DeleteFunc(slices.Clone(v.Resources), func(r string) bool { return coverage(resource, r) == yes })
		principals := slices.DeleteFunc(slices.Clone(v.Principals), func(p Principal) bool {
			return p.Kind == "Service" && slices.Contains(eventBridgeServices, p.Value)
		})
		ours := !slices.ContainsFunc(v.Actions, func(a string) bool { return !actionIn(logsActions, a) })
		switch {
		case len(resources) == len(v.Resources) || len(principals) == len(v.Principals):
			return s, true
		case len(resources) == 0 && len(principals) == 0 && ours:
			return Statement{}, false
		case len(principals) == 0 && ours:
			return s.with("Resource", texts(resources)), true
		case len(resources) == 0 && ours:
			return s.with("Principal", principalNode(principals)), true
		}
		kept = append(kept, v.Sid)
		return s, true
	})
	return rest, differences, kept
}

// takeOut replaces each statement by what edit leaves of it, or by nothing.
func (d *Document) takeOut(edit func(Statement) (rest Statement, left bool)) (*Document, []Difference) {
	out := d.clone()
	out.statements = nil
	var differences []Difference
	for _, s := range d.Statements() {
		rest, left := edit(s)
		switch {
		case !left:
			differences = append(differences, wholeStatement(label(s), &s, nil))
			continue
		case !Equal(rest, s):
			differences = append(differences, statementDifferences(label(s), s, rest)...)
		}
		out.statements = append(out.statements, rest)
	}
	return out, differences
}
