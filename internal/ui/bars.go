package ui

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const shortestBar, longestBar = 8, 24

// measuredLine is a meter with what it is of, such as a region.
type measuredLine struct {
	lead  string
	meter *meter
}

// bars are meters below each other, each on a line of at most width columns:
// the more room there is the more they tell, all of them the same, with a bar
// of what is over.
func bars(all []measuredLine, indent, width int, now time.Time) []string {
	wide, whole, percents := 0, false, []string{}
	for _, l := range all {
		wide = max(wide, ansi.StringWidth(l.lead))
		whole = whole || l.meter.share() >= 0
		percents = append(percents, l.meter.percent())
	}
	lead := indent + wide + min(wide, 1)
	var texts []string
	length := 0
	for detail := mostDetail; detail >= 0; detail-- {
		texts = textsOf(all, detail, now)
		rest := width - lead - widest(texts)
		if !whole && (rest >= 0 || detail == 0) {
			break
		}
		if whole && rest > shortestBar {
			length = min(rest-1, longestBar)
			break
		}
	}
	var lines []string
	for i, l := range all {
		line := spaces(indent) + l.lead + spaces(lead-indent-ansi.StringWidth(l.lead))
		switch {
		case length > 0:
			line += bar(l.meter.share(), length) + " "
		case whole:
			line += pad(percents[i], widest(percents))
		}
		lines = append(lines, line+texts[i])
	}
	return lines
}

// textsOf are the texts of all meters in one detail, their numbers below each
// other.
func textsOf(all []measuredLine, detail int, now time.Time) []string {
	var counts, rests, texts []string
	for _, l := range all {
		count, rest := l.meter.text(detail, now)
		counts, rests = append(counts, count), append(rests, rest)
	}
	wide := widest(counts)
	for i, count := range counts {
		texts = append(texts, spaces(wide-ansi.StringWidth(count))+count+rests[i])
	}
	return texts
}

func widest(texts []string) int {
	wide := 0
	for _, text := range texts {
		wide = max(wide, ansi.StringWidth(text))
	}
	return wide
}

// bar is a share of length columns; it is full only when all is done. There is
// none of what has no known end.
func bar(share float64, length int) string {
	if share < 0 {
		return spaces(length)
	}
	full := int(share * float64(length))
	return strings.Repeat("█", full) + strings.Repeat("░", length-full)
}

// mostDetail is the detail of a meter's text with everything in it.
const mostDetail = 5

// text is the meter in the more words the greater the detail is, from 0 on: its
// numbers, and what follows them.
func (m *meter) text(detail int, now time.Time) (counts, rest string) {
	size, speed, left := m.facts(now)
	facts := [mostDetail + 1][]string{{}, {}, {}, {left}, {speed, left}, {size, speed, left}}
	counts = m.counts(grouped)
	if detail == 0 {
		counts = m.counts(shortened)
	}
	if detail >= 2 && m.Unit != "" {
		rest = " " + clean(m.Unit)
	}
	for _, fact := range nonEmpty(facts[detail]) {
		rest += " · " + fact
	}
	return counts, rest
}

// together are meters as one, for where each of them has no room; not ok when
// there are none, or they count different things.
func together(all []measuredLine) (sum meter, ok bool) {
	open := false
	for i, l := range all {
		if i > 0 && l.meter.Unit != sum.Unit {
			return meter{}, false
		}
		sum.Unit = l.meter.Unit
		sum.Done += l.meter.Done
		sum.Total += l.meter.Total
		open = open || l.meter.Total <= 0
	}
	if open {
		sum.Total = 0
	}
	return sum, len(all) > 0
}
