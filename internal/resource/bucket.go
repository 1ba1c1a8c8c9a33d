package resource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The outputs of a bucket.
const (
	outBucket = "bucket" // its name
	outRegion = "region" // where it is
	outPolicy = "policy" // its policy as last read or written
	outMade   = "made"   // "true" when this run created it
)

// bucket is the recordings bucket that serves one region, or all of them.
type bucket struct {
	*world
	region string   // whose bucket it is; the primary one for the shared bucket
	serves []string // the regions whose recordings it takes
}

func bucketKey(region string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: "recordings-bucket"}
}

func (b *bucket) Key() reconcile.Key { return bucketKey(b.region) }

func (b *bucket) Needs() []reconcile.Key { return nil }

// Compare plans the creation, or one step for each thing that differs, in the
// order in which they are safe: S3 aborts concurrent changes of one bucket.
func (b *bucket) Compare(live bucketLive) (reconcile.Comparison, error) {
	c := reconcile.Comparison{
		Name:    live.place.name,
		ARN:     "arn:aws:s3:::" + live.place.name,
		Outputs: reconcile.Outputs{outBucket: live.place.name, outRegion: live.place.region, outPolicy: live.document.String()},
	}
	if !live.place.exists && live.ivs != nil {
		return c, &reconcile.Problem{
			ProblemCode: reconcile.CodeBlocked,
			Text:        fmt.Sprintf("the bucket was not created, because IVS did not answer in %s", live.place.region),
			Fix:         "a bucket's name is global, so it is taken only where IVS can record; mend that first",
			Cause:       live.ivs,
			Because:     storageKey(live.place.region),
		}
	}
	if err := b.notOurs("bucket", live.place.name, live.tags); err != nil {
		return c, err
	}
	merged, differences := b.merged(live.document, live)
	if size := merged.Size(); size > policy.MaxBucketPolicySize {
		return c, tooLarge("bucket policy", live.place.name, size, policy.MaxBucketPolicySize, "bytes")
	}
	if live.place.exists {
		c.Steps = b.mend(live)
	} else {
		c.Steps = append(c.Steps, b.create(live))
	}
	if len(differences) > 0 {
		c.Steps = append(c.Steps, b.putPolicy(live, changesOf(differences)))
	}
	if live.place.exists {
		c.Steps = append(c.Steps, b.tagSteps(live)...)
	}
	c.Notes, c.Warnings = b.notes(live), b.warnings(live, merged)
	return c, nil
}

func (b *bucket) wantTags(name string) map[string]string { return b.env.Tags(name) }

// create makes the bucket with ownership and tags in one request. Public
// access of a new bucket is blocked by default (S3, "Blocking public access").
func (b *bucket) create(live bucketLive) reconcile.Step {
	name := live.place.name
	tags := withTags(b.wantTags(name), map[string]string{tagCreatedBy: "yolo"})
	return reconcile.Step{
		Action: reconcile.Create,
		Doing:  "create the bucket",
		Changes: append(created("region", live.place.region, "object-ownership", string(s3types.ObjectOwnershipBucketOwnerPreferred),
			"public-access", "all blocked"), tagChanges(nil, tags)...),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			input := &s3.CreateBucketInput{
				Bucket:                    aws.String(name),
				ObjectOwnership:           s3types.ObjectOwnershipBucketOwnerPreferred,
				CreateBucketConfiguration: &s3types.CreateBucketConfiguration{Tags: s3Tags(tags)},
			}
			if live.place.region != "us-east-1" {
				input.CreateBucketConfiguration.LocationConstraint = s3types.BucketLocationConstraint(live.place.region)
			}
			_, err := cloud.Call(ctx, b.cloud.In(live.place.region).S3.CreateBucket, input)
			if cloud.Is(err, "BucketAlreadyOwnedByYou") {
				return b.adopt(ctx, name)
			}
			return reconcile.Outcome{Outputs: reconcile.Outputs{outMade: "true"}}, err
		},
	}
}

// adopt mends a bucket that another run made between our look and our create.
func (b *bucket) adopt(ctx context.Context, name string) (reconcile.Outcome, error) {
	outcome := reconcile.Outcome{Existed: true, Revised: true, Notes: []string{"another run created the bucket at the same moment"}}
	h, err := b.headOurs(ctx, name)
	if err != nil {
		return outcome, err
	}
	live := b.details(ctx, place{name: name, region: h.region, exists: true})
	if live.err != nil {
		return outcome, live.err
	}
	if err := b.notOurs("bucket", name, live.tags); err != nil {
		return outcome, err
	}
	outcome.Outputs = reconcile.Outputs{outRegion: h.region, outPolicy: live.document.String()}
	for _, step := range slices.Concat(b.mend(live), b.tagSteps(live)) {
		if _, err := step.Do(ctx, nil); err != nil {
			return outcome, err
		}
		outcome.Changes = append(outcome.Changes, step.Changes...)
	}
	return outcome, nil
}

func (b *bucket) headOurs(ctx context.Context, name string) (head, error) {
	account, err := b.account(ctx)
	if err != nil {
		return head{}, err
	}
	return b.headIn(ctx, name, b.guess(b.region).region, account, true)
}

// mend corrects ownership and public access of a bucket that exists.
func (b *bucket) mend(live bucketLive) []reconcile.Step {
	var steps []reconcile.Step
	if !slices.Contains(acceptedOwnership, live.ownership) {
		change := reconcile.Change{Attribute: "object-ownership", To: string(s3types.ObjectOwnershipBucketOwnerPreferred)}
		if live.ownership != "" {
			change.From = string(live.ownership)
		}
		steps = append(steps, reconcile.Step{
			Action: reconcile.Update, Doing: "set the object ownership", Changes: []reconcile.Change{change},
			Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
				return reconcile.Outcome{}, b.putOwnership(ctx, live.place)
			},
		})
	}
	if changes := blockChanges(live.block); len(changes) > 0 {
		steps = append(steps, reconcile.Step{
			Action: reconcile.Update, Doing: "block public access", Changes: changes,
			Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
				return reconcile.Outcome{}, b.putBlock(ctx, live.place)
			},
		})
	}
	return steps
}

// tagSteps add what tags are missing; PutBucketTagging replaces the whole set,
// so those of others are sent along.
func (b *bucket) tagSteps(live bucketLive) []reconcile.Step {
	missing := missingTags(live.tags, b.wantTags(live.place.name))
	if len(missing) == 0 {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "tag the bucket", Changes: tagChanges(live.tags, missing), Soft: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{}, b.putTags(ctx, live.place, withTags(live.tags, missing))
		},
	}}
}

// acceptedOwnership is what IVS can write to: it sends the canned ACL
// bucket-owner-full-control (RealTimeUserGuide, composite recording).
var acceptedOwnership = []s3types.ObjectOwnership{
	s3types.ObjectOwnershipBucketOwnerEnforced, s3types.ObjectOwnershipBucketOwnerPreferred,
}

// blockChanges lists the kinds of public access that are not blocked.
func blockChanges(block s3types.PublicAccessBlockConfiguration) []reconcile.Change {
	flags := map[string]*bool{
		"block-public-acls": block.BlockPublicAcls, "ignore-public-acls": block.IgnorePublicAcls,
		"block-public-policy": block.BlockPublicPolicy, "restrict-public-buckets": block.RestrictPublicBuckets,
	}
	var changes []reconcile.Change
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if !aws.ToBool(flags[name]) {
			changes = append(changes, reconcile.Change{Attribute: name, From: false, To: true})
		}
	}
	return changes
}

func s3Tags(tags map[string]string) []s3types.Tag {
	var set []s3types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, s3types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return set
}

func tooLarge(what, name string, size, limit int, unit string) error {
	return &reconcile.Problem{
		ProblemCode: CodePolicyTooLarge,
		Text:        fmt.Sprintf("the %s of %q would have %d %s with our statements, and AWS takes %d", what, name, size, unit, limit),
		Fix:         "take statements that are not needed any more out of it by hand",
	}
}

// changesOf tells a policy's differences as changes.
func changesOf(differences []policy.Difference) []reconcile.Change {
	changes := make([]reconcile.Change, 0, len(differences))
	for _, d := range differences {
		changes = append(changes, reconcile.Change{Attribute: "policy " + d.Attribute, From: d.From, To: d.To})
	}
	return changes
}

// absent turns the error that says that something is not set into none.
func absent(err error, codes ...string) error {
	if cloud.Is(err, codes...) {
		return nil
	}
	return err
}

func unreadable(what, name string, err error) error {
	if e, ok := errors.AsType[*policy.ParseError](err); ok {
		return &reconcile.Problem{
			ProblemCode: CodePolicyUnreadable,
			Text:        fmt.Sprintf("the %s of %q cannot be read, so nothing can be merged into it", what, name),
			Fix:         "correct the document by hand",
			Cause:       e,
		}
	}
	return err
}
