package ui

import (
	"io"
	"slices"
	"sync"
	"time"
)

// EventFeed prints events on Out as they come. On a terminal it keeps a board
// below them, on Err, of what goes on now. It is safe for concurrent use.
type EventFeed struct {
	s     *Streams
	mu    sync.Mutex
	lines *eventLines
	board *eventBoard // nil for none
	place place
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup
}

// NewEventFeed begins to print. Title is for the board, which is there when live
// and both streams are the terminal: what else reads Out would be written into
// it.
func NewEventFeed(s *Streams, title string, regions []string, live bool) *EventFeed {
	f := &EventFeed{s: s, lines: newEventLines(s, regions), stop: make(chan struct{})}
	if live && s.Live && s.OutTerminal {
		f.board = newEventBoard(style(s.Color), title, regions)
		_, _ = io.WriteString(s.Err, hideCursor)
		f.wg.Go(f.watch)
	}
	return f
}

// Board tells whether there is one.
func (f *EventFeed) Board() bool { return f.board != nil }

// Print prints events, which are in order. The error is Out's.
func (f *EventFeed) Print(events []LogEvent) error {
	if len(events) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.board != nil {
		f.board.take(events)
	}
	f.lines.layout = f.s.outLayout() // the window may have another size by now
	var err error
	f.above(func() { _, err = io.WriteString(f.s.Out, f.lines.set(events)) })
	return err
}

// Notice tells people something that is no event.
func (f *EventFeed) Notice(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.s.layout().page()
	p.line(0, 2, p.style.paint(warn, "!")+" "+clean(text))
	f.above(func() { f.s.print(p) })
}

// Say tells people how something is that is no event.
func (f *EventFeed) Say(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.s.layout().page()
	p.line(2, 2, clean(text))
	f.above(func() { f.s.print(p) })
}

// Region changes what the board says of a region.
func (f *EventFeed) Region(name string, change func(*EventRegion)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.board == nil {
		return
	}
	if i := slices.IndexFunc(f.board.regions, func(r EventRegion) bool { return r.Region == name }); i >= 0 {
		change(&f.board.regions[i])
		f.draw(time.Now())
	}
}

// Close takes the board away. Nothing is printed afterwards.
func (f *EventFeed) Close() {
	f.once.Do(func() { close(f.stop) })
	f.wg.Wait()
}

// above writes something above the board.
func (f *EventFeed) above(write func()) {
	if f.board == nil {
		write()
		return
	}
	_, _ = io.WriteString(f.s.Err, f.place.wipe(f.s.Size()))
	f.place.drawn = nil
	write()
	f.draw(time.Now())
}

func (f *EventFeed) draw(now time.Time) {
	width, height := f.s.Size()
	frame := f.board.frame(width, height, now)
	if slices.Equal(frame, f.place.drawn) && width == f.place.width && height == f.place.height {
		return
	}
	_, _ = io.WriteString(f.s.Err, f.place.replace(frame, width, height))
}

func (f *EventFeed) watch() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			f.mu.Lock()
			f.draw(now)
			f.mu.Unlock()
		case <-f.stop:
			f.mu.Lock()
			defer f.mu.Unlock()
			_, _ = io.WriteString(f.s.Err, f.place.wipe(f.s.Size())+showCursor)
			return
		}
	}
}
