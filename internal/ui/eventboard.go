package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// EventRegion is what goes on in a region.
type EventRegion struct {
	Region string
	// Read is when its log was last read; Failure why it cannot be now, "" when it
	// can.
	Read    time.Time
	Failure string
	// Looked tells that it is known what is composed; Unknown is why it is not.
	Looked       bool
	Unknown      string
	Compositions []EventComposition
}

// EventComposition is one that goes on, or has ended a moment ago.
type EventComposition struct {
	Stage        string
	State        string
	Since        time.Time
	Destinations []EventDestination
}

// EventDestination is where a composition goes to.
type EventDestination struct{ Name, State string }

// eventBoard is what an operator keeps an eye on: what goes on in each region,
// and the last failures.
type eventBoard struct {
	style   style
	title   string
	regions []EventRegion
	failed  int
	last    []LogEvent // the last failures, the latest first
}

// lastFailures are shown, and boardRows is how many rows the board has at most:
// the events are what there is to be read.
const (
	lastFailures = 3
	boardRows    = 12
)

func newEventBoard(st style, title string, regions []string) *eventBoard {
	b := &eventBoard{style: st, title: title}
	for _, region := range regions {
		b.regions = append(b.regions, EventRegion{Region: region})
	}
	return b
}

// take counts the failures among events.
func (b *eventBoard) take(events []LogEvent) {
	for _, e := range events {
		if !e.Failed {
			continue
		}
		b.failed++
		b.last = append([]LogEvent{e}, b.last...)
		b.last = b.last[:min(len(b.last), lastFailures)]
	}
}

// frame draws the board in no more than half of the screen's rows. What has no
// room is counted.
func (b *eventBoard) frame(width, height int, now time.Time) []string {
	if width <= 0 {
		width = defaultWidth
	}
	if height <= 0 {
		height = mostRows
	}
	rows := min(boardRows, height/2)
	if rows <= 0 {
		return nil
	}
	frame := append([]string{b.head(width, now)}, b.failures(width)...)
	body := b.body(width, now)
	if len(frame)+len(body) > rows {
		fit := max(rows-len(frame)-1, 0)
		more := len(body) - fit
		body = append(body[:fit], b.style.paint(dim, "… and "+count(more, "more line")))
	}
	frame = append(frame, body...)
	frame = frame[:min(len(frame), rows)]
	for i := range frame {
		frame[i] = ansi.Truncate(frame[i], width, "…")
	}
	return frame
}

func (b *eventBoard) head(width int, now time.Time) string {
	at := b.style.paint(dim, gap+now.UTC().Format(time.TimeOnly)+" UTC")
	end := b.style.paint(dim, ", Ctrl-C ends it")
	title := b.style.paint(bold, clean(b.title))
	for _, text := range []string{title + at + end, title + at} {
		if ansi.StringWidth(text) <= width {
			return text
		}
	}
	return title
}

// failures are the last ones, in words that cannot be missed. A narrow screen
// has what happened first.
func (b *eventBoard) failures(width int) (lines []string) {
	for i, e := range b.last {
		at, where, what := e.Time.UTC().Format(time.TimeOnly), clean(e.Region)+" "+clean(e.Stage), strings.ToUpper(clean(e.What))
		text := fmt.Sprintf("✗ %s %s %s", at, where, what)
		if width < narrow {
			text = fmt.Sprintf("✗ %s %s %s", at, what, where)
		}
		if i == 0 && b.failed > 1 {
			text = fmt.Sprintf("%s (%d failures)", text, b.failed)
		}
		if e.Why != "" {
			text += ": " + clean(e.Why)
		}
		lines = append(lines, b.style.paint(fail, text))
	}
	return lines
}

func (b *eventBoard) body(width int, now time.Time) (lines []string) {
	wide := 0
	for i := range b.regions {
		wide = max(wide, len(b.regions[i].Region))
	}
	for i := range b.regions {
		r := &b.regions[i]
		lead := pad(clean(r.Region), wide) + gap
		for _, text := range b.region(r, width-ansi.StringWidth(lead), now) {
			lines = append(lines, lead+text)
			lead = spaces(wide) + gap
		}
	}
	return lines
}

// region is what there is to say of a region, one thing a line.
func (b *eventBoard) region(r *EventRegion, width int, now time.Time) (lines []string) {
	switch {
	case r.Failure != "" && r.Read.IsZero():
		lines = append(lines, b.style.paint(fail, "LOG NOT READ: "+clean(r.Failure)))
	case r.Failure != "":
		lines = append(lines, b.style.paint(fail, "LOG NOT READ for "+ago(now.Sub(r.Read))+": "+clean(r.Failure)))
	}
	switch {
	case r.Unknown != "":
		return append(lines, b.style.paint(warn, "not known what is composed: "+clean(r.Unknown)))
	case !r.Looked:
		return append(lines, b.style.paint(dim, "looking"))
	case len(r.Compositions) == 0:
		return append(lines, b.style.paint(dim, "nothing is composed"))
	}
	for i := range r.Compositions {
		lines = append(lines, b.composition(&r.Compositions[i], width, now))
	}
	return lines
}

// shortestStage is how much of a stage's name is left, at least, to make room for
// what becomes of it.
const shortestStage = 12

// composition says as much as there is room for; a destination that is not as its
// composition is said last of all to go.
func (b *eventBoard) composition(c *EventComposition, width int, now time.Time) string {
	stage, state, age, all, odd := clean(c.Stage), b.state(c.State), "", "", ""
	if !c.Since.IsZero() {
		age = " " + ago(now.Sub(c.Since))
	}
	for _, d := range c.Destinations {
		text := gap + clean(d.Name) + " " + b.state(d.State)
		all += text
		if d.State != c.State {
			odd += text
		}
	}
	for _, rest := range []string{state + age + all, state + all, state + odd} {
		room := width - ansi.StringWidth(gap+rest)
		if room >= min(ansi.StringWidth(stage), shortestStage) {
			return ansi.Truncate(stage, room, "…") + gap + rest
		}
	}
	return strings.TrimPrefix(odd+gap+state+gap+stage, gap)
}

// The states of compositions and destinations (IVS Real-Time API).
const (
	stateActive  = "ACTIVE"
	stateFailed  = "FAILED"
	stateStopped = "STOPPED"
)

func (b *eventBoard) state(state string) string {
	of := warn
	switch state {
	case stateActive:
		of = ok
	case stateFailed:
		of = fail
	case stateStopped:
		of = dim
	}
	return b.style.paint(of, clean(state))
}
