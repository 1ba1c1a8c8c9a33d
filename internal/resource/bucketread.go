package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
)

// bucketLive is a bucket as it is. All but place, role and ivs are empty for
// one that does not exist.
type bucketLive struct {
	place place
	role  role
	// ivs is why IVS did not answer in the bucket's region, nil if it did.
	ivs error

	// primary is the name of the primary region's bucket, if there is one and
	// the run does not act in that region.
	primary string

	ownership  s3types.ObjectOwnership // "" when none is set, which acts as ObjectWriter
	block      s3types.PublicAccessBlockConfiguration
	document   *policy.Document
	tags       map[string]string
	encryption string // "" when not known
	denied     []string
	err        error
}

func (b *bucket) Read(ctx context.Context) (bucketLive, error) {
	return b.buckets.get(ctx, b.region, b.read)
}

// read asks for everything at once, in the place where the bucket most likely
// is; only if it turns out to be elsewhere, it is asked again there.
func (b *bucket) read(ctx context.Context) (bucketLive, error) {
	guess := b.guess(b.region)
	var (
		wg                sync.WaitGroup
		live              bucketLive
		at                place
		placeErr, roleErr error
		ivsErr            error
		found             role
		primary           string
	)
	wg.Go(func() { live = b.details(ctx, guess) })
	wg.Go(func() { at, placeErr = b.place(ctx, b.region) })
	wg.Go(func() { found, roleErr = b.role(ctx) })
	wg.Go(func() { primary = b.primaryName(ctx) })
	wg.Go(func() { _, ivsErr = b.storageList(ctx, guess.region) })
	wg.Wait()
	if placeErr != nil {
		return bucketLive{}, placeErr
	}
	switch {
	case !at.exists:
		live = bucketLive{}
	case at.name != guess.name || at.region != guess.region:
		live = b.details(ctx, at)
	}
	if at.exists && cloud.Is(live.err, "NoSuchBucket") {
		live = b.detailsOfNew(ctx, at)
	}
	live.place, live.role, live.ivs, live.primary = at, found, ivsErr, primary
	return live, errors.Join(roleErr, live.err)
}

// encryptionRead is the default encryption, or notRead.
func (live *bucketLive) encryptionRead() string {
	if len(live.denied) > 0 {
		return notRead
	}
	return live.encryption
}

// outPrimary is the output of a regional bucket that tells the name of the
// primary region's, "" for none.
const outPrimary = "primary"

// primaryName finds the primary region's bucket when it has no part in the run.
// Whatever stands in the way leaves it unknown.
func (w *world) primaryName(ctx context.Context) string {
	if slices.Contains(w.regions, w.env.Regions[0]) || w.env.Recording.Layout == manifest.Shared {
		return ""
	}
	at, err := w.place(ctx, w.env.Regions[0])
	if err != nil || !at.exists {
		return ""
	}
	return at.name
}

// detailsOfNew reads the settings of a bucket that another run makes at this
// moment: some of the reads came before it, or S3 does not show all of it yet.
func (b *bucket) detailsOfNew(ctx context.Context, at place) (live bucketLive) {
	err := b.until(ctx, passing{"NoSuchBucket": time.Now().Add(b.waits.propagation)}, func() error {
		live = b.details(ctx, at)
		return live.err
	})
	if live.err == nil {
		live.err = err
	}
	return live
}

// details reads all settings of a bucket side by side.
func (b *bucket) details(ctx context.Context, at place) bucketLive {
	live := bucketLive{place: at}
	account, err := b.account(ctx)
	if err != nil {
		live.err = err
		return live
	}
	reads := live.reads(ctx, b.cloud.In(at.region).S3, aws.String(at.name), aws.String(account))
	errs := make([]error, len(reads))
	var wg sync.WaitGroup
	for i, read := range reads {
		wg.Go(func() { errs[i] = read() })
	}
	wg.Wait()
	live.err = first(errs)
	return live
}

// reads are the calls that fill in what live is, each its own part.
func (live *bucketLive) reads(ctx context.Context, client *s3.Client, name, owner *string) []func() error {
	return []func() error{
		func() (err error) {
			live.ownership, err = ownership(ctx, client, name, owner)
			return err
		},
		func() (err error) {
			live.block, err = publicAccessBlock(ctx, client, name, owner)
			return err
		},
		func() (err error) {
			live.document, err = bucketPolicy(ctx, client, name, owner)
			return err
		},
		func() (err error) {
			live.tags, err = bucketTags(ctx, client, name, owner)
			return err
		},
		func() (err error) {
			live.encryption, err = encryption(ctx, client, name, owner)
			if cloud.Is(err, "AccessDenied") {
				live.denied, err = append(live.denied, "s3:GetEncryptionConfiguration"), nil
			}
			return err
		},
	}
}

func ownership(ctx context.Context, client *s3.Client, name, owner *string) (s3types.ObjectOwnership, error) {
	out, err := cloud.Call(ctx, client.GetBucketOwnershipControls, &s3.GetBucketOwnershipControlsInput{Bucket: name, ExpectedBucketOwner: owner})
	if err != nil {
		return "", absent(err, "OwnershipControlsNotFoundError")
	}
	if out.OwnershipControls == nil || len(out.OwnershipControls.Rules) == 0 {
		return "", nil
	}
	return out.OwnershipControls.Rules[0].ObjectOwnership, nil
}

func publicAccessBlock(ctx context.Context, client *s3.Client, name, owner *string) (block s3types.PublicAccessBlockConfiguration, err error) {
	out, err := cloud.Call(ctx, client.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: name, ExpectedBucketOwner: owner})
	if err != nil {
		return block, absent(err, "NoSuchPublicAccessBlockConfiguration")
	}
	if out.PublicAccessBlockConfiguration != nil {
		block = *out.PublicAccessBlockConfiguration
	}
	return block, nil
}

// bucketPolicy reads a bucket's policy; a bucket without one has an empty one.
func bucketPolicy(ctx context.Context, client *s3.Client, name, owner *string) (*policy.Document, error) {
	out, err := cloud.Call(ctx, client.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: name, ExpectedBucketOwner: owner})
	if err != nil {
		return &policy.Document{}, absent(err, "NoSuchBucketPolicy")
	}
	document, err := policy.Parse(aws.ToString(out.Policy))
	return document, unreadable("bucket policy", aws.ToString(name), err)
}

func bucketTags(ctx context.Context, client *s3.Client, name, owner *string) (map[string]string, error) {
	out, err := cloud.Call(ctx, client.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: name, ExpectedBucketOwner: owner})
	if err != nil {
		return nil, absent(err, "NoSuchTagSet")
	}
	tags := map[string]string{}
	for _, tag := range out.TagSet {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}

func encryption(ctx context.Context, client *s3.Client, name, owner *string) (string, error) {
	out, err := cloud.Call(ctx, client.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: name, ExpectedBucketOwner: owner})
	if err != nil {
		return "", absent(err, "ServerSideEncryptionConfigurationNotFoundError")
	}
	if out.ServerSideEncryptionConfiguration == nil {
		return "", nil
	}
	for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
		if rule.ApplyServerSideEncryptionByDefault != nil {
			return string(rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm), nil
		}
	}
	return "", nil
}

// owned returns what every call on a bucket needs: its name and the account
// that it must belong to.
func (b *bucket) owned(ctx context.Context, at place) (client *s3.Client, name, owner *string, err error) {
	account, err := b.account(ctx)
	return b.cloud.In(at.region).S3, aws.String(at.name), aws.String(account), err
}

func (b *bucket) putOwnership(ctx context.Context, at place) error {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return err
	}
	_, err = cloud.Call(ctx, client.PutBucketOwnershipControls, &s3.PutBucketOwnershipControlsInput{
		Bucket: name, ExpectedBucketOwner: owner,
		OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{
			{ObjectOwnership: s3types.ObjectOwnershipBucketOwnerPreferred},
		}},
	})
	return err
}

func (b *bucket) putBlock(ctx context.Context, at place) error {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return err
	}
	_, err = cloud.Call(ctx, client.PutPublicAccessBlock, &s3.PutPublicAccessBlockInput{
		Bucket: name, ExpectedBucketOwner: owner,
		PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
			BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	return err
}

// addTags adds tags. PutBucketTagging replaces the whole set, so those of others
// are read right before, and sent along.
func (b *bucket) addTags(ctx context.Context, at place, more map[string]string) error {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return err
	}
	tags, err := bucketTags(ctx, client, name, owner)
	if err == nil {
		_, err = cloud.Call(ctx, client.PutBucketTagging, &s3.PutBucketTaggingInput{
			Bucket: name, ExpectedBucketOwner: owner, Tagging: &s3types.Tagging{TagSet: s3Tags(merge(tags, more))},
		})
	}
	if err != nil {
		return fmt.Errorf("tags: %w", err)
	}
	return nil
}
