package resource

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// place is where the recordings of a region go.
type place struct {
	name   string
	region string // where the bucket is, or will be made
	exists bool
}

// head is what HeadBucket says of a name.
type head struct {
	exists bool
	region string // of the bucket, "" when there is none
}

// guess is the place of a region as long as AWS has not been asked.
func (w *world) guess(region string) place {
	return place{name: w.env.BucketName(region), region: w.bucketOf(region).region}
}

// place finds where the recordings of a region go. With regional buckets, a
// region that has the bucket of the shared name keeps it, since the
// configuration and the ARN that the app knows belong to it. Whether it has is
// asked in the region itself, so that no region depends on another one. One
// that is there and may not be seen is refused, unless the region already has a
// bucket of its own.
func (w *world) place(ctx context.Context, region string) (place, error) {
	p := w.guess(region)
	var (
		wg               sync.WaitGroup
		own, kept        head
		ownErr, keptErr  error
		mayKeepTheShared = w.env.Recording.Layout == manifest.Regional && w.env.Recording.BucketName == ""
	)
	wg.Go(func() { own, ownErr = w.head(ctx, p.name, p.region) })
	if mayKeepTheShared {
		wg.Go(func() { kept, keptErr = w.head(ctx, w.env.SharedBucketName(), region) })
	}
	wg.Wait()
	switch {
	case keptErr != nil && !isProblem(keptErr, CodeBucketForbidden):
		return place{}, keptErr
	case keptErr == nil && kept.exists && kept.region == region:
		return place{name: w.env.SharedBucketName(), region: region, exists: true}, nil
	case ownErr != nil:
		return place{}, ownErr
	case own.exists:
		p.exists, p.region = true, own.region
	case keptErr != nil && bucketRegion(keptErr) == region:
		return place{}, mayBeTheShared(w.env.SharedBucketName(), region, keptErr)
	}
	return p, nil
}

// head asks S3 in a region for a bucket of ours by name. It is asked for once.
func (w *world) head(ctx context.Context, name, region string) (head, error) {
	return w.heads.get(ctx, region+" "+name, func(ctx context.Context) (head, error) {
		account, err := w.account(ctx)
		if err != nil {
			return head{}, err
		}
		return w.headIn(ctx, name, region, account, true)
	})
}

// headIn asks in one region, and once more in the bucket's own if S3 says that
// it is elsewhere: only there the owner is checked.
func (w *world) headIn(ctx context.Context, name, region, account string, follow bool) (head, error) {
	out, err := cloud.Call(ctx, w.cloud.In(region).S3.HeadBucket, &s3.HeadBucketInput{
		Bucket: aws.String(name), ExpectedBucketOwner: aws.String(account),
	})
	if err == nil {
		if at := aws.ToString(out.BucketRegion); at != "" {
			region = at
		}
		return head{exists: true, region: region}, nil
	}
	if elsewhere := bucketRegion(err); follow && elsewhere != "" && elsewhere != region {
		return w.headIn(ctx, name, elsewhere, account, false)
	}
	switch {
	case cloud.Is(err, "NotFound", "NoSuchBucket"):
		return head{}, nil
	case cloud.Is(err, "Forbidden", "AccessDenied"):
		return head{}, forbiddenBucket(name, err)
	}
	return head{}, err
}

// mayBeTheShared refuses to give a region a second bucket while the one of the
// shared name there cannot be seen: if it is ours, the app's ARN belongs to it.
func mayBeTheShared(name, region string, cause error) error {
	return &reconcile.Problem{
		ProblemCode: CodeBucketForbidden,
		Text:        fmt.Sprintf("the bucket %q is in %s, and whether it is ours is not to be seen; if it is, the region keeps it", name, region),
		Fix:         "if it is yours, allow s3:ListBucket on it; if not, set aws.ivs.recording.bucket-name to a name with {region} in it",
		Cause:       errors.Unwrap(cause),
	}
}

func forbiddenBucket(name string, cause error) error {
	return &reconcile.Problem{
		ProblemCode: CodeBucketForbidden,
		Text:        fmt.Sprintf("the bucket %q is there, but not for us: it belongs to another account, or s3:ListBucket on it is not allowed", name),
		Fix:         "if it is yours, log in to its account or allow s3:ListBucket; if not, set aws.ivs.recording.bucket-name to another name",
		Cause:       cause,
	}
}
