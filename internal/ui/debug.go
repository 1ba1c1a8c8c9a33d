package ui

import (
	"fmt"
	"strings"
	"time"
)

// Request is one HTTP request as --debug shows it. It carries no headers and
// no body, so no secrets.
type Request struct {
	// At is how long after the start of the run it was sent.
	At                         time.Duration
	Region, Service, Operation string
	// Status is the HTTP status, 0 when there was no answer.
	Status  int
	Elapsed time.Duration
	// Attempt counts from 1.
	Attempt int
	// Err is the error's code or text, "" for none.
	Err string
}

// Debug prints one line about the request.
func (s *Streams) Debug(r Request) {
	status := "no answer"
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	line := fmt.Sprintf("debug: %8.3fs  %-14s  %s.%s  %s  %d ms",
		r.At.Seconds(), clean(r.Region), clean(r.Service), clean(r.Operation), status, r.Elapsed.Milliseconds())
	if r.Attempt > 1 {
		line += fmt.Sprintf("  attempt %d", r.Attempt)
	}
	if r.Err != "" {
		line += "  " + clean(r.Err)
	}
	_, _ = fmt.Fprintln(s.Err, style(s.Color).paint(dim, strings.TrimRight(line, " ")))
}
