package ui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// deletes tells whether a run deletes anything, or was to.
func deletes(r *reconcile.Report) bool {
	for n := range r.All {
		if slices.ContainsFunc(n.Steps, func(s reconcile.Step) bool { return s.Action == reconcile.Delete }) {
			return true
		}
	}
	return false
}

// goes tells that a resource of a plan would be deleted.
func goes(n *reconcile.NodeReport) bool { return n.Result == reconcile.Deleted && n.Changed }

// stays tells that a resource was only looked at, and that there is something
// to be told of it: where others are deleted, why this one is not.
func stays(n *reconcile.NodeReport) bool {
	return n.Result == reconcile.Synced && !n.Changed && !n.FollowUp && len(n.Notes) > 0
}

// deletions add the sections of what would be deleted and of what stays, a line
// for each resource with all that tells it from others.
func (p *page) deletions(r *reconcile.Report, m Meta) {
	if !m.removes(r) {
		return
	}
	p.identified(r, "Will delete", "-", remove, goes)
	p.identified(r, "Will stay", "=", dim, stays)
}

func (p *page) identified(r *reconcile.Report, heading, symbol string, of role, in func(*reconcile.NodeReport) bool) {
	var nodes []*reconcile.NodeReport
	var kinds []string
	for n := range r.All {
		if in(n) {
			nodes, kinds = append(nodes, n), append(kinds, clean(words(n.Key.Kind)))
		}
	}
	if len(nodes) == 0 {
		return
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, heading))
	wideRegion, wideKind := widestRegion(r), widest(kinds)
	if p.width > 0 && p.width < narrow {
		wideRegion, wideKind = min(wideRegion, 1), 0
	}
	for i, n := range nodes {
		line := p.style.paint(of, symbol) + " " + region(n, wideRegion) + pad(kinds[i], wideKind) + gap + clean(n.Name)
		arn := arnApart(n)
		if whole := line + gap + arn; arn != "" && (p.width <= 0 || 2+ansi.StringWidth(whole) <= p.width) {
			line, arn = whole, ""
		}
		p.line(2, 4, line)
		if arn != "" {
			p.line(6, 2, arn)
		}
		p.gone(6, n)
		for _, note := range n.Notes {
			p.line(6, 2, p.style.paint(dim, clean(note)))
		}
	}
}

// arnApart is a resource's ARN, or "" for one that is made of its name.
func arnApart(n *reconcile.NodeReport) string {
	if strings.Contains(n.ARN, n.Name) {
		return ""
	}
	return clean(n.ARN)
}

// gone adds what goes with a resource, but for its name. Of a document only a
// page that is to be full shows the whole.
func (p *page) gone(indent int, n *reconcile.NodeReport) {
	for _, c := range n.Changes {
		switch from := shown(c.From); {
		case c.To != nil || len(from) > 1 && p.full:
			p.change(indent, c, false)
		case len(from) == 1 && news(n, c):
			p.line(indent, 2, clean(c.Attribute)+": "+quantity(c.From, from[0]))
		}
	}
}

// quantity is a value as text, with the thousands of a number apart. What goes
// is counted by it.
func quantity(value any, text string) string {
	switch n := value.(type) {
	case int:
		return grouped(int64(n))
	case int64:
		return grouped(n)
	default:
		return text
	}
}

// news tells whether a change says more than that its resource comes or goes.
func news(n *reconcile.NodeReport, c reconcile.Change) bool {
	whole := n.Result == reconcile.Created && c.From == nil || n.Result == reconcile.Deleted && c.To == nil
	return !whole || c.From != n.Name && c.To != n.Name && (n.ARN == "" || c.From != n.ARN && c.To != n.ARN)
}
