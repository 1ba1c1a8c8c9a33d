package script

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// screen is what a terminal shows after all that was sent to it. It has as
// many rows as it takes, and knows the codes that yolo may use, no others.
type screen struct {
	cols     int
	rows     [][]cell // one a column
	row, col int
	hidden   bool   // the cursor
	style    string // of what is written next
}

// cell is a character and the code of its colours, "" for none.
type cell struct{ char, style string }

var code = regexp.MustCompile(`^\x1b\[(\??)([0-9;]*)([A-Za-z])`)

func draw(sent string, cols int) *screen {
	s := &screen{cols: cols}
	for sent != "" {
		if found := code.FindStringSubmatch(sent); found != nil {
			s.obey(found[1]+found[3], found[2])
			sent = sent[len(found[0]):]
			continue
		}
		char, size := utf8.DecodeRuneInString(sent)
		sent = sent[size:]
		switch char {
		case '\r':
			s.col = 0
		case '\n':
			s.row++
		default:
			s.put(string(char))
		}
	}
	return s
}

func (s *screen) obey(what, number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 1
	}
	switch what {
	case "A":
		s.row = max(0, s.row-n)
	case "B":
		s.row += n
	case "K":
		s.line()
		s.rows[s.row] = s.rows[s.row][:min(s.col, len(s.rows[s.row]))]
	case "J":
		s.obey("K", "")
		s.rows = s.rows[:s.row+1]
	case "?l":
		s.hidden = s.hidden || n == 25
	case "?h":
		s.hidden = s.hidden && n != 25
	case "m":
		s.style = strings.Trim(number, "0")
	default:
		s.put("<unknown code " + what + ">")
	}
}

// line makes sure that the cursor's row is there.
func (s *screen) line() {
	for len(s.rows) <= s.row {
		s.rows = append(s.rows, nil)
	}
}

// put writes a character, all of which take one column here. The row is left
// only when something comes that has no room on it.
func (s *screen) put(char string) {
	if s.col == s.cols {
		s.row, s.col = s.row+1, 0
	}
	s.line()
	row := s.rows[s.row]
	for len(row) <= s.col {
		row = append(row, cell{char: " "})
	}
	row[s.col] = cell{char, s.style}
	s.rows[s.row], s.col = row, s.col+1
}

func (s *screen) text() string {
	var b strings.Builder
	for _, row := range s.rows {
		line := ""
		for _, one := range row {
			line += one.char
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// narrow looks for wide lines in what was sent, since the screen has wrapped
// them already.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: narrow N")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	codes := regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	for line := range strings.Lines(codes.ReplaceAllString(ts.ReadFile("stderr"), "")) {
		line = strings.TrimRight(line, "\r\n")
		if utf8.RuneCountInString(line) > most && len(strings.Fields(line)) > 1 {
			ts.Fatalf("wider than %d: %q", most, line)
		}
	}
}
