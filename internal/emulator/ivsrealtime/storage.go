package ivsrealtime

import (
	"fmt"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type storage struct {
	resource
	S3 s3Storage `json:"s3"`
}

type s3Storage struct {
	BucketName string `json:"bucketName"`
}

type storageOutput struct {
	StorageConfiguration storage `json:"storageConfiguration"`
}

type createStorageInput struct {
	Name *string           `json:"name"`
	Tags map[string]string `json:"tags"`
	S3   *struct {
		BucketName *string `json:"bucketName"`
	} `json:"s3"`
}

func (in *createStorageInput) check() error {
	var c constraint.Checks
	c.Text("name", in.Name, nameLimit)
	constraint.Required(&c, "s3", in.S3)
	if in.S3 != nil {
		constraint.Required(&c, "s3.bucketName", in.S3.BucketName)
		c.Text("s3.bucketName", in.S3.BucketName, bucketLimit)
	}
	checkTags(&c, in.Tags)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	return refuseReserved(in.Tags)
}

func (s *Service) createStorage(r *wire.Request, in *createStorageInput) (*storageOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	i := newID(r, kindStorage)
	made := storage{
		resource: newResource(i, in.Name, in.Tags),
		S3:       s3Storage{BucketName: *in.S3.BucketName},
	}
	err := s.store.Update(func(tx *store.Tx) error {
		if quota := s.options.StorageConfigurations; count(tx, r, kindStorage) >= quota {
			return quotaExceeded(fmt.Sprintf("Quota exceeded: %d StorageConfigurations", quota))
		}
		if err := s.checkBucket(tx, r, made.S3.BucketName); err != nil {
			return err
		}
		store.Put(tx, table(kindStorage), i.key(), made)
		return editPolicy(tx, r, made.S3.BucketName, func(p *bucketPolicy) { p.grant(made.S3.BucketName, i) })
	})
	return &storageOutput{StorageConfiguration: made}, err
}

// checkBucket refuses a bucket that IVS could not record to on behalf of the
// caller. The codes are those that the API reference lists for the operation;
// which of them is meant for which bucket it does not say.
func (s *Service) checkBucket(tx *store.Tx, r *wire.Request, name string) error {
	bucket, ok := s3.Lookup(tx, name)
	switch {
	case !ok:
		return notFound("S3 bucket not found: " + name)
	case bucket.Account != r.Account:
		return accessDenied("Access denied to S3 bucket: " + name)
	case bucket.Region != r.Region && s.options.RefuseForeignRegionBucket:
		return invalid(fmt.Sprintf("S3 bucket %s must be in the region of the StorageConfiguration, %s, but is in %s",
			name, r.Region, bucket.Region))
	}
	return nil
}

func (s *Service) getStorage(r *wire.Request, in *named) (*storageOutput, error) {
	found, err := find[storage](s.store, r, in.ARN, kindStorage)
	return &storageOutput{StorageConfiguration: found}, err
}

type storageList struct {
	StorageConfigurations []*storage `json:"storageConfigurations"`
	NextToken             string     `json:"nextToken,omitempty"`
}

func (s *Service) listStorage(r *wire.Request, in *page) (*storageList, error) {
	items, token, err := listOf[*storage](r, kindStorage, in, maxResults).read(s.store)
	return &storageList{StorageConfigurations: items, NextToken: token}, err
}

// deleteStorage succeeds when the bucket is gone or somebody else's by now,
// and then leaves it alone. AWS does not document what it does in that case;
// refusing would make the configuration stay for good.
func (s *Service) deleteStorage(r *wire.Request, in *named) (*empty, error) {
	i, err := identify(r, in.ARN, kindStorage)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		found, ok := store.Get[storage](tx, table(kindStorage), i.key())
		if !ok {
			return missing(i)
		}
		if err := refuseUsed(tx, r, i.arn()); err != nil {
			return err
		}
		tx.Delete(table(kindStorage), i.key())
		bucket, ok := s3.Lookup(tx, found.S3.BucketName)
		if !ok || bucket.Account != r.Account {
			return nil
		}
		return editPolicy(tx, r, bucket.Name, func(p *bucketPolicy) { p.revoke(i) })
	})
}
