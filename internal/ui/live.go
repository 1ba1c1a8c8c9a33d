package ui

import (
	"io"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
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

	place place // only watch touches it
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
			l.write(l.place.wipe(l.size()) + showCursor)
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
	l.write(l.place.replace(frame, width, height))
}

func (l *live) write(text string) { _, _ = io.WriteString(l.out, text) }
