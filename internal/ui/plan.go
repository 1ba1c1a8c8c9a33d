package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// Plan shows people what a run would do: everything that the report of
// Engine.Plan has to say, with the warnings last, above the question. It ends
// with an empty line, unless there is nothing to say.
func Plan(s *Streams, r *reconcile.Report, m Meta) {
	p := s.layout().page()
	p.full = m.DryRun
	p.plan(r, m)
	s.print(p)
}

// Question asks for a go-ahead, as in
// "Apply 7 changes in 2 regions to account …9012 (production)?", or, of a removal,
// "Delete 6 resources and change 1 in 2 regions of account …9012 (production)?".
func Question(r *reconcile.Report, m Meta) string {
	var touched []reconcile.Key
	for n := range r.All {
		if n.Changed {
			touched = append(touched, n.Key)
		}
	}
	text, where := "Apply "+count(Changes(r), "change"), " to account "
	if m.Removal != nil {
		text, where = intention(r.Tally()), " of account "
	}
	if n := len(regions(touched)); n > 0 {
		text += " in " + count(n, "region")
	}
	if m.Account != "" {
		text += where + masked(m.Account)
	}
	return fmt.Sprintf("%s (%s)?", text, m.Environment)
}

// intention is what a removal is about to do.
func intention(t reconcile.Tally) string {
	switch {
	case t.Changed == 0:
		return "Delete " + count(t.Deleted, "resource")
	case t.Deleted == 0:
		return "Change " + count(t.Changed, "resource")
	}
	return "Delete " + count(t.Deleted, "resource") + " and change " + strconv.Itoa(t.Changed)
}

// masked is an account as it may be told to everybody.
func masked(account string) string { return "…" + account[max(0, len(account)-4):] }

func (p *page) plan(r *reconcile.Report, m Meta) {
	f := failuresOf(r)
	if nothing(r, f) {
		p.line(0, 2, nothingToDo(r, m))
		p.deletions(r, m)
		if all := m.warnings(r); len(all) > 0 {
			p.warnings(all)
			p.blank()
		}
		return
	}
	p.planned(r, "Will create", "+", add, reconcile.Created)
	p.afterwards(r)
	p.planned(r, "Pending changes", "~", change, reconcile.Synced)
	p.deletions(r, m)
	p.skipping(r)
	p.failures(f)
	p.warnings(m.warnings(r))
	p.blank()
}

// nothing tells that a plan would change nothing, and that all is well.
func nothing(r *reconcile.Report, f failures) bool {
	_, changed := r.Result()
	return !changed && len(f.causes)+len(f.undone) == 0
}

// planned adds the section of the resources that would have the result,
// under their groups' titles.
func (p *page) planned(r *reconcile.Report, heading, symbol string, of role, result reconcile.Result) {
	wide := widestRegion(r)
	for i := range r.Groups {
		g := &r.Groups[i]
		in := func(n *reconcile.NodeReport) bool { return n.Result == result && n.Changed }
		notes := notesOf(g, in, in)
		title := clean(g.Title)
		for i := range g.Nodes {
			n := &g.Nodes[i]
			if !in(n) {
				continue
			}
			if heading != "" {
				p.blank()
				p.line(0, 0, p.style.paint(bold, heading))
				heading = ""
			}
			if title != "" {
				p.line(2, 2, title)
				title = ""
			}
			p.line(4, 4, p.style.paint(of, symbol)+" "+region(n, wide)+clean(n.Name))
			p.differences(6, n, notes.own[n.Key])
		}
		p.remarks(notes.shared)
	}
}

// differences adds what is, or was, changed on a resource, and its notes. Of
// one that is made new only what it has instead of something else is worth a
// line, unless the page is to be full.
func (p *page) differences(indent int, n *reconcile.NodeReport, notes []string) {
	if n.Result == reconcile.Deleted {
		p.gone(indent, n)
	}
	for _, c := range n.Changes {
		if !p.full && n.Result == reconcile.Created && c.From == nil || n.Result == reconcile.Deleted {
			continue
		}
		p.change(indent, c, n.Result == reconcile.Created)
	}
	for _, note := range notes {
		p.line(indent, 2, p.style.paint(dim, clean(note)))
	}
}

// afterwards adds the follow-ups, a line for those that do the same.
func (p *page) afterwards(r *reconcile.Report) {
	var said []saying
	for n := range r.All {
		if !n.FollowUp || n.Result == reconcile.Failed {
			continue
		}
		for _, step := range n.Steps {
			said = append(said, saying{key: n.Key, text: step.Doing})
		}
	}
	for _, b := range bundled(said) {
		text := "afterwards: " + b.text
		if in := regions(b.keys); len(in) > 0 && !strings.Contains(b.text, in[0]) {
			text += " (" + strings.Join(in, ", ") + ")"
		}
		p.line(2, 2, p.style.paint(dim, clean(text)))
	}
}

func (p *page) skipping(r *reconcile.Report) {
	skipped := skippedByReason(r)
	if len(skipped) == 0 {
		return
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, "Skipping"))
	for _, s := range skipped {
		p.line(2, 2, clean(strings.Join(s.titles, ", ")+": "+s.reason))
	}
}

type skip struct {
	reason string
	titles []string
}

func skippedByReason(r *reconcile.Report) []skip {
	var all []skip
	for _, g := range r.Groups {
		if g.Reason == "" {
			continue
		}
		i := slices.IndexFunc(all, func(s skip) bool { return s.reason == g.Reason })
		if i < 0 {
			i = len(all)
			all = append(all, skip{reason: g.Reason})
		}
		all[i].titles = append(all[i].titles, g.Title)
	}
	return all
}

// nothingToDo is the whole plan of a run that would change nothing.
func nothingToDo(r *reconcile.Report, m Meta) string {
	return strings.TrimSuffix("Nothing to do: "+whyNothing(r, m), ": ")
}

// whyNothing is "" for a run without a single step.
func whyNothing(r *reconcile.Report, m Meta) string {
	if m.Removal != nil {
		return clean(m.Removal.Nothing)
	}
	var parts []string
	if keys := keysOf(r); len(keys) > 0 {
		parts = append(parts, count(len(keys), "resource")+" in "+count(len(regions(keys)), "region")+" as wanted")
	}
	for _, s := range skippedByReason(r) {
		parts = append(parts, count(len(s.titles), "step")+" skipped: "+clean(s.reason))
	}
	return strings.Join(parts, "; ")
}

func keysOf(r *reconcile.Report) []reconcile.Key {
	var keys []reconcile.Key
	for n := range r.All {
		keys = append(keys, n.Key)
	}
	return keys
}

// region is the first column of a resource's line.
func region(n *reconcile.NodeReport, width int) string {
	if width == 0 {
		return ""
	}
	return pad(clean(n.Key.Region), width) + "  "
}

func widestRegion(r *reconcile.Report) int {
	width := 0
	for n := range r.All {
		width = max(width, len(n.Key.Region))
	}
	return width
}
