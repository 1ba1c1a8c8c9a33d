package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/manifest"
)

// options are the flags of the commands that work on an environment. No
// command has all of them.
type options struct {
	command     string
	environment string

	json, noProgress, debug bool
	emulate                 bool
	emulator                emulatorOptions
	file                    string
	regions                 []string
	timeout                 time.Duration
	parallelism             int

	// leftovers lets --region name regions that have IVS and are not in the
	// manifest any more.
	leftovers bool

	dryRun, detailedExitCode, strict, yes, markdown bool
}

// addFlags adds those of every command that asks AWS.
func (o *options) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.json, "json", false, "print one JSON document on stdout")
	f.BoolVar(&o.noProgress, "no-progress", false, "show no progress, only the result")
	f.VarP((*pathValue)(&o.file), "file", "f", "the manifest's `PATH` (default: yolo.yml, looked for from here upwards)")
	f.StringArrayVar(&o.regions, "region", nil, "act in this `REGION` only; may be given several times")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "time for the whole run, a `DURATION` such as 90s or 10m")
	f.IntVar(&o.parallelism, "parallelism", 0, "at most `N` requests in flight (0: no limit but AWS's)")
	f.BoolVar(&o.debug, "debug", false, "show each request with its time, and no secrets")
	f.BoolVar(&o.emulate, "emulator", false, "work against the AWS inside yolo; no account, no network")
	o.emulator.addFlags(f)
	for _, name := range []string{"fault", "latency", "ivs-regions", "refuse-other-region-bucket", "refuse-doubtful-delivery", "iam-policy"} {
		_ = f.MarkHidden(name)
	}
}

// addActing adds those of the commands that change something.
func (o *options) addActing(f *pflag.FlagSet) {
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be done; reads only")
	f.BoolVar(&o.detailedExitCode, "detailed-exitcode", false, "with --dry-run: exit 2 when changes are pending")
	f.BoolVar(&o.strict, "strict", false, "exit 1 when there is a warning, after the work is done")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask before changing anything")
	f.BoolVar(&o.markdown, "markdown", false, "with --dry-run: print the plan on stdout as a comment for a pull request")
}

// check refuses flags that do not go together.
func (o *options) check() error {
	switch {
	case o.timeout <= 0:
		return usagef("give a duration such as 90s or 10m", "--timeout %s leaves no time", o.timeout)
	case o.parallelism < 0:
		return usagef("0 means no limit", "--parallelism %d is less than nothing", o.parallelism)
	case o.emulator.given() != "" && !o.emulate:
		return usagef("add --emulator; it is only the AWS inside yolo that flags change", "%s goes with --emulator only", o.emulator.given())
	}
	_, err := o.emulator.parse()
	return err
}

// checkActing is check for the commands that change something.
func (o *options) checkActing() error {
	switch {
	case o.detailedExitCode && !o.dryRun:
		return usagef("add --dry-run, or leave --detailed-exitcode out", "--detailed-exitcode goes with --dry-run only")
	case o.markdown && !o.dryRun:
		return usagef("add --dry-run, or leave --markdown out", "--markdown prints a plan, so it goes with --dry-run only")
	case o.markdown && o.json:
		return usagef("choose one of them", "--markdown and --json both want stdout")
	}
	return o.check()
}

// takeEnvironment reads the one argument. Without it, the manifest's
// environments are offered.
func (o *options) takeEnvironment(args []string, dir string) error {
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

// chosenRegions are the regions to act in, in the manifest's order. It refuses a
// --region that the manifest does not have, or, where what is left over counts,
// one that has no IVS either.
func (o *options) chosenRegions(env *manifest.Environment) ([]string, error) {
	all, only := env.Regions, "the manifest's regions are: "+strings.Join(env.Regions, ", ")
	if o.leftovers {
		for _, region := range manifest.IVSRegions() {
			if !slices.Contains(all, region) {
				all = append(all[:len(all):len(all)], region)
			}
		}
		only = "what is left over may be in: " + strings.Join(all, ", ")
	}
	if len(all) == 0 {
		only = "the manifest names no region there; leave --region out"
	}
	for _, region := range o.regions {
		if !slices.Contains(all, region) {
			return nil, usagef(only, "--region %q is not a region of %s in the manifest", region, env.Name)
		}
	}
	if len(o.regions) == 0 {
		return env.Regions, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(region string) bool { return !slices.Contains(o.regions, region) }), nil
}
