package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// LogEvent is something that happened, as people read it. What is not known is
// "".
type LogEvent struct {
	Time   time.Time
	Region string
	Stage  string // its name, or its id
	What   string // as in Destination Failure
	Of     string // whom or what of the stage it is about
	Why    string // of a failure
	Failed bool
	// Troubled is for what has not failed yet.
	Troubled bool
	// Late is how long after its time the log had it; 0 when that is no news.
	Late time.Duration
}

// eventLines sets events, one a line. People on a terminal see the day once,
// above its first event; elsewhere each line has it, and a fixed form. All times
// are UTC: that is what IVS, the log and colleagues elsewhere say.
type eventLines struct {
	layout
	terminal bool
	region   int // the longest region's width
	stage    int // the longest stage's so far
	day      string
}

// widestStage is the width up to which stages are aligned.
const widestStage = 24

func newEventLines(s *Streams, regions []string) *eventLines {
	l := &eventLines{layout: s.outLayout(), terminal: s.OutTerminal}
	for _, region := range regions {
		l.region = max(l.region, len(region))
	}
	return l
}

// set is the text of events, which are in order.
func (l *eventLines) set(events []LogEvent) string {
	p := l.layout.page()
	for i := range events {
		l.stage = min(widestStage, max(l.stage, ansi.StringWidth(clean(events[i].Stage))))
	}
	for i := range events {
		e := &events[i]
		if day := e.Time.UTC().Format(time.DateOnly); l.terminal && day > l.day {
			l.day = day
			p.line(0, 0, l.style.paint(dim, day+", times in UTC"))
		}
		p.line(0, len("15:04:05"+gap), l.line(e))
	}
	return p.String()
}

func (l *eventLines) line(e *LogEvent) string {
	at := e.Time.UTC().Format(time.RFC3339)
	switch {
	case l.terminal && e.Time.UTC().Format(time.DateOnly) == l.day:
		at = e.Time.UTC().Format(time.TimeOnly)
	case l.terminal: // it came late, after others of a later day
		at = e.Time.UTC().Format(time.DateTime)
	}
	stage := clean(e.Stage)
	if stage == "" {
		stage = "-"
	}
	region, between := clean(e.Region), gap
	if l.width > 0 && l.width < narrow {
		between = " "
	} else {
		region, stage = pad(region, l.region), pad(stage, l.stage)
	}
	words := []string{at, region, stage, l.what(e)}
	if e.Of != "" {
		words = append(words, unbroken(clean(e.Of)))
	}
	line := strings.Join(words, between)
	if e.Why != "" {
		line += ": " + clean(e.Why)
	}
	if e.Late > 0 {
		line += between + l.style.paint(dim, unbroken("(came "+ago(e.Late)+" late)"))
	}
	return line
}

// what is loud when something has failed: in words, for those who see no colour.
func (l *eventLines) what(e *LogEvent) string {
	text := clean(e.What)
	switch {
	case e.Failed:
		return l.style.paint(fail, unbroken("✗ "+strings.ToUpper(text)))
	case e.Troubled:
		return l.style.paint(warn, unbroken("! "+text))
	}
	return unbroken(text)
}

// unbroken keeps words on one line.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", fixedSpace) }

// ago is a duration to the unit that matters.
func ago(d time.Duration) string {
	switch d = max(d.Round(time.Second), 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
