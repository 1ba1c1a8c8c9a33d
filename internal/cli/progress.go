package cli

import (
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/ui"
)

// progress is the picture of the pass that goes on, as those see it who end
// the run from outside: a signal, or its second one. The zero value shows
// nothing.
type progress struct {
	mu       sync.Mutex
	current  ui.Picture // nil between two passes
	stopping bool
	closed   bool // for good
}

// show makes p the picture from now on. The function that it returns ends it.
func (p *progress) show(picture ui.Picture) (hide func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		picture.Close()
		return func() {}
	}
	p.current = picture
	if p.stopping {
		picture.Stopping()
	}
	return func() {
		picture.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.current = nil
	}
}

// interrupt tells people that the end of what is in flight is awaited.
func (p *progress) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopping = true
	if p.current != nil {
		p.current.Stopping()
	}
}

// close ends the picture, and lets none begin any more.
func (p *progress) close() {
	p.mu.Lock()
	current := p.current
	p.closed = true
	p.mu.Unlock()
	if current != nil {
		current.Close()
	}
}

// abandonedError is the end of a run that was interrupted twice.
type abandonedError struct{}

func (abandonedError) Error() string {
	return "ended at once: calls that were in flight may have had their effect"
}

// Hint says how to get out of the uncertainty.
func (abandonedError) Hint() string {
	return "run the same command again; it finds out, and goes on from there"
}

// abandon leaves the terminal as it was. A terminal that takes nothing, or a
// pipe that is full, does not hold up the end.
func (s *session) abandon() {
	said := make(chan struct{})
	go func() {
		defer close(said)
		s.progress.close()
		ui.Error(s.streams, abandonedError{})
	}()
	select {
	case <-said:
	case <-time.After(lastWordsWithin):
	}
}

const lastWordsWithin = 500 * time.Millisecond
