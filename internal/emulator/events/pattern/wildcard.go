package pattern

import (
	"strings"
)

// compileWildcard compiles a text in which * stands for any characters, none
// included; \* and \\ stand for themselves.
func compileWildcard(value any) (test, error) {
	text, ok := value.(string)
	if !ok {
		return nil, reason("wildcard match pattern must be a string")
	}
	parts, err := splitWildcard(text)
	if err != nil {
		return nil, err
	}
	return onText(func(s string) bool { return matchParts(s, parts) }), nil
}

// splitWildcard cuts a text at its wildcards. Positions in errors count from
// the quote before the text, as EventBridge's do.
func splitWildcard(text string) ([]string, error) {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			i++
			if i == len(text) || text[i] != '*' && text[i] != '\\' {
				return nil, reasonf("Invalid escape character at pos %d", i)
			}
			part.WriteByte(text[i])
		case '*':
			if i+1 < len(text) && text[i+1] == '*' {
				return nil, reasonf("Consecutive wildcard characters at pos %d", i+1)
			}
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(c)
		}
	}
	return append(parts, part.String()), nil
}

// matchParts tells whether s is parts with anything in between. Taking each
// middle part where it first occurs leaves the most for those after it.
func matchParts(s string, parts []string) bool {
	if len(parts) == 1 {
		return s == parts[0]
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	s, ok = strings.CutSuffix(s, parts[len(parts)-1])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(s, part)
		if !ok {
			return false
		}
		s = after
	}
	return true
}
