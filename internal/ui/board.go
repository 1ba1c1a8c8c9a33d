package ui

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// board is what a frame is drawn from.
type board struct {
	style   style
	title   string
	regions []string // in the order of the frame
	begun   time.Time
	// stopping tells that the run was interrupted.
	stopping bool

	groups []*progressGroup
	index  map[reconcile.Key]*activity
}

// progressGroup is one step of the run and all its resources so far.
type progressGroup struct {
	title        string
	begun, ended time.Time
	activities   []*activity
}

func newBoard(st style, title string, regions []string, begun time.Time) *board {
	return &board{style: st, title: title, regions: regions, begun: begun, index: map[reconcile.Key]*activity{}}
}

// take brings the board up to an event of a resource in the group.
func (b *board) take(g *progressGroup, e reconcile.Event) {
	a := b.index[e.Key]
	if a == nil {
		a = &activity{key: e.Key}
		b.index[e.Key] = a
		g.activities = append(g.activities, a)
	}
	if g.begun.IsZero() {
		g.begun = e.At
	}
	a.take(e)
	g.ended = e.At
}

// shown are the steps that have begun; a skipped one never does.
func (b *board) shown() []*progressGroup {
	var groups []*progressGroup
	for _, g := range b.groups {
		if len(g.activities) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// progressOf counts the resources of steps, and those that are over.
func progressOf(groups ...*progressGroup) (all, done int) {
	for _, g := range groups {
		for _, a := range g.activities {
			all++
			if a.phase == over {
				done++
			}
		}
	}
	return all, done
}

// phase is the most telling one of a step's resources.
func (g *progressGroup) phase() phase {
	highest := over
	for _, a := range g.activities {
		highest = max(highest, a.phase)
	}
	return highest
}

// result is the highest result so far, for a step that is over.
func (g *progressGroup) result() (result reconcile.Result, changed bool) {
	for _, a := range g.activities {
		result = max(result, a.report.Result)
		changed = changed || a.report.Changed
	}
	return result, changed
}

// cell is a state and the regions that are in it.
type cell struct {
	phase   phase
	words   string
	short   string    // for where the words have no room
	since   time.Time // the first of them
	regions []string
}

// text is the cell as told at that time; what goes on for long is told with
// how long it does.
func (c cell) text(now time.Time) string {
	text := c.words
	if now.Sub(c.since) >= slowAfter {
		text += " (" + roughly(now.Sub(c.since)) + ")"
	}
	if len(c.regions) > 0 {
		text += " in " + strings.Join(c.regions, ", ")
	}
	return text
}

// cells sort a step's regions by what they are at, what goes on first. A
// region with several resources is where the busiest of them is; one that is
// measured has a line of its own, and is here only while it comes no further
// because it waits.
func (b *board) cells(g *progressGroup, now time.Time) []cell {
	var cells []cell
	for _, region := range b.regionsOf(g) {
		a := g.busiest(region, now)
		if a == nil || a.measured(now) && !(a.meter.stale(now) && a.hold.lasts(now)) {
			continue
		}
		words, since := a.state(now)
		i := slices.IndexFunc(cells, func(c cell) bool { return c.words == words && c.phase == a.phase })
		if i < 0 {
			i = len(cells)
			cells = append(cells, cell{phase: a.phase, words: words, short: a.verb, since: since})
		}
		if since.Before(cells[i].since) {
			cells[i].since = since
		}
		if region != "" {
			cells[i].regions = append(cells[i].regions, region)
		}
	}
	sort.SliceStable(cells, func(i, j int) bool { return cells[i].phase > cells[j].phase })
	return cells
}

// measured are the step's activities that tell how far they are.
func (b *board) measured(g *progressGroup, now time.Time) []measuredLine {
	var lines []measuredLine
	for _, region := range b.regionsOf(g) {
		if a := g.busiest(region, now); a != nil && a.measured(now) {
			lines = append(lines, measuredLine{clean(region), &a.meter})
		}
	}
	return lines
}

// regionsOf are all the regions that the step may have, the one without a name
// last.
func (b *board) regionsOf(g *progressGroup) []string {
	all := append(slices.Clone(b.regions), "")
	for _, a := range g.activities {
		if !slices.Contains(all, a.key.Region) {
			all = append(all, a.key.Region)
		}
	}
	return all
}

func (g *progressGroup) busiest(region string, now time.Time) *activity {
	var busiest *activity
	for _, a := range g.activities {
		if a.key.Region == region && (busiest == nil || a.busier(busiest, now)) {
			busiest = a
		}
	}
	return busiest
}

// busier tells whether an activity is more telling than another one.
func (a *activity) busier(than *activity, now time.Time) bool {
	if a.phase != than.phase {
		return a.phase > than.phase
	}
	return a.failed() && !than.failed() || a.measured(now) && !than.measured(now)
}
