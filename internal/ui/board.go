package ui

import (
	"cmp"
	"slices"
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
	state   string
	regions []string
}

func (c cell) String() string {
	if len(c.regions) == 0 {
		return c.state
	}
	return c.state + " in " + strings.Join(c.regions, ", ")
}

// cells sort a step's regions by what they are at, what goes on first. A
// region with several resources is where the busiest of them is.
func (b *board) cells(g *progressGroup) []cell {
	in := append(slices.Clone(b.regions), "")
	for _, a := range g.activities {
		if !slices.Contains(in, a.key.Region) {
			in = append(in, a.key.Region)
		}
	}
	var cells []cell
	add := func(a *activity, region string) {
		i := slices.IndexFunc(cells, func(c cell) bool { return c.state == a.state() })
		if i < 0 {
			i = len(cells)
			cells = append(cells, cell{phase: a.phase, state: a.state()})
		}
		if region != "" {
			cells[i].regions = append(cells[i].regions, region)
		}
	}
	for _, region := range in {
		if a := g.busiest(region); a != nil {
			add(a, region)
		}
	}
	slices.SortStableFunc(cells, func(x, y cell) int { return cmp.Compare(y.phase, x.phase) })
	return cells
}

func (g *progressGroup) busiest(region string) *activity {
	var busiest *activity
	for _, a := range g.activities {
		if a.key.Region != region {
			continue
		}
		if busiest == nil || a.phase > busiest.phase || a.failed() && busiest.phase == over {
			busiest = a
		}
	}
	return busiest
}
