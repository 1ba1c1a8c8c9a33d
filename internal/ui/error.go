package ui

import (
	"errors"
	"io"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

type hinter interface {
	error
	Hint() string
}

// Error tells people why the program ends without a report: `yolo: …` and a
// hint. A text of several lines, such as a manifest's findings, is laid out
// already and printed as it is.
func Error(s *Streams, err error) {
	p := s.layout().page()
	lines := strings.Split(strings.TrimRight(err.Error(), "\n"), "\n")
	lead := p.style.paint(fail, "yolo:") + " "
	if len(lines) > 1 {
		p.width = 0
	}
	for _, line := range lines {
		p.line(0, 2, lead+clean(line))
		lead = ""
	}
	p.width = s.layout().width
	if h, ok := errors.AsType[hinter](err); ok && h.Hint() != "" {
		p.line(0, 2, p.style.paint(bold, "hint:")+" "+clean(h.Hint()))
	}
	if c, ok := errors.AsType[reconcile.Coded](err); ok && c.RequestID() != "" {
		p.line(0, 2, p.style.paint(dim, "request id: "+clean(c.RequestID())))
	}
	s.print(p)
}

// print writes a page for people. That nobody can read it ends no run.
func (s *Streams) print(p *page) { _, _ = io.WriteString(s.Err, p.String()) }
