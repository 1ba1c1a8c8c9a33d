package main

import (
	"fmt"
	"slices"
	"time"
)

// target is a limit that a run is to keep to, and what was measured.
type target struct {
	what     string
	measured float64
	limit    float64
	below    bool   // the limit itself is too much already
	format   string // of both numbers
}

func (t target) met() bool {
	if t.below {
		return t.measured < t.limit
	}
	return t.measured <= t.limit
}

// Targets of time are for a round trip that takes as long, and for as many
// regions.
const (
	targetLatency = 100 * time.Millisecond
	oneRegion     = 1
)

func (r *results) targetTable() table {
	t := table{title: "Targets", left: 1, heads: []string{"what", "measured", "target", "verdict"}}
	for _, target := range r.targets() {
		sign, verdict := "≤ ", "missed"
		if target.below {
			sign = "< "
		}
		if target.met() {
			verdict = "met"
		}
		t.rows = append(t.rows, []string{
			target.what, fmt.Sprintf(target.format, target.measured), sign + fmt.Sprintf(target.format, target.limit), verdict,
		})
	}
	if !r.asTargeted(oneRegion, allRegions) {
		t.note = fmt.Sprintf("Targets of what was not measured are left out: they are for %d and %d regions, at %s.", oneRegion, allRegions, targetLatency)
	}
	return t
}

// asTargeted tells whether the regions were measured, with the targets' latency.
func (r *results) asTargeted(regions ...int) bool {
	for _, n := range regions {
		if !slices.Contains(r.options.regions, n) {
			return false
		}
	}
	return r.options.latency == targetLatency
}

// targets are for sync of recording and logging together, without those of what
// was not measured. Of several layouts and counts of regions, the worst one is told.
func (r *results) targets() []target {
	both, one, all := []string{shared, regional}, []int{oneRegion}, []int{allRegions}
	targets := []target{
		{"longest chain, second run", r.worst(both, r.options.regions, secondRun, chainOf), 2, false, "%g"},
		{"longest chain, first run", r.worst([]string{shared}, r.options.regions, firstRun, chainOf), 6, false, "%g"},
		{"longest chain, first run, bucket in us-east-1", r.worst([]string{regional}, r.options.regions, firstRun, chainOf), 7, false, "%g"},
	}
	if r.asTargeted(oneRegion) {
		targets = append(targets,
			target{over("second run", oneRegion), r.worst(both, one, secondRun, sample.over), 0.3, false, "%.3f"},
			target{over("first run", oneRegion), r.worst(both, one, firstRun, sample.over), 0.3, false, "%.3f"})
	}
	if r.asTargeted(allRegions) {
		targets = append(targets,
			target{over("second run", allRegions), r.worst(both, all, secondRun, sample.over), 0.8, false, "%.3f"},
			target{over("first run", allRegions), r.worst(both, all, firstRun, sample.over), 0.8, false, "%.3f"})
	}
	if r.asTargeted(oneRegion, allRegions) {
		targets = append(targets,
			target{"second run, a bucket each: 7 regions ÷ 1", r.growth(secondRun), 1.15, false, "%.3f"},
			target{"first run, a bucket each: 7 regions ÷ 1", r.growth(firstRun), 1.15, false, "%.3f"})
	}
	if r.asTargeted(allRegions) {
		targets = append(targets,
			target{"CPU, second run, 7 regions", r.worst(both, all, secondRun, sample.cpu), 50, true, "%.1f ms"},
			target{"CPU, first run, 7 regions", r.worst(both, all, firstRun, sample.cpu), 90, true, "%.1f ms"})
	}
	targets = append(targets,
		target{"memory at its peak, any run", r.memory(), 40, true, "%.1f MB"},
		target{"yolo version, start to end", 1000 * medianOf(r.version, sample.seconds), 10, true, "%.1f ms"},
		target{"the program's size", float64(r.binary) / 1e6, 20, true, "%.2f MB"})
	if slices.Contains(r.options.regions, allRegions) {
		targets = append(targets, target{"second run without latency, 7 regions", r.idleSecond(), 50, true, "%.1f ms"})
	}
	return targets
}

func over(run string, regions int) string {
	return fmt.Sprintf("%s, regions: %d, trips over the chain", run, regions)
}

func chainOf(s sample) float64 { return float64(s.chain()) }

// worst is the largest of the medians of what, over layouts and regions.
func (r *results) worst(layouts []string, regions []int, run string, what func(sample) float64) float64 {
	worst := 0.0
	for _, layout := range layouts {
		for _, n := range regions {
			worst = max(worst, medianOf(r.runs[cell{group{layout: layout}, n}][run], what))
		}
	}
	return worst
}

// growth is how much longer all regions take than one, each with a bucket: the
// median of the turns' ratios.
func (r *results) growth(run string) float64 {
	g := group{layout: regional}
	few, many := r.runs[cell{g, oneRegion}][run], r.runs[cell{g, allRegions}][run]
	ratios := make([]float64, len(many))
	for i := range many {
		ratios[i] = many[i].seconds() / few[i].seconds()
	}
	return median(ratios)
}

func (r *results) memory() float64 {
	worst := 0.0
	for _, runs := range r.runs {
		for _, samples := range runs {
			worst = max(worst, medianOf(samples, sample.megabytes))
		}
	}
	return worst
}

func (r *results) idleSecond() float64 {
	worst := 0.0
	for _, runs := range r.idle {
		worst = max(worst, 1000*medianOf(runs[secondRun], sample.seconds))
	}
	return worst
}
