package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/dotenv"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
)

// pruneOptions are the flags of prune.
type pruneOptions struct {
	removalOptions
	arns     []string
	replaced bool
	envFiles []string
}

func (a *app) newPrune() *cobra.Command {
	o := pruneOptions{removalOptions: removalOptions{options: options{command: "prune", leftovers: true}, doing: "Pruning", done: "pruned"}}
	c := &cobra.Command{
		Use:   "prune <environment> [ARN]…",
		Short: "Delete what is no longer wanted and not in use",
		Long: `Deletes what yolo status lists as no longer wanted, in every region that has
IVS: what is in regions that the manifest does not have any more, duplicates,
what a run that died has left behind, stages and rules of a yolo verify that was
killed over an hour ago, empty buckets. With ARNs only those.

What is in use stays, and is told with the reason: what a composition uses, or a
stage's individual recording, or what an env file of --env-file names. A bucket
that holds objects, and what lacks the tags of this app and environment, stays
too. A configuration that was replaced goes only with --replaced, or when its
ARN is given: an app that still has that ARN would not record any more.

The plan is shown first, and the environment's name has to be typed in, or given
with --confirm.
` + exitHelp,
		Example: `  $ yolo prune production --dry-run
  $ yolo prune production --env-file .env
  $ yolo prune production --replaced --confirm production`,
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	o.addFlags(c.Flags())
	o.addRemoving(c.Flags())
	c.Flags().BoolVar(&o.replaced, "replaced", false, "delete replaced configurations too")
	c.Flags().StringArrayVar(&o.envFiles, "env-file", nil, "keep what this `FILE` names; may be given several times")
	c.RunE = a.run(func(ctx context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args[:min(len(args), 1)], a.dir); err != nil {
			return exitUsage, err
		}
		o.arns = args[1:]
		return a.runPrune(ctx, o, c.Flags())
	})
	return c
}

func (a *app) runPrune(ctx context.Context, o pruneOptions, flags *pflag.FlagSet) (int, error) {
	for _, text := range o.arns {
		if strings.Count(text, ":") < 5 || !strings.HasPrefix(text, "arn:") {
			return exitUsage, usagef("yolo status tells the ARNs of what is left over; one environment takes one command", "%q is no ARN", text)
		}
	}
	prune := resource.PruneOptions{Replaced: o.replaced, ARNs: o.arns}
	for _, path := range o.envFiles {
		mentions, err := mentionsIn(path)
		if err != nil {
			return exitUsage, err
		}
		prune.Mentions = append(prune.Mentions, mentions...)
	}
	t, err := a.newTeardown(o.removalOptions, true, true, flags)
	if err != nil {
		return exitUsage, err
	}
	t.nothing, t.stays = "nothing is left over", "all that is left over stays"
	t.remove = func(s *resource.Survey, looks *reconcile.Report) (groups []reconcile.Group, nodes []reconcile.Node) {
		return resource.Prune(s, looks, prune)
	}
	return t.runOnAWS(ctx, t.job())
}

// mentionsIn are the values of an env file. One that cannot be read, or has no
// values, is an error: what it was given for would go unprotected.
func mentionsIn(path string) ([]resource.Mention, error) {
	file, err := dotenv.Load(path)
	if e, ok := errors.AsType[*dotenv.FileError](err); ok {
		return nil, usagef(e.Fix, "--env-file: %w", e)
	}
	if file.Missing {
		return nil, usagef("what it names would not be kept; correct the path", "--env-file: %s is not there", path)
	}
	var mentions []resource.Mention
	for _, a := range dotenv.Parse(file.Text) {
		if !a.Commented && a.Value != "" {
			mentions = append(mentions, resource.Mention{Where: fmt.Sprintf("%s:%d", path, a.Line), Value: a.Value})
		}
	}
	if len(mentions) == 0 {
		return nil, usagef("give the file in which the app finds its AWS_IVS_… values, with lines such as KEY=VALUE",
			"--env-file: %s has no values, so it keeps nothing", path)
	}
	return mentions, nil
}
