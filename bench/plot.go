package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// plot is a picture of several panels with the same vertical axis, which tells by
// what factor each line has grown since its first point.
type plot struct {
	title, below string
	panels       []panel
}

type panel struct {
	title string
	unit  string // of the horizontal axis
	xs    []float64
	lines []line
}

// line is one quantity over the sizes of its panel.
type line struct {
	name   string
	values []float64 // as many as the panel has sizes; with a first one of 0 the line is left out
	last   string    // the last value, as people read it
}

// Where things are, in pixels. A panel is drawn from its own corner.
const (
	plotWidth    = 940
	panelColumns = 2
	panelWidth   = 460
	panelHeight  = 262
	headHeight   = 62

	areaLeft, areaTop      = 46, 34
	areaWidth, areaHeight  = 272, 172
	labelGap               = 15
	areaRight, areaBottom  = areaLeft + areaWidth, areaTop + areaHeight
	smallestFactor         = 0.5
	leastGreatestFactor    = 10
	markSize               = 3.2
	labelLeft, titleHeight = areaRight + 10, 14
)

// plotStyle holds for light and dark pages; each has a background of its own, so
// that a page that decides otherwise than the browser stays readable.
const plotStyle = `text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-weight:600;font-size:14px}.head{font-weight:600;font-size:17px}.dim{fill:#59636e}
.back{fill:#ffffff}.grid{stroke:#d1d9e0;stroke-width:1}.linear{stroke:#818b98;stroke-width:1;stroke-dasharray:3 4}
.line{fill:none;stroke-width:2}
.s0{stroke:#0969da}.f0{fill:#0969da}.s1{stroke:#bc4c00}.f1{fill:#bc4c00}.s2{stroke:#1a7f37}.f2{fill:#1a7f37}.s3{stroke:#8250df}.f3{fill:#8250df}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.dim{fill:#9198a1}.back{fill:#0d1117}.grid{stroke:#30363d}.linear{stroke:#9198a1}
.s0{stroke:#58a6ff}.f0{fill:#58a6ff}.s1{stroke:#f0883e}.f1{fill:#f0883e}.s2{stroke:#3fb950}.f2{fill:#3fb950}.s3{stroke:#bc8cff}.f3{fill:#bc8cff}
}
`

// svg draws the plot.
func (p plot) svg() string {
	rows := (len(p.panels) + panelColumns - 1) / panelColumns
	height := headHeight + rows*panelHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`+"\n", plotWidth, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n<style>\n%s</style>\n", html.EscapeString(p.title), html.EscapeString(p.describe()), plotStyle)
	fmt.Fprintf(&b, `<rect class="back" width="%d" height="%d" rx="8"/>`+"\n", plotWidth, height)
	text(&b, 20, 28, "start", "head", p.title)
	text(&b, 20, 47, "start", "dim", p.below)
	greatest := p.greatest()
	for i, one := range p.panels {
		fmt.Fprintf(&b, `<g transform="translate(%d %d)">`+"\n", 12+i%panelColumns*panelWidth, headHeight+i/panelColumns*panelHeight)
		one.draw(&b, greatest)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// describe is the plot in words, for who does not see it.
func (p plot) describe() string {
	var parts []string
	for _, one := range p.panels {
		var ends []string
		for _, l := range one.known() {
			ends = append(ends, fmt.Sprintf("%s %s", l.name, l.last))
		}
		parts = append(parts, fmt.Sprintf("%s, at %s %s: %s", one.title, short(one.xs[len(one.xs)-1]), one.unit, strings.Join(ends, ", ")))
	}
	return strings.Join(parts, ". ") + "."
}

// greatest is the upper end of the vertical axis: the power of ten above all.
func (p plot) greatest() float64 {
	greatest := float64(leastGreatestFactor)
	for _, one := range p.panels {
		for _, l := range one.known() {
			for i := range l.values {
				greatest = max(greatest, l.factor(i))
			}
		}
	}
	return math.Pow(10, math.Ceil(math.Log10(greatest)-1e-9))
}

// known are the lines without those that have no first value.
func (p panel) known() []line {
	return slices.DeleteFunc(slices.Clone(p.lines), func(l line) bool { return l.values[0] == 0 })
}

// factor is by what a value is larger than the first one.
func (l line) factor(i int) float64 { return l.values[i] / l.values[0] }

// draw draws the panel from its corner.
func (p panel) draw(b *strings.Builder, greatest float64) {
	x := scale{p.xs[0], p.xs[len(p.xs)-1], areaLeft, areaRight}
	y := scale{smallestFactor, greatest, areaBottom, areaTop}
	text(b, areaLeft, titleHeight, "start", "title", p.title)
	for _, tick := range y.ticks() {
		at := y.at(tick)
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`+"\n", areaLeft, at, areaRight)
		text(b, areaLeft-7, at+4, "end", "dim", "×"+short(tick))
	}
	for _, tick := range x.ticks() {
		at := x.at(tick)
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %dV%d"/>`+"\n", at, areaTop, areaBottom)
		text(b, at, areaBottom+17, "middle", "dim", short(tick))
	}
	text(b, (areaLeft+areaRight)/2, areaBottom+35, "middle", "dim", p.unit)
	// As much more as there is of what grows, up to the top of the area.
	end := min(x.high, x.low*greatest)
	fmt.Fprintf(b, `<path class="linear" d="M%.1f %.1fL%.1f %.1f"/>`+"\n", x.at(x.low), y.at(1), x.at(end), y.at(end/x.low))
	p.drawLines(b, x, y)
}

func (p panel) drawLines(b *strings.Builder, x, y scale) {
	lines := p.known()
	ends := make([]float64, len(lines))
	for i, l := range lines {
		var points []string
		for n, at := range p.xs {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x.at(at), y.at(l.factor(n))))
		}
		fmt.Fprintf(b, `<polyline class="line s%d" points="%s"/>`+"\n", i, strings.Join(points, " "))
		for n, at := range p.xs {
			mark(b, i, x.at(at), y.at(l.factor(n)))
		}
		ends[i] = y.at(l.factor(len(p.xs) - 1))
	}
	for i, at := range spread(ends, labelGap, areaTop, areaBottom) {
		mark(b, i, labelLeft+4, at)
		text(b, labelLeft+14, at+4, "start", fmt.Sprintf("f%d", i), lines[i].name+" "+lines[i].last)
	}
}

// mark draws the mark of a line: its form tells lines apart without colour.
func mark(b *strings.Builder, line int, x, y float64) {
	const r = markSize
	var d string
	switch line % 4 {
	case 0:
		fmt.Fprintf(b, `<circle class="f%d" cx="%.1f" cy="%.1f" r="%.1f"/>`+"\n", line, x, y, r)
		return
	case 1:
		d = fmt.Sprintf("M%.1f %.1fh%.1fv%.1fh%.1fz", x-r, y-r, 2*r, 2*r, -2*r)
	case 2:
		d = fmt.Sprintf("M%.1f %.1fl%.1f %.1fh%.1fz", x, y-1.2*r, 1.2*r, 2.2*r, -2.4*r)
	case 3:
		d = fmt.Sprintf("M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz", x, y-1.4*r, 1.4*r, 1.4*r, -1.4*r, 1.4*r, -1.4*r, -1.4*r)
	}
	fmt.Fprintf(b, `<path class="f%d" d="%s"/>`+"\n", line, d)
}

// text writes a line; anchor is start, middle or end.
func text(b *strings.Builder, x, y float64, anchor, class, words string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`+"\n", x, y, anchor, class, html.EscapeString(words))
}
