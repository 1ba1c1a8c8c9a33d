package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// removalOptions are the flags of the commands that remove things.
type removalOptions struct {
	options
	confirm     string
	doing, done string // as in "Destroying" and "destroyed"
}

func (o *removalOptions) addRemoving(f *pflag.FlagSet) {
	o.addActing(f)
	f.StringVar(&o.confirm, "confirm", "", "do not ask; the environment's `NAME` once more says that it is meant")
	f.Lookup("yes").Usage = "not enough here, where what goes is gone: see --confirm"
}

// checkConfirmed refuses a run that nobody has said, or can say, the
// environment's name for.
func (o *removalOptions) checkConfirmed(s *session, given bool) error {
	add := "add --confirm " + typed(s.env.Name) + ", once it is that environment which is meant"
	switch {
	case given && o.confirm != s.env.Name:
		return usagef("--confirm takes the name of the environment: --confirm "+typed(s.env.Name),
			"--confirm %q is not %q, so nothing is %s", o.confirm, s.env.Name, o.done)
	case given || o.dryRun:
		return nil
	case o.yes:
		return usagef(add, "--yes is not enough: what is %s is gone", o.done)
	case o.json:
		return usagef(add, "with --json nobody is asked, and %s is not %s without being sure", s.env.Name, o.done)
	case !s.streams.Interactive:
		return usagef(add, "there is no terminal to ask on, or CI is set, and %s is not %s without being sure", s.env.Name, o.done)
	}
	return nil
}

// teardown is a run of a command that removes things: it looks for all that is
// there, and then removes of that what the command is about.
type teardown struct {
	*session
	flags     removalOptions
	confirmed bool
	// stages has it find out which stages use what is wanted.
	stages bool
	// remove makes removals of what a survey found.
	remove func(s *resource.Survey, looks *reconcile.Report) ([]reconcile.Group, []reconcile.Node)
	// nothing says that nothing is there to be removed, as it is put before
	// "in 7 regions"; stays that something is, and nothing of it goes.
	nothing, stays string
	// closing are sentences for the end of a run; nil for none.
	closing func(report *reconcile.Report) []string

	regions int                 // that were looked at
	looked  []reconcile.Warning // of the last look
}

// newTeardown checks all that can be known before AWS is asked.
func (a *app) newTeardown(o removalOptions, recording, logging bool, flags *pflag.FlagSet) (*teardown, error) {
	if err := o.checkActing(); err != nil {
		return nil, err
	}
	s, err := a.newSession(o.options, recording, logging)
	if err != nil {
		return nil, err
	}
	given := flags.Changed("confirm")
	return &teardown{session: s, flags: o, confirmed: given}, o.checkConfirmed(s, given)
}

// job plans, asks and removes. Without a question what is to go is shown too,
// before any of it goes, and nothing is read for that a second time.
func (t *teardown) job() job {
	j := job{
		plan:     func(ctx context.Context) *reconcile.Report { return t.plan(ctx, t.look(ctx)) },
		conclude: t.conclude,
	}
	if t.flags.dryRun {
		return j
	}
	j.run = t.run
	if !t.confirmed {
		j.confirm = t.confirm
	}
	return j
}

// look finds out what is there, and says what of it goes.
func (t *teardown) look(ctx context.Context) (r resources) {
	survey := resource.NewSurvey(t.wish, t.cloud)
	survey.Stages = t.stages
	r.groups, r.nodes = survey.Build()
	looks := t.pass(ctx, "Looking at", r, (*reconcile.Engine).Plan)
	t.regions, t.looked = len(survey.Regions()), looks.Warnings()
	r.groups, r.nodes = t.remove(survey, looks)
	return r
}

func (t *teardown) plan(ctx context.Context, r resources) *reconcile.Report {
	return t.pass(ctx, "Planning for", r, (*reconcile.Engine).Plan)
}

func (t *teardown) run(ctx context.Context, approve func(*reconcile.Report) error) *reconcile.Report {
	r := t.look(ctx)
	if approve == nil {
		plan := t.plan(ctx, r)
		// Nobody is shown what is in another account.
		err := t.guardUntilStop(ctx, t.left)
		if over := t.over(); over != nil {
			err = over
		}
		if _, changed := plan.Result(); err != nil || !changed {
			plan.EndRun(err)
			return plan
		}
		plan.DryRun = true
		ui.Plan(t.streams, plan, t.meta(plan))
	}
	return t.pass(ctx, t.flags.doing, r, func(e *reconcile.Engine, ctx context.Context) *reconcile.Report {
		e.Approve = approve
		return e.Run(ctx)
	})
}

// confirm shows a plan and has the environment's name typed in.
func (t *teardown) confirm(plan *reconcile.Report) (bool, error) {
	m := t.meta(plan)
	ui.Plan(t.streams, plan, m)
	return ui.ConfirmByName(t.stop, t.streams, ui.Question(plan, m)+lost(plan), t.env.Name)
}

// lost says at the question which recordings go for good: the plan may have
// scrolled off the screen.
func lost(plan *reconcile.Report) string {
	var all []string
	for n := range plan.All {
		if holds := n.Outputs[resource.OutHolds]; holds != "" && n.Result == reconcile.Deleted {
			all = append(all, holds+" in "+n.Key.Region)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " The recordings go for good: " + strings.Join(all, ", ") + "."
}

// meta is the session's, with what only a removal has to say.
func (t *teardown) meta(report *reconcile.Report) ui.Meta {
	m := t.session.meta()
	m.Warnings = slices.Concat(m.Warnings, t.looked)
	m.Removal = &ui.Removal{Nothing: t.stays}
	if !slices.ContainsFunc(report.Groups, func(g reconcile.GroupReport) bool { return len(g.Nodes) > 0 }) {
		m.Removal.Nothing = fmt.Sprintf("%s in %s", t.nothing, plural(t.regions, "region"))
	}
	if t.closing != nil {
		m.Removal.Closing = t.closing(report)
	}
	return m
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// conclude prints what a run brought about, and tells its exit code. That
// something was kept makes up for nothing that failed.
func (t *teardown) conclude(report *reconcile.Report) (int, error) {
	m := t.meta(report)
	_, changed := report.Result()
	tally := report.Tally()
	idle := !changed && tally.Wrong() == 0
	if t.flags.dryRun || idle {
		ui.Plan(t.streams, report, m)
	}
	if !idle {
		ui.Summary(t.streams, report, m)
	}
	code := exitCode(report, t.flags.options, len(m.Warnings)+len(report.Warnings()))
	if code == exitPartial && tally.Done() == 0 {
		code = exitError
	}
	if err := t.print(report, m); err != nil {
		return unread(code), err
	}
	return code, nil
}
