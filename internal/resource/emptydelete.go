package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// deleters is how many DeleteObjects are in flight. S3 takes some 3500 deletes
// a second of one prefix (Amazon S3 user guide, Optimizing performance), and each
// of these asks for a thousand.
const deleters = 4

// deletion is the deleting of all that is in a bucket, and how far it has come.
type deletion struct {
	*emptier
	expected contents

	mu   sync.Mutex
	gone contents
	err  error // why no further batch is begun
}

// empty deletes everything, and adds to gone what it deleted. Expected is only
// for telling how far it has come. What is in flight when it has to end comes to
// its end.
func (e *emptier) empty(ctx context.Context, expected contents, gone *contents) error {
	d := &deletion{emptier: e, expected: expected, gone: *gone}
	batches := make(chan []entry)
	var wg sync.WaitGroup
	for range deleters {
		wg.Go(func() {
			for batch := range batches {
				if d.mayBegin(ctx) {
					d.end(d.deleteBatch(ctx, batch))
				}
			}
		})
	}
	wg.Go(func() { d.end(d.abortUploads(ctx)) })
	d.end(d.each(ctx, batches))
	close(batches)
	wg.Wait()
	*gone = d.gone
	return d.err
}

// batchSize is the most entries of one DeleteObjects (Amazon S3 API reference,
// DeleteObjects).
const batchSize = 1000

// each lists all entries page by page, and hands them over in full batches: S3 may
// have less on a page than there is room for (ListObjectVersions, MaxKeys).
func (d *deletion) each(ctx context.Context, batches chan<- []entry) error {
	var in s3.ListObjectVersionsInput
	var listed []entry
	for d.mayBegin(ctx) {
		p, err := d.pageOf(ctx, in)
		if err != nil {
			return err
		}
		listed = append(listed, p.entries...)
		for len(listed) >= batchSize {
			batches <- listed[:batchSize]
			listed = listed[batchSize:]
		}
		if p.last() {
			if len(listed) > 0 {
				batches <- listed
			}
			return nil
		}
		in.KeyMarker, in.VersionIdMarker = p.key, p.mark
	}
	return nil
}

// mayBegin tells whether another request may be sent; if not, d.err says why.
func (d *deletion) mayBegin(ctx context.Context) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = reconcile.GoOn(ctx, "deleting objects")
	}
	return d.err == nil
}

// end keeps the first error.
func (d *deletion) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = err
	}
}

// passed counts what is gone and tells how far the deletion has come.
func (d *deletion) passed(ctx context.Context, more contents) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone.add(more)
	unit := "objects"
	if d.expected.versions+d.expected.markers > 0 {
		unit = "versions"
	}
	reconcile.Advance(ctx, reconcile.Progress{
		Done: d.gone.entries(), Total: max(d.expected.entries(), d.gone.entries()), Bytes: d.gone.bytes, Unit: unit,
	})
}

// deleteTries bounds how often what S3 did not delete for a passing reason is
// sent again.
const deleteTries = 6

// deleteBatch deletes up to a thousand entries. S3 may answer 200 and yet tell
// of entries that it did not delete (Amazon S3 API reference, DeleteObjects).
func (d *deletion) deleteBatch(ctx context.Context, batch []entry) error {
	for try := 1; ; try++ {
		refused, err := d.deleteOnce(ctx, batch)
		if err != nil {
			return err
		}
		left, lasting := d.sort(ctx, batch, refused)
		switch {
		case len(lasting) > 0:
			return d.refusal(lasting)
		case len(left) == 0:
			return nil
		case try == deleteTries:
			return d.refusal(refused)
		}
		if err := reconcile.Pause(ctx, time.Duration(try)*d.waits.settleEvery, "S3 to take the next request"); err != nil {
			return err
		}
		batch = left
	}
}

func (d *deletion) deleteOnce(ctx context.Context, batch []entry) ([]s3types.Error, error) {
	objects := make([]s3types.ObjectIdentifier, len(batch))
	for i, one := range batch {
		objects[i] = one.id
	}
	out, err := cloud.Call(ctx, d.client.DeleteObjects, &s3.DeleteObjectsInput{
		Bucket: d.name, ExpectedBucketOwner: d.owner,
		Delete: &s3types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return nil, absent(err, "NoSuchBucket")
	}
	return out.Errors, nil
}

// sort counts what of a batch is gone. Left is what to send again, lasting what
// there is no use in sending again.
func (d *deletion) sort(ctx context.Context, batch []entry, refused []s3types.Error) (left []entry, lasting []s3types.Error) {
	again := map[[2]string]bool{}
	for _, r := range refused {
		switch aws.ToString(r.Code) {
		case "NoSuchKey", "NoSuchVersion":
		case "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted":
			again[[2]string{aws.ToString(r.Key), aws.ToString(r.VersionId)}] = true
		default:
			again[[2]string{aws.ToString(r.Key), aws.ToString(r.VersionId)}] = true
			lasting = append(lasting, r)
		}
	}
	var gone contents
	for _, one := range batch {
		if again[[2]string{*one.id.Key, aws.ToString(one.id.VersionId)}] {
			left = append(left, one)
		} else {
			gone.add(one.holds)
		}
	}
	d.passed(ctx, gone)
	return left, lasting
}

// refusal tells why S3 did not delete some of a batch.
func (d *deletion) refusal(refused []s3types.Error) error {
	first := refused[0]
	code, text := aws.ToString(first.Code), strings.TrimSuffix(aws.ToString(first.Message), ".")
	p := &reconcile.Problem{
		ProblemCode: code,
		Text: fmt.Sprintf("S3 did not delete %s of %q, such as %q: %s: %s",
			plural(int64(len(refused)), "version"), *d.name, aws.ToString(first.Key), code, text),
		Fix: "run the same command again; it goes on with what is left",
	}
	if code != "AccessDenied" {
		return p
	}
	p.Fix = "allow s3:DeleteObject and s3:DeleteObjectVersion on the bucket's objects, and look for a Deny in its policy; then run the same command again"
	if lower := strings.ToLower(text); strings.Contains(lower, "object lock") || strings.Contains(lower, "worm") {
		p.ProblemCode = CodeObjectLocked
		p.Fix = "wait until its retention has ended or its legal hold is taken off; in governance mode delete it with s3:BypassGovernanceRetention (aws s3api delete-object --bypass-governance-retention); then run the same command again"
	}
	return p
}

// abortUploads aborts the multipart uploads that were never completed. Their
// parts are no objects, and yet they are stored.
func (d *deletion) abortUploads(ctx context.Context) error {
	return d.uploads(ctx, func(all []upload) error {
		for _, u := range all {
			if !d.mayBegin(ctx) {
				return d.err
			}
			_, err := cloud.Call(ctx, d.client.AbortMultipartUpload, &s3.AbortMultipartUploadInput{
				Bucket: d.name, ExpectedBucketOwner: d.owner, Key: u.key, UploadId: u.id,
			})
			if err = absent(err, "NoSuchUpload", "NoSuchBucket"); err != nil {
				return err
			}
			d.mu.Lock()
			d.gone.uploads++
			d.mu.Unlock()
		}
		return nil
	})
}

// cutShort says of an error that ended the emptying how far it had come by then.
func cutShort(ctx context.Context, err error, at place, expected, gone contents) error {
	soFar := fmt.Sprintf("%s of the bucket %q are deleted", gone, at.name)
	if left := expected.entries() - gone.entries(); left > 0 {
		soFar += fmt.Sprintf("; %d of %d are left, and so is the bucket", left, expected.entries())
	} else {
		soFar += "; the bucket is left"
	}
	if ended := reconcile.GoOn(ctx, soFar); ended != nil {
		return ended
	}
	p := &reconcile.Problem{ProblemCode: codeOf(err), Text: soFar, Cause: err}
	if coded, ok := errors.AsType[reconcile.Coded](err); ok {
		p.Fix = coded.Hint()
	}
	return p
}
