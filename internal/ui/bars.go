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
	wide, whole := 0, false
	for _, l := range all {
		wide = max(wide, ansi.StringWidth(l.lead))
		whole = whole || l.meter.share() >= 0
	}
	var leads []string
	for _, l := range all {
		leads = append(leads, spaces(indent)+pad(l.lead, wide)+spaces(min(wide, 1)))
	}
	for detail := mostDetail; detail >= 0; detail-- {
		longest := 0
		for _, l := range all {
			longest = max(longest, ansi.StringWidth(l.meter.text(detail, now)))
		}
		rest := width - ansi.StringWidth(leads[0]) - longest
		if whole && rest > shortestBar || !whole && rest >= 0 {
			return barred(all, leads, detail, min(rest-1, longestBar), now)
		}
	}
	for i, l := range all {
		leads[i] += l.meter.percent() + l.meter.counts()
	}
	return leads
}

func barred(all []measuredLine, leads []string, detail, length int, now time.Time) []string {
	whole := false
	for _, l := range all {
		whole = whole || l.meter.share() >= 0
	}
	for i, l := range all {
		if whole {
			leads[i] += bar(l.meter.share(), length) + " "
		}
		leads[i] += l.meter.text(detail, now)
	}
	return leads
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
const mostDetail = 4

// text is the meter in the more words the greater the detail is, from 0 on.
func (m *meter) text(detail int, now time.Time) string {
	size, speed, left := m.facts(now)
	facts := [mostDetail + 1][]string{
		{m.counts()}, {m.counted()}, {m.counted(), left}, {m.counted(), speed, left}, {m.counted(), size, speed, left},
	}
	return strings.Join(nonEmpty(facts[detail]), " · ")
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
