package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// meterWindow is how far back the rate looks.
	meterWindow = 15 * time.Second
	// meterSure is how long a step must have gone on before its rate is told.
	meterSure = time.Second
)

// meter is how far a step has come, and how fast.
type meter struct {
	reconcile.Progress
	// samples are the latest, oldest first; the first may be older than the
	// window, so that seldom news have a rate too.
	samples []sample
}

type sample struct {
	at   time.Time
	done int64
}

func (m *meter) known() bool { return len(m.samples) > 0 }

func (m *meter) take(e reconcile.Event) {
	m.Progress = e.Progress
	m.samples = append(m.samples, sample{e.At, e.Progress.Done})
	for len(m.samples) > 2 && e.At.Sub(m.samples[1].at) > meterWindow {
		m.samples = m.samples[1:]
	}
}

// rate is what is done in a second, or 0 while it is not known.
func (m *meter) rate(now time.Time) float64 {
	if !m.known() {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	end := last.at
	if m.stale(now) {
		end = now // the rate of before is not to be believed any more
	}
	took := end.Sub(first.at)
	if took < meterSure {
		return 0
	}
	return max(0, float64(last.done-first.done)/took.Seconds())
}

// left is how long the rest takes at the rate of now, or 0 while that is not
// known.
func (m *meter) left(now time.Time) time.Duration {
	rate := m.rate(now)
	if rate <= 0 || m.Done >= m.Total {
		return 0
	}
	const most = 1000 * time.Hour
	return time.Duration(min(float64(m.Total-m.Done)/rate*float64(time.Second), float64(most)))
}

// share is what part is done, or -1 where the whole is not known.
func (m *meter) share() float64 {
	if m.Total <= 0 {
		return -1
	}
	return min(1, max(0, float64(m.Done)/float64(m.Total)))
}

// stale tells that nothing was heard of the step for a while.
func (m *meter) stale(now time.Time) bool {
	return m.known() && now.Sub(m.samples[len(m.samples)-1].at) >= slowAfter
}

// counts are the numbers, in that form, without their unit.
func (m *meter) counts(form func(int64) string) string {
	if m.Total <= 0 {
		return form(m.Done)
	}
	return form(m.Done) + "/" + form(m.Total)
}

func (m *meter) counted() string {
	return strings.TrimSpace(strings.Replace(m.counts(grouped), "/", " of ", 1) + " " + m.Unit)
}

// facts are what is told beside the count: size, rate and time left.
func (m *meter) facts(now time.Time) (size, speed, left string) {
	if m.Bytes > 0 {
		size = bytesText(m.Bytes)
	}
	if rate := m.rate(now); rate > 0 {
		speed = rateText(rate) + "/s"
	}
	if d := m.left(now); d > 0 {
		left = roughly(d) + " left"
	}
	return size, speed, left
}

// percent is for where a bar has no room.
func (m *meter) percent() string {
	if share := m.share(); share >= 0 {
		return fmt.Sprintf("%d%% ", int(share*100))
	}
	return ""
}

// sentence is the meter for a line of a log.
func (m *meter) sentence(now time.Time) string {
	size, speed, left := m.facts(now)
	return strings.Join(nonEmpty([]string{m.counted(), size, speed, left}), ", ")
}

func nonEmpty(parts []string) []string {
	var all []string
	for _, part := range parts {
		if part != "" {
			all = append(all, part)
		}
	}
	return all
}

// grouped is a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(text) - 3; i > start; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// shortened is a number in a few characters, such as 412k or 1.2M.
func shortened(n int64) string {
	const units = "kMGTPE"
	if n < 10_000 {
		return strconv.FormatInt(n, 10)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.5 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f%c", value, units[unit])
	}
	return fmt.Sprintf("%.0f%c", value, units[unit])
}

func rateText(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return grouped(int64(rate))
}

// bytesText is a size in the units that AWS bills in powers of ten.
func bytesText(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return count(int(n), "byte")
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, units[unit])
}

// roughly is a duration that nobody needs to the tenth.
func roughly(d time.Duration) string {
	d = max(d.Truncate(time.Second), time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
}
