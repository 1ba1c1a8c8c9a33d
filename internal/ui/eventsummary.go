package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// EventsReport is what there is to say about a reading of the log beside the
// events.
type EventsReport struct {
	// Total is how many events there were, Shown how many of them were shown, and
	// Failed how many told of a failure.
	Total, Shown, Failed int
	// Silent is how many destinations failed of which no event tells.
	Silent int
	// Since is the time from which on there was asked for events.
	Since time.Time
	// Followed is for how long events were waited for; 0 when they were not.
	Followed time.Duration
	// Regions are those that were read.
	Regions []string
	// Status is the command that tells whether events would be logged, and SwitchOn
	// what to do where the manifest wants none logged.
	Status, SwitchOn string
}

// EventsSummary tells people what the events do not: how many there were, and
// what could not be read.
func EventsSummary(s *Streams, r *reconcile.Report, m Meta, e EventsReport) {
	p := s.layout().page()
	p.eventsReport(r, m, &e)
	s.print(p)
}

func (p *page) eventsReport(r *reconcile.Report, m Meta, e *EventsReport) {
	if reason := skipReason(r); reason != "" {
		p.line(0, 2, p.style.paint(warn, "SKIPPED:")+" no events are logged: "+clean(reason))
		p.line(0, 2, p.style.paint(bold, "hint:")+" "+clean(e.SwitchOn))
		return
	}
	p.warnings(m.warnings(r))
	p.failures(failuresOf(r))
	if p.b.Len() > 0 {
		p.blank()
	}
	if len(e.Regions) > 0 || e.Followed > 0 {
		word, of, text := e.verdict()
		p.line(0, 2, p.style.paint(of, word+":")+" "+text)
	}
	if e.Total == 0 && e.Followed == 0 && len(e.Regions) > 0 && !r.Interrupted {
		p.line(0, 2, p.style.paint(bold, "hint:")+" IVS tells what happens to stages and compositions; "+clean(e.Status)+" tells whether that would be logged")
	}
	if r.Interrupted {
		p.line(0, 2, p.style.paint(warn, "Interrupted."))
	}
}

// verdict is what was read, in a line.
func (e *EventsReport) verdict() (word string, of role, text string) {
	in := " in " + listed(e.Regions)
	if len(e.Regions) == 0 {
		in = ""
	}
	since := " since " + e.Since.UTC().Format("2006-01-02 15:04:05") + " UTC" + in
	if e.Followed > 0 {
		since += ", followed for " + ago(e.Followed)
	}
	all := count(e.Total, "event")
	silent := count(e.Silent, "destination") + " of which no event tells"
	switch {
	case e.Silent > 0 && e.Failed > 0:
		return "Failures", fail, fmt.Sprintf("%d of %s, and %s,", e.Failed, all, silent) + since
	case e.Silent > 0:
		return "Failures", fail, silent + "; " + all + since
	case e.Failed > 0:
		return "Failures", fail, fmt.Sprintf("%d of %s", e.Failed, all) + since
	case e.Total == 0:
		return "No events", plain, strings.TrimPrefix(since, " ")
	}
	return "Events", ok, fmt.Sprintf("%d, no failure", e.Total) + since
}
