package ui

import (
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// Progress shows people what a run does while it does it.
type Progress interface {
	// Observe takes the engine's events, one at a time.
	Observe(e reconcile.Event)
	// Stopping says that the run was interrupted and ends when what is in
	// flight has ended. It may be called from any goroutine.
	Stopping()
	// Close ends the progress and leaves the place to the summary. It may be
	// called again, from any goroutine, and must be before the program exits.
	Close()
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

// phase is what a resource is at, from the least to the most telling: of
// several resources in one place the highest is shown.
type phase int

const (
	over phase = iota
	queued
	reading
	waiting
	doing
)

// activity is one resource in a run.
type activity struct {
	key   reconcile.Key
	phase phase
	// verb is what it does, as in "creating"; since when it does so.
	verb  string
	since time.Time
	// waitsFor is what a waiting resource waits for.
	waitsFor reconcile.Key
	// held tells that what it does waits, for what hold says.
	held     bool
	hold     string
	progress reconcile.Progress
	report   reconcile.NodeReport
}

func (a *activity) take(e reconcile.Event) {
	a.report = e.Report
	switch e.Kind {
	case reconcile.Advanced:
		a.progress = e.Progress
		return
	case reconcile.Held, reconcile.Released:
		a.held, a.hold = e.Kind == reconcile.Held, e.Hold
		return
	default:
	}
	a.since, a.held, a.progress = e.At, false, reconcile.Progress{}
	switch e.Kind {
	case reconcile.Reading:
		a.phase, a.verb = reading, "reading"
	case reconcile.Waiting:
		a.phase, a.verb, a.waitsFor = waiting, "waiting", e.For
	case reconcile.Doing:
		a.phase, a.verb = doing, verb(e.Step.Action)
	case reconcile.Compared, reconcile.Done:
		a.phase, a.verb = queued, "about to go on"
	case reconcile.Finished:
		a.phase, a.verb = over, "done"
	default:
	}
}

// state is the phase in words.
func (a *activity) state() string {
	switch {
	case a.failed():
		return "failed"
	case a.phase == waiting:
		return "waiting for " + a.waitsFor.Kind
	default:
		return a.verb
	}
}

func (a *activity) failed() bool {
	return a.phase == over && a.report.Result == reconcile.Failed
}

func verb(a reconcile.Action) string {
	switch a {
	case reconcile.Create:
		return "creating"
	case reconcile.Update:
		return "changing"
	case reconcile.Delete:
		return "deleting"
	case reconcile.Check:
		return "checking"
	default:
		return fmt.Sprintf("action %d", a)
	}
}
