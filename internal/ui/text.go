package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	// defaultWidth is for a terminal that does not know its own.
	defaultWidth = 80
	// narrow is the width under which indents are halved.
	narrow = 60
	// fixedSpace is a space at which no line is wrapped.
	fixedSpace = "\u00a0"
)

// layout is how text for people is set: its colours, and the columns at which
// lines are wrapped; 0 means never.
type layout struct {
	style style
	width int
}

// page collects lines of text.
type page struct {
	layout
	// full wants every attribute of what is made new.
	full bool
	b    strings.Builder
}

func (l layout) page() *page { return &page{layout: l} }

func (p *page) String() string { return p.b.String() }

// blank adds an empty line between what is there and what comes.
func (p *page) blank() {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
}

// line adds text, indented; lines that it is wrapped into are indented by
// hang more. A narrow screen has half the indent.
func (p *page) line(indent, hang int, text string) {
	if p.width > 0 && p.width < narrow {
		indent, hang = indent/2, (hang+1)/2
	}
	for _, line := range p.wrap(text, indent, indent+hang) {
		p.b.WriteString(strings.TrimRight(strings.ReplaceAll(line, fixedSpace, " "), " "))
		p.b.WriteByte('\n')
	}
}

// wrap breaks text at spaces, into a line that is indented by first and lines
// that are indented by rest.
func (l layout) wrap(text string, first, rest int) []string {
	if l.width <= 0 {
		return []string{spaces(first) + text}
	}
	var lines []string
	line, empty := spaces(first), true
	for i, word := range strings.Split(text, " ") {
		if i > 0 && !empty {
			word = " " + word
		}
		if ansi.StringWidth(line+word) <= l.width {
			line, empty = line+word, empty && word == ""
			continue
		}
		if !empty {
			lines = append(lines, line)
		}
		word = strings.TrimPrefix(word, " ")
		if word == "" {
			line, empty = spaces(rest), true
			continue
		}
		whole := l.alone(word, rest)
		lines = append(lines, whole[:len(whole)-1]...)
		line, empty = whole[len(whole)-1], false
	}
	return append(lines, line)
}

// alone begins a line with a word. One that has no room after the indent gets
// less of it, and is cut only when it is wider than the screen.
func (l layout) alone(word string, indent int) []string {
	width := ansi.StringWidth(word)
	if width <= l.width {
		return []string{spaces(min(indent, l.width-width)) + word}
	}
	var lines []string
	for ansi.StringWidth(word) > l.width-indent {
		part := ansi.Truncate(word, max(l.width-indent, 1), "")
		lines = append(lines, spaces(indent)+part)
		word = ansi.TruncateLeft(word, ansi.StringWidth(part), "")
	}
	return append(lines, spaces(indent)+word)
}

func spaces(n int) string { return strings.Repeat(" ", max(n, 0)) }

// pad fills text up to width columns.
func pad(text string, width int) string {
	return text + spaces(width-ansi.StringWidth(text))
}

// seconds shows a duration as people read it: tenths up to a minute.
func seconds(d time.Duration) string {
	if d < time.Minute-50*time.Millisecond {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
