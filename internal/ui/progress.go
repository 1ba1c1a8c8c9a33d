package ui

import "github.com/yolo-live/yolo/internal/reconcile"

// Picture is what people see of a run while it goes on.
type Picture interface {
	// Stopping says that the run was interrupted and ends when what is in
	// flight has ended. It may be called from any goroutine.
	Stopping()
	// Close ends the progress and leaves the place to the summary. It may be
	// called again, from any goroutine, and must be before the program exits.
	Close()
}

// Progress shows people what an engine does while it does it.
type Progress interface {
	Picture
	// Observe takes the engine's events, one at a time.
	Observe(e reconcile.Event)
}

// NewProgress begins to show a run of the groups: live on a terminal, as lines
// elsewhere, or not at all when that was asked for. Title is a few words on
// what is being done; regions are shown in the order given here.
func NewProgress(s *Streams, title string, groups []reconcile.Group, regions []string) Progress {
	switch {
	case s.Quiet:
		return quiet{}
	case s.Live:
		return newLive(s, title, groups, regions)
	default:
		return newLines(s)
	}
}

type quiet struct{}

func (quiet) Observe(reconcile.Event) {}
func (quiet) Stopping()               {}
func (quiet) Close()                  {}

// stoppingText tells somebody who waits what is waited for, and the way out.
const stoppingText = "interrupted: waiting for the calls in flight; Ctrl-C again ends at once"
