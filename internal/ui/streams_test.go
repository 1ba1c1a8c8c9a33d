package ui

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// terminal is a pseudo-terminal of the size; the second file is its keyboard
// and screen.
func terminal(t *testing.T, width, height int) (tty, screen *os.File) {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() {
		_ = tty.Close()
		_ = screen.Close()
	})
	if err := pty.Setsize(tty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		t.Fatal(err)
	}
	return tty, screen
}

func environment(vars ...string) func(string) string {
	return func(name string) string {
		for _, v := range vars {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestStreamsDecide(t *testing.T) {
	tty, _ := terminal(t, 80, 24)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	for f, want := range map[*os.File]bool{tty: true, null: false} {
		if s := NewStreams(nil, f, nil, environment()); s.OutTerminal != want {
			t.Errorf("stdout on a terminal: %v, want %v", s.OutTerminal, want)
		}
	}
	type decision struct{ Color, Live, Quiet, Interactive bool }
	tests := map[string]struct {
		in, out, err *os.File
		vars         []string
		options      Options
		want         decision
	}{
		"a terminal":           {tty, tty, tty, nil, Options{}, decision{true, true, false, true}},
		"stdout is a file":     {tty, null, tty, nil, Options{}, decision{true, true, false, true}},
		"stderr is a file":     {tty, tty, null, nil, Options{}, decision{}},
		"stdin is a file":      {null, tty, tty, nil, Options{}, decision{true, true, false, false}},
		"no stdin":             {nil, tty, tty, nil, Options{}, decision{true, true, false, false}},
		"CI":                   {tty, tty, tty, []string{"CI=true"}, Options{}, decision{true, false, false, false}},
		"NO_COLOR":             {tty, tty, tty, []string{"NO_COLOR=0"}, Options{}, decision{false, true, false, true}},
		"an empty NO_COLOR":    {tty, tty, tty, []string{"NO_COLOR="}, Options{}, decision{true, true, false, true}},
		"a dumb terminal":      {tty, tty, tty, []string{"TERM=dumb"}, Options{}, decision{false, false, false, true}},
		"no colour asked for":  {tty, tty, tty, nil, Options{NoColor: true}, decision{false, true, false, true}},
		"no progress":          {tty, tty, tty, nil, Options{NoProgress: true}, decision{true, false, true, true}},
		"lines asked for":      {tty, tty, tty, nil, Options{Plain: true}, decision{true, false, false, true}},
		"no progress anywhere": {null, null, null, nil, Options{NoProgress: true}, decision{false, false, true, false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := NewStreams(tt.in, tt.out, tt.err, environment(tt.vars...)).With(tt.options)
			got := decision{s.Color, s.Live, s.Quiet, s.Interactive}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWidth(t *testing.T) {
	wide, _ := terminal(t, 97, 24)
	sizeless, _ := terminal(t, 0, 0)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	for want, f := range map[int]*os.File{97: wide, 80: sizeless, 0: null} {
		if got := NewStreams(f, f, f, environment()).layout().width; got != want {
			t.Errorf("width %d, want %d", got, want)
		}
	}
}

// On one screen the env lines are set apart; a file gets no line for that.
func TestEnvLinesAreSetApart(t *testing.T) {
	tests := map[string]struct {
		out, err bool
		env      []EnvLine
		want     string
	}{
		"one screen":          {true, true, envLines(), "2.3s\n\n"},
		"stdout is a file":    {false, true, envLines(), "2.3s\n"},
		"stderr is a file":    {true, false, envLines(), "2.3s\n"},
		"no env lines":        {true, true, nil, "2.3s\n"},
		"neither is a screen": {false, false, envLines(), "2.3s\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, b := file(Options{})
			s.OutTerminal, s.ErrTerminal = tt.out, tt.err
			m := meta()
			m.Env = tt.env
			Summary(s, inSync(twoRegions).run(t), m)
			if _, end, _ := strings.Cut(b.String(), "requests, "); end != tt.want {
				t.Errorf("it ends with %q, want %q", end, tt.want)
			}
		})
	}
}

// failingWriter fails its first write with the error.
type failingWriter struct {
	err    error
	writes int
}

func (w *failingWriter) Write(p []byte) (int, error) {
	w.writes++
	if w.writes == 1 {
		return 0, w.err
	}
	return len(p), nil
}

func TestStreamSurvivesItsReader(t *testing.T) {
	for _, gone := range []error{syscall.EPIPE, &os.PathError{Op: "write", Err: syscall.EPIPE}} {
		w := &failingWriter{err: gone}
		s := &Stream{w: w}
		for range 2 {
			if n, err := s.Write([]byte("text")); n != 4 || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
		}
		if w.writes != 1 {
			t.Errorf("%d writes, want 1", w.writes)
		}
	}
	full := &Stream{w: &failingWriter{err: syscall.ENOSPC}}
	if _, err := full.Write([]byte("text")); !errors.Is(err, syscall.ENOSPC) || full.gone {
		t.Errorf("a full disk gave %v, gone: %v", err, full.gone)
	}
}

func TestARealPipeThatCloses(t *testing.T) {
	IgnoreBrokenPipes()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	_ = r.Close()
	s := NewStreams(nil, w, w, environment())
	Error(s, errors.New("nobody reads this"))
	if !s.Err.gone {
		t.Error("the closed pipe was not noticed")
	}
}
