package ui

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// vt is a terminal with a memory of what scrolled off, which breaks long lines
// anew when its width changes. It knows the codes that yolo may use, no others.
type vt struct {
	mu            sync.Mutex
	width, height int
	past          []vtLine // scrolled off
	lines         []vtLine // on the screen
	row, col      int
	hidden        bool     // the cursor
	wrapped       int      // how often a line that was written had no room
	unknown       []string // codes
	// returns tells that a window that becomes higher shows again what had
	// scrolled off.
	returns bool
	// breaks tells that this is broken anew too.
	breaks bool
}

// vtLine is a row; one that is broken goes on in the next. Each column is a
// character, with those that take no room behind it, or "" for the right half of
// a wide one.
type vtLine struct {
	columns []string
	broken  bool
}

func (l vtLine) text() string { return strings.TrimRight(strings.Join(l.columns, ""), " ") }

// cut is the line up to a column, without half a character.
func (l vtLine) cut(col int) []string {
	switch {
	case col >= len(l.columns):
		return l.columns
	case col > 0 && l.columns[col] == "":
		return l.columns[:col-1]
	}
	return l.columns[:col]
}

func newVT(width, height int) *vt { return &vt{width: width, height: height, lines: make([]vtLine, 1)} }

var vtCode = regexp.MustCompile(`^\x1b\[(\??)([0-9;]*)([A-Za-z])`)

func (v *vt) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for sent := string(p); sent != ""; {
		if found := vtCode.FindStringSubmatch(sent); found != nil {
			v.obey(found[1]+found[3], found[2])
			sent = sent[len(found[0]):]
			continue
		}
		char, size := utf8.DecodeRuneInString(sent)
		sent = sent[size:]
		switch char {
		case '\r':
			v.col = 0
		case '\n':
			v.down()
		default:
			v.put(char)
		}
	}
	return len(p), nil
}

func (v *vt) obey(what, number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 1
	}
	switch what {
	case "A":
		v.row = max(0, v.row-n)
	case "B":
		v.row = min(v.height-1, v.row+n)
		v.upTo(v.row)
	case "K":
		v.lines[v.row] = vtLine{columns: v.lines[v.row].cut(v.col)}
	case "J":
		v.obey("K", "")
		v.lines = v.lines[:v.row+1]
	case "?l":
		v.hidden = v.hidden || n == 25
	case "?h":
		v.hidden = v.hidden && n != 25
	case "m":
	default:
		v.unknown = append(v.unknown, what)
	}
}

// upTo makes sure that there is such a row.
func (v *vt) upTo(row int) {
	for len(v.lines) <= row {
		v.lines = append(v.lines, vtLine{})
	}
}

func (v *vt) down() {
	v.row++
	v.upTo(v.row)
	v.scroll()
}

func (v *vt) scroll() {
	for len(v.lines) > v.height {
		v.past, v.lines = append(v.past, v.lines[0]), v.lines[1:]
		v.row--
	}
}

// put writes a character. A row is left only when something comes that has no
// room on it.
func (v *vt) put(char rune) {
	wide := 1
	if char >= utf8.RuneSelf {
		wide = ansi.StringWidth(string(char))
	}
	if v.col+wide > v.width {
		v.wrapped++
		v.lines[v.row].broken = true
		v.down()
		v.col = 0
	}
	line := &v.lines[v.row]
	for len(line.columns) < v.col+wide {
		line.columns = append(line.columns, " ")
	}
	switch {
	case wide == 0 && v.col > 0:
		line.columns[v.col-1] += string(char)
	case wide > 0:
		line.write(v.col, wide, string(char))
	}
	v.col += wide
}

// write puts a character in the place of others. Of a wide one of which a half
// is left, nothing is shown.
func (l *vtLine) write(col, wide int, char string) {
	if col > 0 && l.columns[col] == "" {
		l.columns[col-1] = " "
	}
	if end := col + wide; end < len(l.columns) && l.columns[end] == "" {
		l.columns[end] = " "
	}
	l.columns[col] = char
	for i := col + 1; i < col+wide; i++ {
		l.columns[i] = ""
	}
}

func (v *vt) size() (width, height int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.width, v.height
}

func rebroken(lines []vtLine, width int) []vtLine {
	var all []vtLine
	var whole []string
	for i, line := range lines {
		if whole = append(whole, line.columns...); line.broken && i < len(lines)-1 {
			continue
		}
		for len(whole) > width {
			first := vtLine{whole, true}.cut(width)
			all = append(all, vtLine{slices.Clone(first), true})
			whole = whole[len(first):]
		}
		all = append(all, vtLine{slices.Clone(whole), false})
		whole = nil
	}
	return all
}

// resize breaks all lines anew and keeps the cursor where it is in the text.
func (v *vt) resize(width, height int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	higher := height > v.height
	v.width, v.height = width, height
	lines, row := rebroken(v.lines, width), len(rebroken(v.lines[:v.row], width))
	v.lines, v.row = lines, row
	if v.breaks {
		v.past = rebroken(v.past, width)
	}
	v.scroll()
	for v.returns && higher && len(v.past) > 0 && len(v.lines) < height {
		last := len(v.past) - 1
		v.lines = append([]vtLine{v.past[last]}, v.lines...)
		v.past = v.past[:last]
		v.row++
	}
}

// text is what is on the screen, all also what scrolled off.
func (v *vt) text() string { return v.textOf(func() []vtLine { return v.lines }) }

func (v *vt) all() string {
	return v.textOf(func() []vtLine { return slices.Concat(v.past, v.lines) })
}

func (v *vt) textOf(lines func() []vtLine) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for _, line := range lines() {
		b.WriteString(line.text() + "\n")
	}
	return b.String()
}
