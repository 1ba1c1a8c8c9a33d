package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/ui"
)

// initOptions are the flags of init.
type initOptions struct {
	name, environment, account string
	regions                    []string
	recording, noRecording     bool
	logging, noLogging         bool
	retention                  int
	bucket, file               string
	yes, dryRun                bool
	given                      func(flag string) bool
}

func (o *initOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.name, "name", "", "the `NAME` of the app")
	f.StringVar(&o.environment, "environment", "", "the `NAME` of the environment, such as production")
	f.StringVar(&o.account, "account-id", "", "the `ID` of the only AWS account that yolo may touch")
	f.StringArrayVar(&o.regions, "region", nil, "a `REGION` IVS works in, the primary one first; may be given several times")
	f.BoolVar(&o.recording, "recording", false, "record compositions to S3")
	f.BoolVar(&o.noRecording, "no-recording", false, "do not record")
	f.BoolVar(&o.logging, "logging", false, "keep IVS's events in CloudWatch Logs")
	f.BoolVar(&o.noLogging, "no-logging", false, "do not keep events")
	f.IntVar(&o.retention, "log-retention-days", 0, fmt.Sprintf("keep events for so many `DAYS` (default: %d)", manifest.DefaultRetentionDays))
	f.StringVar(&o.bucket, "bucket", "", "the `LAYOUT`, shared or regional (default: shared for one region, regional for several)")
	f.VarP((*pathValue)(&o.file), "file", "f", "the manifest's `PATH` (default: yolo.yml, looked for from here upwards, else made here)")
	f.BoolVarP(&o.yes, "yes", "y", false, "ask nothing, and take the default for what no flag says")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the file on stdout, and write nothing")
}

func (a *app) newInit() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a yolo.yml, or add recording and logging to one",
		Long: `Asks for the app, the environment, its regions, recording and logging, and
writes a yolo.yml in which every key is explained. Where there is one already,
the environment, or what it lacks, is added, and every other byte stays as it
is. What is there is not changed; where nothing can be added safely, the lines
to paste are shown.

Flags answer the questions. Without a terminal they have to, or --yes takes the
defaults: the folder's name, production, us-east-1, recording and logging.

If ` + schemaFile + ` is beside a new file, the first line tells editors of it:
see yolo schema.

Exit codes: 0 done, or there already; 1 error, or not possible safely; 64 usage
or manifest; 130 interrupted.`,
		Example: `  $ yolo init
  $ yolo init --yes --dry-run
  $ yolo init --environment staging --region us-east-1 --recording --logging`,
		Args: noArguments,
	}
	o.addFlags(c.Flags())
	o.given = c.Flags().Changed
	_ = c.RegisterFlagCompletionFunc("environment", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return environments(o.file, a.dir), cobra.ShellCompDirectiveNoFileComp
	})
	_ = c.RegisterFlagCompletionFunc("region", completeIVSRegions)
	_ = c.RegisterFlagCompletionFunc("bucket", completeValues(string(manifest.Shared), string(manifest.Regional)))
	c.RunE = a.run(func(ctx context.Context, _ []string) (int, error) {
		return a.runInit(ctx, o)
	})
	return c
}

// check refuses flags that do not go together.
func (o *initOptions) check() error {
	together := func(one, other string) error {
		return usagef("leave one of the two out", "--%s and --%s do not go together", one, other)
	}
	recording, _ := o.saysRecording()
	logging, _ := o.saysLogging()
	switch {
	case o.given("recording") && o.given("no-recording"):
		return together("recording", "no-recording")
	case o.given("logging") && o.given("no-logging"):
		return together("logging", "no-logging")
	case o.given("bucket") && o.given("no-recording") && !recording:
		return together("bucket", "no-recording")
	case o.given("log-retention-days") && o.given("no-logging") && !logging:
		return together("log-retention-days", "no-logging")
	}
	return nil
}

// saysRecording tells whether to record, if the flags say so.
func (o *initOptions) saysRecording() (on, said bool) {
	return o.recording || o.given("no-recording") && !o.noRecording, o.given("recording") || o.given("no-recording")
}

// saysLogging tells whether to keep events, if the flags say so.
func (o *initOptions) saysLogging() (on, said bool) {
	return o.logging || o.given("no-logging") && !o.noLogging, o.given("logging") || o.given("no-logging")
}

// writing is one run of init.
type writing struct {
	*app
	streams *ui.Streams
	options initOptions
	path    string
	base    *manifest.Base // nil for a new file
	draft   manifest.Draft
	warned  []string
	stop    context.Context
}

func (a *app) runInit(ctx context.Context, o initOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	stop, release := interruptible(ctx, func() { a.quit <- func() {} })
	defer release()
	w := &writing{app: a, options: o, stop: stop, streams: a.streams.With(ui.Options{NoColor: a.noColor})}
	if err := w.open(); err != nil {
		w.pasteIfComplete(err)
		return exitUsage, err
	}
	if done, err := w.there(); done {
		return errorCode(err), err
	}
	if err := w.complete(); err != nil {
		return w.failureCode(err), err
	}
	text, err := w.compose()
	if err != nil {
		return w.failureCode(err), err
	}
	if err := w.deliver(text); err != nil {
		return w.failureCode(err), err
	}
	return exitDone, nil
}

func errorCode(err error) int {
	if err != nil {
		return exitError
	}
	return exitDone
}

func (w *writing) failureCode(err error) int {
	_, invalid := errors.AsType[*manifest.InvalidError](err)
	switch {
	case w.stop.Err() != nil:
		return exitInterrupted
	case invalid:
		return exitUsage
	}
	return exitError
}

// compose makes the text of the file.
func (w *writing) compose() (string, error) {
	if w.base == nil {
		return w.schemaLine() + w.draft.Text(), nil
	}
	if err := w.confirm(); err != nil {
		w.paste()
		return "", err
	}
	text, err := w.base.Add(w.draft)
	if err != nil {
		w.paste()
	}
	if unsafe, ok := errors.AsType[*manifest.UnsafeError](err); ok {
		return "", &hintedError{unsafe, "nothing was written; put the lines above where they belong yourself"}
	}
	return text, err
}

// paste shows what is asked for, for somebody who puts it there by hand.
func (w *writing) paste() {
	ui.Tell(w.streams, 0, "This is what "+w.path+" would have to say:")
	fmt.Fprintf(w.streams.Err, "\n%s\n", w.draft.Block())
}

// pasteIfComplete is paste for a manifest with mistakes, if the flags say enough.
func (w *writing) pasteIfComplete(err error) {
	if _, invalid := errors.AsType[*manifest.InvalidError](err); !invalid || w.takeFlags() != nil {
		return
	}
	if w.options.yes || refuse(w.unknown()) == nil {
		w.paste()
	}
}

// hintedError is an error with what to do about it.
type hintedError struct {
	error
	hint string
}

// Hint says what to do.
func (e *hintedError) Hint() string { return e.hint }

// Unwrap returns the error.
func (e *hintedError) Unwrap() error { return e.error }

// deliver writes the text, or shows it.
func (w *writing) deliver(text string) error {
	if w.options.dryRun {
		if _, err := io.WriteString(w.streams.Out, text); err != nil {
			return fmt.Errorf("write the manifest to stdout: %w", err)
		}
		ui.Tell(w.streams, 0, "Nothing was written.")
		return nil
	}
	write := func() error { return makeFile(w.path, text) }
	if w.base != nil {
		write = func() error { return replaceFile(w.path, w.base.Text, text) }
	}
	if err := write(); err != nil {
		return err
	}
	w.farewell()
	return nil
}

// farewell tells what was done, and what comes next.
func (w *writing) farewell() {
	done := "Wrote " + w.path + "."
	if w.base != nil {
		done = fmt.Sprintf("Added %s to %s.", w.draft.Environment, w.path)
	}
	ui.Tell(w.streams, 0, done)
	if !w.draft.Recording && !w.draft.Logging {
		ui.Tell(w.streams, 0, "Neither recording nor logging is on in it, so there is nothing to sync yet.")
		return
	}
	w.next()
}

// next tells the commands to go on with.
func (w *writing) next() {
	ui.Tell(w.streams, 0, "")
	ui.Tell(w.streams, 0, "Try it without an AWS account:")
	ui.Tell(w.streams, 2, w.sync("--emulator"))
	ui.Tell(w.streams, 0, "Then do it in yours:")
	ui.Tell(w.streams, 2, w.sync())
}

// sync is the command line of a sync of the environment.
func (w *writing) sync(flags ...string) string {
	words := []string{"yolo", "sync", w.draft.Environment}
	if w.options.file != "" {
		words = append(words, "-f", w.options.file)
	}
	words = append(words, flags...)
	for i, word := range words {
		words[i] = typed(word)
	}
	return strings.Join(words, " ")
}

// schemaLine begins a new file when the schema is beside it.
func (w *writing) schemaLine() string {
	if exists(filepath.Join(filepath.Dir(w.path), schemaFile)) {
		return schemaLine + "\n"
	}
	return ""
}
