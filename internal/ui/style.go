package ui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// role is what a piece of text means; its colour is one of the terminal's own
// sixteen, so that it fits every theme. Symbols and words say the same.
type role string

const (
	plain  role = ""
	add    role = "32"
	change role = "33"
	remove role = "31"
	ok     role = "32"
	warn   role = "33"
	fail   role = "31"
	dim    role = "2"
	bold   role = "1"
)

// style paints text, or leaves it alone when false.
type style bool

// It is not inlined: the calls are hundreds, and each would be larger.
//
//go:noinline
func (s style) paint(r role, text string) string {
	if !bool(s) || r == plain || text == "" {
		return text
	}
	return "\x1b[" + string(r) + "m" + text + "\x1b[0m"
}

// clean shows what could move a terminal's cursor, change its state or turn
// the text around as escapes. Text of others goes through it before anything
// is added to it.
func clean(text string) string {
	if !strings.ContainsFunc(text, unsafeRune) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unsafeRune(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case unsafeRune(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unsafeRune matches control characters and the invisible ones of Unicode's
// category Cf that reorder text or hide it.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}
