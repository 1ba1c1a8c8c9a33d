package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/doctor"
	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
	"github.com/yolo-live/yolo/internal/verify"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	options
	since               since
	composition, prefix string
	given               func(flag string) bool
}

func (a *app) newDoctor() *cobra.Command {
	o := doctorOptions{options: options{command: "doctor"}, since: since(24 * time.Hour)}
	c := &cobra.Command{
		Use:   "doctor <environment>",
		Short: "Find out what became of a show that went wrong",
		Long: `Judges what recording and event logging depend on, link by link, and then what
became of the shows of the last 24 hours: each destination that started in the
log against its recording in the bucket. It names the first broken link. Only
reads, and asks nothing.

A show fails if IVS says so, if nothing of it is in the bucket, if it has no end
or is shorter than what was published, and if nobody published for 60 s and
somebody had more to show. One that is still running is not proven, nor is a
region without any. A recording without its event is a warning: IVS's events are
best effort.

--composition looks at one show, and quotes IVS on why it failed. --prefix looks
at one recording, by what StartComposition returned or an s3:// URI. Both open
the recording: playlists, every segment's presence, and what is in the first and
the last one.

Exit codes: 0 all is PASS; 1 error; 3 something is FAIL or NOT_PROVEN;
4 credentials or account; 64 usage or manifest; 130 interrupted.`,
		Example: `  $ yolo doctor production
  $ yolo doctor production --since 7d --region us-east-1
  $ yolo doctor production --composition arn:aws:ivs:us-east-1:123456789012:composition/s2AdaGUbvQgp
  $ yolo doctor production --prefix s3://my-archive/MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite`,
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	f := c.Flags()
	o.addFlags(f)
	f.Var(&o.since, "since", "judge the shows of the last `DURATION`, such as 2h or 7d")
	f.StringVar(&o.composition, "composition", "", "judge the show of the composition with this `ARN`")
	f.StringVar(&o.prefix, "prefix", "", "judge the recording below this `PREFIX`, in any bucket of the environment, or s3://BUCKET/PREFIX")
	f.BoolVar(&o.markdown, "markdown", false, "print the findings on stdout as a comment for a pull request")
	o.given = f.Changed
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runDoctor(ctx, o)
	})
	return c
}

// compositionARN is the form of one, with its region and account (RealTimeAPIReference,
// Composition).
var compositionARN = lazyregexp.New(`^arn:aws:ivs:([a-z0-9-]+):([0-9]{12}):composition/[a-zA-Z0-9-]+$`)

func (o *doctorOptions) check() error {
	var chosen []string
	for _, flag := range []string{"composition", "prefix", "since"} {
		if o.given(flag) {
			chosen = append(chosen, "--"+flag)
		}
	}
	_, prefix := doctor.SplitPrefix(o.prefix)
	switch {
	case len(chosen) > 1:
		return usagef("choose one of them", "%s do not go together", strings.Join(chosen, " and "))
	case o.since <= 0:
		return usagef("give a duration such as 2h or 7d", "--since %s is not in the past", time.Duration(o.since))
	case o.given("composition") && !compositionARN.MatchString(o.composition):
		return usagef("it is as in arn:aws:ivs:us-east-1:123456789012:composition/s2AdaGUbvQgp; "+
			"yolo events "+o.environment+" --json has those of all shows", "--composition %q is not the ARN of a composition", o.composition)
	case o.given("prefix") && prefix == "":
		return usagef("give what StartComposition returned as recordingPrefix, or an s3:// URI with it", "--prefix %q names no recording", o.prefix)
	case o.markdown && o.json:
		return usagef("choose one of them", "--markdown and --json both want stdout")
	}
	return o.options.check()
}

// diagnosis is one run of doctor.
type diagnosis struct {
	*session
	options doctorOptions
}

func (a *app) runDoctor(ctx context.Context, o doctorOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, true, true)
	if err != nil {
		return exitUsage, err
	}
	if (o.composition != "" || o.prefix != "") && !s.env.Recording.Enabled && !s.env.Logging.Enabled {
		return exitUsage, usagef("leave --composition and --prefix out, or choose another environment",
			"%s has neither recording nor logging in the manifest, so there is nowhere to look", s.env.Name)
	}
	d := &diagnosis{session: s, options: o}
	if o.composition != "" {
		if err := d.narrow(); err != nil {
			return exitUsage, err
		}
		if err := d.ofAccount(s.env.AccountID); err != nil {
			return s.fail(err)
		}
	}
	return s.run(ctx, job{
		plan: func(ctx context.Context) *reconcile.Report {
			return s.pass(ctx, "Looking at", s.wanted(), (*reconcile.Engine).Plan)
		},
		conclude: func(plan *reconcile.Report) (int, error) { return d.conclude(ctx, plan) },
	})
}

// narrow looks in the composition's region only.
func (d *diagnosis) narrow() error {
	region := compositionARN.FindStringSubmatch(d.options.composition)[1]
	if !slices.Contains(d.env.Regions, region) {
		return usagef(fmt.Sprintf("the manifest's regions are: %s; add it there if the app is to record in it", strings.Join(d.env.Regions, ", ")),
			"the composition is of %s, which is no region of %s in the manifest", region, d.env.Name)
	}
	if !slices.Contains(d.wish.Regions, region) {
		return usagef("leave --region out", "the composition is of %s, and --region leaves that out", region)
	}
	d.wish.Regions, d.wish.Narrowed = []string{region}, true
	return nil
}

// ofAccount refuses a composition of another account than that. With "" all are
// as good.
func (d *diagnosis) ofAccount(account string) error {
	of := compositionARN.FindStringSubmatch(d.options.composition)
	if of == nil || account == "" || of[2] == account {
		return nil
	}
	return &reconcile.Problem{
		ProblemCode: codeAccount,
		Text:        fmt.Sprintf("the composition is of account %s, and %s is in account %s; nothing of it could be seen", of[2], d.env.Name, account),
		Fix:         "give an ARN of this account, or choose the environment, profile or manifest of the other one",
	}
}

// conclude judges the configuration, then the shows, and tells.
func (d *diagnosis) conclude(ctx context.Context, plan *reconcile.Report) (int, error) {
	chains := resource.Chains(d.wish, plan, nil)
	configuration := verify.Configuration(chains, func(feature, _ string) string { return d.command("sync:" + feature) })
	for n := range plan.All {
		configuration.Elapsed = max(configuration.Elapsed, n.Elapsed)
	}
	report := proof.Report{Interrupted: plan.Interrupted, Steps: []proof.Step{configuration}}
	if report.Interrupted || configuration.Skipped != "" {
		return d.tell(report, plan, nil)
	}
	found, err := d.look(ctx, chains)
	if err != nil {
		return d.fail(err)
	}
	report.Steps = append(report.Steps, found.Steps...)
	report.Interrupted = d.stop.Err() != nil
	return d.tell(report, plan, found.Warnings)
}

// look finds out what became of the shows that were asked for, in what is left
// of the run's time.
func (d *diagnosis) look(ctx context.Context, chains []resource.Chain) (doctor.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, d.left)
	defer cancel()
	defer context.AfterFunc(d.stop, cancel)()
	account, err := d.cloud.Account(ctx)
	if err == nil {
		err = d.ofAccount(account)
	}
	if err != nil {
		return doctor.Result{}, err
	}
	o := doctor.Options{Cloud: d.cloud, Account: account, Env: d.env, Chains: chains, Now: d.begun, Command: d.command}
	switch {
	case d.options.composition != "":
		return doctor.Composition(ctx, o, d.options.composition), nil
	case d.options.prefix != "":
		bucket, prefix := doctor.SplitPrefix(d.options.prefix)
		return doctor.Prefix(ctx, o, bucket, prefix), nil
	}
	return doctor.Since(ctx, o, d.begun.Add(-time.Duration(d.options.since))), nil
}

// tell prints what was found, and gives the exit code.
func (d *diagnosis) tell(report proof.Report, plan *reconcile.Report, found []reconcile.Warning) (int, error) {
	m := d.meta()
	page := m
	page.Warnings = slices.Concat(d.warnings, denied(plan), found) // the links tell of the others
	m.Warnings = slices.Concat(m.Warnings, plan.Warnings(), found)
	ui.DoctorSummary(d.streams, report, page)
	code := verifyExitCode(report, plan)
	var err error
	switch {
	case d.options.json:
		err = ui.JSON(d.streams.Out, ui.NewProofDocument(report, m, false))
	case d.options.markdown:
		err = ui.DoctorMarkdown(d.streams.Out, report, m)
	}
	if err != nil {
		return unread(code), fmt.Errorf("write the result to stdout: %w", err)
	}
	return code, nil
}
