package main

import (
	"fmt"
	"strings"
)

// growthPicture is where the curves are, from the project's root.
const growthPicture = "docs/growth.svg"

// growthPlot is the picture of all curves.
func growthPlot(curves []curve) plot {
	p := plot{
		title: "How yolo grows with an account",
		below: "Upwards: by what factor, since the leftmost point. To the right: its last value. Dashed: twice as much for twice as many.",
	}
	for _, c := range curves {
		last := c.points[len(c.points)-1]
		one := panel{title: c.title, unit: c.unit, lines: []line{
			{name: "requests", last: count(last.requests)},
			{name: "time", last: seconds(last.wall)},
			{name: "CPU", last: seconds(last.cpu)},
			{name: "memory", last: megabytes(last.memory)},
		}}
		for _, at := range c.points {
			one.xs = append(one.xs, float64(at.size))
			for i, value := range []float64{float64(at.requests), at.wall.Seconds(), at.cpu.Seconds(), float64(at.memory)} {
				one.lines[i].values = append(one.lines[i].values, value)
			}
		}
		p.panels = append(p.panels, one)
	}
	return p
}

// growthText is what is between the page's marks of growth.
func growthText(curves []curve) string {
	var b strings.Builder
	fmt.Fprintf(&b, "`go run ./bench growth -write` on %s, which the emulator shares; no latency.\n", machine())
	fmt.Fprintf(&b, "Time, CPU time and the most memory held are the program's own, its start included: medians of as many runs as the last column says.\n\n")
	b.WriteString("![By what factor requests, time, CPU time and memory grow in each of the tables below](growth.svg)\n")
	for _, t := range growthTables(curves) {
		b.WriteString("\n" + t.markdown())
	}
	return b.String()
}
