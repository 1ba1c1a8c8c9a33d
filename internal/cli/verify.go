package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/dotenv"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
	"github.com/yolo-live/yolo/internal/verify"
)

// verifyOptions are the flags of every verify.
type verifyOptions struct {
	options
	recording, logging bool
	envFile            string
	seconds            int
	keep, purge        bool
}

// The bounds of --seconds. A recording of less has too few segments to judge,
// and one of more proves nothing more.
const (
	shortestShow, longestShow = 5, 600
	usualShow                 = 20
	// verifyTimeout leaves room for a show, the search for its events and the
	// canary.
	verifyTimeout = 10 * time.Minute
)

func (a *app) newVerifies() []*cobra.Command {
	return []*cobra.Command{
		a.newVerify(verifyOptions{options: options{command: "verify"}, recording: true, logging: true},
			"Prove that a show is recorded and its events logged",
			`Puts on a short show of its own in every region at once, and finds it again in
the bucket and in the log. An ffmpeg on the PATH, if there is one, tells whether
the recorded picture is black.`),
		a.newVerify(verifyOptions{options: options{command: "verify:recording"}, recording: true},
			"Prove that a show is recorded in every region",
			`Puts on a short show of its own in every region at once, and finds it again in
the bucket. An ffmpeg on the PATH, if there is one, tells whether the recorded
picture is black.`),
		a.newVerify(verifyOptions{options: options{command: "verify:logging"}, logging: true},
			"Prove that events are logged in every region",
			`Publishes to a stage of its own for a few seconds in every region at once,
without a composition, and finds the events again in the log.`),
	}
}

const verifyLong = `

First all that it depends on is read, which costs nothing; a broken link ends
the proof of that region there, and is named with its remedy. Then it says what
will run, for how long and what AWS bills, and asks; without a terminal it needs
--yes.

%sExit codes: 0 all is PASS; 1 error; 3 something is FAIL or NOT_PROVEN;
4 credentials or account; 64 usage or manifest; 130 interrupted.`

// What is said of what is left.
const (
	recordedLong = `Stage, composition and whatever else it makes are gone at the end in every case,
and what a killed run left goes with the next one. The recording stays unless
--purge is given. The app's own rules see the show's events too.

--env-file checks what the app really uses: a stale value fails.

`
	loggedLong = `The stage and whatever else it makes are gone at the end in every case, and what
a killed run left goes with the next one. The app's own rules see the show's
events too.

`
)

func (a *app) newVerify(o verifyOptions, short, long string) *cobra.Command {
	left := loggedLong
	if o.recording {
		left = recordedLong
	}
	c := &cobra.Command{
		Use: o.command + " <environment>", Short: short, Long: long + fmt.Sprintf(verifyLong, left),
		Example: fmt.Sprintf(`  $ yolo %[1]s production --dry-run
  $ yolo %[1]s production --yes
  $ yolo %[1]s production --emulator --yes`, o.command),
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	f := c.Flags()
	o.addFlags(f)
	o.timeout = verifyTimeout
	timeout := f.Lookup("timeout")
	timeout.DefValue = verifyTimeout.String()
	f.BoolVar(&o.dryRun, "dry-run", false, "only judge the configuration; reads only, and costs nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask before anything is billed")
	f.BoolVar(&o.markdown, "markdown", false, "print the proof on stdout as a comment for a pull request")
	if o.recording {
		f.StringVar(&o.envFile, "env-file", "", "judge the bucket and ARNs of this dotenv `FILE`, which the app uses")
		f.IntVar(&o.seconds, "seconds", usualShow, fmt.Sprintf("`N` seconds of picture, %d to %d", shortestShow, longestShow))
		f.BoolVar(&o.keep, "keep", false, "keep the recording (the default)")
		f.BoolVar(&o.purge, "purge", false, "delete the recording of this run afterwards")
	} else {
		o.seconds = shortestShow
	}
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if !f.Changed("timeout") && o.seconds > usualShow {
			o.timeout += time.Duration(o.seconds-usualShow) * time.Second
		}
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runVerify(ctx, o)
	})
	return c
}

// check refuses flags that do not go together.
func (o *verifyOptions) check() error {
	switch {
	case o.seconds < shortestShow || o.seconds > longestShow:
		return usagef(fmt.Sprintf("%d are enough", usualShow), "--seconds %d: want %d to %d", o.seconds, shortestShow, longestShow)
	case o.keep && o.purge:
		return usagef("choose one of them", "--keep and --purge do not go together")
	case o.purge && o.dryRun:
		return usagef("a dry run records nothing", "--purge and --dry-run do not go together")
	case o.markdown && o.json:
		return usagef("choose one of them", "--markdown and --json both want stdout")
	}
	return o.options.check()
}

// checkAgreed refuses a show that nobody agreed to, or can.
func (o *verifyOptions) checkAgreed(interactive bool) error {
	if o.dryRun || o.yes || o.emulate || interactive && !o.json {
		return nil
	}
	return usagef("add --yes, or --dry-run to judge the configuration alone", "%s puts on a show that AWS bills, and there is nobody to ask", o.command)
}

// verification is one run of verify.
type verification struct {
	*session
	options  verifyOptions
	file     string // the env file's text
	findings []resource.EnvFinding
	err      error // of looking at the env file
}

// runVerify judges the configuration in one pass, and puts on a show where it
// holds.
func (a *app) runVerify(ctx context.Context, o verifyOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, o.recording, o.logging)
	if err != nil {
		return exitUsage, err
	}
	if err := o.checkAgreed(s.streams.Interactive); err != nil {
		return exitUsage, err
	}
	v := &verification{session: s, options: o}
	if err := v.open(); err != nil {
		return s.fail(err)
	}
	return s.run(ctx, job{
		plan:     v.plan,
		conclude: func(report *reconcile.Report) (int, error) { return v.conclude(ctx, report) },
	})
}

// open reads the env file before AWS is asked for anything.
func (v *verification) open() error {
	if v.options.envFile == "" {
		return nil
	}
	file, err := dotenv.Load(v.options.envFile)
	if err == nil && file.Missing {
		err = &dotenv.FileError{Text: v.options.envFile + " is not there", Fix: v.command("env") + " --write " + typed(v.options.envFile) + " makes it"}
	}
	v.file = file.Text
	return fileProblem(err)
}

func (v *verification) plan(ctx context.Context) *reconcile.Report {
	report := v.pass(ctx, "Looking at", v.wanted(), (*reconcile.Engine).Plan)
	if v.options.envFile == "" || report.Interrupted {
		return report
	}
	ctx, cancel := context.WithTimeout(ctx, v.left)
	defer cancel()
	defer context.AfterFunc(v.stop, cancel)()
	v.findings, _, v.err = resource.CheckEnv(ctx, v.cloud, v.wish, report, foundIn(v.file))
	if v.stop.Err() != nil {
		report.Interrupted, v.err = true, nil
	}
	return report
}

// conclude goes on from the plan: it judges, asks, puts on the show and tells.
func (v *verification) conclude(ctx context.Context, plan *reconcile.Report) (int, error) {
	if v.err != nil {
		return v.fail(v.err)
	}
	var app *resource.AppEnv
	if v.options.envFile != "" {
		app = &resource.AppEnv{File: v.options.envFile, Findings: v.findings}
	}
	chains := resource.Chains(v.wish, plan, app)
	configuration := verify.Configuration(chains, v.mend)
	for n := range plan.All {
		configuration.Elapsed = max(configuration.Elapsed, n.Elapsed)
	}
	report := proof.Report{DryRun: v.options.dryRun, Interrupted: plan.Interrupted, Steps: []proof.Step{configuration}}
	regions := v.showable(chains)
	switch {
	case report.DryRun, report.Interrupted:
		return v.tell(report, plan, nil)
	case len(regions) == 0:
		swept, err := v.sweep(ctx)
		if err != nil {
			return v.fail(err)
		}
		report.Steps = append(verify.Behind(report.Steps, chains), swept...)
		return v.tell(report, plan, nil)
	}
	if err := v.agree(regions); err != nil {
		return v.disagreed(err)
	}
	steps, err := v.putOn(ctx, regions)
	if err != nil {
		return v.fail(err)
	}
	verify.Settle(&report.Steps[0], steps...)
	report.Steps = verify.Behind(append(report.Steps, steps...), chains)
	report.Interrupted = v.stop.Err() != nil
	return v.tell(report, plan, regions)
}

// mend is the command that mends a link.
func (v *verification) mend(feature, link string) string {
	if link == resource.LinkAppEnv {
		return v.command("env", "--write", v.options.envFile)
	}
	return v.command("sync:" + feature)
}

// tell prints what was proven, and gives the exit code.
func (v *verification) tell(report proof.Report, plan *reconcile.Report, shown []verify.Region) (int, error) {
	m := v.meta()
	ofProof := proofWarnings(report)
	m.Warnings = slices.Concat(m.Warnings, plan.Warnings(), ofProof)
	page := m
	page.Warnings = slices.Concat(v.warnings, denied(plan), ofProof) // the links tell of the others
	ui.VerifySummary(v.streams, report, page)
	code := verifyExitCode(report, plan)
	var err error
	switch {
	case v.options.json:
		err = ui.JSON(v.streams.Out, ui.NewProofDocument(report, m, len(shown) > 0))
	case v.options.markdown:
		err = ui.ProofMarkdown(v.streams.Out, report, m)
	}
	if err != nil {
		return unread(code), fmt.Errorf("write the result to stdout: %w", err)
	}
	return code, nil
}

// denied are the warnings of reads that were refused, of which no link tells.
func denied(plan *reconcile.Report) []reconcile.Warning {
	return slices.DeleteFunc(plan.Warnings(), func(w reconcile.Warning) bool { return w.Code != resource.WarnOptionalRead })
}

func proofWarnings(report proof.Report) []reconcile.Warning {
	var all []reconcile.Warning
	for _, s := range report.Steps {
		for _, w := range s.Warnings {
			all = append(all, reconcile.Warning{Code: w.Code, Region: w.Region, Step: s.ID, Text: w.Text, Fix: w.Fix})
		}
	}
	return all
}

// expired tells whether credentials ended in the middle of a proof.
func expired(report proof.Report) bool {
	for _, s := range report.Steps {
		for _, f := range s.Findings {
			if e, ok := errors.AsType[*cloud.Error](f.Err); ok && e.Expired() {
				return true
			}
		}
	}
	return false
}

// verifyExitCode tells how a proof ended.
func verifyExitCode(report proof.Report, plan *reconcile.Report) int {
	verdict, asked := report.Verdict()
	switch {
	case report.Interrupted:
		return exitInterrupted
	case badCredentials(plan), expired(report):
		return exitCredentials
	case asked && verdict != proof.Pass:
		return exitUnproven
	}
	return exitDone
}
