package ui

import (
	"fmt"
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
	// lost are rows of earlier frames that scrolled off when the window became
	// lower, right above the screen.
	lost int
}

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

// rewind moves the cursor to the first line of the frame.
func (p *place) rewind(width, height int) string {
	rows := rowsOn(p.drawn, width)
	if width > p.width && p.width > 0 {
		// What scrolled off takes less rows now, nobody knows how many less.
		p.lost = p.lost * p.width / width
	}
	if height > p.height && p.height > 0 {
		// Some terminals give back what had scrolled off. On the others the
		// frame begins at the top, above which the cursor does not go.
		back := min(p.lost, height-p.height)
		rows, p.lost = rows+back, p.lost-back
	}
	if height > 0 && rows > height-1 {
		p.lost += rows - (height - 1)
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
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
