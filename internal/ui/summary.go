package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// CodeCannotRecord is the code of the warning whose text says why a storage
// configuration with CanRecord false cannot record.
const CodeCannotRecord = "CannotRecord"

// Summary tells people how a run ended: a row for each step, what was done to
// each resource, warnings, errors, and a verdict. That of a dry run has what
// its Plan has not told: the rows with what is known of resources that would
// not change, and the verdict. An empty line divides it from env lines that
// come on the same screen.
func Summary(s *Streams, r *reconcile.Report, m Meta) {
	p := s.layout().page()
	p.summary(r, m)
	if s.OutTerminal && s.ErrTerminal && len(m.Env) > 0 {
		p.blank()
	}
	s.print(p)
}

func (p *page) summary(r *reconcile.Report, m Meta) {
	rows := rowsOf(r)
	t, more := p.fit(rows), false
	for _, row := range rows {
		p.row(t, row)
		before := p.b.Len()
		p.details(row.group, r.DryRun, m.removes(r))
		more = more || p.b.Len() > before
	}
	if before := p.b.Len(); !r.DryRun {
		p.warnings(m.warnings(r))
		p.failures(failuresOf(r))
		more = more || p.b.Len() > before
	}
	if more {
		p.blank()
	}
	p.verdict(r, m)
}

// entry is what a step did to resources of one name that ended alike.
type entry struct {
	first   *reconcile.NodeReport
	word    string
	keys    []reconcile.Key
	arns    []string
	details string
}

// details adds what a step did to its resources. What was only looked at is
// told where there is something to tell. In a dry run that is all: what would
// change has been told, and so has, of a run that deletes, what stays.
func (p *page) details(g *reconcile.GroupReport, dryRun, deletes bool) {
	lined := func(n *reconcile.NodeReport) bool {
		return n.Changed && !dryRun || unfit(n) || deletes && stays(n) && !dryRun
	}
	notes := notesOf(g, func(n *reconcile.NodeReport) bool { return !dryRun || !n.Changed && !n.FollowUp && !deletes }, lined)
	var entries []*entry
	for i := range g.Nodes {
		if n := &g.Nodes[i]; lined(n) {
			entries = p.enter(entries, n, notes.own[n.Key], dryRun)
		}
	}
	for _, e := range entries {
		p.entry(e)
	}
	p.remarks(notes.shared)
	p.unfollowed(g)
}

// unfollowed names the follow-ups that went wrong, which have no row of their
// own and would leave a step's result unexplained.
func (p *page) unfollowed(g *reconcile.GroupReport) {
	var failed, undone []reconcile.Key
	for i := range g.Nodes {
		switch n := &g.Nodes[i]; {
		case !n.FollowUp || n.Result != reconcile.Failed:
		case n.Begun && !interrupted(n.Err):
			failed = append(failed, named(n))
		default:
			undone = append(undone, named(n))
		}
	}
	for _, line := range byKind(failed) {
		p.line(4, 4, p.style.paint(fail, "✗ failed:")+" "+clean(line))
	}
	for _, line := range byKind(undone) {
		p.line(4, 4, p.style.paint(fail, "✗ not done:")+" "+clean(line))
	}
}

// enter adds a resource to the entries, to one of the same words if it can.
func (p *page) enter(entries []*entry, n *reconcile.NodeReport, notes []string, dryRun bool) []*entry {
	sub := p.layout.page()
	if unfit(n) {
		text := strings.TrimSuffix(": "+clean(cannotRecord(n)), ": ")
		sub.line(6, 2, p.style.paint(warn, "cannot record")+text)
	}
	if !dryRun || !n.Changed {
		sub.differences(6, n, notes)
	}
	word := nodeWord(n, dryRun)
	if !n.Changed && !unfit(n) {
		word = "kept"
	}
	i := slices.IndexFunc(entries, func(e *entry) bool {
		return e.first.Name == n.Name && e.word == word && e.details == sub.String()
	})
	if i < 0 {
		i = len(entries)
		entries = append(entries, &entry{first: n, word: word, details: sub.String()})
	}
	entries[i].keys = append(entries[i].keys, n.Key)
	// An ARN made of the name is no news.
	if arn := arnApart(n); arn != "" && (n.Result == reconcile.Created || n.Result == reconcile.Deleted) {
		entries[i].arns = append(entries[i].arns, arn)
	}
	return entries
}

func (p *page) entry(e *entry) {
	symbol, of := mark(e.first.Result, e.first.Changed)
	text := p.style.paint(of, symbol+" "+e.word) + gap + clean(e.first.Name)
	if in := regions(e.keys); len(in) > 0 {
		text += gap + p.style.paint(dim, strings.Join(in, ", "))
	}
	p.line(4, 4, text)
	if e.first.Result == reconcile.Failed && e.first.Changed {
		p.line(6, 2, p.style.paint(dim, "done before that:"))
	}
	for _, arn := range e.arns {
		p.line(6, 2, arn)
	}
	p.b.WriteString(e.details)
}

// unfit tells that a resource is a storage configuration that cannot record.
func unfit(n *reconcile.NodeReport) bool { return n.CanRecord != nil && !*n.CanRecord }

// cannotRecord is why a storage configuration cannot record, or "".
func cannotRecord(n *reconcile.NodeReport) string {
	for _, w := range n.Warnings {
		if w.Code == CodeCannotRecord {
			return strings.TrimPrefix(withoutRegion(w.Text, n.Key.Region), "cannot record: ")
		}
	}
	return ""
}

// verdict adds the last line.
func (p *page) verdict(r *reconcile.Report, m Meta) {
	t := r.Tally()
	lead, of := leadOf(r, t)
	if t.Done() == 0 && lead == leadPartly && m.removes(r) {
		lead = leadFailed // that something is kept is no part of what was to be done
	}
	parts := partsOf(t, Changes(r), r.DryRun, m.removes(r))
	if n := len(m.warnings(r)); n > 0 {
		parts = append(parts, count(n, "warning"))
	}
	parts = append(parts, count(m.Requests.Total, "request"), seconds(m.Elapsed))
	text := p.style.paint(of, lead+":") + " " + strings.Join(parts, ", ")
	if r.Interrupted && t.Undone > 0 {
		text += "; run again, it goes on from here"
	}
	p.line(0, 2, text)
	if m.Removal != nil && !r.DryRun {
		for _, line := range m.Removal.Closing {
			p.line(0, 2, clean(line))
		}
	}
}

// The first words of the verdict of a run in which something went wrong.
const (
	leadPartly = "Partly done"
	leadFailed = "Failed"
)

func leadOf(r *reconcile.Report, t reconcile.Tally) (string, role) {
	result, _ := r.Result()
	switch {
	case r.Interrupted:
		return "Interrupted", warn
	case t.Wrong() > 0 && t.Well() > 0:
		return leadPartly, fail
	case t.Wrong() > 0:
		return leadFailed, fail
	case result == reconcile.Skipped:
		return "Nothing to do", ok
	case r.DryRun:
		return "Dry run", ok
	default:
		return "Done", ok
	}
}

// partsOf counts how the resources ended. Where more was changed than
// resources, all changes are counted as the question does, and the resources
// behind them.
// Where others are deleted, what is as it should be is kept.
func partsOf(t reconcile.Tally, changes int, dryRun, deletes bool) []string {
	words := []string{"created", "changed", "deleted"}
	if dryRun {
		words = []string{"to create", "to change", "to delete"}
	}
	right := "in sync"
	if deletes {
		right = "kept"
	}
	parts := counted(part{t.Failed, "failed"}, part{t.Untried, "not tried"}, part{t.Undone, "not done"})
	changed := counted(part{t.Created, words[0]}, part{t.Changed, words[1]}, part{t.Deleted, words[2]})
	if changes > t.Created+t.Changed+t.Deleted {
		changed = []string{count(changes, "change") + " (" + strings.Join(changed, ", ") + ")"}
	}
	parts = append(append(parts, changed...), counted(part{t.Synced, right})...)
	if len(parts) == 0 {
		parts = append(parts, "every step skipped")
	}
	return parts
}

// part is a number of resources, and how they ended.
type part struct {
	n    int
	word string
}

// counted are the parts that are not empty.
func counted(all ...part) []string {
	var parts []string
	for _, c := range all {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return parts
}
