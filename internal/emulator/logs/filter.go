package logs

import (
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// filter tells whether a message passes a filter pattern.
type filter func(message string) bool

// compileFilter reads a pattern of terms (CloudWatch Logs User Guide, "Filter
// pattern syntax"): a term or "a phrase" must occur, one with - must not, and
// of those with ? at least one must. JSON, column and regular expression
// patterns are not there.
func compileFilter(pattern string) (filter, error) {
	if strings.HasPrefix(strings.TrimSpace(pattern), "{") || strings.ContainsAny(pattern, "[%") {
		return nil, wire.Errorf(http.StatusNotImplemented, "NotImplemented", "the emulator has filter patterns of terms only")
	}
	var all, none, some []string
	for rest := strings.TrimSpace(pattern); rest != ""; rest = strings.TrimSpace(rest) {
		kind := &all
		switch rest[0] {
		case '-':
			kind, rest = &none, rest[1:]
		case '?':
			kind, rest = &some, rest[1:]
		}
		term, after, ok := nextTerm(rest)
		if !ok {
			return nil, invalidParameter("Invalid filter pattern")
		}
		*kind, rest = append(*kind, term), after
	}
	return func(message string) bool {
		contains := func(term string) bool { return strings.Contains(message, term) }
		return howMany(all, contains) == len(all) && howMany(none, contains) == 0 && (len(some) == 0 || howMany(some, contains) > 0)
	}, nil
}

// nextTerm reads one term, in quotes or up to a space.
func nextTerm(text string) (term, after string, ok bool) {
	if quoted, isQuoted := strings.CutPrefix(text, `"`); isQuoted {
		return strings.Cut(quoted, `"`)
	}
	term, after, _ = strings.Cut(text, " ")
	for _, c := range term {
		if c != '_' && c != '.' && !isAlphanumeric(c) {
			return "", "", false
		}
	}
	return term, after, term != ""
}

func isAlphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func howMany(terms []string, holds func(string) bool) int {
	n := 0
	for _, term := range terms {
		if holds(term) {
			n++
		}
	}
	return n
}
