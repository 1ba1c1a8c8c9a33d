package manifest

import (
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// sketch is YAML in block style before it is known how deep it is indented.
type sketch []sketchLine

type sketchLine struct {
	depth int // in steps of the indentation
	text  string
}

// lines are a sketch without indentation.
func lines(texts ...string) sketch {
	s := make(sketch, len(texts))
	for i, text := range texts {
		s[i].text = text
	}
	return s
}

// deeper returns the sketch indented by one step more.
func (s sketch) deeper() sketch {
	out := make(sketch, len(s))
	for i, line := range s {
		out[i] = sketchLine{line.depth + 1, line.text}
	}
	return out
}

// text writes the sketch from a column on, which counts from 1. Each step has
// so many spaces, and each line the ending.
func (s sketch) text(column, step int, ending string) string {
	var b strings.Builder
	for _, line := range s {
		if line.text != "" {
			b.WriteString(strings.Repeat(" ", column-1+line.depth*step) + line.text)
		}
		b.WriteString(ending)
	}
	return b.String()
}

var (
	// plainForm is a text that is a string to every reader of YAML, and a word
	// to every shell, but for the words of otherType.
	plainForm = lazyregexp.New(`^[A-Za-z][A-Za-z0-9._-]*$`)
	// otherType are the words that YAML 1.1 or 1.2 takes for null or a boolean.
	otherType = lazyregexp.New(`^(?i:null|true|false|yes|no|on|off|y|n)$`)
)

// scalarText writes a string of valid UTF-8 as YAML, in quotes if it needs
// them.
func scalarText(s string) string {
	if plainForm.MatchString(s) && !otherType.MatchString(s) {
		return s
	}
	return quotedText(s)
}

// quotedText writes a string in double quotes. Of Go's escapes, YAML has all
// that occur in valid UTF-8.
func quotedText(s string) string { return strconv.Quote(s) }
