package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// envOptions are the flags of env. At most one of the last three is given.
type envOptions struct {
	options
	format      string
	write, look string // the files of --write and --check
	given       func(flag string) bool
}

func (a *app) newEnv() *cobra.Command {
	o := envOptions{options: options{command: "env", dryRun: true}}
	c := &cobra.Command{
		Use:   "env <environment>",
		Short: "Print, write or check the variables that your app needs",
		Long: `Reads yolo.yml and AWS, and prints the variables that a sync would print: the
bucket, and per region the storage and the encoder configuration. Nothing in AWS
is changed.

--write merges them into a file: what is wrong is corrected, what is missing is
added, and every other line stays as it is, byte for byte. A file that is right
already is not touched. Unless all values are known nothing is written.

--check compares a file with AWS, and names each line with a value that is of a
deleted or replaced configuration, of another region or account, or missing. An
app that uses such a value does not record.

Exit codes: 0 done, all is right; 1 error; 2 a value is not there before a sync,
or --check found something; 4 credentials or account; 5 only some values could
be had; 64 usage or manifest; 130 interrupted.`,
		Example: `  $ yolo env production
  $ yolo env production --write .env
  $ yolo env production --check .env
  $ eval "$(yolo env production --format shell)"
  $ yolo env production --format github-env >>"$GITHUB_ENV"`,
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	f := c.Flags()
	o.addFlags(f)
	f.StringVar(&o.format, "format", "dotenv", "print in this `FORM`: "+strings.Join(formNames(), ", "))
	f.StringVar(&o.write, "write", "", "merge the values into this `FILE`, which is made if it is missing")
	f.StringVar(&o.look, "check", "", "compare this `FILE` with AWS; - is stdin")
	o.given = f.Changed
	_ = c.RegisterFlagCompletionFunc("format", completeValues(formNames()...))
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runEnv(ctx, o)
	})
	return c
}

func (o *envOptions) check() error {
	together := func(one, other, why string) error {
		return usagef(why, "--%s and --%s do not go together", one, other)
	}
	switch {
	case formOf(o.format) == nil:
		return usagef("there are "+strings.Join(formNames(), ", "), "--format %q: is not known", o.format)
	case o.given("write") && o.given("check"):
		return together("write", "check", "--write corrects what --check would find")
	case o.given("format") && o.json:
		return together("format", "json", "--json prints a document with the values under env; --format json the values alone")
	case o.given("format") && o.given("write"):
		return together("format", "write", "what --write writes is always dotenv")
	case o.given("format") && o.given("check"):
		return together("format", "check", "--check prints no values")
	case o.given("write") && (o.write == "" || o.write == "-"):
		return usagef("without --write, the values are printed on stdout", "--write %q: is not a file", o.write)
	case o.given("check") && o.look == "":
		return usagef("such as --check .env", `--check "": is not a file`)
	}
	return o.options.check()
}

// runEnv reads the values, as a sync would print them, and does with them what
// the flags say.
func (a *app) runEnv(ctx context.Context, o envOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, true, false)
	if err != nil {
		return exitUsage, err
	}
	e := &envRun{session: s, options: o}
	if resource.Asked(s.wish) {
		if err := e.open(); err != nil {
			return s.fail(err)
		}
	}
	return s.run(ctx, job{plan: e.plan, conclude: e.conclude})
}

// envRun is one run of env.
type envRun struct {
	*session
	options envOptions

	// What --check reads and finds.
	found    []resource.EnvFound
	findings []resource.EnvFinding
	leftover []reconcile.Warning
	err      error // of checking
}

func (e *envRun) plan(ctx context.Context) *reconcile.Report {
	report := e.pass(ctx, "Looking at", e.wanted(), (*reconcile.Engine).Plan)
	if e.options.look != "" && !report.Interrupted {
		e.judge(ctx, report)
	}
	return report
}

// conclude prints the values, or what was done with them.
func (e *envRun) conclude(report *reconcile.Report) (int, error) {
	if e.err != nil {
		return e.fail(e.err)
	}
	resource.Conclude(report)
	values := resource.EnvValues(e.wish, report)
	own, beyond := resource.EnvWarnings(e.wish, report)
	for i := range beyond {
		beyond[i].Fix = e.command("sync:recording")
	}
	m := e.meta()
	m.Warnings = slices.Concat(m.Warnings, beyond, e.leftover)
	m.Env = envLines(e.wish, report)
	said := ui.EnvReport{
		Values: len(values), Sync: e.command("sync:recording"), Warnings: slices.Concat(e.warnings, own, beyond, e.leftover),
	}
	for _, v := range values {
		switch {
		case v.Value != "":
		case v.Err != nil:
			said.Failed++
		default:
			said.Missing = append(said.Missing, v.Of)
		}
	}
	if err := e.carryOut(report, values, &said); err != nil {
		return e.fail(err)
	}
	shown := m
	if e.options.write != "" || e.options.look != "" {
		shown.Env = nil
	}
	ui.EnvSummary(e.streams, report, shown, said)
	code := envExitCode(report, said)
	if err := e.print(report, m, said); err != nil {
		return unread(code), fmt.Errorf("write the result to stdout: %w", err)
	}
	return code, nil
}

// carryOut does what is to be done with the values beside printing them.
func (e *envRun) carryOut(report *reconcile.Report, values []resource.EnvValue, said *ui.EnvReport) error {
	switch {
	case len(values) == 0:
	case e.options.look != "":
		said.Checked = e.checked(len(said.Missing) > 0)
	case e.options.write != "" && (report.Interrupted || said.Failed+len(said.Missing) > 0):
		said.Written = &ui.Written{File: e.options.write, Refused: true, Changes: []ui.EnvChange{}}
	case e.options.write != "":
		var err error
		said.Written, err = writeEnv(e.options.write, values)
		return err
	}
	return nil
}

// envExitCode tells how a run of env ended.
func envExitCode(r *reconcile.Report, said ui.EnvReport) int {
	wrong := r.Tally().Wrong() > 0
	switch {
	case r.Interrupted:
		return exitInterrupted
	case wrong && badCredentials(r):
		return exitCredentials
	case wrong && said.Failed+len(said.Missing) < said.Values:
		return exitPartial
	case wrong:
		return exitError
	case len(said.Missing) > 0, said.Checked != nil && len(said.Checked.Findings) > 0:
		return exitPending
	}
	return exitDone
}

// print writes the result for machines. What went into a file, or was compared
// with one, is not printed again.
func (e *envRun) print(report *reconcile.Report, m ui.Meta, said ui.EnvReport) error {
	if e.options.json {
		d := ui.NewDocument(report, m, nil)
		d.Written = said.Written
		if said.Checked != nil {
			d.Check = said.Checked.Findings
		}
		return ui.JSON(e.streams.Out, d)
	}
	if e.options.write != "" || e.options.look != "" {
		return nil
	}
	return formOf(e.options.format)(e.streams.Out, m.Env)
}

// command is another command for the same environment, as a person types it.
func (s *session) command(name string, flags ...string) string {
	words := []string{"yolo", name, s.env.Name}
	if s.options.file != "" {
		words = append(words, "-f", s.options.file)
	}
	if s.options.emulate {
		words = append(words, "--emulator")
	}
	words = append(words, flags...)
	for i, word := range words {
		words[i] = typed(word)
	}
	return strings.Join(words, " ")
}
