package ui

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

var showTime = time.Date(2026, 11, 22, 23, 58, 0, 0, time.UTC)

// showEvents are those of an evening that ended badly.
func showEvents() []LogEvent {
	return []LogEvent{
		{Time: showTime, Region: "us-east-1", Stage: "evening-show", What: "Session Start"},
		{Time: showTime, Region: "us-east-1", Stage: "evening-show", What: "Destination Start", Of: "recording"},
		{Time: showTime.Add(time.Second), Region: "ap-northeast-1", Stage: "WyGkzNFGwiwr", What: "Participant Published", Of: "participant 2pBRKrNgX1ff"},
		{Time: showTime.Add(time.Minute), Region: "us-east-1", Stage: "evening-show", What: "Destination Reconnecting", Of: "channel", Troubled: true},
		{
			Time: showTime.Add(3 * time.Minute), Region: "us-east-1", Stage: "evening-show", What: "Destination Failure", Of: "recording", Failed: true,
			Why: "AccessDeniedException: Access denied to S3 bucket. Please verify your bucket policy.",
		},
		{Time: showTime.Add(-3 * time.Hour), Region: "us-east-1", Stage: "matinee", What: "Session End", Late: 3*time.Hour + 4*time.Minute},
		{Time: showTime.Add(4 * time.Minute), Region: "us-east-1", What: "AWS API Call via CloudTrail"},
		{Time: showTime.Add(5 * time.Minute), Region: "us-east-1", Stage: "evil\x1b[2J\n\u202e", What: "not an event", Why: "\x1b[31mred\nnext line"},
	}
}

func TestEventLines(t *testing.T) {
	for _, width := range []int{40, 80, 120, 0} {
		l := &eventLines{layout: layout{width: width}, terminal: width > 0, region: len("ap-northeast-1")}
		// They come in two parts, as they do when they are followed.
		text := l.set(showEvents()[:3]) + l.set(showEvents()[3:])
		fits(t, text, width)
		golden(t, fmt.Sprintf("events-%d.txt", width), text)
		if n := strings.Count(text, "\n"); width == 0 && n != len(showEvents()) {
			t.Errorf("%d lines for %d events", n, len(showEvents()))
		}
	}
}

func TestEventsSummary(t *testing.T) {
	read := func(errs ...error) *reconcile.Report {
		g := reconcile.GroupReport{Group: reconcile.Group{ID: "ivs-event-log"}, Result: reconcile.Synced}
		for i, err := range errs {
			n := reconcile.NodeReport{Key: reconcile.Key{Region: []string{"us-east-1", "eu-west-1"}[i], Kind: "event-log"}, Result: reconcile.Synced, Err: err}
			if err != nil {
				n.Result = reconcile.Failed
			}
			g.Nodes = append(g.Nodes, n)
		}
		return &reconcile.Report{DryRun: true, Groups: []reconcile.GroupReport{g}}
	}
	both := []string{"us-east-1", "eu-west-1"}
	skipped := &reconcile.Report{Groups: []reconcile.GroupReport{{Group: reconcile.Group{Reason: "aws.ivs.logging is false"}, Result: reconcile.Skipped}}}
	stopped := read(nil, reconcile.Interrupted("interrupted before it was read"))
	stopped.Interrupted = true
	for name, test := range map[string]struct {
		report *reconcile.Report
		said   EventsReport
	}{
		"some":     {read(nil, nil), EventsReport{Total: 12, Shown: 12, Regions: both}},
		"none":     {read(nil, nil), EventsReport{Regions: both, Status: "yolo status production"}},
		"failures": {read(nil, nil), EventsReport{Total: 12, Failed: 2, Regions: both, Followed: 73 * time.Minute}},
		"silent":   {read(nil, nil), EventsReport{Total: 12, Silent: 1, Regions: both, Followed: time.Minute}},
		"both":     {read(nil, nil), EventsReport{Total: 12, Failed: 2, Silent: 2, Regions: both, Followed: time.Minute}},
		"partly":   {read(nil, errors.New("logs:FilterLogEvents: no")), EventsReport{Total: 1, Regions: both[:1]}},
		"nowhere":  {read(errors.New("no"), errors.New("no")), EventsReport{}},
		"off":      {skipped, EventsReport{SwitchOn: "set aws.ivs.logging: true in yolo.yml"}},
		"stopped":  {stopped, EventsReport{Total: 3, Regions: both[:1], Followed: 12 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			test.said.Since = showTime
			at(t, "events-report-"+name, func(p *page) { p.eventsReport(test.report, Meta{}, &test.said) })
		})
	}
}

// board is an operator's at a bad moment.
func badBoard() *eventBoard {
	b := newEventBoard(style(false), "Following production", []string{"us-east-1", "eu-west-1", "ap-south-1"})
	b.take(showEvents())
	b.regions[0].Looked = true
	b.regions[0].Compositions = []EventComposition{
		{
			Stage: "evening-show", State: "ACTIVE", Since: showTime.Add(-time.Hour),
			Destinations: []EventDestination{{"recording", "FAILED"}, {"channel", "ACTIVE"}},
		},
		{Stage: "matinee", State: "STOPPED", Since: showTime.Add(-4 * time.Hour), Destinations: []EventDestination{{"recording", "STOPPED"}}},
	}
	b.regions[1].Looked, b.regions[1].Read, b.regions[1].Failure = true, showTime.Add(-42*time.Second), "ThrottlingException"
	b.regions[1].Compositions = []EventComposition{{
		Stage: "yolo-verify-20261122T192029Z-b636af04", State: "ACTIVE", Since: showTime.Add(-time.Minute),
		Destinations: []EventDestination{{"recording", "ACTIVE"}},
	}}
	b.regions[2].Unknown = "AccessDeniedException"
	return b
}

func TestEventBoard(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {40, 24}, {80, 8}, {20, 6}, {80, 2}, {0, 0}} {
		frame := badBoard().frame(size.width, size.height, showTime)
		if most := size.height / 2; size.height > 0 && len(frame) > most {
			t.Errorf("%d rows on a screen of %d", len(frame), size.height)
		}
		text := strings.Join(frame, "\n") + "\n"
		fits(t, text, size.width)
		golden(t, fmt.Sprintf("event-board-%dx%d.txt", size.width, size.height), text)
	}
	if frame := badBoard().frame(80, 1, showTime); len(frame) != 0 {
		t.Errorf("there is no room, and yet %q", frame)
	}
}

// cooked begins a new line where a program only goes down, as terminals do.
type cooked struct{ v *vt }

func (c cooked) Write(p []byte) (int, error) {
	_, err := c.v.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

// onVT are streams to a terminal of that size.
func onVT(v *vt) *Streams {
	s := NewStreams(nil, nil, nil, environment())
	s.Out, s.Err = &Stream{w: cooked{v}}, &Stream{w: cooked{v}}
	s.OutTerminal, s.ErrTerminal, s.Live = true, true, true
	s.Size = func() (int, int) { return v.width, v.height }
	s.OutWidth = func() int { return v.width }
	return s
}

// Events scroll by above the board, whatever their number and length, and at the
// end only they are there.
func TestEventFeedOnATerminal(t *testing.T) {
	v := newVT(60, 12)
	f := NewEventFeed(onVT(v), "Following production", []string{"us-east-1", "eu-west-1"}, true)
	if !f.Board() {
		t.Fatal("there is no board")
	}
	const many = 30
	for i := range many {
		e := LogEvent{Time: showTime, Region: "us-east-1", Stage: "show", What: fmt.Sprintf("Event %d.", i)}
		if i%7 == 0 {
			e.Failed, e.Why = true, "SomeException: a reason that is longer than the screen is wide, and then some more of it"
		}
		if err := f.Print([]LogEvent{e}); err != nil {
			t.Fatal(err)
		}
		f.Region("eu-west-1", func(r *EventRegion) { r.Looked = i%2 == 0 })
	}
	f.Notice("eu-west-1: the log cannot be read")
	if text := v.text(); strings.Count(text, "Following production") != 1 || strings.Count(text, "eu-west-1  ") != 1 {
		t.Errorf("the board is there more or less than once:\n%s", text)
	}
	f.Close()
	f.Close()
	text := v.all()
	for i := range many {
		if n := strings.Count(text, fmt.Sprintf("vent %d.", i)) + strings.Count(text, fmt.Sprintf("VENT %d.", i)); n != 1 {
			t.Errorf("event %d is there %d times in\n%s", i, n, text)
		}
	}
	if strings.Contains(text, "Following") || strings.Contains(text, "nothing is composed") || v.hidden || len(v.unknown) > 0 {
		t.Errorf("cursor hidden: %t, unknown codes %q, left:\n%s", v.hidden, v.unknown, text)
	}
}

// Where something else reads the events there is no board to be torn.
func TestEventFeedWithoutABoard(t *testing.T) {
	for name, change := range map[string]func(*Streams){
		"stdout in a pipe": func(s *Streams) { s.OutTerminal = false },
		"no progress":      func(s *Streams) { s.Live = false },
	} {
		v := newVT(80, 24)
		s := onVT(v)
		change(s)
		f := NewEventFeed(s, "Following", []string{"us-east-1"}, true)
		if f.Board() {
			t.Errorf("%s: there is a board", name)
		}
		f.Region("us-east-1", func(r *EventRegion) { r.Looked = true })
		f.Notice("something")
		f.Close()
	}
	if NewEventFeed(onVT(newVT(80, 24)), "", nil, false).Board() {
		t.Error("there is a board where none was wanted")
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestEventFeedThatCannotBeWritten(t *testing.T) {
	s := NewStreams(nil, nil, nil, environment())
	s.Out, s.Err = &Stream{w: full{}}, &Stream{w: io.Discard}
	f := NewEventFeed(s, "", []string{"us-east-1"}, false)
	if err := f.Print(nil); err != nil {
		t.Errorf("nothing could not be written: %v", err)
	}
	if err := f.Print(showEvents()); err == nil {
		t.Error("it was written")
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 59*time.Second + 600*time.Millisecond: "1m", 59 * time.Second: "59s",
		time.Hour - time.Second: "59m", time.Hour: "1h00m", 25*time.Hour + 4*time.Minute + 59*time.Second: "25h04m",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}
