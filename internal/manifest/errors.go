package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// InvalidError is a manifest with at least one error in it.
type InvalidError struct {
	Path string
	// Findings are all errors and warnings of the file, by position.
	Findings []Finding
	// Omitted counts the findings after the first thousand, which are not kept.
	Omitted int
}

// Error returns the whole text, every finding with its excerpt and fix.
func (e *InvalidError) Error() string {
	blocks := []string{e.Path + ": " + e.Summary()}
	for _, f := range e.Findings {
		blocks = append(blocks, f.String())
	}
	return strings.Join(blocks, "\n\n")
}

// Summary counts the findings, as in "2 errors, 1 warning".
func (e *InvalidError) Summary() string {
	failed := 0
	for _, f := range e.Findings {
		if f.isError() {
			failed++
		}
	}
	text := count(failed, "error")
	if warned := len(e.Findings) - failed; warned > 0 {
		text += ", " + count(warned, "warning")
	}
	if e.Omitted > 0 {
		text += fmt.Sprintf(", and %d more that are not shown", e.Omitted)
	}
	return text
}

// EnvironmentError is an environment that a valid manifest does not have.
type EnvironmentError struct {
	Path, Name string
	// Environments are the ones it has, in the file's order.
	Environments []string
}

func newEnvironmentError(m *Manifest, name string) *EnvironmentError {
	return &EnvironmentError{Path: m.Path, Name: name, Environments: slices.Clone(m.Environments)}
}

func (e *EnvironmentError) Error() string {
	return fmt.Sprintf("%s: environment %q is not in the manifest", e.Path, e.Name)
}

// Hint lists the environments there are, the most similar one first.
func (e *EnvironmentError) Hint() string {
	have := "the manifest has " + list(quoted(e.Environments), "and")
	if near := nearest(e.Name, e.Environments, 2); len(near) > 0 {
		return fmt.Sprintf("did you mean %s? %s", list(quoted(near), "or"), have)
	}
	return have
}

// FileError is a manifest that is not there or cannot be read.
type FileError struct {
	Path string
	// Reason says what is wrong with the file.
	Reason string
	hint   string
	cause  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Reason }

// Hint says what to do about it; it may be empty.
func (e *FileError) Hint() string { return e.hint }

// Unwrap returns the operating system's error, or nil.
func (e *FileError) Unwrap() error { return e.cause }
