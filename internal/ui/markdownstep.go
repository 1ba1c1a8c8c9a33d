package ui

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// markdownSteps fold every step that there is something to tell of.
func markdownSteps(r *reconcile.Report) []*block {
	var steps []*block
	for i := range r.Groups {
		g := &r.Groups[i]
		resources, keys := markdownResources(g, r.DryRun)
		if len(resources) == 0 {
			continue
		}
		title := g.Title + ": " + groupWord(g, r.DryRun)
		if in := listed(regions(keys)); in != "" {
			title += ", " + in
		}
		steps = append(steps, &block{
			noun: nounStep, parts: resources,
			open: "<details><summary>" + html(title) + "</summary>\n\n", end: "</details>\n\n",
		})
	}
	return steps
}

// markdownResources are the resources of a step of which there is something to
// tell; those that differ in their region only are told of once.
func markdownResources(g *reconcile.GroupReport, dryRun bool) (blocks []*block, keys []reconcile.Key) {
	var alike []*likeResources
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !n.Changed && len(n.Notes) == 0 && !unfit(n) {
			continue
		}
		keys = append(keys, n.Key)
		one := newLikeResources(n, dryRun)
		at := slices.IndexFunc(alike, one.like)
		if at < 0 {
			at, alike = len(alike), append(alike, one)
		}
		alike[at].nodes = append(alike[at].nodes, n)
	}
	for _, one := range alike {
		blocks = append(blocks, one.block())
	}
	if after := markdownAfterwards(g); len(after) > 0 {
		blocks = append(blocks, &block{noun: nounChange, lines: after, mark: "- ", end: "\n"})
	}
	return blocks, keys
}

func markdownAfterwards(g *reconcile.GroupReport) []string {
	var said []saying
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !n.FollowUp || n.Result == reconcile.Failed {
			continue
		}
		for _, step := range n.Steps {
			said = append(said, saying{key: n.Key, text: step.Doing})
		}
	}
	var lines []string
	for _, b := range bundled(said) {
		line := "- afterwards: " + prose(b.text)
		if in := regions(b.keys); len(in) > 0 {
			line += " (" + prose(strings.Join(in, ", ")) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// likeResources are resources of one name with the same to tell of them.
type likeResources struct {
	nodes      []*reconcile.NodeReport
	name, word string
	changes    []*block
	text       string // the changes in full
}

func newLikeResources(n *reconcile.NodeReport, dryRun bool) *likeResources {
	l := &likeResources{name: n.Name, word: nodeWord(n, dryRun)}
	for _, c := range n.Changes {
		if news(n, c) {
			l.changes = append(l.changes, markdownChange(c, n.Result))
		}
	}
	if unfit(n) {
		l.changes = append(l.changes, paragraph("- cannot record: %s\n", prose(cannotRecord(n))))
	}
	for _, note := range n.Notes {
		l.changes = append(l.changes, paragraph("- %s\n", prose(note)))
	}
	whole := &block{parts: l.changes}
	l.text = whole.fit(whole.size(), omitted{})
	return l
}

func (l *likeResources) like(other *likeResources) bool {
	return l.name == other.name && l.word == other.word && l.text == other.text
}

func (l *likeResources) block() *block {
	var keys []reconcile.Key
	var arns strings.Builder
	for _, n := range l.nodes {
		keys = append(keys, n.Key)
		if arn := arnApart(n); arn != "" {
			arns.WriteString("- " + span(arn) + "\n")
		}
	}
	open := "**" + l.word + "** " + span(l.name)
	if in := regions(keys); len(in) > 0 {
		open += " in " + prose(strings.Join(in, ", "))
	}
	b := &block{noun: nounResource, open: open + "\n\n" + arns.String(), parts: l.changes, end: "\n"}
	if arns.Len()+len(l.changes) == 0 {
		b.end = ""
	}
	return b
}

// markdownChange is an attribute on one line, or a diff of a document.
func markdownChange(c reconcile.Change, result reconcile.Result) *block {
	from, to := shown(c.From), shown(c.To)
	lead := "- " + prose(c.Attribute) + ":"
	if len(from) <= 1 && len(to) <= 1 {
		before, after := span(strings.Join(from, "")), span(strings.Join(to, ""))
		switch {
		case result == reconcile.Created && c.From == nil:
			return paragraph("%s %s\n", lead, after)
		case result == reconcile.Deleted && c.To == nil:
			return paragraph("%s %s\n", lead, span(quantity(c.From, strings.Join(from, ""))))
		}
		return paragraph("%s %s → %s\n", lead, before, after)
	}
	var lines []string
	for _, e := range fold(diff(from, to)) {
		lines = append(lines, e.sign+" "+clip(e.text, longestSpan))
	}
	fence := fenceOf(lines)
	return &block{
		noun: nounLine, lines: lines, mark: "  ",
		open: lead + "\n\n" + fence + "diff\n", end: fence + "\n",
	}
}
