package policydoc

import (
	"maps"
	"strconv"
	"time"
)

// Sent is the context that every request has, with what is given besides (IAM
// user guide, AWS global condition context keys).
func Sent(now time.Time, more map[string]string) map[string]string {
	context := map[string]string{
		"aws:currenttime":           now.UTC().Format(time.RFC3339),
		"aws:epochtime":             strconv.FormatInt(now.Unix(), 10),
		"aws:securetransport":       "true",
		"aws:principalisawsservice": "true",
		"aws:viaawsservice":         "false",
	}
	maps.Copy(context, more)
	return context
}

// ordered compares two texts by what they read as; one that cannot be read has no
// place in any order.
func ordered(relation string, read func(text string) (at float64, ok bool)) func(wanted, value string) bool {
	return func(wanted, value string) bool {
		limit, ok := read(wanted)
		at, there := read(value)
		if !ok || !there {
			return false
		}
		switch relation {
		case "equals":
			return at == limit
		case "lessthan":
			return at < limit
		case "lessthanequals":
			return at <= limit
		case "greaterthan":
			return at > limit
		case "greaterthanequals":
			return at >= limit
		}
		return false
	}
}

func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// dates are the forms of ISO 8601 that AWS takes (W3C note, Date and Time
// Formats).
var dates = [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"}

// instant is a date in seconds since 1970, which it may be given as, too.
func instant(text string) (float64, bool) {
	for _, form := range dates {
		if at, err := time.Parse(form, text); err == nil {
			return float64(at.UnixNano()) / float64(time.Second), true
		}
	}
	return number(text)
}
