package resource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The outputs of a storage or encoder configuration.
const (
	// OutARN is the ARN that the app is to use.
	OutARN = "arn"
	// outMine and outSince are the ARN of what this run created and has to
	// settle, and when it began to create it.
	outMine, outSince = "mine", "since"
	// outReceipt is the tag that a proof left, "" for none; rules have it too.
	outReceipt = "receipt"
)

// configuration is what storage and encoder configurations have in common:
// IVS cannot change them, their names are not unique, and their creates carry
// no idempotency token (IVS Real-Time API reference).
type configuration struct {
	*world
	region string
	kind   string // "storage-configuration" or "encoder-configuration"
	step   string // the ID of the reported step
	name   string
	ops    operations
	// afterDelete, when not nil, looks after what IVS does beside a delete.
	afterDelete func(context.Context, reconcile.Lookup) (reconcile.Outcome, error)
	// unpend takes the pending tag off.
	unpend func(ctx context.Context, arn string) error
}

func newConfiguration(w *world, step, name string, key reconcile.Key, ops operations) *configuration {
	return &configuration{
		world: w, region: key.Region, kind: key.Kind, step: step, name: name, ops: ops,
		unpend: func(ctx context.Context, arn string) error {
			_, err := cloud.Call(ctx, w.cloud.In(key.Region).IVS.UntagResource, &ivsrealtime.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{tagPending}})
			return err
		},
	}
}

// operations are the calls in which the two kinds differ.
type operations interface {
	// list finds, freshly, what has the wanted name and content.
	list(ctx context.Context) ([]candidate, error)
	create(ctx context.Context, look reconcile.Lookup, tags map[string]string) (arn string, err error)
	remove(ctx context.Context, arn string) error
	// full explains that the quota is used up.
	full(ctx context.Context, err error) error
}

// candidate is a configuration that may be the one that is wanted.
type candidate struct {
	arn  string
	tags map[string]string
}

func (c candidate) pending() bool { return c.tags[tagPending] != "" }

// claim is what the pending tag holds: the run, and when it sent the create, by
// AWS's clock. Without that clock it is the run alone.
func (w *world) claim() string {
	now, known := w.clock()
	if !known {
		return w.runID
	}
	return w.runID + claimAt + now.UTC().Format(time.RFC3339)
}

// claimAt is between the run and the time of a claim.
const claimAt = "@"

// claimed reads the claim of one that is pending; since is zero when it tells no
// time.
func (c candidate) claimed() (run string, since time.Time) {
	run, at, _ := strings.Cut(c.tags[tagPending], claimAt)
	since, _ = time.Parse(time.RFC3339, at)
	return run, since
}

// claimedBy tells whether a run has made it and not settled it.
func (c candidate) claimedBy(run string) bool {
	by, _ := c.claimed()
	return by == run
}

// choice is what there is of a wanted configuration.
type choice struct {
	picked     *candidate  // nil when there is none to use
	unsettled  []candidate // made by runs that did not finish
	duplicates []candidate // could be used as well
	foreign    error       // the refusal, when all there is belongs to others
}

// choose picks the same configuration in every run: the tagged one, then that
// with the smallest ARN.
func (c *configuration) choose(candidates []candidate) choice {
	var ours []candidate
	var made choice
	for _, one := range candidates {
		switch err := c.notOurs(c.kind, c.name, one.tags); {
		case err != nil:
			made.foreign = err
		case one.pending():
			made.unsettled = append(made.unsettled, one)
		default:
			ours = append(ours, one)
		}
	}
	sort.SliceStable(made.unsettled, func(i, j int) bool { return made.unsettled[i].arn < made.unsettled[j].arn })
	sort.SliceStable(ours, func(i, j int) bool {
		a, b := ours[i], ours[j]
		return cmp.Or(cmp.Compare(c.untagged(a), c.untagged(b)), cmp.Compare(a.arn, b.arn)) < 0
	})
	if len(ours) > 0 {
		made.picked, made.duplicates, made.foreign = &ours[0], ours[1:], nil
	} else if len(made.unsettled) > 0 {
		made.foreign = nil
	}
	return made
}

// untagged is 0 for a candidate that carries both tags with our values.
func (c *configuration) untagged(one candidate) int {
	if one.tags[manifest.TagApp] == c.env.App && one.tags[manifest.TagEnvironment] == c.env.Name {
		return 0
	}
	return 1
}

func (c *configuration) key() reconcile.Key {
	return reconcile.Key{Region: c.region, Kind: c.kind}
}

// compare is the part of Compare that both kinds share; what a new one has is
// told by changes.
func (c *configuration) compare(candidates []candidate, changes []reconcile.Change) (reconcile.Comparison, error) {
	made := c.choose(candidates)
	result := reconcile.Comparison{Name: c.name, Warnings: c.surplus(made)}
	switch {
	case made.foreign != nil:
		return result, made.foreign
	case made.picked != nil:
		result.ARN = made.picked.arn
		result.Outputs = reconcile.Outputs{OutARN: made.picked.arn, outReceipt: made.picked.tags[manifest.TagProven]}
		result.Steps = c.tagSteps(*made.picked)
	case len(made.unsettled) > 0:
		// Nobody is told it as the one to use before it is settled.
		result.ARN = made.unsettled[0].arn
		result.Steps = []reconcile.Step{c.finish(made.unsettled[0])}
		result.Notes = []string{fmt.Sprintf("the run that made it may still be at work, so up to %v are spent on waiting for that one first", c.waits.claimLife)}
	default:
		result.Steps = []reconcile.Step{c.creation(changes)}
	}
	return result, nil
}

func (c *configuration) tagSteps(live candidate) []reconcile.Step {
	missing := missingTags(live.tags, c.env.Tags(c.name))
	if len(missing) == 0 {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "tag the " + inWords(c.kind), Changes: tagChanges(live.tags, missing), Soft: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			_, err := cloud.Call(ctx, c.cloud.In(c.region).IVS.TagResource, &ivsrealtime.TagResourceInput{ResourceArn: &live.arn, Tags: missing})
			return reconcile.Outcome{}, err
		},
	}}
}

// creation creates one that is marked as this run's own until it is settled.
// Until then nobody is told its ARN.
func (c *configuration) creation(changes []reconcile.Change) reconcile.Step {
	want := c.env.Tags(c.name)
	return reconcile.Step{
		Action: reconcile.Create, Doing: "create the " + inWords(c.kind),
		Changes: append(changes, tagChanges(nil, want)...),
		Do: func(ctx context.Context, look reconcile.Lookup) (reconcile.Outcome, error) {
			since := time.Now()
			arn, err := c.createOnce(ctx, look, want)
			if cloud.Is(err, "ServiceQuotaExceededException") {
				return c.overQuota(ctx, since, err)
			}
			return unsettled(arn, since), err
		},
	}
}

func unsettled(arn string, since time.Time) reconcile.Outcome {
	return reconcile.Outcome{Outputs: reconcile.Outputs{outMine: arn, outSince: since.Format(time.RFC3339Nano)}}
}

// creates bounds how often a create without a clear answer is repeated.
const creates = 3

// createOnce creates a configuration, and after an unclear answer looks for it
// before it tries again: without a token, a repeated create makes a second one.
func (c *configuration) createOnce(ctx context.Context, look reconcile.Lookup, tags map[string]string) (arn string, err error) {
	for range creates {
		// A machine that sleeps before the create must not make something whose
		// claim is old already.
		soon := cloud.NotAfter(ctx, time.Now().Add(c.waits.claimLife))
		arn, err = c.ops.create(soon, look, merge(tags, map[string]string{tagPending: c.claim()}))
		if errors.Is(err, cloud.ErrTooLate) {
			continue
		}
		if err == nil || !cloud.Ambiguous(err) || ctx.Err() != nil {
			return arn, err
		}
		for range 2 {
			found, listErr := c.ops.list(ctx)
			if listErr != nil {
				return "", &reconcile.Problem{
					ProblemCode: CodeUnclear,
					Text:        fmt.Sprintf("AWS gave no clear answer to creating the %s, and the list that would tell failed too", inWords(c.kind)),
					Fix:         "run the same command again; it recognises what this run created",
					Cause:       errors.Join(reconcile.Plain(err), reconcile.Plain(listErr)),
				}
			}
			if arn := c.own(found); arn != "" {
				return arn, nil
			}
			if pauseErr := reconcile.Pause(ctx, c.waits.lookAgain, "IVS to list what the unclear create made"); pauseErr != nil {
				return "", pauseErr
			}
		}
	}
	return "", err
}

// own finds what this run created and has not settled.
func (c *configuration) own(found []candidate) (arn string) {
	for _, one := range found {
		if one.claimedBy(c.runID) {
			return one.arn
		}
	}
	return ""
}

// overQuota looks whether the place was taken by an earlier try of this run, or
// by another run that wants the same; then that one is used. The list may not
// show it yet.
func (c *configuration) overQuota(ctx context.Context, since time.Time, quota error) (reconcile.Outcome, error) {
	for refused := time.Now(); ; {
		found, err := c.ops.list(ctx)
		if err != nil {
			break
		}
		if arn := c.own(found); arn != "" {
			return unsettled(arn, since), nil
		}
		if made := c.choose(found); made.picked != nil || len(made.unsettled) > 0 {
			settled, err := c.settle(ctx, "", time.Time{})
			outcome := settled.outcome()
			outcome.Existed = true
			return outcome, err
		}
		if time.Since(refused) > c.waits.seen {
			break
		}
		if err := reconcile.Pause(ctx, c.waits.settleEvery, "IVS to list what takes up the quota"); err != nil {
			return reconcile.Outcome{}, err
		}
	}
	return reconcile.Outcome{}, c.ops.full(ctx, quota)
}

// surplus warns of what is there beside the one in use.
func (c *configuration) surplus(made choice) []reconcile.Warning {
	var all []reconcile.Warning
	warn := func(code, text, fix string) {
		all = append(all, reconcile.Warning{Code: code, Region: c.region, Step: c.step, Resource: c.name, Text: text, Fix: fix})
	}
	if len(made.duplicates) > 0 {
		warn(WarnDuplicate, fmt.Sprintf("there are %d of the same; %s is used, and %s not", 1+len(made.duplicates), made.picked.arn, arns(made.duplicates)),
			"once no app and no composition uses the others, delete them: "+c.deletion(made.duplicates...))
	}
	if made.picked != nil && len(made.unsettled) > 0 {
		warn(WarnUnsettled, fmt.Sprintf("%s was left by a run that did not finish, and is not used", arns(made.unsettled)),
			"if no other run is under way, delete it: "+c.deletion(made.unsettled...))
	}
	return all
}

// deletion is what a person types to delete configurations of this kind. Those
// that do not carry our tags, prune leaves alone.
func (c *configuration) deletion(unused ...candidate) string {
	prune := "yolo prune " + c.env.Name
	var commands []string
	for _, one := range unused {
		if c.untagged(one) == 0 {
			prune += " " + one.arn
		} else {
			commands = append(commands, fmt.Sprintf("aws ivs-realtime delete-%s --region %s --arn %s", c.kind, c.region, one.arn))
		}
	}
	if len(commands) < len(unused) {
		commands = append([]string{prune}, commands...)
	}
	return strings.Join(commands, " && ")
}

func arns(candidates []candidate) string {
	all := make([]string, len(candidates))
	for i, one := range candidates {
		all[i] = one.arn
	}
	return strings.Join(all, ", ")
}
