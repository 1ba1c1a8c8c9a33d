package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearLine  = "\x1b[K"
	clearDown  = "\x1b[J"
)

// live is progress that redraws itself, ten times a second at most. It writes
// only, and asks the terminal nothing.
type live struct {
	out  io.Writer
	size func() (width, height int)
	stop chan struct{}
	once sync.Once
	wg   sync.WaitGroup

	mu    sync.Mutex
	board *board
	group map[string]*progressGroup

	// drawn is the frame on the screen; only watch touches it.
	drawn []string
}

func newLive(s *Streams, title string, groups []reconcile.Group, regions []string) *live {
	l := &live{
		out: s.Err, size: s.Size, stop: make(chan struct{}),
		board: newBoard(style(s.Color), title, regions, time.Now()), group: map[string]*progressGroup{},
	}
	for _, g := range groups {
		l.group[g.ID] = &progressGroup{title: g.Title}
		l.board.groups = append(l.board.groups, l.group[g.ID])
	}
	l.wg.Go(l.watch)
	return l
}

// Observe brings the picture up to date; it is drawn later.
func (l *live) Observe(e reconcile.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.group[e.Report.Group]; g != nil {
		l.board.take(g, e)
	}
}

// Stopping says so in the picture's first line.
func (l *live) Stopping() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.board.stopping = true
}

// Close clears the picture and shows the cursor again.
func (l *live) Close() {
	l.once.Do(func() { close(l.stop) })
	l.wg.Wait()
}

func (l *live) watch() {
	l.write(hideCursor)
	ticker := time.NewTicker(spin)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			l.draw(now)
		case <-l.stop:
			width, _ := l.size()
			l.write(wipe(l.drawn, width) + showCursor)
			return
		}
	}
}

// draw replaces the frame on the screen. The size is asked for each time, so
// that a resized window is right within a frame.
func (l *live) draw(now time.Time) {
	width, height := l.size()
	l.mu.Lock()
	frame := l.board.frame(width, height, now)
	l.mu.Unlock()
	var b strings.Builder
	b.WriteString(rewind(l.drawn, width))
	for _, line := range frame {
		// A line as wide as the screen leaves the cursor on its last column,
		// which clearing afterwards would take with it.
		b.WriteString(clearLine + line + "\r\n")
	}
	b.WriteString(clearDown)
	l.write(b.String())
	l.drawn = frame
}

// wipe takes a frame off the screen and leaves the cursor where it began. It
// never clears all of the screen at once, which makes some terminals save what
// was on it.
func wipe(frame []string, width int) string {
	if len(frame) == 0 {
		return "\r"
	}
	return rewind(frame, width) + clearLine + "\x1b[1B" + clearDown + "\x1b[1A"
}

// rewind moves the cursor to the first line of a frame. On a window that
// became narrower the terminal has wrapped the longer lines.
func rewind(frame []string, width int) string {
	rows := 0
	for _, line := range frame {
		rows++
		if w := ansi.StringWidth(line); width > 0 && w > width {
			rows += (w - 1) / width
		}
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}

func (l *live) write(text string) { _, _ = io.WriteString(l.out, text) }
