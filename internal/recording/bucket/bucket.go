// Package bucket reads the recordings in an S3 bucket, for package recording to
// judge. It asks for as little as it can: whole objects of a bounded size, and
// listings with the owner of each object.
//
// It changes nothing and judges nothing. Start at Bucket.
package bucket

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/recording"
)

// Bucket is a bucket as a recording.Store. It is safe for concurrent use.
type Bucket struct {
	// Client is that of the bucket's region.
	Client *s3.Client
	Name   string
	// Account is whose the bucket must be: everything else is AccessDenied, since
	// a bucket's name can be taken by others.
	Account string
}

var _ recording.Store = Bucket{}

// Get returns an object (see recording.Store). A caller who may not list the
// bucket is denied objects that are not there (S3 "GetObject").
func (b Bucket) Get(ctx context.Context, key string, limit int64) ([]byte, error) {
	out, err := cloud.Call(ctx, b.Client.GetObject, &s3.GetObjectInput{
		Bucket: &b.Name, Key: &key, ExpectedBucketOwner: &b.Account,
	})
	switch {
	case cloud.Is(err, "NoSuchKey", "NotFound"):
		return nil, recording.ErrNotFound
	case err != nil:
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	if aws.ToInt64(out.ContentLength) > limit {
		return nil, recording.ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("s3://%s/%s broke off after %d bytes: %w", b.Name, key, len(body), err)
	case int64(len(body)) > limit:
		return nil, recording.ErrTooLarge
	}
	return body, nil
}

// mostObjects bounds a listing, since others may write below a prefix, too. A day
// of 2 s segments with a thumbnail a second are 130,000.
const mostObjects = 200_000

// List returns the objects below a prefix with their owners, a thousand with
// each request. The error matches recording.ErrTooLarge when there are more than
// any recording has.
func (b Bucket) List(ctx context.Context, prefix string) ([]recording.Object, error) {
	return b.list(ctx, prefix, mostObjects)
}

func (b Bucket) list(ctx context.Context, prefix string, most int) ([]recording.Object, error) {
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{
		Bucket: &b.Name, Prefix: &prefix, FetchOwner: aws.Bool(true), ExpectedBucketOwner: &b.Account,
	})
	var all []recording.Object
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, cloud.Plain(err)
		}
		for _, one := range page.Contents {
			object := recording.Object{Key: aws.ToString(one.Key), Size: aws.ToInt64(one.Size)}
			if one.Owner != nil {
				object.Owner = aws.ToString(one.Owner.ID)
			}
			all = append(all, object)
		}
		if len(all) > most {
			return nil, fmt.Errorf("s3://%s/%s has more than %d objects: %w", b.Name, prefix, most, recording.ErrTooLarge)
		}
	}
	return all, nil
}

// Owner is the canonical id of the account that the bucket belongs to, which is
// Account by another name; S3 tells no other way whose an object is.
func (b Bucket) Owner(ctx context.Context) (string, error) {
	out, err := cloud.Call(ctx, b.Client.GetBucketAcl, &s3.GetBucketAclInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Account})
	if err != nil || out.Owner == nil {
		return "", err
	}
	return aws.ToString(out.Owner.ID), nil
}
