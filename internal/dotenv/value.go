package dotenv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unquoted is the value of what is between two quotes. Only between double ones
// a backslash means anything.
func unquoted(inside string, quote byte) string {
	value := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(inside)
	if quote != '"' {
		return value
	}
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\"`, `"`, `\\`, `\`, `\$`, `$`).Replace(value)
}

// uniform tells whether all readers take a value as it is written, between two
// of that quote or, with 0, bare. Several lines within single quotes are too
// much for PHP, variables are put in by some, and backslashes go their own way
// in each.
func uniform(written string, quote byte) bool {
	if !utf8.ValidString(written) || strings.ContainsFunc(written, odd) {
		return false
	}
	switch quote {
	case '\'':
		return !strings.Contains(written, `'`) && !strings.HasSuffix(written, `\`)
	case '"':
		return !strings.ContainsAny(written, "\"\\$`")
	default:
		return !strings.ContainsAny(written, "'\"`\\$#") && !strings.ContainsFunc(written, unicode.IsSpace)
	}
}

// odd matches what some readers take for a line ending or a space.
func odd(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// forms are the ways to write a value, the one with that quote first.
func forms(value string, quote byte) []string {
	all := []string{value, "'" + value + "'", `"` + value + `"`}
	switch quote {
	case '\'':
		all[0], all[1] = all[1], all[0]
	case '"':
		all = []string{all[2], all[0], all[1]}
	}
	return all
}
