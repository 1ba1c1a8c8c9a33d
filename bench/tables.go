package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// summary is what readers look for.
func (r *results) summary() []table { return []table{r.targetTable(), r.glanceTable()} }

// tables are all results in full.
func (r *results) tables() []table {
	all := []table{r.coldTable()}
	for _, g := range groups() {
		all = append(all, r.groupTable(g))
	}
	return append(all, r.timeTable(), r.idleTable())
}

// glanceTable is sync and destroy in time, and by what factor one request at a
// time takes longer.
func (r *results) glanceTable() table {
	t := table{
		title: "At a glance, and how many times as long one request at a time takes", left: 2,
		heads: []string{"buckets", "regions", "dry run", "first run", "second run", "destroy"},
	}
	for _, layout := range []string{shared, regional} {
		for _, n := range r.options.regions {
			c, row := cell{group{layout: layout}, n}, []string{layout, strconv.Itoa(n)}
			for _, run := range c.group.cycle() {
				if run.name == statusRun {
					continue
				}
				wall := medianOf(r.runs[c][run.name], sample.seconds)
				row = append(row, fmt.Sprintf("%.2f s, %.0f×", wall, r.alone[c][run.name].seconds()/wall))
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// heading says what was measured on what.
func (r *results) heading() string {
	var regions []string
	for _, n := range r.options.regions {
		regions = append(regions, strconv.Itoa(n))
	}
	return fmt.Sprintf("Measured by `go run ./bench -latency %s -runs %d -regions %s` on %s.",
		r.options.latency, r.options.runs, strings.Join(regions, ","), machine())
}

// groupTable is a group's runs in round trips and requests, beside what one
// request at a time takes.
func (r *results) groupTable(g group) table {
	t := table{
		title: g.title(), left: 2, folded: true,
		heads: []string{"regions", "run", "wall", "trips", "chain", "over", "sent", "at once", "serial", "faster"},
	}
	for _, n := range r.options.regions {
		for _, run := range g.cycle() {
			samples, alone := r.runs[cell{g, n}][run.name], r.alone[cell{g, n}][run.name]
			wall := medianOf(samples, sample.seconds)
			t.rows = append(t.rows, []string{
				strconv.Itoa(n), run.name,
				fmt.Sprintf("%.2f s", wall),
				fmt.Sprintf("%.2f", medianOf(samples, sample.trips)),
				strconv.Itoa(medianOf(samples, sample.chain)),
				fmt.Sprintf("%.2f", medianOf(samples, sample.over)),
				strconv.Itoa(medianOf(samples, func(s sample) int { return len(s.calls) })),
				strconv.Itoa(medianOf(samples, func(s sample) int { return mostInFlight(s.calls) })),
				fmt.Sprintf("%.1f s", alone.seconds()),
				fmt.Sprintf("%.1f×", alone.seconds()/wall),
			})
		}
	}
	return t
}

func (s sample) seconds() float64 { return s.wall().Seconds() }

// over is how many round trips a run took beyond those of its longest chain.
func (s sample) over() float64 { return s.trips() - float64(s.chain()) }

// spent is where a run's time went, along its critical path.
type spent struct {
	start time.Duration // from the process's start to its first request
	burst time.Duration // from there to the path's first request
	wire  time.Duration // in the path's requests
	gaps  time.Duration // between them
	end   time.Duration // from the last answer to the process's end
}

func (s sample) spent() (t spent) {
	path := criticalPath(s.calls)
	if len(path) == 0 {
		return spent{start: s.wall()}
	}
	first := slices.MinFunc(s.calls, func(a, b emulator.Call) int { return a.Start.Compare(b.Start) })
	t.start, t.burst = first.Start.Sub(s.Begun), path[0].Start.Sub(first.Start)
	for i, c := range path {
		t.wire += c.End.Sub(c.Start)
		if i > 0 {
			t.gaps += c.Start.Sub(path[i-1].End)
		}
	}
	t.end = s.Ended.Sub(path[len(path)-1].End)
	return t
}

// timeTable is where the time goes in sync with the fewest and the most regions.
func (r *results) timeTable() table {
	t := table{
		title: "Where the time goes, in milliseconds", left: 3, folded: true,
		heads: []string{"buckets", "regions", "run", "start", "burst", "wire", "gaps", "end", "wall", "CPU", "memory"},
		note: "Along the requests that the end waited for: start: from the process's start to\n" +
			"its first request; burst: from there to the first of these; wire: in them;\n" +
			"gaps: between an answer and the next of them; end: from the last answer to the\n" +
			"process's end.",
	}
	for _, layout := range []string{shared, regional} {
		for _, n := range ends(r.options.regions) {
			g := group{layout: layout}
			for _, run := range g.cycle() {
				samples := r.runs[cell{g, n}][run.name]
				s := typical(samples)
				p := s.spent()
				t.rows = append(t.rows, []string{
					layout, strconv.Itoa(n), run.name, ms(p.start), ms(p.burst), ms(p.wire), ms(p.gaps), ms(p.end), ms(s.wall()),
					fmt.Sprintf("%.0f", medianOf(samples, sample.cpu)),
					fmt.Sprintf("%.0f MB", medianOf(samples, sample.megabytes)),
				})
			}
		}
	}
	return t
}

// ends are the first and the last of values.
func ends(values []int) []int {
	if len(values) == 1 {
		return values
	}
	return []int{values[0], values[len(values)-1]}
}

// idleTable is what a run takes when the network takes nothing.
func (r *results) idleTable() table {
	t := table{
		title: "Without latency", left: 3, folded: true,
		heads: []string{"buckets", "regions", "run", "wall", "CPU"},
	}
	n := slices.Max(r.options.regions)
	for _, layout := range []string{shared, regional} {
		g := group{layout: layout}
		for _, run := range g.cycle() {
			samples := r.idle[cell{g, n}][run.name]
			t.rows = append(t.rows, []string{
				layout, strconv.Itoa(n), run.name,
				fmt.Sprintf("%.0f ms", 1000*medianOf(samples, sample.seconds)),
				fmt.Sprintf("%.0f ms", medianOf(samples, sample.cpu)),
			})
		}
	}
	return t
}

// cpu is the CPU time in milliseconds.
func (s sample) cpu() float64 { return s.CPU.Seconds() * 1000 }

func (s sample) megabytes() float64 { return float64(s.Memory) / 1e6 }

func ms(d time.Duration) string { return fmt.Sprintf("%.0f", d.Seconds()*1000) }
