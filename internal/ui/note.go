package ui

import (
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// notes are the notes on a step's resources: those that belong below one
// resource's line, and the others, which are told once for all of them.
type notes struct {
	own    map[reconcile.Key][]string
	shared []*bundle
}

// notesOf sorts the notes on the resources that of accepts, of which lined
// tells those that have a line.
func notesOf(g *reconcile.GroupReport, of, lined func(*reconcile.NodeReport) bool) notes {
	var said []saying
	has := map[reconcile.Key]bool{}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; of(n) {
			has[n.Key] = lined(n)
			said = append(said, remarks(n)...)
		}
	}
	all := notes{own: map[reconcile.Key][]string{}}
	for _, b := range bundled(said) {
		if len(b.keys) == 1 && has[b.key] {
			all.own[b.key] = append(all.own[b.key], b.text)
		} else {
			all.shared = append(all.shared, b)
		}
	}
	return all
}

// remarks are a resource's notes; of a follow-up that has none, what it did.
// That this mended nothing is short, and told once for all regions.
func remarks(n *reconcile.NodeReport) []saying {
	var said []saying
	for _, note := range n.Notes {
		said = append(said, saying{key: n.Key, text: note})
	}
	if n.FollowUp && len(said) == 0 && !n.Changed && n.Result != reconcile.Failed {
		for _, step := range n.Steps {
			said = append(said, saying{key: reconcile.Key{Kind: n.Key.Kind}, text: step.Doing + ": fine"})
		}
	}
	return said
}

// remarks adds notes that are told once for several resources.
func (p *page) remarks(shared []*bundle) {
	for _, b := range shared {
		text := clean(b.text)
		if in := regions(b.keys); len(in) > 0 {
			text = strings.Join(in, ", ") + ": " + text
		}
		p.line(4, 2, p.style.paint(dim, text))
	}
}
