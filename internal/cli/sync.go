package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// syncOptions are the flags of every sync.
type syncOptions struct {
	command            string
	environment        string
	recording, logging bool

	dryRun, detailedExitCode, strict bool
	json, noProgress, yes, debug     bool
	emulate                          bool
	emulator                         emulatorOptions
	file                             string
	regions                          []string
	timeout                          time.Duration
	parallelism                      int
}

func (o *syncOptions) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be done; reads only")
	f.BoolVar(&o.detailedExitCode, "detailed-exitcode", false, "with --dry-run: exit 2 when changes are pending")
	f.BoolVar(&o.strict, "strict", false, "exit 1 when there is a warning, after the work is done")
	f.BoolVar(&o.json, "json", false, "print one JSON document on stdout")
	f.BoolVar(&o.noProgress, "no-progress", false, "show no progress, only the result")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask before changing anything")
	f.StringVarP(&o.file, "file", "f", "", "the manifest's `PATH` (default: yolo.yml, looked for from here upwards)")
	f.StringArrayVar(&o.regions, "region", nil, "act in this `REGION` only; may be given several times")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "time for the whole run, a `DURATION` such as 90s or 10m")
	f.IntVar(&o.parallelism, "parallelism", 0, "at most `N` requests in flight (0: no limit but AWS's)")
	f.BoolVar(&o.debug, "debug", false, "show each request with its time, and no secrets")
	f.BoolVar(&o.emulate, "emulator", false, "work against the AWS inside yolo; no account, no network")
	o.emulator.addFlags(f)
	for _, name := range []string{"fault", "latency", "ivs-regions", "refuse-other-region-bucket"} {
		_ = f.MarkHidden(name)
	}
}

// check refuses flags that do not go together.
func (o *syncOptions) check() error {
	switch {
	case o.detailedExitCode && !o.dryRun:
		return usagef("add --dry-run, or leave --detailed-exitcode out", "--detailed-exitcode goes with --dry-run only")
	case o.timeout <= 0:
		return usagef("give a duration such as 90s or 10m", "--timeout %s leaves no time", o.timeout)
	case o.parallelism < 0:
		return usagef("0 means no limit", "--parallelism %d is less than nothing", o.parallelism)
	case o.emulator.given() != "" && !o.emulate:
		return usagef("add --emulator; no flag makes AWS itself slow or faulty", "%s goes with --emulator only", o.emulator.given())
	}
	_, err := o.emulator.parse()
	return err
}

func (a *app) newSyncs() []*cobra.Command {
	return []*cobra.Command{
		a.newSync(syncOptions{command: "sync", recording: true, logging: true},
			"Set recording and event logging up in every region",
			`Reads yolo.yml and AWS, and makes true what the manifest asks for: the recordings
bucket, a storage and an encoder configuration per region, and per region a log
group, an event rule and its target. Prints the variables that your app needs.`),
		a.newSync(syncOptions{command: "sync:recording", recording: true},
			"Set recording to S3 up in every region",
			`Makes the recordings bucket with its policy, and in each region a storage and an
encoder configuration. Prints the variables that your app needs.`),
		a.newSync(syncOptions{command: "sync:logging", logging: true},
			"Set event logging to CloudWatch Logs up in every region",
			`Makes in each region a log group that EventBridge may write to, an event rule for
IVS's events, and the rule's target.`),
	}
}

func (a *app) newSync(o syncOptions, short, long string) *cobra.Command {
	c := &cobra.Command{
		Use:   o.command + " <environment>",
		Short: short,
		Long:  long + "\n\nNothing is ever deleted, and statements, tags and targets of others stay.\n" + exitHelp,
		Example: fmt.Sprintf(`  $ yolo %[1]s production --emulator
  $ yolo %[1]s production --dry-run
  $ yolo %[1]s production`, o.command),
		ValidArgsFunction: a.completeEnvironments(&o),
	}
	o.addFlags(c.Flags())
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runSync(ctx, o)
	})
	return c
}

// takeEnvironment reads the one argument. Without it, the manifest's
// environments are offered.
func (o *syncOptions) takeEnvironment(args []string, dir string) error {
	switch len(args) {
	case 1:
		o.environment = args[0]
		return nil
	case 0:
		hint := fmt.Sprintf("as in: yolo %s production", o.command)
		if names := environments(o.file, dir); len(names) > 0 {
			hint = fmt.Sprintf("the manifest has: %s", strings.Join(names, ", "))
		}
		return usagef(hint, "%s needs the name of an environment", o.command)
	}
	return usagef("several environments take several commands", "%s takes one environment, not %d: %s", o.command, len(args), strings.Join(args, " "))
}

func environments(file, dir string) []string {
	path, err := findManifest(file, dir)
	if err != nil {
		return nil
	}
	names, err := manifest.Names(path)
	if err != nil {
		return nil
	}
	return names
}

func (a *app) completeEnvironments(o *syncOptions) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return environments(o.file, a.dir), cobra.ShellCompDirectiveNoFileComp
	}
}

func findManifest(file, dir string) (string, error) {
	if file != "" {
		return file, nil
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path, err := manifest.Find(absolute)
	if err != nil {
		return "", err
	}
	if short, err := filepath.Rel(absolute, path); err == nil && dir == "." {
		return short, nil
	}
	return path, nil
}

// runSync carries a sync out. Data flows one way: the manifest gives a wish,
// the wish resources, the engine a report, and the report all output.
func (a *app) runSync(ctx context.Context, o syncOptions) (int, error) {
	if err := o.check(); err != nil {
		return exitUsage, err
	}
	path, err := findManifest(o.file, a.dir)
	if err != nil {
		return exitUsage, err
	}
	env, findings, err := manifest.Load(path, o.environment)
	if err != nil {
		return exitUsage, err
	}
	if err := checkRegions(o.regions, env); err != nil {
		return exitUsage, err
	}
	s := &session{
		app: a, options: o, env: env, manifestPath: path, begun: time.Now(),
		streams: a.streams.With(ui.Options{NoColor: a.noColor, NoProgress: o.noProgress, Plain: o.debug}),
		wish: resource.Wish{
			Env: env, Regions: inOrder(env.Regions, o.regions), Recording: o.recording, Logging: o.logging,
		},
		warnings: manifestWarnings(findings),
	}
	return s.run(ctx)
}

// checkRegions refuses a --region that the manifest does not have.
func checkRegions(regions []string, env *manifest.Environment) error {
	for _, region := range regions {
		if !slices.Contains(env.Regions, region) {
			return usagef("the manifest's regions are: "+strings.Join(env.Regions, ", "),
				"--region %q is not a region of %s in the manifest", region, env.Name)
		}
	}
	return nil
}

// inOrder are the chosen ones of all, in the order of all; all when none is
// chosen.
func inOrder(all, chosen []string) []string {
	if len(chosen) == 0 {
		return all
	}
	var ordered []string
	for _, one := range all {
		if slices.Contains(chosen, one) {
			ordered = append(ordered, one)
		}
	}
	return ordered
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
