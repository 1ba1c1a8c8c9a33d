package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scale places values along an axis by their logarithm.
type scale struct {
	low, high float64 // values, above 0
	from, to  float64 // where they are
}

// at is where a value is. What is beyond the axis is at its end.
func (s scale) at(value float64) float64 {
	value = min(max(value, s.low), s.high)
	if s.high <= s.low {
		return s.from
	}
	return s.from + (s.to-s.from)*math.Log(value/s.low)/math.Log(s.high/s.low)
}

// ticks are the powers of ten on the axis, and with few of them their double and
// fivefold, too.
func (s scale) ticks() []float64 {
	steps := []float64{1}
	if s.high/s.low < 100 {
		steps = []float64{1, 2, 5}
	}
	var ticks []float64
	for exponent := math.Floor(math.Log10(s.low)); exponent <= math.Ceil(math.Log10(s.high)); exponent++ {
		for _, step := range steps {
			// A little more than the ends, lest rounding leave one out.
			if tick := step * math.Pow(10, exponent); tick > s.low*0.999 && tick < s.high*1.001 {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}

// spread moves places apart that are nearer to each other than gap, within low
// to high and as little as may be, and keeps their order.
func spread(places []float64, gap, low, high float64) []float64 {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareFloats(places[a], places[b]) })
	apart := slices.Clone(places)
	least := low
	for _, i := range order {
		apart[i] = max(apart[i], least)
		least = apart[i] + gap
	}
	most := high
	for _, i := range slices.Backward(order) {
		apart[i] = min(apart[i], most)
		most = apart[i] - gap
	}
	return apart
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// short is a number for an axis, such as 10k.
func short(n float64) string {
	switch {
	case n >= 1_000_000:
		return strconv.FormatFloat(n/1_000_000, 'g', 4, 64) + "M"
	case n >= 10_000:
		return strconv.FormatFloat(n/1000, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(n, 'g', 4, 64)
}

// count is a number for a table, such as 10,000.
func count(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// seconds is a time for a table, such as 0.042 s.
func seconds(d time.Duration) string {
	digits := 3
	switch {
	case d >= 10*time.Second:
		digits = 1
	case d >= time.Second:
		digits = 2
	}
	return strconv.FormatFloat(d.Seconds(), 'f', digits, 64) + " s"
}

// megabytes is a size for a table; a dash for one that is not known.
func megabytes(bytes int64) string {
	if bytes == 0 {
		return "–"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64), ".0") + " MB"
}
