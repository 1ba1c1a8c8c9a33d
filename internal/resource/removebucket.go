package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// bucketNamed is a bucket with the turns that its policy is edited in, always
// the same one.
func (t *teardown) bucketNamed(at place) *bucket {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buckets[at.name] == nil {
		t.buckets[at.name] = &bucket{world: t.world, region: at.region, turn: make(chan struct{}, 1)}
	}
	return t.buckets[at.name]
}

// document is a bucket's policy as the survey read it, nil when it did not.
func (t *teardown) document(name string) *policy.Document {
	for _, region := range t.Regions() {
		if seen := t.found[region]; seen != nil {
			for _, b := range seen.buckets {
				if b.name == name && b.document != nil {
					return b.document
				}
			}
		}
	}
	return nil
}

// mayUse tells whether IVS in a region may record to a bucket, as far as the
// bucket's policy tells.
func (t *teardown) mayUse(region, bucket string) bool {
	document := t.document(bucket)
	return document == nil || slices.Contains(policy.RecordingRegions(document), region)
}

// leaves tells of which regions the principals are to leave our statement of a
// bucket's policy: those of the run, but for one with a configuration that stays
// and records to the bucket, or that may have one because it could not be looked
// at.
func (t *teardown) leaves(bucket string) func(region string) bool {
	stays := map[string]bool{}
	for _, thing := range t.all {
		if t.recordsTo(thing) == bucket && !t.going[thing.Key] {
			stays[thing.Key.Region] = true
		}
	}
	return func(region string) bool {
		if seen := t.found[region]; seen != nil {
			return (seen.unseen.storages == nil || isProblem(seen.unseen.storages, CodeNoIVS)) && !stays[region]
		}
		return !t.wish.Narrowed
	}
}

// doomed is a bucket as it is, with what is to be known of one that is deleted.
type doomed struct {
	document *policy.Document
	holds    contents
	// users are the storage configurations that stay and name it.
	users     []string
	mfaDelete bool
	// untold is why it is not known whether deleting takes a second factor.
	untold error
}

// bucketNode takes our statement out of the bucket's policy and, when the
// recordings go, deletes the bucket with all that is in it.
func (t *teardown) bucketNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	b := t.bucketNamed(thing.place)
	return removing(thing, needs,
		func(ctx context.Context) (live doomed, err error) {
			if live.document = t.document(thing.Name); live.document == nil {
				if live.document, err = b.policyNow(ctx, thing.place); err != nil {
					return live, err
				}
			}
			if t.empties && thing.Created && thing.Tagged {
				err = t.lookInto(ctx, b, thing, &live)
			}
			return live, err
		},
		func(live doomed) (reconcile.Comparison, error) {
			c, err := t.compareBucket(b, thing, live)
			c.Warnings = append(c.Warnings, v.warnings...)
			return c, err
		})
}

// OutHolds is the output of a bucket that is to go: what goes with it, as in
// "412 objects (1.2 GB)". A bucket that is empty has none.
const OutHolds = "holds"

// compareBucket tells what is to be done with a bucket. It makes no calls.
func (t *teardown) compareBucket(b *bucket, thing Thing, live doomed) (c reconcile.Comparison, err error) {
	leaves := t.leaves(thing.Name)
	_, differences := b.withoutGrant(live.document, leaves)
	if len(differences) > 0 {
		c.Steps = append(c.Steps, t.ungrant(b, thing, reconcile.Step{
			Action: reconcile.Update, Doing: "take our statement out of the bucket policy", Changes: changesOf(differences),
		}, leaves))
	}
	if !t.empties {
		c.Notes = []string{keptNote(thing)}
		return c, nil
	}
	if err := t.refuseBucket(thing, live); err != nil {
		return c, err
	}
	if live.untold != nil {
		c.Warnings = append(c.Warnings, reconcile.Warning{
			Code: WarnOptionalRead, Region: thing.Key.Region, Step: thing.Step, Resource: thing.Name,
			Text: fmt.Sprintf("whether its versions take a second factor to delete (MFA delete) is not known: %v", reconcile.Plain(live.untold)),
			Fix:  "allow s3:GetBucketVersioning",
		})
	}
	if live.holds.entries() > 0 {
		c.Outputs = reconcile.Outputs{OutHolds: live.holds.String()}
	}
	c.Steps = append(c.Steps, reconcile.Step{
		Action: reconcile.Delete, Doing: "delete the recordings and the bucket", Changes: live.holds.changes(),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return b.emptied(ctx, thing.place, live.holds)
		},
	})
	return c, nil
}

// keptNote says that a bucket stays with its recordings, and what deletes them.
func keptNote(thing Thing) string {
	if !thing.Created || !thing.Tagged {
		return "the bucket and its recordings stay; yolo never deletes a bucket that it did not make and tag"
	}
	return "the bucket and its recordings stay; --delete-recordings deletes them too"
}

// refuseBucket tells why a bucket must not be emptied.
func (t *teardown) refuseBucket(thing Thing, live doomed) error {
	byHand := fmt.Sprintf("leave --delete-recordings out, and it stays without our statement; to delete it by hand: aws s3 rb s3://%s --force", thing.Name)
	switch {
	case thing.untold != nil:
		return fmt.Errorf("whether yolo made the bucket %q is not known: %w", thing.Name, thing.untold)
	case !thing.Created:
		return &reconcile.Problem{
			ProblemCode: CodeBucketNotMade,
			Text:        fmt.Sprintf("yolo did not make the bucket %q (it has no tag %s), so it never empties or deletes it", thing.Name, tagCreatedBy),
			Fix:         byHand,
		}
	case !thing.Tagged:
		return &reconcile.Problem{
			ProblemCode: CodeBucketNotMade,
			Text:        fmt.Sprintf("the bucket %q lacks the tags of this app and environment, so yolo never empties or deletes it", thing.Name),
			Fix:         fmt.Sprintf("yolo sync %s tags what it uses; or %s", t.env.Name, byHand),
		}
	case len(live.users) > 0:
		return &reconcile.Problem{
			ProblemCode: CodeBucketInUse,
			Text:        fmt.Sprintf("the bucket %q is not deleted, because this stays and records to it: %s", thing.Name, strings.Join(live.users, ", ")),
			Fix:         "delete that first, or leave --delete-recordings out",
		}
	case live.mfaDelete:
		return &reconcile.Problem{
			ProblemCode: CodeMFADelete,
			Text:        fmt.Sprintf("the versions in the bucket %q take a second factor to delete (MFA delete), which yolo does not have", thing.Name),
			Fix:         "switch it off as the account's root user (aws s3api put-bucket-versioning --mfa …), or leave --delete-recordings out",
		}
	}
	return nil
}

// lookInto finds out what stands against deleting a bucket, and what goes with
// it.
func (t *teardown) lookInto(ctx context.Context, b *bucket, thing Thing, live *doomed) (err error) {
	if live.users, err = t.stayingUsers(ctx, thing, live.document); err != nil || len(live.users) > 0 {
		return err
	}
	e, err := b.emptier(ctx, thing.place)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var countErr error
	var wg sync.WaitGroup
	wg.Go(func() { live.holds, countErr = e.count(ctx) })
	versioning, err := cloud.Call(ctx, e.client.GetBucketVersioning, &s3.GetBucketVersioningInput{Bucket: e.name, ExpectedBucketOwner: e.owner})
	switch {
	case err == nil:
		live.mfaDelete = versioning.MFADelete == s3types.MFADeleteStatusEnabled
	case cloud.Is(err, "AccessDenied"):
		live.untold, err = err, nil
	default:
		err = absent(err, "NoSuchBucket")
	}
	if err != nil || live.mfaDelete {
		cancel() // what it holds does not matter
	}
	wg.Wait()
	if err != nil || live.mfaDelete {
		live.holds = contents{}
		return err
	}
	return countErr
}

// stayingUsers are the storage configurations, whosever they are, that name a
// bucket and do not go. The regions in which there may be such are those that the
// policy names: IVS adds a statement for each.
func (t *teardown) stayingUsers(ctx context.Context, thing Thing, document *policy.Document) ([]string, error) {
	regions := policy.RecordingRegions(document)
	for _, region := range t.Regions() {
		if seen := t.found[region]; seen != nil && seen.unseen.storages == nil && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	var users []string
	for _, region := range regions {
		all, err := t.storageList(ctx, region)
		if look, unseen := t.unseen[region]; unseen && err != nil {
			return nil, reconcile.Blocked(look, err)
		} else if err != nil {
			return nil, fmt.Errorf("what records to the bucket %q from %s: %w", thing.Name, region, err)
		}
		for _, one := range all {
			arn := aws.ToString(one.Arn)
			if bucketOf(one) == thing.Name && !t.going[reconcile.Key{Region: region, Kind: storageKey("").Kind, Name: arn}] {
				users = append(users, arn)
			}
		}
	}
	return users, nil
}

// ungrant takes principals out of our statement of a bucket's policy. A bucket
// that is gone needs nothing.
func (t *teardown) ungrant(b *bucket, thing Thing, step reconcile.Step, leaves func(string) bool) reconcile.Step {
	step.Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		_, end, err := b.inTurn(ctx)
		if err != nil {
			return reconcile.Outcome{}, err
		}
		defer end()
		differences, err := b.amend(ctx, thing.place, func(live *policy.Document) (*policy.Document, []policy.Difference) {
			return b.withoutGrant(live, leaves)
		})
		return reconcile.Outcome{Revised: true, Changes: changesOf(differences)}, absent(err, "NoSuchBucket")
	}
	return step
}

// withoutGrant is the policy without the right of some regions to record. With
// it goes the read grant of a MediaConvert role that is gone, which S3 would
// refuse to take back.
func (b *bucket) withoutGrant(live *policy.Document, leaves func(string) bool) (*policy.Document, []policy.Difference) {
	rest, differences := policy.WithoutRecording(live, leaves)
	read, found := rest.Statement(policy.SidMediaConvertRead)
	dead := func(p policy.Principal) bool { return strings.HasPrefix(p.Value, "AROA") }
	if len(differences) > 0 && found && slices.ContainsFunc(read.View().Principals, dead) && b.onlyTheRole(rest) {
		without, more := rest.Without(policy.SidMediaConvertRead)
		return without, append(differences, more...)
	}
	return rest, differences
}
