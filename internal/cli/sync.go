package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// syncOptions are the flags of every sync.
type syncOptions struct {
	options
	recording, logging bool
}

func (a *app) newSyncs() []*cobra.Command {
	return []*cobra.Command{
		a.newSync(syncOptions{options: options{command: "sync"}, recording: true, logging: true},
			"Set recording and event logging up in every region",
			`Reads yolo.yml and AWS, and makes true what the manifest asks for: the
recordings bucket, a storage and an encoder configuration per region, and per
region a log group, an event rule and its target. Prints the variables that your
app needs.`),
		a.newSync(syncOptions{options: options{command: "sync:recording"}, recording: true},
			"Set recording to S3 up in every region",
			`Makes the recordings bucket with its policy, and in each region a storage and an
encoder configuration. Prints the variables that your app needs.`),
		a.newSync(syncOptions{options: options{command: "sync:logging"}, logging: true},
			"Set event logging to CloudWatch Logs up in every region",
			`Makes in each region a log group that EventBridge may write to, an event rule
for IVS's events, and the rule's target.`),
	}
}

func (a *app) newSync(o syncOptions, short, long string) *cobra.Command {
	c := &cobra.Command{
		Use:   o.command + " <environment>",
		Short: short,
		Long:  long + "\n\nNothing that was there before is deleted, and statements, tags and targets of\nothers stay.\n" + exitHelp,
		Example: fmt.Sprintf(`  $ yolo %[1]s production --emulator
  $ yolo %[1]s production --dry-run
  $ yolo %[1]s production`, o.command),
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	o.addFlags(c.Flags())
	o.addActing(c.Flags())
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runSync(ctx, o)
	})
	return c
}

// runSync carries a sync out. Data flows one way: the manifest gives a wish,
// the wish resources, the engine a report, and the report all output.
func (a *app) runSync(ctx context.Context, o syncOptions) (int, error) {
	if err := o.checkActing(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, o.recording, o.logging)
	if err != nil {
		return exitUsage, err
	}
	j := job{
		plan: func(ctx context.Context) *reconcile.Report {
			return s.pass(ctx, "Looking at", s.wanted(), (*reconcile.Engine).Plan)
		},
		conclude: func(report *reconcile.Report) (int, error) {
			resource.Conclude(report)
			m := s.meta()
			m.Env = envLines(s.wish, report)
			code, err := s.conclude(report, m)
			if err == nil {
				s.leadToEnv(report)
			}
			return code, err
		},
	}
	if !o.dryRun {
		j.run = func(ctx context.Context, approve func(*reconcile.Report) error) *reconcile.Report {
			return s.pass(ctx, "Syncing", s.wanted(), func(e *reconcile.Engine, ctx context.Context) *reconcile.Report {
				e.Approve = approve
				return e.Run(ctx)
			})
		}
	}
	if s.streams.Interactive && !o.yes && !o.json && !o.emulate {
		j.confirm = s.confirm
	}
	return s.run(ctx, j)
}

// wanted are the resources that the wish asks for.
func (s *session) wanted() resources {
	var r resources
	r.groups, r.nodes = resource.Build(s.wish, s.cloud)
	return r
}

// confirm shows a plan and asks whether to go ahead with it.
func (s *session) confirm(plan *reconcile.Report) (bool, error) {
	m := s.meta()
	ui.Plan(s.streams, plan, m)
	return ui.Confirm(s.stop, s.streams, ui.Question(plan, m))
}

// leadToEnv tells somebody at a terminal what to do with lines that are new to
// the app.
func (s *session) leadToEnv(report *reconcile.Report) {
	if !s.streams.Interactive || s.options.dryRun || s.options.json {
		return
	}
	for n := range report.All {
		if n.Result == reconcile.Created && n.Outputs[resource.OutARN] != "" {
			ui.Tell(s.streams, 0, "next: "+s.command("env", "--write", ".env")+" puts these lines into the app's .env")
			ui.Tell(s.streams, 0, "then: "+s.command("verify")+" proves that it works, by a show of its own")
			return
		}
	}
}

func envLines(wish resource.Wish, report *reconcile.Report) []ui.EnvLine {
	var lines []ui.EnvLine
	for _, v := range resource.Env(wish, report) {
		lines = append(lines, ui.EnvLine(v))
	}
	return lines
}
