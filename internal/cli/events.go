package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// eventsOptions are the flags of events.
type eventsOptions struct {
	options
	follow, failures bool
	since            since
	given            func(flag string) bool
}

func (a *app) newEvents() *cobra.Command {
	o := eventsOptions{options: options{command: "events", dryRun: true}, since: since(time.Hour)}
	c := &cobra.Command{
		Use:   "events <environment>",
		Short: "Show what IVS logged, in all regions, by time",
		Long: `Reads the log groups of all regions and prints a line for each event on stdout:
when it happened, in UTC, the region, the stage, what happened, and why. What
failed is in capitals. Nothing is changed. IVS's events are best effort: they
may come late, in another order, twice, or never; each is shown once.

--follow goes on until Ctrl-C, and is what to keep open during a show. It also
tells which compositions and destinations are live in each region, a destination
that failed without an event, and on a terminal the last failures. A region that
cannot be read is tried again. In each region it sends about 36 requests a
minute: 30 of FilterLogEvents, 6 of ListCompositions, and one for each name that
it has not seen before.

With --json there is one document, and with --follow one object a line.

Exit codes: 0 done, also with no events, or when the reader of stdout went away;
1 error, such as no log group; 4 credentials or account; 5 not all regions could
be read; 64 usage or manifest; 130 interrupted, which is how --follow ends
unless --timeout ends it.`,
		Example: `  $ yolo events production
  $ yolo events production --follow
  $ yolo events production --since 24h --failures
  $ yolo events production --json | jq '.events[].name'
  $ yolo events production --follow --json | jq -c .event`,
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	f := c.Flags()
	o.addFlags(f)
	f.BoolVar(&o.follow, "follow", false, "go on and show events as they come; Ctrl-C ends it")
	f.Var(&o.since, "since", "how far back to begin, a `DURATION` such as 30m, 12h or 7d")
	f.BoolVar(&o.failures, "failures", false, "show only what failed")
	f.Lookup("timeout").Usage = "time for the whole run, a `DURATION` such as 90s or 10m; with --follow there is none unless given"
	o.given = f.Changed
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runEvents(ctx, o)
	})
	return c
}

// since is a time back from now; unlike a flag of the ordinary kind it knows
// days.
type since time.Duration

// String is the default in the help.
func (s *since) String() string {
	return strings.TrimSuffix(strings.TrimSuffix(time.Duration(*s).String(), "0s"), "0m")
}

// Set reads a duration, or a number of days.
func (s *since) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		hours, err := time.ParseDuration(days + "h")
		if err == nil && hours > math.MaxInt64/24 {
			err = fmt.Errorf("%s days are too many", days)
		}
		*s = since(24 * hours)
		return err
	}
	d, err := time.ParseDuration(text)
	*s = since(d)
	return err
}

// Type is how errors call the value.
func (s *since) Type() string { return "duration" }

func (o *eventsOptions) check() error {
	if o.since <= 0 {
		return usagef("give a duration such as 30m, 12h or 7d", "--since %s is not in the past", time.Duration(o.since))
	}
	return o.options.check()
}

// runEvents reads the log, once or as it comes.
func (a *app) runEvents(ctx context.Context, o eventsOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, false, true)
	if err != nil {
		return exitUsage, err
	}
	e := &eventsRun{session: s, options: o, from: s.begun.Add(-time.Duration(o.since))}
	if reason := s.env.Logging.SkipReason; reason != "" {
		return e.off(reason)
	}
	return s.onAWS(ctx, func(ctx context.Context) (int, error) {
		for _, region := range s.wish.Regions {
			e.logs = append(e.logs, eventlog.NewLog(s.cloud.In(region), s.env.LogGroupName()))
		}
		ctx, cancel := e.limited(ctx)
		defer cancel()
		if o.follow {
			if err := s.guardUntilStop(ctx, s.left); err != nil {
				return s.fail(s.orInterrupted(err))
			}
			return e.follow(ctx)
		}
		return e.once(ctx)
	})
}

// eventsRun is one run of events.
type eventsRun struct {
	*session
	options eventsOptions
	from    time.Time // events before are left out
	logs    []*eventlog.Log
}

// limited ends with the run's time, or at once when it is interrupted: what is
// only read need not come to its end. Following has no time unless it is given.
func (e *eventsRun) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	undo := context.AfterFunc(e.stop, cancel)
	if e.options.follow && !e.options.given("timeout") {
		return ctx, func() { undo(); cancel() }
	}
	ctx, expire := context.WithTimeout(ctx, e.left)
	return ctx, func() { expire(); undo(); cancel() }
}

// kindLog is the kind of what is read, in reports.
const (
	stepEventLog = "ivs-event-log"
	kindLog      = "event-log"
)

// off is the end where the manifest has no events logged. Somebody who waits for
// events is told so, and what to do about it.
func (e *eventsRun) off(reason string) (int, error) {
	report := &reconcile.Report{DryRun: true, Groups: []reconcile.GroupReport{{
		Group: reconcile.Group{ID: stepEventLog, Title: "Event log", Reason: reason}, Result: reconcile.Skipped,
	}}}
	ui.EventsSummary(e.streams, report, e.meta(), ui.EventsReport{
		SwitchOn: "set aws.ivs.logging: true in " + e.manifestPath + ", then " + e.command("sync:logging"),
	})
	if err := e.printDocument(report, nil); err != nil {
		return exitError, err
	}
	return exitDone, nil
}

// report tells how the regions' logs could be read; those without an error were.
func (e *eventsRun) report(failed map[string]error) *reconcile.Report {
	g := reconcile.GroupReport{Group: reconcile.Group{ID: stepEventLog, Title: "Event log"}, Result: reconcile.Synced}
	for _, region := range e.wish.Regions {
		n := reconcile.NodeReport{
			Key: reconcile.Key{Region: region, Kind: kindLog}, Group: g.ID, Name: e.env.LogGroupName(), Result: reconcile.Synced,
		}
		if n.Err = e.explained(region, failed[region]); n.Err != nil {
			n.Result, g.Result = reconcile.Failed, reconcile.Failed
		}
		n.Warnings = e.denied(region)
		g.Nodes = append(g.Nodes, n)
	}
	return &reconcile.Report{DryRun: true, Interrupted: e.stop.Err() != nil, Groups: []reconcile.GroupReport{g}}
}

// denied are warnings of what a region's events are told without.
func (e *eventsRun) denied(region string) []reconcile.Warning {
	var all []reconcile.Warning
	for _, log := range e.logs {
		if log.Region() != region {
			continue
		}
		for _, err := range log.Denied() {
			all = append(all, reconcile.Warning{
				Code: resource.WarnOptionalRead, Region: region, Step: stepEventLog, Resource: e.env.LogGroupName(),
				Text: fmt.Sprintf("stages are told without their names, or destinations without what they are: %v", reconcile.Plain(err)),
				Fix:  "allow " + strings.Join(err.Actions(), ", ") + ", or do without",
			})
		}
	}
	return all
}

// Codes that are documented in docs/json.md.
const (
	codeNoLogGroup = "NoLogGroup"
	codeReadAgain  = "LogReadAgain"
)

// explained is the error of reading a region's log in words that lead on.
func (e *eventsRun) explained(region string, err error) error {
	switch {
	case err == nil:
		return nil
	case e.stop.Err() != nil && codeOf(err) == "Canceled":
		return reconcile.Interrupted("interrupted before it was read")
	case errors.Is(err, errUnheard) && e.stop.Err() != nil:
		return reconcile.Interrupted("interrupted before it was read")
	case errors.Is(err, errUnheard):
		return reconcile.TimedOut("no answer came before the end")
	case errors.Is(err, eventlog.ErrNoGroup):
		return &reconcile.Problem{
			ProblemCode: codeNoLogGroup,
			Text:        fmt.Sprintf("there is no log group %s in %s, so no events are logged", e.env.LogGroupName(), region),
			Fix:         e.command("sync:logging") + " makes it",
		}
	case errors.Is(err, context.DeadlineExceeded):
		return reconcile.TimedOut("not read when the run's time was over; more time: --timeout, less to read: --since")
	}
	return reconcile.Plain(err)
}

// printDocument writes the result for machines, if it is wanted.
func (e *eventsRun) printDocument(report *reconcile.Report, events []ui.EventDocument) error {
	if !e.options.json {
		return nil
	}
	return unwritten(ui.JSON(e.streams.Out, ui.NewEventsDocument(report, e.meta(), events)))
}

func unwritten(err error) error {
	if err != nil {
		return fmt.Errorf("write the result to stdout: %w", err)
	}
	return nil
}
