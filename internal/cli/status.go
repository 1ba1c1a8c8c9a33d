package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
	"github.com/yolo-live/yolo/internal/verify"
)

func (a *app) newStatus() *cobra.Command {
	o := options{command: "status", dryRun: true}
	c := &cobra.Command{
		Use:   "status <environment>",
		Short: "Show whether recording and event logging work",
		Long: `Reads yolo.yml and AWS, and says first whether each region records and logs
events: whether tonight's show is safe. Then it shows how each resource is, what
of yolo's is there and no longer wanted, in every region that has IVS, and how
much of AWS's quotas is used. Nothing is changed.

A feature that is switched off is looked at too, for what is left over of it.
With --region only those regions are looked at.

Exit codes: 0 done, safe or not; 1 error; 2 a sync would change something (only
with --detailed-exitcode; what is no longer wanted does not count);
4 credentials or account; 5 something could not be looked at, or is someone
else's; 64 usage or manifest; 130 interrupted.`,
		Example: `  $ yolo status production
  $ yolo status production --json | jq .status.safe
  $ yolo status production --detailed-exitcode`,
		ValidArgsFunction: a.completeEnvironments(&o),
	}
	f := c.Flags()
	o.addFlags(f)
	f.BoolVar(&o.detailedExitCode, "detailed-exitcode", false, "exit 2 when a sync would change something")
	f.BoolVar(&o.strict, "strict", false, "exit 1 when there is a warning")
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runStatus(ctx, o)
	})
	return c
}

// runStatus reads what is wanted and what is there in one pass. It asks AWS even
// when no feature is on: what was made before may be left over.
func (a *app) runStatus(ctx context.Context, o options) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o, true, true)
	if err != nil {
		return exitUsage, err
	}
	var survey *resource.Survey
	return s.runOnAWS(ctx, job{
		plan: func(ctx context.Context) *reconcile.Report {
			survey = resource.NewSurvey(s.wish, s.cloud)
			survey.Rules = true
			return s.pass(ctx, "Looking at", surveyed(survey), (*reconcile.Engine).Plan)
		},
		conclude: func(report *reconcile.Report) (int, error) { return s.concludeStatus(survey, report) },
	})
}

// surveyed are the wanted resources together with the survey.
func surveyed(survey *resource.Survey) resources {
	groups, nodes := survey.Wanted()
	more, looks := survey.Build()
	return resources{groups: slices.Concat(groups, more), nodes: slices.Concat(nodes, looks)}
}

func (s *session) concludeStatus(survey *resource.Survey, report *reconcile.Report) (int, error) {
	status := s.statusReport(survey.Status(report), report)
	m := s.meta()
	m.Env = envLines(s.wish, report)
	ui.StatusSummary(s.streams, report, m, status)
	code := exitCode(countable(report), s.options, len(m.Warnings)+len(report.Warnings()))
	if s.options.json {
		if err := ui.JSON(s.streams.Out, ui.NewStatusDocument(report, m, status)); err != nil {
			return unread(code), fmt.Errorf("write the result to stdout: %w", err)
		}
	}
	return code, nil
}

// countable is the report as its exit code is told from it: a look that went
// well makes up for nothing that failed.
func countable(report *reconcile.Report) *reconcile.Report {
	counted := *report
	counted.Groups = slices.Clone(report.Groups)
	for i := range counted.Groups {
		if g := &counted.Groups[i]; g.ID == resource.StepSurvey {
			g.Nodes = slices.DeleteFunc(slices.Clone(g.Nodes), func(n reconcile.NodeReport) bool { return n.Result != reconcile.Failed })
		}
	}
	return &counted
}

func (s *session) statusReport(status resource.Status, report *reconcile.Report) ui.StatusReport {
	all := ui.StatusReport{
		Status: ui.Status{Safe: status.Safe, Regions: []ui.RegionStatus{}, Proofs: s.proofs(report)}, States: map[reconcile.Key]string{},
		Recording: s.command("sync:recording"), Logging: s.command("sync:logging"), Sync: s.command("sync"), Prune: s.command("prune"),
	}
	if s.wish.Narrowed {
		all.Only = s.wish.Regions
	}
	for _, g := range report.Groups {
		for i := range g.Nodes {
			if n := &g.Nodes[i]; g.ID != resource.StepSurvey && !n.FollowUp {
				all.States[n.Key] = string(resource.StateOf(n))
			}
		}
	}
	for _, r := range status.Regions {
		recording := featureStatus(r.Recording)
		all.Regions = append(all.Regions, ui.RegionStatus{
			Region: r.Region, Logging: featureStatus(r.Logging),
			Recording: ui.RecordingStatus{
				Verdict: recording.Verdict, Safe: recording.Safe, Reason: recording.Reason, Compositions: notNil(r.Recording.Compositions),
			},
		})
	}
	for _, t := range status.Leftovers() {
		all.Leftovers = append(all.Leftovers, leftover(t))
	}
	for _, q := range status.Quotas {
		all.Quotas = append(all.Quotas, ui.Quota(q))
	}
	return all
}

// proofs are what came of the last proof of each wanted feature, and whether it
// holds.
func (s *session) proofs(plan *reconcile.Report) []ui.ProofStatus {
	all := []ui.ProofStatus{}
	for _, c := range resource.Chains(s.wish, plan, nil) {
		standing := verify.Standing(c, s.stateFolder(), s.env.Name)
		if standing.At.IsZero() {
			continue
		}
		one := ui.ProofStatus{
			Region: c.Region, Feature: c.Feature, Holds: standing.Holds, Changed: notNil(standing.Changed), Unseen: notNil(standing.Unseen),
			Text: standing.Told(c.Feature, c.Region, time.Now()),
		}
		at := standing.At.Format(time.RFC3339)
		if standing.Failed {
			one.FailedAt = &at
		} else {
			one.ProvenAt = &at
		}
		all = append(all, one)
	}
	return all
}

// stateFolder is where journals and receipts are, beside the manifest.
func (s *session) stateFolder() string { return filepath.Join(filepath.Dir(s.manifestPath), ".yolo") }

func featureStatus(v *resource.Verdict) ui.FeatureStatus {
	f := ui.FeatureStatus{Safe: v.Safe, Reason: strings.Join(v.Reasons, "; ")}
	switch {
	case v.Skipped != "":
		f.Verdict, f.Reason = ui.VerdictSkipped, v.Skipped
	case v.NotSetUp:
		f.Verdict = ui.VerdictNotSetUp
	case v.Safe == nil:
		f.Verdict = ui.VerdictUnknown
	case *v.Safe:
		f.Verdict = ui.VerdictSafe
	default:
		f.Verdict = ui.VerdictUnsafe
	}
	return f
}

func leftover(t resource.Thing) ui.Leftover {
	l := ui.Leftover{
		Region: t.Key.Region, Kind: t.Key.Kind, Name: t.Name, ARN: textOrNil(t.ARN), In: textOrNil(t.In),
		Standing: standingWord(t.Standing), Why: t.Why, Uses: []ui.Use{}, Holds: textOrNil(t.Holds), Tagged: t.Tagged, Created: t.Created,
	}
	for _, use := range t.Uses {
		l.Uses = append(l.Uses, ui.Use(use))
	}
	if t.Unknown != nil {
		l.Unknown = textOrNil(reconcile.Plain(t.Unknown).Error())
	}
	return l
}

func standingWord(s resource.Standing) string {
	switch s {
	case resource.Replaced:
		return ui.StandingReplaced
	case resource.Duplicate:
		return "duplicate"
	case resource.Unsettled:
		return "unsettled"
	case resource.Dropped:
		return "dropped"
	case resource.Abandoned:
		return "abandoned"
	case resource.Wanted:
		return "wanted"
	}
	return ""
}

// textOrNil is nil for "".
func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
