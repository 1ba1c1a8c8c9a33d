package logs

import (
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// filter tells whether a message passes a filter pattern.
type filter func(message string) bool

// compileFilter reads a pattern of terms (CloudWatch Logs User Guide, "Filter
// pattern syntax"): a term or "a phrase" must occur, one with - must not; or of
// terms that all begin with ? at least one must occur. JSON, column and regular
// expression patterns are not there, nor is what ? means beside other terms.
func compileFilter(pattern string) (filter, error) {
	var all, none, some []string
	for rest := strings.TrimSpace(pattern); rest != ""; rest = strings.TrimSpace(rest) {
		kind := &all
		switch rest[0] {
		case '{', '[', '%':
			return nil, notThere("filter patterns of terms only")
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
	if len(some) > 0 && len(all)+len(none) > 0 {
		return nil, notThere("no filter patterns in which terms with ? are beside others")
	}
	return func(message string) bool {
		contains := func(term string) bool { return strings.Contains(message, term) }
		lacks := func(term string) bool { return !contains(term) }
		return !slices.ContainsFunc(all, lacks) && !slices.ContainsFunc(none, contains) &&
			(len(some) == 0 || slices.ContainsFunc(some, contains))
	}, nil
}

func notThere(what string) error {
	return wire.Errorf(http.StatusNotImplemented, wire.CodeNotImplemented, "the emulator has "+what)
}

// nextTerm reads one term, in quotes or up to a space. In quotes a backslash
// goes before a quote that belongs to the term.
func nextTerm(text string) (term, after string, ok bool) {
	if quoted, isQuoted := strings.CutPrefix(text, `"`); isQuoted {
		return phrase(quoted)
	}
	term, after, _ = strings.Cut(text, " ")
	for _, c := range term {
		if c != '_' && c != '.' && !isAlphanumeric(c) {
			return "", "", false
		}
	}
	return term, after, term != ""
}

// phrase reads up to the closing quote.
func phrase(text string) (term, after string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], true
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

func isAlphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
