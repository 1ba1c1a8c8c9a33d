package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
)

// destroyOptions are the flags of the commands that destroy.
type destroyOptions struct {
	removalOptions
	recording, logging bool
	recordings         bool // delete them too
}

func (a *app) newDestroys() []*cobra.Command {
	named := func(command string) removalOptions {
		return removalOptions{options: options{command: command, leftovers: true}, doing: "Destroying", done: "destroyed"}
	}
	return []*cobra.Command{
		a.newDestroy(destroyOptions{removalOptions: named("destroy"), recording: true, logging: true},
			"Delete all that yolo made for an environment",
			`Deletes what destroy:recording and destroy:logging delete, in every region that
has IVS: what the manifest asks for, and what is left over.`),
		a.newDestroy(destroyOptions{removalOptions: named("destroy:recording"), recording: true},
			"Delete the recording configurations, keep the recordings",
			`Deletes the storage and encoder configurations, and takes yolo's write statement
out of the policies of the recordings buckets, in every region that has IVS.`),
		a.newDestroy(destroyOptions{removalOptions: named("destroy:logging"), logging: true},
			"Delete the event rules, targets and log groups",
			`Deletes the event rules with their targets, the log groups with their events,
and the logs resource policy, in every region that has IVS.`),
	}
}

// keepsText is what the help of those that destroy recording says of recordings.
const keepsText = `
The buckets and their recordings stay, unless --delete-recordings is given: then
every version of every object in the buckets that yolo made goes for good, and
the buckets with them. That may take long, and has a day instead of 5 minutes.
Nothing is begun while a composition uses a configuration.
`

func (a *app) newDestroy(o destroyOptions, short, long string) *cobra.Command {
	text := long + "\n"
	if o.recording {
		text += keepsText
	}
	c := &cobra.Command{
		Use:   o.command + " <environment>",
		Short: short,
		Long: text + `
What the command names is deleted even where the manifest has it switched off,
but only what carries the tags of this app and environment. The plan is shown
first, and the environment's name has to be typed in, or given with --confirm.
` + exitHelp,
		Example: fmt.Sprintf(`  $ yolo %[1]s production --dry-run
  $ yolo %[1]s production
  $ yolo %[1]s production --confirm production`, o.command),
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	o.addFlags(c.Flags())
	o.addRemoving(c.Flags())
	if o.recording {
		c.Flags().BoolVar(&o.recordings, "delete-recordings", false, "delete the recordings too, and the buckets that they are in")
	}
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		if o.recordings && !c.Flags().Changed("timeout") {
			o.timeout = emptyingTimeout
		}
		return a.runDestroy(ctx, o, c.Flags())
	})
	return c
}

// emptyingTimeout is the time for a run that deletes recordings.
const emptyingTimeout = 24 * time.Hour

func (a *app) runDestroy(ctx context.Context, o destroyOptions, flags *pflag.FlagSet) (int, error) {
	t, err := a.newTeardown(o.removalOptions, o.recording, o.logging, flags)
	if err != nil {
		return exitUsage, err
	}
	if o.recordings {
		if err := wholeBuckets(t.wish); err != nil {
			return exitUsage, err
		}
	}
	t.stages = o.recording
	t.nothing, t.stays = "there is nothing of yolo's", "all that is there stays"
	t.remove = func(s *resource.Survey, looks *reconcile.Report) (groups []reconcile.Group, nodes []reconcile.Node) {
		return resource.Destroy(s, looks, resource.DestroyOptions{Recordings: o.recordings})
	}
	t.closing = t.void
	return t.runOnAWS(ctx, t.job())
}

// wholeBuckets refuses to delete the recordings of some of the regions that one
// bucket serves.
func wholeBuckets(wish resource.Wish) error {
	env := wish.Env
	if !env.Recording.Enabled || env.Recording.Layout != manifest.Shared || !wish.Narrowed {
		return nil
	}
	for _, region := range env.Regions {
		if !slices.Contains(wish.Regions, region) {
			return usagef("leave --region out, or --delete-recordings",
				"the bucket %q has the recordings of all regions, of %s too, so --delete-recordings cannot go by --region", env.BucketName(region), region)
		}
	}
	return nil
}

// void tells that the app has values of what is gone.
func (t *teardown) void(report *reconcile.Report) []string {
	for n := range report.All {
		if n.Result == reconcile.Deleted && (n.Group == resource.StepStorage || n.Group == resource.StepEncoder) {
			return []string{fmt.Sprintf("The app's AWS_IVS_… values name things that are gone: take them out of its environment (%s names those of a file)",
				t.command("env", "--check", ".env"))}
		}
	}
	return nil
}
