package policy

import (
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// coverage says how much of a set of ARNs a pattern matches. Both are written
// with IAM's wildcards, * for any run of characters and ? for one.
func coverage(pattern, set string) answer {
	if strings.Contains(pattern, "${") {
		// What a policy variable stands for is not known here.
		if overlaps(variable.ReplaceAllString(pattern, "*"), set) {
			return maybe
		}
		return no
	}
	switch {
	case covers(pattern, set):
		return yes
	case overlaps(pattern, set):
		return maybe
	default:
		return no
	}
}

var variable = lazyregexp.New(`\$\{[^}]*\}`)

// coversAny reports whether one of the patterns matches all of the set.
func coversAny(patterns []string, set string) bool {
	for _, p := range patterns {
		if coverage(p, set) == yes {
			return true
		}
	}
	return false
}

// covers reports whether the pattern matches everything that the set does: it
// reads the set as a text in which a wildcard is a character that only a * takes.
func covers(pattern, set string) bool {
	p, s := 0, 0
	star, resume := -1, 0
	for s < len(set) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, s
			p++
		case p < len(pattern) && takes(pattern[p], set[s]):
			p++
			s++
		case star >= 0:
			resume++
			p, s = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func takes(pattern, set byte) bool {
	if set == '*' {
		return false
	}
	return pattern == '?' || pattern == set
}

// overlaps reports whether some text matches both patterns. Row by row it keeps
// for each rest of b whether it overlaps with the rest of a.
func overlaps(a, b string) bool {
	next := make([]bool, len(b)+1)
	row := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case i < len(a) && a[i] == '*':
				row[j] = next[j] || j < len(b) && row[j+1]
			case j < len(b) && b[j] == '*':
				row[j] = row[j+1] || i < len(a) && next[j]
			case i < len(a) && j < len(b):
				row[j] = next[j+1] && (a[i] == b[j] || a[i] == '?' || b[j] == '?')
			default:
				row[j] = false
			}
		}
		next, row = row, next
	}
	return next[0]
}
