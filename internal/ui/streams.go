package ui

import (
	"cmp"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// Streams are the program's three streams and what may be done with them. All
// writers are safe for concurrent use.
type Streams struct {
	In  io.Reader
	Out *Stream // the result, for machines
	Err *Stream // everything for people

	InTerminal, OutTerminal, ErrTerminal bool
	// Color allows colours on Err, OutColor on Out.
	Color, OutColor bool
	// Live allows progress that redraws itself on Err.
	Live bool
	// Quiet wants no progress at all.
	Quiet bool
	// Interactive tells that somebody can be asked, whatever Out is.
	Interactive bool
	// Size asks for the terminal's columns and rows; both are 0 where Err is
	// none, or does not know. OutWidth is Out's columns, likewise.
	Size     func() (width, height int)
	OutWidth func() int

	getenv func(string) string
	out    *os.File
}

// Options are what flags decide about the streams.
type Options struct {
	NoColor    bool
	NoProgress bool
	// Plain wants lines instead of a picture that redraws itself, as beside
	// the lines of --debug.
	Plain bool
}

// NewStreams decides once what the streams can do. The environment's NO_COLOR,
// TERM and CI are obeyed.
func NewStreams(in, out, err *os.File, getenv func(string) string) *Streams {
	s := &Streams{
		In: in, Out: &Stream{w: out}, Err: &Stream{w: err},
		InTerminal: isTerminal(in), OutTerminal: isTerminal(out), ErrTerminal: isTerminal(err),
		getenv: getenv, out: out,
	}
	s.Size = func() (int, int) { return terminalSize(err, s.ErrTerminal) }
	s.OutWidth = func() int {
		width, _ := terminalSize(out, s.OutTerminal)
		return width
	}
	return s.With(Options{})
}

func terminalSize(f *os.File, terminal bool) (width, height int) {
	if !terminal {
		return 0, 0
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

// With returns the same streams under the options.
func (s *Streams) With(o Options) *Streams {
	c := *s
	moves := s.ErrTerminal && s.getenv("TERM") != "dumb"
	ci := s.getenv("CI") != ""
	colors := s.getenv("TERM") != "dumb" && s.getenv("NO_COLOR") == "" && !o.NoColor
	c.Color, c.OutColor = colors && s.ErrTerminal, colors && s.OutTerminal
	c.Live = moves && !ci && !o.NoProgress && !o.Plain
	c.Quiet = o.NoProgress
	c.Interactive = s.InTerminal && s.ErrTerminal && !ci
	return &c
}

// layout is how text for people is set on Err now. Without a terminal lines
// are not wrapped, so that they can be searched.
func (s *Streams) layout() layout {
	l := layout{style: style(s.Color)}
	if s.ErrTerminal {
		l.width, _ = s.Size()
		if l.width <= 0 {
			l.width = defaultWidth
		}
	}
	return l
}

// outLayout is layout for text on Out.
func (s *Streams) outLayout() layout {
	l := layout{style: style(s.OutColor)}
	if s.OutTerminal {
		l.width = cmp.Or(max(s.OutWidth(), 0), defaultWidth)
	}
	return l
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

// IgnoreBrokenPipes makes writes to a pipe without a reader an error, where
// they would end the program; a Stream then swallows that error.
func IgnoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }

// Stream is a writer whose reader may go away: from then on, what is written
// is dropped and no error. Any other error is returned.
type Stream struct {
	mu   sync.Mutex
	w    io.Writer
	gone bool
}

func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return len(p), nil
	}
	n, err := s.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		s.gone = true
		return len(p), nil
	}
	return n, err
}

// Gone tells whether the reader is known to have gone away.
func (s *Stream) Gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// Restore shows the cursor, if progress may have hidden it. A terminal drops
// what it was sent last when somebody types Ctrl-C, so that what a picture
// sent at its end may not have arrived.
func (s *Streams) Restore() {
	if s.Live {
		_, _ = io.WriteString(s.Err, showCursor)
	}
}
