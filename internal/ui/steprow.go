package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// crowded is the width under which steps are told without their time.
	crowded = 50
	// leastState is the room that a title leaves for what its step is at.
	leastState = 12
)

// stepRows are the rows of a frame's steps, with columns below each other.
type stepRows struct {
	*board
	width, title, elapsed int
	now                   time.Time
}

func (b *board) rowsOf(groups []*progressGroup, width int, now time.Time) stepRows {
	t := stepRows{board: b, width: width, now: now}
	for _, g := range groups {
		t.title = max(t.title, ansi.StringWidth(clean(g.title)))
		if width >= crowded {
			t.elapsed = max(t.elapsed, len(g.elapsed(now)))
		}
	}
	t.title = max(1, min(t.title, width-len("✗ ")-len(gap)-leastState))
	return t
}

// lead is the beginning of a step's line: symbol, title and elapsed time.
func (t stepRows) lead(g *progressGroup) string {
	symbol, of := spinner[max(0, int(t.now.Sub(t.begun)/spin))%len(spinner)], bold
	if g.phase() == over {
		symbol, of = mark(g.result())
	}
	lead := t.style.paint(of, symbol) + " " + pad(ansi.Truncate(clean(g.title), t.title, "…"), t.title) + gap
	if t.elapsed == 0 {
		return lead
	}
	elapsed := g.elapsed(t.now)
	return lead + t.style.paint(dim, spaces(t.elapsed-len(elapsed))+elapsed) + gap
}

// first is the first of the texts that has room beside the lead; the last is
// cut if it has none.
func (t stepRows) first(g *progressGroup, texts ...string) string {
	lead := t.lead(g)
	for _, text := range texts[:len(texts)-1] {
		if ansi.StringWidth(lead+text) <= t.width {
			return lead + text
		}
	}
	return lead + texts[len(texts)-1]
}

// compact is a step on one line, its regions counted.
func (t stepRows) compact(g *progressGroup) string {
	if g.phase() == over {
		return t.first(g, t.outcomes(g)...)
	}
	all, done := progressOf(g)
	so := fmt.Sprintf("%d/%d", done, all)
	if sum, ok := together(t.measured(g, t.now)); ok {
		lead := t.lead(g)
		return lead + bars([]measuredLine{{meter: &sum}}, 0, t.width-ansi.StringWidth(lead), t.now)[0]
	}
	var parts []string
	short := "deleting"
	for i, c := range t.cells(g, t.now) {
		if i == 0 {
			short = c.short
		}
		if len(c.regions) > 1 {
			c.regions = []string{count(len(c.regions), "region")}
		}
		parts = append(parts, clean(c.text(t.now)))
	}
	text := strings.Join(parts, "; ")
	return t.first(g, text, so+" "+strings.Join(parts[:min(1, len(parts))], ""), so+" "+short, so)
}

// detailed is a step with all its regions, below it where they have no room
// beside it, and a bar for each one that is measured.
func (t stepRows) detailed(g *progressGroup) []string {
	if g.phase() == over {
		return []string{t.first(g, t.outcomes(g)...)}
	}
	var parts []string
	for _, c := range t.cells(g, t.now) {
		parts = append(parts, clean(c.text(t.now)))
	}
	indent := 4
	if t.width < crowded {
		indent = 2
	}
	text := strings.Join(parts, "; ")
	lines := []string{t.lead(g) + text}
	if ansi.StringWidth(lines[0]) > t.width || text == "" {
		all, done := progressOf(g)
		so := fmt.Sprintf("%d/%d", done, all)
		lines[0] = t.first(g, strings.TrimSpace(so+" "+g.measuredDoing(t.now)), so)
		if text != "" {
			lines = append(lines, layout{width: t.width}.wrap(text, indent, indent)...)
		}
	}
	if measured := t.measured(g, t.now); len(measured) > 0 {
		lines = append(lines, bars(measured, indent, t.width, t.now)...)
	}
	return lines
}

// outcomes are the result word of a step that is over with where it failed, in
// less and less words. Where something differs and nothing was begun, it was
// only looked at.
func (t stepRows) outcomes(g *progressGroup) []string {
	result, changed := g.result()
	begun := slices.ContainsFunc(g.activities, func(a *activity) bool { return a.report.Begun })
	word := result.Word(!begun, changed)
	if result == reconcile.Failed {
		for _, c := range t.cells(g, t.now) {
			if c.words == "failed" && len(c.regions) > 0 {
				in := word + " in "
				return []string{in + clean(listed(c.regions)), in + count(len(c.regions), "region"), word}
			}
		}
	}
	return []string{word}
}

// measuredDoing is what the step's measured activities do, if that is one thing.
func (g *progressGroup) measuredDoing(now time.Time) string {
	doing := ""
	for _, a := range g.activities {
		switch {
		case !a.measured(now) || a.doing == doing:
		case doing == "":
			doing = clean(a.doing)
		default:
			return ""
		}
	}
	return doing
}

func (g *progressGroup) elapsed(now time.Time) string {
	if g.phase() == over {
		now = g.ended
	}
	return seconds(max(0, now.Sub(g.begun)))
}
