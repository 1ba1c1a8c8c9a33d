package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

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
	outMade   = "made"   // "yes" when this run created it
	// outEncryption is its default encryption, "" for S3's own, or notRead.
	outEncryption = "encryption"
	outOwnership  = "ownership" // of its objects, "" when none is set
)

// notRead is an output of what may not be read.
const notRead = "not read"

// bucket is the recordings bucket that serves one region, or all of them.
type bucket struct {
	*world
	region string   // whose bucket it is; the primary one for the shared bucket
	serves []string // the regions whose recordings it takes
	// turn holds one while the policy is checked and mended. What a turn that
	// ends well has read last is in lastRead, for who waited for it.
	turn     chan struct{}
	lastRead *policy.Document
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
		Name: live.place.name,
		ARN:  "arn:aws:s3:::" + live.place.name,
		Outputs: reconcile.Outputs{
			outRegion: live.place.region, outPolicy: live.document.String(), outPrimary: live.primary, outEncryption: live.encryptionRead(),
			outOwnership: string(live.ownership),
		},
	}
	if live.place.exists {
		c.Outputs[outBucket] = live.place.name
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
	made := &making{place: live.place, used: live.place.exists || live.place.region == "us-east-1"}
	if live.place.exists {
		c.Steps = b.mend(live)
	} else {
		c.Steps = append(c.Steps, b.create(made))
	}
	if len(differences) > 0 {
		c.Steps = append(c.Steps, b.putPolicy(made, live, changesOf(differences)))
	}
	if live.place.exists {
		c.Steps = append(c.Steps, b.tagSteps(live)...)
	}
	c.Notes, c.Warnings = b.notes(live), b.warnings(live, merged)
	return c, nil
}

// making is a bucket as the steps of one run find it, one after the other.
type making struct {
	place
	// used tells that the bucket was there before, or may have been: in
	// us-east-1 CreateBucket answers 200 for a bucket that is ours already.
	used bool
}

func (b *bucket) wantTags(name string) map[string]string { return b.env.Tags(name) }

// create makes the bucket with ownership and tags in one request. Public
// access of a new bucket is blocked by default (S3, "Blocking public access").
func (b *bucket) create(made *making) reconcile.Step {
	tags := merge(b.wantTags(made.name), map[string]string{tagCreatedBy: "yolo"})
	return reconcile.Step{
		Action: reconcile.Create,
		Doing:  "create the bucket",
		Changes: append(created("region", made.region, "object-ownership", string(s3types.ObjectOwnershipBucketOwnerPreferred),
			"public-access", "all blocked"), tagChanges(nil, tags)...),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			unclear, err := b.createOnce(ctx, made, tags)
			if err == nil {
				return reconcile.Outcome{Outputs: reconcile.Outputs{outBucket: made.name, outMade: "yes"}}, nil
			}
			if cloud.Is(err, "BucketAlreadyOwnedByYou") {
				return b.adopt(ctx, made, unclear)
			}
			return reconcile.Outcome{}, err
		},
	}
}

// bucketCreates bounds how often a create without a clear answer is repeated.
const bucketCreates = 8

// createOnce creates the bucket. Unclear tells that an earlier try got no clear
// answer, so that the bucket may be there because of that one.
func (b *bucket) createOnce(ctx context.Context, made *making, tags map[string]string) (unclear bool, err error) {
	input := &s3.CreateBucketInput{
		Bucket:                    aws.String(made.name),
		ObjectOwnership:           s3types.ObjectOwnershipBucketOwnerPreferred,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{Tags: s3Tags(tags)},
	}
	if made.region != "us-east-1" {
		input.CreateBucketConfiguration.LocationConstraint = s3types.BucketLocationConstraint(made.region)
	}
	for range bucketCreates {
		_, err = cloud.Call(ctx, b.cloud.In(made.region).S3.CreateBucket, input, cloud.UnrepeatedBucket)
		if err == nil || !cloud.Ambiguous(err) || ctx.Err() != nil {
			break
		}
		unclear, made.used = true, true
		if pauseErr := reconcile.Pause(ctx, b.waits.lookAgain, "another try to create the bucket"); pauseErr != nil {
			return unclear, pauseErr
		}
	}
	return unclear, err
}

// adopt mends a bucket that was made between our look and our create: by
// another run, or, if that was unclear, by a try of ours.
func (b *bucket) adopt(ctx context.Context, made *making, unclear bool) (reconcile.Outcome, error) {
	var outcome reconcile.Outcome
	at, err := b.find(ctx, made.place)
	if err != nil {
		return outcome, err
	}
	made.place, made.used = at, true
	live := b.details(ctx, at)
	if live.err != nil {
		return outcome, live.err
	}
	if err := b.notOurs("bucket", at.name, live.tags); err != nil {
		return outcome, err
	}
	outcome.Outputs = reconcile.Outputs{outBucket: at.name, outRegion: at.region, outPolicy: live.document.String(), outMade: "yes"}
	if unclear && live.tags[tagCreatedBy] != "" {
		return outcome, nil
	}
	outcome.Existed, outcome.Revised = true, true
	outcome.Notes = []string{"the bucket was there already when it was to be created"}
	for _, step := range slices.Concat(b.mend(live), b.tagSteps(live)) {
		if _, err := step.Do(ctx, nil); err != nil {
			return outcome, err
		}
		outcome.Changes = append(outcome.Changes, step.Changes...)
	}
	return outcome, nil
}

// find waits until S3 shows a bucket that was made a moment ago.
func (b *bucket) find(ctx context.Context, at place) (place, error) {
	account, err := b.account(ctx)
	if err != nil {
		return at, err
	}
	err = b.until(ctx, passing{CodeConcurrentChange: time.Now().Add(b.waits.propagation)}, func() error {
		h, err := b.headIn(ctx, at.name, at.region, account, true)
		if err == nil && !h.exists {
			return &reconcile.Problem{
				ProblemCode: CodeConcurrentChange,
				Text:        fmt.Sprintf("someone else is changing this: S3 says that the bucket %q is there, and that it is not", at.name),
				Fix:         "wait a few minutes, then run the same command again",
			}
		}
		at.region, at.exists = h.region, h.exists
		return err
	})
	return at, err
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

// tagSteps add what tags are missing.
func (b *bucket) tagSteps(live bucketLive) []reconcile.Step {
	missing := missingTags(live.tags, b.wantTags(live.place.name))
	if len(missing) == 0 {
		return nil
	}
	return []reconcile.Step{{
		Action: reconcile.Update, Doing: "tag the bucket", Changes: tagChanges(live.tags, missing), Soft: true,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{}, b.addTags(ctx, live.place, missing)
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
