package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// session is one run of a command, from the manifest to its output.
type session struct {
	*app
	streams      *ui.Streams
	options      options
	env          *manifest.Environment
	manifestPath string
	wish         resource.Wish
	warnings     []reconcile.Warning
	begun        time.Time
	left         time.Duration // of the time for the run
	answering    time.Duration // that somebody took to answer questions

	cloud    *cloud.Cloud // nil when nothing is asked of AWS
	stop     context.Context
	progress progress
	// cleared is done once the account is known to be the right one.
	cleared context.Context
}

// newSession reads the manifest, as far as the command is concerned with it.
// Its errors are about usage or the manifest.
func (a *app) newSession(o options, recording, logging bool) (*session, error) {
	path, err := findManifest(o.file, a.dir)
	if err != nil {
		return nil, err
	}
	env, findings, err := manifest.Load(path, o.environment)
	if err != nil {
		return nil, err
	}
	regions, err := o.chosenRegions(env)
	if err != nil {
		return nil, err
	}
	return &session{
		app: a, options: o, env: env, manifestPath: path, begun: time.Now(),
		streams: a.streams.With(ui.Options{NoColor: a.noColor, NoProgress: o.noProgress, Plain: o.debug}),
		wish: resource.Wish{
			Env: env, Regions: regions, Narrowed: len(o.regions) > 0, Recording: recording, Logging: logging,
		},
		warnings: manifestWarnings(findings),
	}, nil
}

func manifestWarnings(findings []manifest.Finding) []reconcile.Warning {
	var all []reconcile.Warning
	for _, f := range findings {
		all = append(all, reconcile.Warning{
			Code: f.Code, Text: fmt.Sprintf("%s: %s", f.Position, f.Text()), Fix: f.Fix,
		})
	}
	return all
}

// run does a job, unless the wish has nothing to do with AWS at all.
func (s *session) run(ctx context.Context, j job) (int, error) {
	if !resource.Asked(s.wish) {
		groups, _ := resource.Build(s.wish, nil)
		engine := reconcile.Engine{Groups: groups}
		report := engine.Plan(ctx)
		report.DryRun = s.options.dryRun
		return j.conclude(report)
	}
	return s.runOnAWS(ctx, j)
}

// runOnAWS does a job.
func (s *session) runOnAWS(ctx context.Context, j job) (int, error) {
	return s.onAWS(ctx, func(ctx context.Context) (int, error) {
		report, err := s.reconcile(ctx, j)
		switch {
		case errors.Is(err, errDeclined):
			return exitError, err
		case err != nil:
			return s.fail(err)
		}
		return j.conclude(report)
	})
}

// onAWS connects and does work, which heeds s.stop, and s.left of the run's time.
func (s *session) onAWS(ctx context.Context, work func(context.Context) (int, error)) (int, error) {
	stop, release := interruptible(ctx, func() { s.quit <- s.abandon })
	defer release()
	defer context.AfterFunc(stop, s.progress.interrupt)()
	s.stop = stop
	defer func() {
		if stop.Err() != nil {
			s.streams.Restore()
		}
	}()
	end, err := s.connect(ctx)
	if err != nil {
		return s.fail(err)
	}
	defer end()
	s.left = s.options.timeout - time.Since(s.begun)
	return work(ctx)
}

// connect finds AWS: the one inside yolo, or the one of the credentials. The
// function that it returns ends the former.
func (s *session) connect(ctx context.Context) (end func(), err error) {
	options := cloud.Options{
		Region: homeRegion(s.env), Parallelism: s.options.parallelism,
		Trace: s.trace(), Wait: reconcile.Hold, Stop: s.stop,
	}
	end = func() {}
	if s.options.emulate {
		if end, err = s.emulate(&options); err != nil {
			return nil, err
		}
	}
	// Whoever finds the credentials may take its time, and changes nothing.
	ctx, cancel := context.WithTimeout(ctx, s.options.timeout)
	defer cancel()
	defer context.AfterFunc(s.stop, cancel)()
	if !s.options.emulate {
		if options.Profile, err = profile(ctx, s.env.Name, s.manifestPath, s.getenv); err != nil {
			return nil, s.orInterrupted(err)
		}
	}
	if s.direct != nil {
		s.direct(&options)
	}
	if s.cloud, err = cloud.Load(ctx, options); err != nil {
		end()
		return nil, s.orInterrupted(err)
	}
	return end, nil
}

// homeRegion is the region in which credentials are asked for. A manifest that
// wants nothing may have none.
func homeRegion(env *manifest.Environment) string {
	if len(env.Regions) == 0 {
		return "us-east-1"
	}
	return env.Regions[0]
}

// orInterrupted is the error of something that an interruption cuts off.
func (s *session) orInterrupted(err error) error {
	if s.stop.Err() != nil {
		return errInterrupted
	}
	return err
}

// errInterrupted is the end of a run before it has changed anything.
var errInterrupted = &reconcile.Problem{
	ProblemCode: reconcile.CodeInterrupted,
	Text:        "interrupted: nothing was changed",
	Fix:         "run the same command again",
}

// emulate starts the AWS inside yolo and makes it the only one there is.
func (s *session) emulate(options *cloud.Options) (end func(), err error) {
	inside, err := s.options.emulator.parse()
	if err != nil {
		return nil, err
	}
	options.AccessKey = cmp.Or(s.env.AccountID, emulator.DefaultAccount)
	inside.Account = options.AccessKey
	inside.Dir = filepath.Join(filepath.Dir(s.manifestPath), ".yolo", "emulator")
	server, url, end, err := startEmulator(inside, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	options.Endpoint, options.Transport = url, server.Transport
	return end, nil
}

// trace shows requests for --debug.
func (s *session) trace() func(cloud.Request) {
	if !s.options.debug {
		return nil
	}
	return func(r cloud.Request) {
		failure := ""
		if r.Err != nil {
			failure = cloud.Brief(r.Err)
		}
		s.streams.Debug(ui.Request{
			At: r.Begun.Sub(s.begun), Region: r.Region, Service: r.Service, Operation: r.Operation,
			Status: r.Status, Elapsed: r.Took, Attempt: r.Attempt, Err: failure,
		})
	}
}

// meta is what the report does not know of its own run.
func (s *session) meta() ui.Meta {
	m := ui.Meta{
		Command: s.options.command, Environment: s.env.Name, App: s.env.App,
		DryRun: s.options.dryRun, Elapsed: time.Since(s.begun) - s.answering, Warnings: s.warnings,
	}
	m.Interrupted = s.stop != nil && s.stop.Err() != nil
	if s.cloud != nil {
		total, mutating := s.cloud.Requests()
		m.Requests = ui.Requests{Total: int(total), Mutating: int(mutating)}
		m.Account, _ = s.cloud.KnownAccount()
	}
	return m
}

// conclude prints what a run brought about, and tells its exit code.
func (s *session) conclude(report *reconcile.Report, m ui.Meta) (int, error) {
	if s.options.dryRun {
		ui.Plan(s.streams, report, m)
	}
	ui.Summary(s.streams, report, m)
	code := exitCode(report, s.options, len(m.Warnings)+len(report.Warnings()))
	if err := s.print(report, m); err != nil {
		return unread(code), err
	}
	return code, nil
}

// unread is the exit code of a run whose result could not be written: nobody
// can know what was pending.
func unread(code int) int {
	if code == exitDone || code == exitPending {
		return exitError
	}
	return code
}

func (s *session) print(report *reconcile.Report, m ui.Meta) error {
	var err error
	switch {
	case s.options.json:
		err = ui.JSON(s.streams.Out, ui.NewDocument(report, m, nil))
	case s.options.markdown:
		err = ui.Markdown(s.streams.Out, report, m)
	default:
		err = ui.PrintEnv(s.streams.Out, m.Env)
	}
	if err != nil {
		return fmt.Errorf("write the result to stdout: %w", err)
	}
	return nil
}

// fail ends a run of which nothing is to be reported but the error.
func (s *session) fail(err error) (int, error) {
	if s.options.json {
		if writeErr := ui.JSON(s.streams.Out, ui.NewDocument(nil, s.meta(), err)); writeErr != nil {
			err = errors.Join(err, writeErr)
		}
	}
	return failureCode(err, s.stop), err
}

func failureCode(err error, stop context.Context) int {
	if stop != nil && stop.Err() != nil {
		return exitInterrupted
	}
	if e, ok := errors.AsType[reconcile.Coded](err); ok && (e.Code() == cloud.CodeCredentials || e.Code() == codeAccount) {
		return exitCredentials
	}
	// What ends a run is the question whose credentials they are, which nobody
	// needs a permission for (STS API reference, GetCallerIdentity).
	if e, ok := errors.AsType[*cloud.Error](err); ok && (e.Expired() || e.Denied()) {
		return exitCredentials
	}
	return exitError
}
