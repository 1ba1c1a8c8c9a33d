// Command bench measures yolo, the program that is handed out, against the AWS
// inside it: round trips, requests, time, CPU and memory. It starts real
// processes, and reads off the emulator what they asked for and when.
//
//	go run ./bench         all that docs/performance.md says was measured
//	go run ./bench help    what else there is
//
// Each part is a row of parts, in a file of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(begin(os.Args[1:])) }

// begin does what was typed, and returns the exit code.
func begin(args []string) int {
	// A reader that goes away is an error, after which what was made is removed.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return conclude(dispatch(ctx, args, os.Stdout, os.Stderr), os.Stderr)
}

// part is one thing that bench does.
type part struct {
	name string // as typed; "" for what is done without a name
	does string // a line of the help; "" for what is not for people
	run  func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

// parts lists them in the order of the help.
func parts() []part {
	return []part{
		{"", "all that docs/performance.md says was measured", measureAll},
		{"timeline", "each request of one run, and what the end waited for", timeline},
		{"connections", "what connections each run opens, over HTTP/1.1 and HTTP/2", connections},
		{"growth", "how time and memory grow with the account, as curves", growth},
		{starter, "", startMeasured},
	}
}

// usageError is a mistake in what was typed.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// dispatch hands over to the part that the first argument names.
func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name, rest := "", args
	if len(args) > 0 && (args[0] == "" || args[0][0] != '-') {
		name, rest = args[0], args[1:]
	}
	if name == "help" {
		return help(stdout)
	}
	for _, p := range parts() {
		if p.name == name {
			return p.run(ctx, rest, stdout, stderr)
		}
	}
	return usagef("%q is no part of the benchmark", name)
}

func help(out io.Writer) error {
	text := "Measures yolo against the AWS inside it.\n\n"
	for _, p := range parts() {
		if p.does != "" {
			text += fmt.Sprintf("  %-27s %s\n", "go run ./bench "+p.name, p.does)
		}
	}
	_, err := io.WriteString(out, text+"\n-h after any of them lists its flags.\n")
	return err
}

// conclude prints what went wrong and returns the exit code: 0, which a reader
// that has seen enough does not change, 1, 64 for what was typed wrong, 130 after
// Ctrl-C.
func conclude(err error, stderr io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) || errors.Is(err, syscall.EPIPE) {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "bench: interrupted")
		return 130
	}
	fmt.Fprintln(stderr, "bench:", err)
	if _, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintln(stderr, "hint: go run ./bench help")
		return 64
	}
	return 1
}
