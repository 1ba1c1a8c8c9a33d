package contract

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/yolo-live/yolo/internal/recording"
)

// objects are a bucket's, for the reader of recordings.
type objects struct {
	client *s3.Client
	bucket string
}

// Get implements recording.Store.
func (o objects) Get(ctx context.Context, key string, limit int64) ([]byte, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "NoSuchKey" {
		return nil, recording.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	if aws.ToInt64(out.ContentLength) > limit {
		return nil, recording.ErrTooLarge
	}
	return io.ReadAll(out.Body)
}

// List implements recording.Store.
func (o objects) List(ctx context.Context, prefix string) (all []recording.Object, err error) {
	pages := s3.NewListObjectsV2Paginator(o.client, &s3.ListObjectsV2Input{Bucket: &o.bucket, Prefix: &prefix, FetchOwner: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Contents {
			found := recording.Object{Key: *one.Key, Size: aws.ToInt64(one.Size)}
			if one.Owner != nil {
				found.Owner = aws.ToString(one.Owner.ID)
			}
			all = append(all, found)
		}
	}
	return all, nil
}

// inspected is what yolo's reader says of a recording.
func (s *studio) inspected(prefix string, want recording.Expected) *recording.Report {
	client := s3.NewFromConfig(s.c.in(home))
	buckets, err := client.ListBuckets(s.c.Context(), &s3.ListBucketsInput{Prefix: &s.bucket})
	s.c.ok(err)
	want.StageARN, want.Width, want.Height, want.Framerate = *s.stage, pictureWidth, pictureHeight, testFramerate
	if buckets.Owner != nil {
		want.Owner = aws.ToString(buckets.Owner.ID)
	}
	return recording.Inspect(s.c.Context(), objects{client, s.bucket}, prefix, want)
}

// testFramerate is the encoder configurations' by default.
const testFramerate = 30
