package manifest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

const (
	// maxExcerpt is the width an excerpt is cut to, in characters.
	maxExcerpt = 100
	byteOrder  = "\uFEFF"
)

// source is the text of a manifest.
type source struct {
	path  string
	mark  string // the byte order mark, if there is one
	text  string // without it
	lines []string
	// runes holds the lines that were asked for, by number. A file may be one
	// long line, and have a finding for each word of it.
	runes map[int][]rune
}

func newSource(path, text string) *source {
	mark := ""
	if strings.HasPrefix(text, byteOrder) {
		mark, text = byteOrder, text[len(byteOrder):]
	}
	return &source{path: path, mark: mark, text: text, lines: splitLines(text), runes: map[int][]rune{}}
}

// line returns the characters of a line without the spaces at its end, none
// when there is no such line.
func (s *source) line(number int) []rune {
	if number < 1 || number > len(s.lines) {
		return nil
	}
	line, ok := s.runes[number]
	if !ok {
		line = []rune(strings.TrimRight(s.lines[number-1], " "))
		s.runes[number] = line
	}
	return line
}

// splitLines breaks where the YAML parser does.
func splitLines(text string) []string {
	var lines []string
	for {
		at := strings.IndexAny(text, lineBreaks)
		if at < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:at])
		text = text[at+len(lineBreak(text[at:])):]
	}
}

// lineBreaks are those of YAML 1.1, which knows three beside CR and LF.
const lineBreaks = "\r\n\u0085\u2028\u2029"

// lineBreak returns the break that text begins with, empty for none.
func lineBreak(text string) string {
	if strings.HasPrefix(text, "\r\n") {
		return text[:2]
	}
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || !strings.ContainsRune(lineBreaks, r) {
		return ""
	}
	return text[:size]
}

func (s *source) position(line, column int) Position {
	return Position{File: s.path, Line: max(line, 1), Column: max(column, 1)}
}

func (s *source) at(n *yaml.Node) Position { return s.position(n.Line, n.Column) }

// offset returns the position of a byte of the text.
func (s *source) offset(index int) Position {
	before := splitLines(s.text[:index])
	return s.position(len(before), utf8.RuneCountInString(before[len(before)-1])+1)
}

// end returns the last position that holds text.
func (s *source) end() Position {
	for i, line := range slices.Backward(s.lines) {
		if line = strings.TrimRight(line, " \t"); line != "" {
			return s.position(i+1, utf8.RuneCountInString(line))
		}
	}
	return s.position(1, 1)
}

// rest returns the source line from a position on, as far as excerpts show it.
func (s *source) rest(p Position) string {
	line := s.line(p.Line)
	start := min(p.Column-1, len(line))
	return string(line[start:min(start+maxExcerpt+2, len(line))])
}

// width returns how many characters of the node's first line are the node's own.
func (s *source) width(n *yaml.Node) int {
	rest := s.rest(s.at(n))
	own := ""
	switch {
	case n.Kind == yaml.AliasNode:
		own = "*" + n.Value
	case n.Kind != yaml.ScalarNode || n.Value == "":
	case rest != "" && strings.HasPrefix(n.Value, rest):
		own = rest
	case strings.HasPrefix(rest, n.Value):
		own = n.Value
	case strings.HasPrefix(rest, `"`+n.Value+`"`), strings.HasPrefix(rest, "'"+n.Value+"'"):
		own = `"` + n.Value + `"`
	}
	return max(1, utf8.RuneCountInString(own))
}

// excerpt returns the line of a position, the columns before the position in
// it, and the width that is left of the wanted one.
func (s *source) excerpt(p Position, width int) (text string, caret, shown int) {
	line := s.line(p.Line)
	caret = min(p.Column-1, len(line))
	start := 0
	if len(line) > maxExcerpt {
		start = max(0, min(caret-maxExcerpt/2, len(line)-maxExcerpt))
	}
	cut := line[start:min(len(line), start+maxExcerpt)]
	out := make([]rune, 0, len(cut)+2)
	if start > 0 {
		out = append(out, '…')
	}
	caret += len(out) - start
	for _, r := range cut {
		out = append(out, visible(r))
	}
	if start+len(cut) < len(line) {
		out = append(out, '…')
	}
	return string(out), caret, max(1, min(width, len(out)-caret))
}

// visible keeps control and formatting characters of a file off the terminal.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return '→'
	case unicode.IsPrint(r):
		return r
	}
	return utf8.RuneError
}
