package events

import (
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

var rate = lazyregexp.New(`^rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)$`)

// isSchedule tells whether a text is a schedule expression (EventBridge User
// Guide, "Setting a schedule pattern for scheduled rules").
func isSchedule(text string) bool {
	if parts := rate.FindStringSubmatch(text); parts != nil {
		return (parts[1] == "1") == (parts[3] == "")
	}
	inner, ok := strings.CutPrefix(text, "cron(")
	if !ok {
		return false
	}
	inner, ok = strings.CutSuffix(inner, ")")
	return ok && isCron(strings.Fields(inner))
}

// cronField is one of a cron expression's six fields.
type cronField struct {
	low, high int
	names     []string // for low, low+1 and so on
	special   string   // characters beyond those of every field
}

var cronFields = []cronField{
	{low: 0, high: 59},
	{low: 0, high: 23},
	{low: 1, high: 31, special: "?LW"},
	{low: 1, high: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{low: 1, high: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, special: "?L#"},
	{low: 1970, high: 2199},
}

// isCron also holds the rule that exactly one of day-of-month and day-of-week
// is a question mark.
func isCron(fields []string) bool {
	if len(fields) != len(cronFields) || (fields[2] == "?") == (fields[4] == "?") {
		return false
	}
	for i, field := range fields {
		if !cronFields[i].accepts(field) {
			return false
		}
	}
	return true
}

func (f cronField) accepts(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		if !f.acceptsPart(part) {
			return false
		}
	}
	return true
}

func (f cronField) acceptsPart(part string) bool {
	if part == "?" {
		return strings.Contains(f.special, "?")
	}
	whole, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n < 1 {
			return false
		}
	}
	if whole == "*" || !stepped && f.isSpecial(whole) {
		return true
	}
	from, to, isRange := strings.Cut(whole, "-")
	low, ok := f.number(from)
	if !ok || !isRange {
		return ok
	}
	high, ok := f.number(to)
	return ok && low <= high
}

// isSpecial tells whether a text is the last day, the weekday nearest a day,
// or a numbered weekday of the month.
func (f cronField) isSpecial(text string) bool {
	for _, mark := range []string{"L", "W"} {
		if day, ok := strings.CutSuffix(text, mark); ok && strings.Contains(f.special, mark) {
			_, isDay := f.number(day)
			return isDay || mark == "L" && day == "" || mark == "W" && day == "L"
		}
	}
	day, week, ok := strings.Cut(text, "#")
	if !ok || !strings.Contains(f.special, "#") {
		return false
	}
	_, isDay := f.number(day)
	n, err := strconv.Atoi(week)
	return isDay && err == nil && n >= 1 && n <= 5
}

func (f cronField) number(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.low + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.low && n <= f.high
}
