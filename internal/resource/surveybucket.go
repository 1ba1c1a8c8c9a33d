package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// bucketSight is a bucket that is there and may be ours.
type bucketSight struct {
	place
	// serves are the regions whose recordings a sync has it take, nil for none.
	serves []string
	tags   map[string]string
	// document is nil when it could not be read.
	document *policy.Document
	holds    string
	// unknown is why something of this is not known, untold why the tags are not.
	unknown, untold error
}

func (s *sight) addBucket(b bucketSight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets = append(s.buckets, b)
}

// lookForWantedBucket finds where the region records to.
func (l *look) lookForWantedBucket(ctx context.Context, seen *sight) {
	if !l.records(l.region) {
		return
	}
	at, err := l.place(ctx, l.region)
	if err != nil {
		l.shared(seen, true, err)
		return
	}
	seen.at = &at
}

// lookAtWantedBucket looks at the bucket that the region records to, if it is
// there. In the same pass as the wanted bucket's own resource it takes what that
// one reads.
func (l *look) lookAtWantedBucket(ctx context.Context, seen *sight) {
	if seen.at == nil || !seen.at.exists {
		return
	}
	b := l.bucketOf(l.region)
	found := bucketSight{place: *seen.at, serves: b.serves}
	if l.together {
		live, err := b.Read(ctx) // whose error that resource tells
		if err != nil {
			return
		}
		found.tags, found.document = live.tags, live.document
		seen.addBucket(found)
		return
	}
	read, err := l.wantedSights.get(ctx, found.region+" "+found.name, func(ctx context.Context) (bucketSight, error) {
		read := found
		l.readBucket(ctx, &read)
		return read, nil
	})
	if err != nil { // the time for it is over
		found.unknown, found.untold = err, err
		read = found
	}
	seen.addBucket(read)
}

// lookAtBucket looks for a bucket that may be left over. One that is not there
// for us is somebody else's.
func (l *look) lookAtBucket(ctx context.Context, seen *sight, name string) {
	h, err := l.head(ctx, name, l.region)
	switch {
	case isProblem(err, CodeBucketForbidden):
		return
	case err != nil:
		seen.fail(err)
		return
	case !h.exists:
		return
	}
	found := bucketSight{place: place{name: name, region: h.region, exists: true}}
	var wg sync.WaitGroup
	wg.Go(func() { l.readBucket(ctx, &found) })
	var holdsErr error
	wg.Go(func() { found.holds, holdsErr = l.holds(ctx, found.place) })
	wg.Wait()
	if found.unknown == nil {
		found.unknown = holdsErr
	}
	seen.addBucket(found)
}

// readBucket reads the tags and the policy.
func (l *look) readBucket(ctx context.Context, found *bucketSight) {
	account, err := l.account(ctx)
	if err != nil {
		found.unknown = err
		return
	}
	client, name, owner := l.cloud.In(found.region).S3, aws.String(found.name), aws.String(account)
	var tagsErr, policyErr error
	var wg sync.WaitGroup
	wg.Go(func() { found.tags, tagsErr = bucketTags(ctx, client, name, owner) })
	wg.Go(func() {
		document, err := bucketPolicy(ctx, client, name, owner)
		if policyErr = err; err == nil {
			found.document = document
		}
	})
	wg.Wait()
	found.unknown, found.untold = first([]error{tagsErr, policyErr}), tagsErr
}

// holds asks for one version of any object, deleted or not.
func (l *look) holds(ctx context.Context, at place) (string, error) {
	account, err := l.account(ctx)
	if err != nil {
		return "", err
	}
	out, err := cloud.Call(ctx, l.cloud.In(at.region).S3.ListObjectVersions, &s3.ListObjectVersionsInput{
		Bucket: aws.String(at.name), ExpectedBucketOwner: aws.String(account), MaxKeys: aws.Int32(1),
	})
	if err != nil {
		return "", err
	}
	if len(out.Versions)+len(out.DeleteMarkers) > 0 {
		return "objects", nil
	}
	return "", nil
}

// candidates are the names that a bucket of ours may have in the region, or
// for all regions, beside those that are wanted there.
func (l *look) candidates() []string {
	names := []string{l.env.RegionalBucketName(l.region)}
	if l.env.Recording.BucketName != "" {
		names = append(names, l.env.BucketName(l.region))
	}
	if l.region == l.Regions()[0] {
		names = append(names, l.env.SharedBucketName())
	}
	return slices.DeleteFunc(names, func(name string) bool { return l.meant(name) || !manifest.IsBucketName(name) })
}

// bucketsNamed are those that a configuration of ours names and that are
// neither wanted nor candidates.
func (l *look) bucketsNamed(seen *sight) []string {
	var names []string
	for _, one := range seen.storages {
		name := bucketOf(one)
		if aws.ToString(one.Name) != l.env.StorageName() || l.notOurs("", "", one.Tags) != nil || l.meant(name) || slices.Contains(names, name) {
			continue
		}
		if seen.at != nil && name == seen.at.name || slices.Contains(l.candidates(), name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// meant tells whether a name is the one that the manifest has for the bucket of
// one of its regions.
func (s *Survey) meant(name string) bool {
	return slices.ContainsFunc(s.env.Regions, func(region string) bool {
		return s.records(region) && s.env.BucketName(region) == name
	})
}

// bucketThings are the buckets of all regions, and the principals that no
// region needs in their policies.
func (s *Survey) bucketThings() []Thing {
	byName := map[string]bucketSight{}
	for _, region := range s.Regions() {
		if seen := s.found[region]; seen != nil {
			for _, b := range seen.buckets {
				if known, ok := byName[b.name]; !ok || known.serves == nil {
					byName[b.name] = b
				}
			}
		}
	}
	var things []Thing
	for _, b := range byName {
		things = append(things, s.bucketThing(b)...)
	}
	return things
}

func (s *Survey) bucketThing(b bucketSight) []Thing {
	thing := Thing{
		Key: bucketKey(b.region), Step: StepBucket, Name: b.name, ARN: "arn:aws:s3:::" + b.name, Standing: Wanted,
		Tagged: s.tagged(b.tags), Created: b.tags[tagCreatedBy] == "yolo", place: b.place, untold: b.untold,
	}
	thing.Key.Name = b.name
	if s.notOurs("bucket", b.name, b.tags) != nil || !thing.Tagged && b.serves == nil && !s.ownName(b.name) {
		return nil
	}
	if b.serves == nil {
		if thing.Why = s.whyLeft(b.place); thing.Why == "" {
			return nil
		}
		thing.Standing, thing.Holds, thing.Unknown = Dropped, b.holds, b.unknown
	}
	uses, unseen := s.recordingTo(b.name, append([]string{b.region}, s.lookedAt()...)...)
	thing.Uses = uses
	if thing.Standing != Wanted && thing.Unknown == nil {
		thing.Unknown = unseen
	}
	return append([]Thing{thing}, s.principalThings(b)...)
}

// lookedAt are the manifest's regions, without those that a narrowed survey
// leaves out.
func (s *Survey) lookedAt() []string {
	return slices.DeleteFunc(slices.Clone(s.env.Regions), func(region string) bool { return s.found[region] == nil })
}

// ownName tells whether a bucket's name is one of the contract's, so that the
// name alone makes it ours.
func (s *Survey) ownName(name string) bool {
	rest, regional := strings.CutPrefix(name, s.env.RegionalBucketName(""))
	return name == s.env.SharedBucketName() || regional && manifest.IsRegion(rest)
}

// whyLeft says why no region records to a bucket; "" when one does or may.
func (s *Survey) whyLeft(at place) string {
	if s.wish.Narrowed && !slices.Contains(s.regions, at.region) {
		return ""
	}
	if !s.env.Recording.Enabled {
		return s.env.Recording.SkipReason
	}
	for _, region := range s.env.Regions {
		if s.mayRecordTo(region, at) {
			return ""
		}
	}
	region, regional := strings.CutPrefix(at.name, s.env.RegionalBucketName(""))
	switch seen := s.found[region]; {
	case regional && !slices.Contains(s.env.Regions, region):
		return s.notWanted(region, "")
	case regional && seen != nil && seen.at != nil:
		return fmt.Sprintf("%s records to %s", region, seen.at.name)
	case !slices.Contains(s.env.Regions, at.region):
		return s.notWanted(at.region, "")
	}
	return "no region of the manifest records to it"
}

// mayRecordTo tells whether a region of the manifest records to a bucket. As
// long as its own look does not tell, it may be any that a sync would accept.
func (s *Survey) mayRecordTo(region string, at place) bool {
	if seen := s.found[region]; seen != nil && seen.at != nil {
		return seen.at.name == at.name
	}
	return s.env.BucketName(region) == at.name || at.name == s.env.SharedBucketName() && at.region == region
}

// recordingTo are the storage configurations of some regions, whosever they
// are, that name a bucket; unseen is why it is not known of one of the regions.
func (s *Survey) recordingTo(name string, regions ...string) (uses []Use, unseen error) {
	slices.Sort(regions)
	for _, region := range slices.Compact(regions) {
		seen := s.found[region]
		if seen == nil {
			unseen = fmt.Errorf("%s was not looked at", region)
			continue
		}
		if seen.unseen.storages != nil {
			unseen = seen.unseen.storages
		}
		for _, one := range seen.storages {
			if bucketOf(one) == name {
				uses = append(uses, Use{Kind: useStorage, Name: aws.ToString(one.Arn)})
			}
		}
	}
	return uses, unseen
}

// principalThings are the principals in our statement of a bucket's policy that
// are of regions that do not record to it.
func (s *Survey) principalThings(b bucketSight) []Thing {
	if b.document == nil {
		return nil
	}
	_, kept := policy.WantedRecording(b.document, b.name, b.serves)
	var things []Thing
	for _, p := range kept {
		region, ok := policy.RecordingRegion(p.Value)
		why := s.whyNoPrincipal(region)
		if !ok || why == "" {
			continue
		}
		thing := Thing{
			Key:  reconcile.Key{Region: b.region, Kind: kindPrincipal, Name: b.name + " " + p.Value},
			Step: StepBucket, Name: p.Value, In: b.name, Standing: Dropped, Why: why, Tagged: true, place: b.place,
		}
		thing.Uses, thing.Unknown = s.recordingTo(b.name, region)
		things = append(things, thing)
	}
	return things
}

// whyNoPrincipal says why a region does not record to a bucket that does not
// serve it; "" when that is not known.
func (s *Survey) whyNoPrincipal(region string) string {
	if !s.records(region) {
		return s.notWanted(region, s.env.Recording.SkipReason)
	}
	if seen := s.found[region]; seen != nil && seen.at != nil {
		return fmt.Sprintf("%s records to %s", region, seen.at.name)
	}
	return ""
}
