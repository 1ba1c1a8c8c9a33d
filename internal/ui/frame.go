package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// mostRows is the height of a frame on a terminal that has more.
	mostRows = 24
	// spin is how long one picture of the spinner stays.
	spin = 100 * time.Millisecond
)

// spinner turns while something goes on.
var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// frame draws the board: at most as many rows as fit above the cursor's, each
// cut to the width. The more room there is, the more it tells.
func (b *board) frame(width, height int, now time.Time) []string {
	if width <= 0 {
		width = defaultWidth
	}
	if height <= 0 {
		height = mostRows
	}
	rows := min(mostRows, height-1)
	if rows <= 0 {
		return nil
	}
	frame := b.draw(rows, width, now)
	for i := range frame {
		frame[i] = ansi.Truncate(frame[i], width, "…")
	}
	return frame
}

// draw makes a line for each step, and more for the regions of a step whose
// line cannot hold them, as long as there is room.
func (b *board) draw(rows, width int, now time.Time) []string {
	frame := []string{b.head(now)}
	groups := b.shown()
	left := rows - len(frame) - len(groups)
	if left < 0 {
		return b.shortest(groups, rows, width, now)
	}
	for _, g := range groups {
		lines := b.detailed(g, width, now)
		if len(lines)-1 > left {
			lines = []string{b.compact(g, width, now)}
		}
		left -= len(lines) - 1
		frame = append(frame, lines...)
	}
	return frame
}

// shortest is for a screen with less rows than steps: the steps that go on
// come first, and what has no room is counted.
func (b *board) shortest(groups []*progressGroup, rows, width int, now time.Time) []string {
	frame := []string{b.head(now)}
	if rows <= 2 {
		return frame
	}
	slices.SortStableFunc(groups, func(x, y *progressGroup) int {
		return cmp.Compare(y.phase(), x.phase())
	})
	fit := rows - 2
	for _, g := range groups[:fit] {
		frame = append(frame, b.compact(g, width, now))
	}
	return append(frame, b.style.paint(dim, "… and "+count(len(groups)-fit, "more step")))
}

// compact is a step on one line, its regions counted.
func (b *board) compact(g *progressGroup, width int, now time.Time) string {
	if g.phase() == over {
		return b.lead(g, now) + gap + b.outcome(g)
	}
	var parts []string
	for _, c := range b.cells(g) {
		if len(c.regions) > 1 {
			c.regions = []string{count(len(c.regions), "region")}
		}
		parts = append(parts, c.String())
	}
	line := b.lead(g, now) + gap + clean(strings.Join(parts, "; "))
	if ansi.StringWidth(line) <= width {
		return line
	}
	all, done := progressOf(g)
	return fmt.Sprintf("%s%s%d/%d %s", b.lead(g, now), gap, done, all, clean(strings.Join(parts, "; ")))
}

// detailed is a step with all its regions, below it where they have no room
// beside it.
func (b *board) detailed(g *progressGroup, width int, now time.Time) []string {
	lead := b.lead(g, now)
	if g.phase() == over {
		return []string{lead + gap + b.outcome(g)}
	}
	var parts []string
	for _, c := range b.cells(g) {
		parts = append(parts, c.String())
	}
	text := clean(strings.Join(parts, "; "))
	if line := lead + gap + text; ansi.StringWidth(line) <= width {
		return []string{line}
	}
	const indent = 4
	all, done := progressOf(g)
	lines := []string{fmt.Sprintf("%s%s%d/%d", lead, gap, done, all)}
	return append(lines, layout{width: width}.wrap(text, indent, indent)...)
}

// lead is the beginning of a step's line: symbol, title and elapsed time.
func (b *board) lead(g *progressGroup, now time.Time) string {
	wide, long := 0, 0
	for _, other := range b.shown() {
		wide = max(wide, ansi.StringWidth(clean(other.title)))
		long = max(long, len(other.elapsed(now)))
	}
	symbol, of := spinner[int(now.Sub(b.begun)/spin)%len(spinner)], bold
	if g.phase() == over {
		symbol, of = mark(g.result())
	}
	elapsed := g.elapsed(now)
	return b.style.paint(of, symbol) + " " + pad(clean(g.title), wide) + gap +
		b.style.paint(dim, spaces(long-len(elapsed))+elapsed)
}

func (g *progressGroup) elapsed(now time.Time) string {
	if g.phase() == over {
		now = g.ended
	}
	return seconds(now.Sub(g.begun))
}

// outcome is the result word of a step that is over, and where it failed.
// Where something differs and nothing was begun, it was only looked at.
func (b *board) outcome(g *progressGroup) string {
	result, changed := g.result()
	begun := slices.ContainsFunc(g.activities, func(a *activity) bool { return a.report.Begun })
	word := result.Word(!begun, changed)
	if result == reconcile.Failed {
		for _, c := range b.cells(g) {
			if c.state == "failed" && len(c.regions) > 0 {
				word += " in " + clean(listed(c.regions))
			}
		}
	}
	return word
}

// head tells how far the run is.
func (b *board) head(now time.Time) string {
	all, done := progressOf(b.groups...)
	text := clean(b.title)
	if all > 0 {
		text += fmt.Sprintf(": %d/%d done", done, all)
	}
	if b.stopping {
		text = stoppingText
	}
	return b.style.paint(bold, text) + b.style.paint(dim, "  "+seconds(now.Sub(b.begun)))
}
