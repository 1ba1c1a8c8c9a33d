package ui

import (
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// slowAfter is how long something goes on before it is told for how long, and
	// in the words of its step.
	slowAfter = 3 * time.Second
	// linger is how long a wait is still shown after its end: a step that
	// waits and looks, again and again, is one that waits.
	linger = time.Second
)

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
	// verb is what it does, as in "creating"; since when it does so. Doing are
	// the step's own words, if there is a step.
	verb, doing string
	since       time.Time
	// waitsFor is what a waiting resource waits for.
	waitsFor reconcile.Key
	hold     hold
	meter    meter
	report   reconcile.NodeReport
}

// hold is a wait within a read or a step.
type hold struct {
	what         string
	begun, ended time.Time // ended is zero while it lasts
}

// lasts tells whether there is such a wait at that time.
func (h hold) lasts(now time.Time) bool {
	return !h.begun.IsZero() && (h.ended.IsZero() || now.Sub(h.ended) < linger)
}

func (h *hold) take(e reconcile.Event) {
	if e.Kind == reconcile.Released {
		h.ended = e.At
		return
	}
	if h.what != e.Hold || !h.lasts(e.At) {
		h.begun = e.At
	}
	h.what, h.ended = e.Hold, time.Time{}
}

func (a *activity) take(e reconcile.Event) {
	a.report = e.Report
	switch e.Kind {
	case reconcile.Advanced:
		a.meter.take(e)
		return
	case reconcile.Held, reconcile.Released:
		a.hold.take(e)
		return
	default:
	}
	a.since, a.doing, a.hold, a.meter = e.At, "", hold{}, meter{}
	switch e.Kind {
	case reconcile.Reading:
		a.phase, a.verb, a.doing = reading, "reading", "reading"
	case reconcile.Waiting:
		a.phase, a.verb, a.waitsFor = waiting, "waiting", e.For
	case reconcile.Doing:
		a.phase, a.verb, a.doing = doing, verb(e.Step.Action), doingText(e.Step)
	case reconcile.Compared, reconcile.Done:
		a.phase, a.verb = queued, "ready"
	case reconcile.Finished:
		a.phase, a.verb = over, "done"
	default:
	}
}

// state is what the resource is at, in words, and since when.
func (a *activity) state(now time.Time) (words string, since time.Time) {
	held := a.hold.lasts(now)
	switch {
	case a.failed():
		return "failed", now
	case a.phase == over || a.phase == queued:
		return a.verb, now
	case a.phase == waiting:
		return "waiting for " + theKind(a.waitsFor), a.since
	case held && a.hold.what != "":
		return "waiting for " + a.hold.what, a.hold.begun
	case held:
		return a.verb + ", waiting", a.since
	case a.phase == doing && now.Sub(a.since) >= slowAfter:
		return a.doing, a.since
	default:
		return a.verb, a.since
	}
}

func (a *activity) failed() bool {
	return a.phase == over && a.report.Result == reconcile.Failed
}

// measured tells that the resource is at a step that tells how far it is, or at
// a read that takes long and does.
func (a *activity) measured(now time.Time) bool {
	return a.meter.known() && (a.phase == doing || a.phase == reading && now.Sub(a.since) >= slowAfter)
}

func doingText(s *reconcile.Step) string {
	if s.Doing == "" {
		return verb(s.Action)
	}
	return s.Doing
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
