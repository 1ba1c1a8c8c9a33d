package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// recordsTo is the bucket of a storage configuration, "" for everything else.
func (t *teardown) recordsTo(thing Thing) string {
	if seen := t.found[thing.Key.Region]; seen != nil && thing.Key.Kind == storageKey("").Kind {
		for _, one := range seen.storages {
			if aws.ToString(one.Arn) == thing.ARN {
				return bucketOf(one)
			}
		}
	}
	return ""
}

// content is what a configuration says, as a change to nothing.
func (t *teardown) content(thing Thing) reconcile.Change {
	if bucket := t.recordsTo(thing); bucket != "" {
		return reconcile.Change{Attribute: "s3.bucket-name", From: bucket}
	}
	if seen := t.found[thing.Key.Region]; seen != nil {
		for _, one := range seen.encoders.named {
			if one.arn == thing.ARN {
				return reconcile.Change{Attribute: "video", From: videoText(one.video)}
			}
		}
	}
	return reconcile.Change{Attribute: "name", From: thing.Name}
}

// configurationNode deletes a storage or an encoder configuration.
func (t *teardown) configurationNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	return judged(thing, needs, func() (reconcile.Comparison, error) {
		c := reconcile.Comparison{Warnings: v.warnings, Steps: []reconcile.Step{t.deleteConfiguration(thing)}}
		if t.prunes && thing.Standing == Dropped {
			c.Notes = []string{"an app that still has its ARN would not record with it any more"}
		}
		return c, nil
	})
}

func (t *teardown) deleteConfiguration(thing Thing) reconcile.Step {
	change := t.content(thing)
	return reconcile.Step{
		Action: reconcile.Delete, Doing: "delete the " + inWords(thing.Key.Kind), Changes: []reconcile.Change{change},
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			if thing.Standing == Unsettled && t.prunes {
				if why, err := t.outlive(ctx, thing); why != "" || err != nil {
					return reconcile.Outcome{Revised: true, Notes: []string{why}}, err
				}
			}
			if thing.Key.Kind == encoderKey("").Kind {
				operations := &encoderOperations{&encoder{t.world, thing.Key.Region}}
				return reconcile.Outcome{}, t.unused(ctx, thing, operations.remove)
			}
			return t.deleteStorage(ctx, thing, change)
		},
	}
}

// unused deletes a configuration unless a composition uses it. IVS answers
// ConflictException for that, and for changes that meet, which pass.
func (t *teardown) unused(ctx context.Context, thing Thing, remove func(context.Context, string) error) error {
	var inUse error
	err := t.until(ctx, passing{"ConflictException": time.Now().Add(t.waits.contention)}, func() error {
		err := remove(ctx, thing.ARN)
		if cloud.Is(err, "ConflictException") {
			if inUse = t.inUse(ctx, thing, err); inUse != nil {
				return inUse
			}
		}
		return err
	})
	return err
}

// inUse names the compositions that a delete met; nil when there are none.
func (t *teardown) inUse(ctx context.Context, thing Thing, conflict error) error {
	users, err := (&look{t.Survey, thing.Key.Region}).compositionUsers(ctx)
	if err != nil {
		return usedBy(thing, nil, conflict)
	}
	users = slices.DeleteFunc(users, func(u user) bool { return !slices.Contains(u.of, thing.ARN) })
	if len(users) == 0 {
		return nil
	}
	for _, u := range users {
		thing.Uses = append(thing.Uses, u.Use)
	}
	return usedBy(thing, thing.Uses, conflict)
}

// usedBy refuses to delete a configuration that compositions use; uses is nil
// when they are not known.
func usedBy(thing Thing, uses []Use, cause error) error {
	var names, stops []string
	for _, use := range uses {
		if use.Kind == useComposition && !slices.Contains(names, use.Name) {
			names = append(names, use.Name)
			stops = append(stops, fmt.Sprintf("aws ivs-realtime stop-composition --region %s --arn %s", thing.Key.Region, use.Name))
		}
	}
	p := &reconcile.Problem{
		ProblemCode: CodeInUse,
		Text:        fmt.Sprintf("the %s %s is in use by the composition %s", inWords(thing.Key.Kind), thing.ARN, strings.Join(names, " and ")),
		Fix:         fmt.Sprintf("wait for its end, or stop it (%s); then run the same command again", strings.Join(stops, " && ")),
		Cause:       cause,
	}
	if len(names) == 0 {
		p.Text = fmt.Sprintf("the %s %s is in use", inWords(thing.Key.Kind), thing.ARN)
		p.Fix = fmt.Sprintf("wait for the end of the compositions that use it, or stop them (aws ivs-realtime list-compositions --region %s); then run the same command again", thing.Key.Region)
	}
	return p
}

// deleteStorage deletes a storage configuration. IVS edits the bucket policy for
// it; edits of one policy that meet lose statements, so they take turns, and what
// is lost all the same is put back. The look after one delete is the one before
// the next.
func (t *teardown) deleteStorage(ctx context.Context, thing Thing, change reconcile.Change) (reconcile.Outcome, error) {
	remove := (&storageOperations{storage: &storage{world: t.world, region: thing.Key.Region}}).remove
	name := t.recordsTo(thing)
	at, err := t.placeOf(ctx, name, thing.Key.Region)
	if err != nil || !at.exists {
		// Whosever the bucket is, its policy is not for us to look after.
		return reconcile.Outcome{}, t.unused(ctx, thing, remove)
	}
	b := t.bucketNamed(at)
	before, end, err := b.inTurn(ctx)
	if err != nil {
		return reconcile.Outcome{}, err
	}
	defer end()
	if before == nil {
		before, err = b.policyNow(ctx, at)
		if err = absent(err, "NoSuchBucket"); err != nil {
			return reconcile.Outcome{}, err
		}
	}
	if err := t.unused(ctx, thing, remove); err != nil {
		return reconcile.Outcome{}, err
	}
	sid := ivsSidPrefix + thing.ARN[strings.LastIndex(thing.ARN, "/")+1:]
	restored, live, err := b.restore(ctx, at, before, sid)
	b.lastRead = live
	outcome := reconcile.Outcome{Revised: true, Changes: append([]reconcile.Change{change}, restored...)}
	if _, left := live.Statement(sid); left {
		outcome.Notes = append(outcome.Notes, fmt.Sprintf("IVS left its own statement %s in the policy of %q; yolo does not touch those", sid, name))
	}
	return outcome, err
}

// placeOf finds a bucket by its name, as the survey saw it or asked in a region.
func (t *teardown) placeOf(ctx context.Context, name, region string) (place, error) {
	for _, thing := range t.all {
		if thing.Key.Kind == bucketKey("").Kind && thing.Name == name {
			return thing.place, nil
		}
	}
	if name == "" {
		return place{}, nil
	}
	h, err := t.head(ctx, name, region)
	return place{name: name, region: h.region, exists: h.exists}, err
}

// outlive waits until the run that made an unsettled configuration must be dead,
// and says why it stays when that run has settled it after all.
func (t *teardown) outlive(ctx context.Context, thing Thing) (stays string, err error) {
	if err := reconcile.Pause(ctx, t.waits.claimLife-time.Since(t.since), "the run that made it, which may be alive"); err != nil {
		return "", err
	}
	all, err := t.listed(ctx, thing.Key)
	if err != nil {
		return "", err
	}
	for _, one := range all {
		if one.arn == thing.ARN && !one.pending() {
			return "the run that made it has finished it meanwhile", nil
		}
	}
	return "", nil
}

// listed lists the configurations of a kind in a region once more.
func (t *teardown) listed(ctx context.Context, of reconcile.Key) ([]candidate, error) {
	var all []candidate
	if of.Kind == encoderKey("").Kind {
		live, err := (&encoder{t.world, of.Region}).read(ctx)
		for _, one := range live.named {
			all = append(all, one.candidate)
		}
		return all, err
	}
	storages, err := t.listStorages(ctx, of.Region)
	for _, one := range storages {
		all = append(all, candidate{arn: aws.ToString(one.Arn), tags: one.Tags})
	}
	return all, err
}
