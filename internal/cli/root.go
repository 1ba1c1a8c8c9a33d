// Package cli is the command line: it parses arguments, reads the manifest,
// sets a run up, and turns its end into output and an exit code.
//
// Decisions about AWS are resource's, the order of things is reconcile's, and
// how it all looks is ui's. Start at Main, then at runSync in sync.go.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/ui"
)

// app is what all commands share.
type app struct {
	streams *ui.Streams
	getenv  func(string) string
	dir     string // where the manifest is looked for
	noColor bool
	code    int // of a command that ran
	// quit takes the last words of a command that is to end at once.
	quit chan func()
	// direct, when not nil, sends what is for AWS elsewhere, as tests do.
	direct func(*cloud.Options)
}

// Main runs yolo with the arguments and returns the exit code. It may return
// while calls are in flight, when it was interrupted twice: the caller then
// has to end the process.
func Main(args []string, in, out, err *os.File) int {
	collectLate()
	ui.IgnoreBrokenPipes()
	a := &app{streams: ui.NewStreams(in, out, err, os.Getenv), getenv: os.Getenv, dir: ".", quit: make(chan func(), 1)}
	ended := make(chan int, 1)
	go func() { ended <- a.execute(args) }()
	select {
	case code := <-ended:
		return code
	case lastWords := <-a.quit:
		lastWords()
		return exitInterrupted
	}
}

func (a *app) execute(args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.streams.In)
	root.SetOut(a.streams.Out)
	root.SetErr(a.streams.Err)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		unquoteUsages(root)
	}
	if usage := root.ExecuteContext(context.Background()); usage != nil {
		ui.Error(a.streams.With(ui.Options{NoColor: a.noColor}), asUsage(usage))
		return exitUsage
	}
	return a.code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "yolo",
		Short: "Keep Amazon IVS recording and logging right in every region",
		Long: `yolo makes Amazon IVS Real-Time recording and IVS event logging work in every
region that yolo.yml names, and keeps it so. Every command may be run again at
any time: what is right already is left alone.

Begin with yolo init. Without an AWS account: yolo sync production --emulator`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "no colours (also: NO_COLOR, TERM=dumb)")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(help)
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(a.newSyncs()...)
	root.AddCommand(a.newStatus(), a.newEvents(), a.newEnv())
	root.AddCommand(append(a.newDestroys(), a.newPrune())...)
	root.AddCommand(a.newEmulator(), a.newVersion(), a.newCompletion())
	root.AddCommand(a.newInit(), a.newSchema(), a.newPermissions())
	root.AddCommand(append(a.newVerifies(), a.newDoctor())...)
	root.AddCommand(newVariables())
	refuseUnknownTopics(root)
	a.completeTheRest(root)
	return root
}

// refuseUnknownTopics has help, which cobra makes, refuse words that it does
// not know, as all other commands do.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Short, c.Long = "Show what a command does and how it is called", "Shows what --help behind the command shows."
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err == nil && found != root {
					return nil
				}
				return knownCommand(root, args)
			}
		}
	}
}

// run wraps a command's work: its error is shown here, and its exit code kept.
func (a *app) run(work func(ctx context.Context, args []string) (int, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		code, err := work(c.Context(), args)
		if usage, ok := errors.AsType[*usageError](err); ok {
			return usage
		}
		if err != nil {
			ui.Error(a.streams.With(ui.Options{NoColor: a.noColor}), err)
		}
		a.code = code
		return nil
	}
}

// usageError is a command line that cannot be carried out as it is.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }

// Unwrap returns the reason.
func (e *usageError) Unwrap() error { return e.err }

// Hint says what to type instead.
func (e *usageError) Hint() string { return e.hint }

func usagef(hint, format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...), hint: hint}
}

// knownCommand refuses words that are no command, and offers one that is.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "yolo --help shows the commands"
	if names := root.SuggestionsFor(args[0]); len(names) > 0 {
		hint = "did you mean yolo " + strings.Join(names, " or yolo ") + "?"
	}
	return usagef(hint, "there is no command %q", args[0])
}

// asUsage gives cobra's own errors, all of which are about usage, a hint.
func asUsage(err error) error {
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage
	}
	return &usageError{err: err, hint: "yolo --help shows the commands"}
}
