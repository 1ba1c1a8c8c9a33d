package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearLine  = "\x1b[K"
	clearDown  = "\x1b[J"
)

// place is where on the terminal a frame is, above the cursor. The zero value
// has none yet.
type place struct {
	drawn         []string // the frame that is there
	width, height int      // of the terminal when it was drawn
	// gone are lines of frames that scrolled off when the window became lower,
	// above the screen.
	gone []goneLine
}

// goneLine is a line and the rows that it had.
type goneLine struct {
	text string
	rows int
}

// rowsOn is how many rows the line has at least: not every terminal breaks anew
// what has scrolled off.
func (g goneLine) rowsOn(width int) int { return min(g.rows, rowsOn([]string{g.text}, width)) }

// replace draws a frame in the place of the one before.
func (p *place) replace(frame []string, width, height int) string {
	var b strings.Builder
	b.WriteString(p.rewind(width, height))
	for _, line := range frame {
		// A line as wide as the screen leaves the cursor on its last column,
		// which clearing afterwards would take with it.
		b.WriteString(clearLine + line + "\r\n")
	}
	b.WriteString(clearDown)
	p.drawn, p.width, p.height = frame, width, height
	return b.String()
}

// wipe takes the frame off the screen and leaves the cursor where it began. It
// never clears all of the screen at once, which makes some terminals save what
// was on it.
func (p *place) wipe(width, height int) string {
	if len(p.drawn) == 0 {
		return "\r"
	}
	return p.rewind(width, height) + clearLine + "\x1b[1B" + clearDown + "\x1b[1A"
}

// rewind moves the cursor to the first line of the frame, or of what the
// terminal gave back of earlier ones.
func (p *place) rewind(width, height int) string {
	rows := 0
	if height > p.height && p.height > 0 {
		// Some terminals give back what had scrolled off. On the others the
		// frame begins at the top, above which the cursor does not go.
		rows = p.back(height-p.height, width)
	}
	rows += rowsOn(p.drawn, width)
	if height > 0 {
		p.lose(rows-(height-1), width)
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}

// back takes as many of the last lines that are gone as there are in that many
// rows, and tells in how many.
func (p *place) back(most, width int) (rows int) {
	for i, line := range slices.Backward(p.gone) {
		if rows+line.rowsOn(width) > most {
			break
		}
		rows += line.rowsOn(width)
		p.gone = p.gone[:i]
	}
	return rows
}

// lose keeps in mind the frame's lines that are in its first rows, which have no
// room on the screen any more. A line of which only a part is gone is not among
// them: some terminals join it with what is drawn next, and nothing above it is
// to be touched.
func (p *place) lose(rows, width int) {
	for _, line := range p.drawn {
		has := rowsOn([]string{line}, width)
		if rows -= has; rows < 0 {
			return
		}
		p.gone = append(p.gone, goneLine{line, has})
	}
}

// rowsOn is how many rows lines take. On a window that became narrower the
// terminal has wrapped the longer ones.
func rowsOn(lines []string, width int) int {
	rows := 0
	for _, line := range lines {
		rows++
		if w := ansi.StringWidth(line); width > 0 && w > width {
			rows += (w - 1) / width
		}
	}
	return rows
}
