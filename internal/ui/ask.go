package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Confirm asks a question on Err and reads a line from In. Everything but y or
// yes is no, the end of the input too; an empty line divides a yes from what is
// then told. When ctx ends first it returns an error
// that wraps ctx's cause; the reading of In then goes on, so nothing else may
// read from it.
func Confirm(ctx context.Context, s *Streams, question string) (bool, error) {
	answer, err := Ask(ctx, s, question+" [y/N]")
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	answer = strings.ToLower(answer)
	yes := err == nil && (answer == "y" || answer == "yes")
	if yes {
		_, _ = io.WriteString(s.Err, "\n")
	}
	return yes, err
}

// ConfirmByName is Confirm for what cannot be undone: only the name, typed as it
// is, is a yes. Whoever typed something else, or nothing, is told what was
// expected.
func ConfirmByName(ctx context.Context, s *Streams, question, name string) (bool, error) {
	answer, err := Ask(ctx, s, question+" Type "+name+" to go ahead:")
	switch {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, err
	case answer == name:
		_, _ = io.WriteString(s.Err, "\n")
		return true, nil
	case answer == "":
		answer = "Nothing"
	default:
		answer = fmt.Sprintf("%q", answer)
	}
	p := s.layout().page()
	p.line(0, 2, clean(fmt.Sprintf("%s was typed where %q was expected.", answer, name)))
	s.print(p)
	return false, nil
}

// Ask is Confirm for any answer, without the spaces around it. At the end of
// the input it returns io.EOF.
func Ask(ctx context.Context, s *Streams, question string) (string, error) {
	// An interruption before the question must not show one.
	if ctx.Err() != nil {
		return "", &interruptedError{context.Cause(ctx)}
	}
	l := s.layout()
	_, _ = io.WriteString(s.Err, strings.Join(l.wrap(l.style.paint(bold, clean(question))+" ", 0, 2), "\n"))
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := readLine(s.In)
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			_, _ = io.WriteString(s.Err, "\n")
		}
		return strings.TrimSpace(r.line), r.err
	case <-ctx.Done():
		_, _ = io.WriteString(s.Err, "\n")
		return "", &interruptedError{context.Cause(ctx)}
	}
}

// interruptedError is a question that got no answer before the program was
// told to end.
type interruptedError struct{ cause error }

func (e *interruptedError) Error() string { return "interrupted at the question: nothing was changed" }
func (e *interruptedError) Unwrap() error { return e.cause }

// readLine reads to the end of the line and no byte further, which a second
// question may want.
func readLine(r io.Reader) (string, error) {
	const most = 1 << 10
	var line []byte
	for b := make([]byte, 1); len(line) < most; {
		n, err := r.Read(b)
		if n > 0 && b[0] == '\n' {
			break
		}
		line = append(line, b[:n]...)
		if err != nil {
			return "", err
		}
	}
	return string(line), nil
}
