package resource

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// emptyRounds bounds how often a bucket is emptied that somebody keeps writing
// to.
const emptyRounds = 5

// emptyAndDelete deletes all that is in a bucket, then the bucket.
func (b *bucket) emptyAndDelete(ctx context.Context, at place, expected contents) error {
	e, err := b.emptier(ctx, at)
	if err != nil {
		return err
	}
	var gone contents
	for range emptyRounds {
		if err := e.empty(ctx, expected, &gone); err != nil {
			return cutShort(ctx, err, at, expected, gone)
		}
		err := e.deleteBucket(ctx)
		if !cloud.Is(err, "BucketNotEmpty") {
			if err != nil {
				return cutShort(ctx, err, at, expected, gone)
			}
			return nil
		}
		if err := reconcile.Pause(ctx, e.waits.lookAgain, "S3 to show what was written meanwhile"); err != nil {
			return cutShort(ctx, err, at, expected, gone)
		}
	}
	return &reconcile.Problem{
		ProblemCode: CodeStillWritten,
		Text:        fmt.Sprintf("%s of the bucket %q are deleted, but something still writes to it, so it cannot be deleted", gone, at.name),
		Fix:         "find what writes to it (a recording of a stage, a replication, an upload) and stop it; then run the same command again",
	}
}

// deleteBucket deletes a bucket that is to be empty.
func (e *emptier) deleteBucket(ctx context.Context) error {
	_, err := cloud.Call(ctx, e.client.DeleteBucket, &s3.DeleteBucketInput{Bucket: e.name, ExpectedBucketOwner: e.owner})
	return absent(err, "NoSuchBucket")
}
