package ui

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// row is one step in the table. A skipped step has a reason and no regions.
type row struct {
	symbol  string
	role    role
	title   string
	word    string
	regions []string
	reason  string
	elapsed string
	group   *reconcile.GroupReport
}

func rowsOf(r *reconcile.Report) []row {
	var rows []row
	for i := range r.Groups {
		g := &r.Groups[i]
		symbol, of := mark(g.Result, g.Changed)
		row := row{
			symbol: symbol, role: of, title: clean(g.Title), word: groupWord(g, r.DryRun),
			reason: clean(g.Reason), group: g,
		}
		var elapsed time.Duration
		var keys []reconcile.Key
		for _, n := range g.Nodes {
			elapsed = max(elapsed, n.Elapsed)
			keys = append(keys, n.Key)
		}
		if len(keys) > 0 {
			row.elapsed, row.regions = seconds(elapsed), regions(keys)
		}
		rows = append(rows, row)
	}
	return rows
}

// mark is the symbol of a result and its colour.
func mark(result reconcile.Result, changed bool) (string, role) {
	switch {
	case result == reconcile.Failed:
		return "✗", fail
	case result == reconcile.Deleted:
		return "-", remove
	case result == reconcile.Created:
		return "+", add
	case result == reconcile.Skipped:
		return "·", dim
	case changed:
		return "~", change
	default:
		return "✓", ok
	}
}

// groupWord is a step's result with what it stands for.
func groupWord(g *reconcile.GroupReport, dryRun bool) string {
	word := g.Result.Word(dryRun, g.Changed)
	total, failed, followUps := 0, 0, 0
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Result == reconcile.Failed {
			failed++
			if n.FollowUp {
				followUps++
			}
		} else if n.Changed {
			total += changes(n)
		}
	}
	switch {
	case g.Result == reconcile.Failed && failed == followUps:
		return word + ", " + count(failed, "follow-up")
	case g.Result == reconcile.Failed && failed < len(g.Nodes):
		return word + ", " + count(failed, "resource")
	case g.Result == reconcile.Synced && total > 0:
		return word + ", " + count(total, "change")
	}
	return word
}

// nodeWord is groupWord for a single resource.
func nodeWord(n *reconcile.NodeReport, dryRun bool) string {
	word := n.Result.Word(dryRun, n.Changed)
	if n.Result == reconcile.Synced && len(n.Changes) > 0 {
		word += ", " + count(len(n.Changes), "change")
	}
	return word
}

// table is how rows are set on the page: with columns as wide as these, or
// stacked, a title and its result below, where even the narrowest table
// would not fit.
type table struct {
	title, word, regions, elapsed int
	stacked                       bool
}

const gap = "  "

// fit chooses the columns: regions by name, else their number, else none.
func (l layout) fit(rows []row) table {
	var t table
	for _, r := range rows {
		t.title = max(t.title, ansi.StringWidth(r.title))
		t.word = max(t.word, len(r.word))
		t.elapsed = max(t.elapsed, len(r.elapsed))
	}
	named, counted := 0, 0
	for _, r := range rows {
		named = max(named, len(strings.Join(r.regions, ", ")))
		counted = max(counted, len(count(len(r.regions), "region")))
	}
	symbol := 2
	rest := l.width - symbol - t.title - t.word - t.elapsed - 2*len(gap)
	switch {
	case l.width <= 0 || named+len(gap) <= rest:
		t.regions = named
	case counted+len(gap) <= rest:
		t.regions = counted
	case rest >= 0:
		t.regions = 0
	default:
		t.stacked = true
	}
	return t
}

func (p *page) row(t table, r row) {
	symbol := p.style.paint(r.role, r.symbol) + " "
	if t.stacked {
		p.line(0, 2, symbol+r.title)
		line := p.style.paint(r.role, r.word)
		if r.elapsed != "" {
			line += ", " + r.elapsed
		}
		p.line(4, 2, line)
		if r.reason != "" {
			p.line(4, 2, p.style.paint(dim, r.reason))
		}
		return
	}
	line := symbol + pad(r.title, t.title) + gap + p.style.paint(r.role, r.word)
	if r.reason != "" {
		p.reason(t, line, r)
		return
	}
	line += spaces(t.word - len(r.word))
	if t.regions > 0 {
		in := strings.Join(r.regions, ", ")
		if len(in) > t.regions {
			in = count(len(r.regions), "region")
		}
		line += gap + pad(in, t.regions)
	}
	p.line(0, 4, line+gap+p.style.paint(dim, spaces(t.elapsed-len(r.elapsed))+r.elapsed))
}

// reason puts why a step was skipped behind its word, or below where it has
// no room.
func (p *page) reason(t table, line string, r row) {
	full := line + spaces(t.word-len(r.word)) + gap + p.style.paint(dim, r.reason)
	if p.width <= 0 || ansi.StringWidth(full) <= p.width {
		p.line(0, 4, full)
		return
	}
	p.line(0, 4, line)
	p.line(4, 0, p.style.paint(dim, r.reason))
}
