package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// reader collects what a terminal is sent.
type screenReader struct{ got chan []byte }

func readScreen(screen *os.File) *screenReader {
	r := &screenReader{got: make(chan []byte, 1024)}
	go func() {
		defer close(r.got)
		for {
			b := make([]byte, 4096)
			n, err := screen.Read(b)
			if n > 0 {
				r.got <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return r
}

// until returns what was sent up to and with the text.
func (r *screenReader) until(t *testing.T, text string) string {
	t.Helper()
	var all bytes.Buffer
	deadline := time.After(20 * time.Second)
	for !strings.Contains(all.String(), text) {
		select {
		case b, ok := <-r.got:
			if !ok {
				t.Fatalf("the terminal closed before %q came; it was sent %q", text, all.String())
			}
			all.Write(b)
		case <-deadline:
			sent := all.String()
			t.Fatalf("%q did not come; the last that came is %q", text, sent[max(0, len(sent)-1000):])
		}
	}
	return all.String()
}

func TestLiveOnATerminal(t *testing.T) {
	tty, screen := terminal(t, 80, 24)
	r := readScreen(screen)
	s := NewStreams(tty, tty, tty, environment())
	w := empty(twoRegions)
	p := NewProgress(s, "sync production", w.groups, twoRegions)
	e := w.engine()
	e.Observe = p.Observe
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		e.Run(t.Context())
	}()
	begin := r.until(t, "creating in us-east-1")
	if !strings.HasPrefix(begin, hideCursor) {
		t.Errorf("it begins with %q, not by hiding the cursor", begin[:min(len(begin), 20)])
	}
	if err := pty.Setsize(tty, &pty.Winsize{Cols: 40, Rows: 5}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "… and")
	<-ran
	p.Close()
	p.Close()
	end := r.until(t, showCursor)
	if !strings.HasSuffix(end, clearLine+"\x1b[1B"+clearDown+"\x1b[1A"+showCursor) {
		t.Errorf("it ends with %q, not with an empty place and a cursor", end[max(0, len(end)-40):])
	}
	for _, question := range []string{"\x1b[6n", "\x1b[c", "\x1b]", "\x1b[?u", "\x1b[18t"} {
		if strings.Contains(begin+end, question) {
			t.Errorf("the terminal was asked %q", question)
		}
	}
	Summary(s, e.Plan(t.Context()), meta())
	r.until(t, "Dry run:")
}

// A terminal that answers nothing holds up nothing.
func TestTextNeverWaitsForTheTerminal(t *testing.T) {
	tty, screen := terminal(t, 0, 0)
	r := readScreen(screen)
	begun := time.Now()
	s := NewStreams(tty, tty, tty, environment())
	Error(s, errors.New("no such flag"))
	if took := time.Since(begun); took > time.Second {
		t.Errorf("took %v", took)
	}
	if got, want := r.until(t, "flag\r\n"), "\x1b[31myolo:\x1b[0m no such flag\r\n"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestConfirm(t *testing.T) {
	tests := map[string]bool{
		"y\n": true, "Y\r\n": true, " yes \n": true, "n\n": false, "\n": false, "": false, "y": false, "yess\n": false,
		"\n y": false, strings.Repeat("y", 5000) + "\n": false,
	}
	for input, want := range tests {
		s, b := file(Options{})
		s.In = strings.NewReader(input)
		yes, err := Confirm(t.Context(), s, "Apply 7 changes?")
		if yes != want || err != nil {
			t.Errorf("%.10q: %v, %v; want %v", input, yes, err, want)
		}
		if !strings.HasPrefix(b.String(), "Apply 7 changes? [y/N] ") {
			t.Errorf("asked %q", b.String())
		}
		if divided := strings.HasSuffix(b.String(), "[y/N] \n"); divided != want && input != "" && input != "y" {
			t.Errorf("%.10q: an empty line %t, want %t", input, divided, want)
		}
	}
}

func TestConfirmByName(t *testing.T) {
	const asked = "Delete it all? Type production to go ahead: "
	tests := map[string]struct {
		yes  bool
		told string
	}{
		"production\n":       {true, "\n"},
		" production\t\r\n":  {true, "\n"},
		"":                   {false, "\n"},
		"production":         {false, "\n"},
		"\n":                 {false, "Nothing was typed where \"production\" was expected.\n"},
		"  \nproduction\n":   {false, "Nothing was typed where \"production\" was expected.\n"},
		"Production\n":       {false, "\"Production\" was typed where \"production\" was expected.\n"},
		"productio\x1b[D\n":  {false, "\"productio\\x1b[D\" was typed where \"production\" was expected.\n"},
		"y\nproduction\n":    {false, "\"y\" was typed where \"production\" was expected.\n"},
		"production yes\n":   {false, "\"production yes\" was typed where \"production\" was expected.\n"},
		"\u202eproduction\n": {false, "\"\\u202eproduction\" was typed where \"production\" was expected.\n"},
	}
	for input, want := range tests {
		s, b := file(Options{})
		s.In = strings.NewReader(input)
		yes, err := ConfirmByName(t.Context(), s, "Delete it all?", "production")
		if yes != want.yes || err != nil {
			t.Errorf("%q: %v, %v; want %v", input, yes, err, want.yes)
		}
		if got := b.String(); got != asked+want.told {
			t.Errorf("%q: told %q, want %q", input, got, asked+want.told)
		}
	}
	s, b := file(Options{})
	s.In = strings.NewReader("production\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	if yes, err := ConfirmByName(ctx, s, "Delete it all?", "production"); yes || !errors.Is(err, interrupted) || b.String() != "" {
		t.Errorf("interrupted: %v, %v, told %q", yes, err, b.String())
	}
}

func TestTwoQuestionsTakeALineEach(t *testing.T) {
	s, _ := file(Options{})
	s.In = strings.NewReader("first\nsecond\n")
	for _, want := range []string{"first", "second"} {
		if got, err := Ask(t.Context(), s, "What?"); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if _, err := Ask(t.Context(), s, "What?"); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestAnInterruptionEndsTheQuestion(t *testing.T) {
	tty, screen := terminal(t, 80, 24)
	r := readScreen(screen)
	s := NewStreams(tty, tty, tty, environment())
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	answered := make(chan error, 1)
	go func() {
		yes, err := Confirm(ctx, s, "Apply?")
		if yes {
			err = errors.New("taken for a yes")
		}
		answered <- err
	}()
	r.until(t, "[y/N]")
	cancel(interrupted)
	select {
	case err := <-answered:
		if !errors.Is(err, interrupted) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the question goes on")
	}
	if _, err := Confirm(ctx, s, "Again?"); !errors.Is(err, interrupted) {
		t.Errorf("asked after the interruption: %v", err)
	}
}
