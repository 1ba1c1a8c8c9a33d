package resource

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// outBucketRegion is the output of a storage configuration that tells where its
// bucket is, or will be.
const outBucketRegion = "bucket-region"

// storage is a region's storage configuration, which tells IVS the bucket.
type storage struct {
	*world
	region string
	bucket *bucket
}

// storageLive is what there is in a region.
type storageLive struct {
	place place
	all   []ivstypes.StorageConfigurationSummary
}

func storageKey(region string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: "storage-configuration"}
}

func (s *storage) Key() reconcile.Key { return storageKey(s.region) }

func (s *storage) Needs() []reconcile.Key { return []reconcile.Key{s.bucket.Key()} }

func (s *storage) Read(ctx context.Context) (live storageLive, err error) {
	if live.all, err = s.storageList(ctx, s.region); err != nil {
		return live, err
	}
	if live.place, err = s.place(ctx, s.region); err != nil {
		// The bucket's own resource tells how, so that a person reads it once.
		return live, reconcile.Blocked(s.bucket.Key(), err)
	}
	return live, nil
}

func (s *storage) configuration(at place) *configuration {
	c := newConfiguration(s.world, StepStorage, s.env.StorageName(), s.Key(), &storageOperations{s, at})
	// A delete has IVS edit the bucket policy once more.
	c.afterDelete = s.bucket.checkPolicy
	return c
}

func (s *storage) Compare(live storageLive) (reconcile.Comparison, error) {
	configuration := s.configuration(live.place)
	c, err := configuration.compare(
		matchingStorages(live.all, s.env.StorageName(), live.place.name), created("s3.bucket-name", live.place.name))
	if err != nil {
		return c, err
	}
	configuration.foresee(&c, storageQuota, describeStorages(live.all))
	c.CanRecord = aws.Bool(live.place.region == s.region)
	c.Outputs = merge(c.Outputs, reconcile.Outputs{outBucketRegion: live.place.region})
	c.Warnings = append(c.Warnings, configuration.elsewhere(live)...)
	if !*c.CanRecord {
		c.Warnings = append(c.Warnings, s.cannotRecord(live.place))
	}
	return c, nil
}

// settling is the follow-up of this configuration's create. With which bucket,
// is known by then.
func (s *storage) settling() reconcile.Node {
	return settling(StepStorage, s.env.StorageName(), s.Key(), func(ctx context.Context) (*configuration, error) {
		at, err := s.place(ctx, s.region)
		return s.configuration(at), err
	})
}

// cannotRecord names the line to change: AWS documents that a composition
// records only to a bucket of its own region.
func (s *storage) cannotRecord(at place) reconcile.Warning {
	return reconcile.Warning{
		Code: WarnCannotRecord, Region: s.region, Step: StepStorage, Resource: s.env.StorageName(),
		Text: fmt.Sprintf("%s cannot record: its bucket is in %s, and IVS records only to a bucket of its own region", s.region, at.region),
		Fix:  s.ownBucket(s.region),
	}
}

// ownBucket tells the line of the manifest to change, so that a region gets a
// bucket that it can record to.
func (w *world) ownBucket(region string) string { return ownBucketLine(w.env, region) }

func ownBucketLine(env *manifest.Environment, region string) string {
	fix := "set aws.ivs.recording.bucket: regional"
	if env.Recording.Layout == manifest.Regional {
		fix = "name a bucket that is in " + region
	}
	return fmt.Sprintf("%s: %s", env.BucketLine(), fix)
}

// elsewhere warns of configurations of our name with another bucket, which
// IVS cannot change.
func (c *configuration) elsewhere(live storageLive) []reconcile.Warning {
	var all []reconcile.Warning
	for _, one := range live.all {
		if aws.ToString(one.Name) != c.name || bucketOf(one) == live.place.name {
			continue
		}
		all = append(all, reconcile.Warning{
			Code: WarnElsewhere, Region: c.region, Step: c.step, Resource: c.name,
			Text: fmt.Sprintf("%s has our name, but records to %q", aws.ToString(one.Arn), bucketOf(one)),
			Fix:  "once no app and no composition uses it, delete it: " + c.deletion(candidate{arn: aws.ToString(one.Arn), tags: one.Tags}),
		})
	}
	return all
}

func bucketOf(one ivstypes.StorageConfigurationSummary) string {
	if one.S3 == nil {
		return ""
	}
	return aws.ToString(one.S3.BucketName)
}

func matchingStorages(all []ivstypes.StorageConfigurationSummary, name, bucket string) []candidate {
	var found []candidate
	for _, one := range all {
		if aws.ToString(one.Name) == name && bucketOf(one) == bucket {
			found = append(found, candidate{arn: aws.ToString(one.Arn), tags: one.Tags})
		}
	}
	return found
}

// storageOperations are the calls for storage configurations with one bucket.
type storageOperations struct {
	*storage
	at place
}

func (o *storageOperations) list(ctx context.Context) ([]candidate, error) {
	all, err := o.listStorages(ctx, o.region)
	return matchingStorages(all, o.env.StorageName(), o.at.name), err
}

// create makes a storage configuration. IVS may not see a bucket of its own
// region yet that this run made seconds ago.
func (o *storageOperations) create(ctx context.Context, look reconcile.Lookup, tags map[string]string) (arn string, err error) {
	mayPass := passing{}
	if look(o.bucket.Key(), outMade) != "" && o.at.region == o.region {
		mayPass["ResourceNotFoundException"] = time.Now().Add(o.waits.newBucket)
	}
	err = o.until(ctx, mayPass, func() error {
		out, err := cloud.Call(ctx, o.cloud.In(o.region).IVS.CreateStorageConfiguration, &ivsrealtime.CreateStorageConfigurationInput{
			Name: aws.String(o.env.StorageName()), Tags: tags,
			S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(o.at.name)},
		}, cloud.Unrepeated)
		if err == nil && out.StorageConfiguration != nil {
			arn = aws.ToString(out.StorageConfiguration.Arn)
		}
		return err
	})
	if o.at.region != o.region && cloud.Is(err, "ValidationException", "ResourceNotFoundException") {
		return "", &reconcile.Problem{
			ProblemCode: WarnCannotRecord,
			Text:        fmt.Sprintf("IVS in %s refuses the bucket %q, which is in %s", o.region, o.at.name, o.at.region),
			Fix:         o.ownBucket(o.region),
			Cause:       err,
		}
	}
	return arn, err
}

func (o *storageOperations) remove(ctx context.Context, arn string) error {
	_, err := cloud.Call(ctx, o.cloud.In(o.region).IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: aws.String(arn)})
	return absent(err, "ResourceNotFoundException")
}

func (o *storageOperations) full(ctx context.Context, err error) error {
	all, listErr := o.storageList(ctx, o.region)
	if listErr != nil {
		return err
	}
	names := describeStorages(all)
	there := "none of them is to be seen"
	if len(names) > 0 {
		there = fmt.Sprintf("none of them records to %q: %s", o.at.name, strings.Join(names, ", "))
	}
	return &reconcile.Problem{
		ProblemCode: CodeStorageQuota,
		Text:        fmt.Sprintf("the quota of storage configurations in %s is used up, and %s", o.region, there),
		Fix:         storageQuota.wayOut(),
		Cause:       err,
	}
}
