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

// emptied deletes a bucket with all that is in it, and tells what is gone when it
// did not come to its end.
func (b *bucket) emptied(ctx context.Context, at place, expected contents) (reconcile.Outcome, error) {
	gone, err := b.emptyAndDelete(ctx, at, expected)
	if err != nil && gone != (contents{}) {
		return reconcile.Outcome{Partly: gone.changes()}, err
	}
	return reconcile.Outcome{}, err
}

// emptyAndDelete deletes all that is in a bucket, then the bucket. Gone is what
// was in it and is deleted, after an error too.
func (b *bucket) emptyAndDelete(ctx context.Context, at place, expected contents) (gone contents, err error) {
	e, err := b.emptier(ctx, at)
	if err != nil {
		return gone, err
	}
	for round := range emptyRounds {
		// One that was empty a moment ago need not be looked into: S3 deletes none
		// that is not (Amazon S3 API reference, DeleteBucket).
		if round > 0 || expected != (contents{}) {
			if err := e.empty(ctx, expected, &gone); err != nil {
				return gone, cutShort(ctx, err, at, expected, gone)
			}
		}
		err := e.deleteBucket(ctx)
		if !cloud.Is(err, "BucketNotEmpty") {
			if err != nil {
				return gone, cutShort(ctx, err, at, expected, gone)
			}
			return gone, nil
		}
		if err := reconcile.Pause(ctx, e.waits.lookAgain, "S3 to show what was written meanwhile"); err != nil {
			return gone, cutShort(ctx, err, at, expected, gone)
		}
	}
	return gone, &reconcile.Problem{
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
