package script

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// The measures of a picture, in pixels of its own. A column is as wide as most
// fonts have it at this size; one that has it otherwise is stretched.
const (
	fontSize    = 14
	columnWidth = 8.4
	rowHeight   = 20
	margin      = 20
)

// pictureStyle has the colours of light and dark pages. A terminal's codes are
// its classes: s32 is green.
const pictureStyle = `
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
rect{fill:#f6f8fa;stroke:#d1d9e0}
.s1{font-weight:bold}.s2{fill:#59636e}.s31{fill:#c21c2c}.s32{fill:#116329}.s33{fill:#7d4e00}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}
rect{fill:#161b22;stroke:#3d444d}
.s2{fill:#9198a1}.s31{fill:#ff7b72}.s32{fill:#56d364}.s33{fill:#e3b341}
}
`

// picture draws the screen as the last program left it, behind the line that
// was typed to start it, and compares it with a file of docs. What differs from
// run to run may differ.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 2 || w.screen == nil {
		ts.Fatalf("usage: picture FILE LINE, after a program ended on a terminal")
	}
	path := filepath.Join("..", "docs", args[0])
	got := w.screen.svg(args[1])
	had, err := os.ReadFile(path)
	if err == nil && steady(string(had)) == steady(got) {
		return
	}
	if !*update {
		ts.Fatalf("docs/%s is not what the screen shows; draw it anew with: go test ./script -run Scripts/picture -update", args[0])
	}
	ts.Check(os.WriteFile(path, []byte(got), 0o644))
}

// steady hides what differs from run to run.
func steady(text string) string {
	for _, c := range constants {
		text = c.pattern.ReplaceAllString(text, c.put)
	}
	return blank(regexp.MustCompile(`\d+ requests`).ReplaceAllString(text, "N requests"))
}

// svg is the screen as a picture with a prompt and a typed line at its top.
func (s *screen) svg(typed string) string {
	rows := append([][]cell{cells("$ ", "2")}, s.rows...)
	rows[0] = append(rows[0], cells(typed, "1")...)
	for len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	width := 2*margin + columnWidth*float64(s.cols)
	height := 2*margin + rowHeight*len(rows)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" role="img">`, width, height)
	fmt.Fprintf(&b, "\n<title>%s on a terminal</title>\n<style>%s</style>\n", html.EscapeString(typed), pictureStyle)
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%.0f" height="%d" rx="8"/>`+"\n", width-1, height-1)
	for i, row := range rows {
		drawRow(&b, row, margin+rowHeight*i+fontSize)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func cells(text, style string) []cell {
	var all []cell
	for _, char := range text {
		all = append(all, cell{string(char), style})
	}
	return all
}

// drawRow writes a text for each run of cells of one style. Two blanks end a
// run too, since SVG makes one of them.
func drawRow(b *strings.Builder, row []cell, y int) {
	for begin := 0; begin < len(row); {
		if row[begin].char == " " {
			begin++
			continue
		}
		end, text := begin, ""
		for end < len(row) && row[end].style == row[begin].style && !blanks(row[end:]) {
			text += row[end].char
			end++
		}
		text = strings.TrimRight(text, " ")
		fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
			margin+columnWidth*float64(begin), y, columnWidth*float64(utf8.RuneCountInString(text)),
			class(row[begin].style), html.EscapeString(text))
		begin = end
	}
}

func blanks(row []cell) bool { return len(row) > 1 && row[0].char == " " && row[1].char == " " }

func class(style string) string {
	if style == "" {
		return ""
	}
	return fmt.Sprintf(` class="s%s"`, strings.ReplaceAll(style, ";", " s"))
}
