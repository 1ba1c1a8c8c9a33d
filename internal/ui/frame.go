package ui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/x/ansi"
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
// line cannot hold them, as long as there is room. What is measured comes
// first to it.
func (b *board) draw(rows, width int, now time.Time) []string {
	groups := b.shown()
	left := rows - 1 - len(groups)
	if left < 0 {
		return b.shortest(groups, rows, width, now)
	}
	t := b.rowsOf(groups, width, now)
	lines := map[*progressGroup][]string{}
	byNeed := slices.Clone(groups)
	slices.SortStableFunc(byNeed, func(x, y *progressGroup) int {
		return cmp.Compare(min(1, len(b.measured(y, now))), min(1, len(b.measured(x, now))))
	})
	for _, g := range byNeed {
		lines[g] = t.detailed(g)
		if len(lines[g])-1 > left {
			lines[g] = []string{t.compact(g)}
		}
		left -= len(lines[g]) - 1
	}
	frame := []string{b.head(width, now)}
	for _, g := range groups {
		frame = append(frame, lines[g]...)
	}
	return frame
}

// shortest is for a screen with less rows than steps: the steps that go on
// come first, and what has no room is counted.
func (b *board) shortest(groups []*progressGroup, rows, width int, now time.Time) []string {
	frame := []string{b.head(width, now)}
	if rows <= 2 {
		return frame
	}
	slices.SortStableFunc(groups, func(x, y *progressGroup) int {
		return cmp.Compare(y.phase(), x.phase())
	})
	fit := rows - 2
	t := b.rowsOf(groups, width, now)
	for _, g := range groups[:fit] {
		frame = append(frame, t.compact(g))
	}
	return append(frame, b.style.paint(dim, "… and "+count(len(groups)-fit, "more step")))
}

// head tells how far the run is, and for how long it has gone on.
func (b *board) head(width int, now time.Time) string {
	elapsed := b.style.paint(dim, gap+seconds(now.Sub(b.begun)))
	if b.stopping {
		return b.style.firstFit(width, elapsed, stoppingText, "stopping; Ctrl-C again ends at once", "stopping")
	}
	all, done := progressOf(b.groups...)
	far := ""
	if all > 0 {
		far = fmt.Sprintf(": %d/%d done", done, all)
	}
	title := clean(b.title)
	short := ansi.Truncate(title, max(width-ansi.StringWidth(far), 0), "…")
	return b.style.firstFit(width, elapsed, title+far, short+far)
}

// firstFit is the first text that fits, with the rest if that fits too.
func (s style) firstFit(width int, rest string, texts ...string) string {
	for i, text := range texts {
		wide := ansi.StringWidth(text)
		if wide > width && i < len(texts)-1 {
			continue
		}
		text = s.paint(bold, text)
		if wide+ansi.StringWidth(rest) <= width {
			text += rest
		}
		return text
	}
	return ""
}
