package main

import (
	"fmt"
	"slices"
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
	return t
}

// targets are for sync of recording and logging together. Of several layouts and
// counts of regions, the worst one is told.
func (r *results) targets() []target {
	few, many := slices.Min(r.options.regions), slices.Max(r.options.regions)
	both := []string{shared, regional}
	return []target{
		{"longest chain, second run", r.worst(both, r.options.regions, secondRun, chainOf), 2, false, "%.0f"},
		{"longest chain, first run", r.worst([]string{shared}, r.options.regions, firstRun, chainOf), 6, false, "%.0f"},
		{"longest chain, first run, bucket in us-east-1", r.worst([]string{regional}, r.options.regions, firstRun, chainOf), 7, false, "%.0f"},
		{over("second run", few), r.worst(both, []int{few}, secondRun, sample.over), 0.3, false, "%.2f"},
		{over("first run", few), r.worst(both, []int{few}, firstRun, sample.over), 0.3, false, "%.2f"},
		{over("second run", many), r.worst(both, []int{many}, secondRun, sample.over), 0.8, false, "%.2f"},
		{over("first run", many), r.worst(both, []int{many}, firstRun, sample.over), 0.8, false, "%.2f"},
		{fmt.Sprintf("second run, a bucket each: %d regions ÷ %d", many, few), r.growth(secondRun), 1.15, false, "%.2f"},
		{fmt.Sprintf("first run, a bucket each: %d regions ÷ %d", many, few), r.growth(firstRun), 1.15, false, "%.2f"},
		{fmt.Sprintf("CPU, second run, %d regions", many), r.worst(both, []int{many}, secondRun, sample.cpu), 50, true, "%.0f ms"},
		{fmt.Sprintf("CPU, first run, %d regions", many), r.worst(both, []int{many}, firstRun, sample.cpu), 90, true, "%.0f ms"},
		{"memory at its peak, any run", r.memory(), 40, true, "%.1f MB"},
		{"yolo version, start to end", 1000 * medianOf(r.version, sample.seconds), 10, true, "%.1f ms"},
		{"the program's size", float64(r.binary) / 1e6, 20, true, "%.2f MB"},
		{fmt.Sprintf("second run without latency, %d regions", many), r.idleSecond(), 50, true, "%.0f ms"},
	}
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

// growth is how much longer the most regions take than the fewest, each with a
// bucket: the median of the turns' ratios.
func (r *results) growth(run string) float64 {
	g := group{layout: regional}
	few, many := r.runs[cell{g, slices.Min(r.options.regions)}][run], r.runs[cell{g, slices.Max(r.options.regions)}][run]
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
