package manifest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuoted bounds how much of a user's value is repeated in a message.
const maxQuoted = 80

// quote repeats a user's value, cut when it is long.
func quote(s string) string {
	if utf8.RuneCountInString(s) > maxQuoted {
		s = string([]rune(s)[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}

// printable returns a user's word as it is when a terminal shows it as it is,
// else quoted.
func printable(s string) string {
	if len(s) <= maxQuoted && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	return quote(s)
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = quote(w)
	}
	return out
}

// list joins words as in "a, b and c".
func list(words []string, last string) string {
	switch len(words) {
	case 0:
		return "none"
	case 1:
		return words[0]
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// nearest returns the words that are the fewest edits away from word, at most
// limit. Upper and lower case are alike, a dash is like an underscore.
func nearest(word string, words []string, limit int) []string {
	var near []string
	for _, w := range words {
		d := distance(fold(word), fold(w))
		if d > limit {
			continue
		}
		if d < limit {
			limit, near = d, nil
		}
		near = append(near, w)
	}
	return near
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// maxCompared bounds the words that are compared: none of ours is longer, and
// the comparison takes the product of both lengths.
const maxCompared = 64

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b. Words of more than 64 bytes are far from all others.
func distance(a, b string) int {
	if a == b {
		return 0
	}
	if len(a) > maxCompared || len(b) > maxCompared {
		return maxCompared
	}
	s, t := []rune(a), []rune(b)
	var before, previous []int
	current := make([]int, len(t)+1)
	for j := range current {
		current[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, previous, current = previous, current, make([]int, len(t)+1)
		current[0] = i
		for j := 1; j <= len(t); j++ {
			replaced := previous[j-1]
			if s[i-1] != t[j-1] {
				replaced++
			}
			current[j] = min(previous[j]+1, current[j-1]+1, replaced)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
	}
	return current[len(t)]
}
