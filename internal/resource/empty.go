package resource

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// contents is what a bucket holds, counted.
type contents struct {
	objects  int64 // the current versions
	versions int64 // those before them
	markers  int64 // delete markers, current or not
	bytes    int64 // of all versions
	uploads  int64 // multipart uploads that were never completed
}

// entries is the number of what has to be deleted one by one.
func (c contents) entries() int64 { return c.objects + c.versions + c.markers }

func (c *contents) add(more contents) {
	c.objects += more.objects
	c.versions += more.versions
	c.markers += more.markers
	c.bytes += more.bytes
	c.uploads += more.uploads
}

// String is as in "412 objects, 3 earlier versions and 1.2 GB".
func (c contents) String() string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{{c.objects, "object"}, {c.versions, "earlier version"}, {c.markers, "delete marker"}, {c.uploads, "unfinished upload"}} {
		if part.n > 0 {
			parts = append(parts, plural(part.n, part.what))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ") + " (" + sizeText(c.bytes) + ")"
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// changes tell what goes with the bucket.
func (c contents) changes() []reconcile.Change {
	changes := []reconcile.Change{{Attribute: "objects", From: c.objects}}
	for _, more := range []struct {
		what string
		n    int64
	}{{"earlier-versions", c.versions}, {"delete-markers", c.markers}, {"unfinished-uploads", c.uploads}} {
		if more.n > 0 {
			changes = append(changes, reconcile.Change{Attribute: more.what, From: more.n})
		}
	}
	return append(changes, reconcile.Change{Attribute: "size", From: sizeText(c.bytes)})
}

// entry is a version or a delete marker.
type entry struct {
	id    s3types.ObjectIdentifier
	holds contents // what the bucket holds less without it
}

// emptier counts and deletes what is in a bucket.
type emptier struct {
	client      *s3.Client
	name, owner *string
	waits       waits
}

func (b *bucket) emptier(ctx context.Context, at place) (*emptier, error) {
	client, name, owner, err := b.owned(ctx, at)
	return &emptier{client, name, owner, b.waits}, err
}

// page is a part of a listing, with where the next one begins.
type page struct {
	entries   []entry
	prefixes  []string // the common ones, of a listing with a delimiter
	key, mark *string  // nil at the end
}

func (p page) last() bool { return p.key == nil }

// pageOf asks for the next page; at most a thousand entries, as many as one
// DeleteObjects takes (Amazon S3 API reference, ListObjectVersions). A bucket
// that is gone has none.
func (e *emptier) pageOf(ctx context.Context, in s3.ListObjectVersionsInput) (page, error) {
	in.Bucket, in.ExpectedBucketOwner = e.name, e.owner
	out, err := cloud.Call(ctx, e.client.ListObjectVersions, &in)
	if err != nil {
		return page{}, absent(err, "NoSuchBucket")
	}
	var p page
	for _, v := range out.Versions {
		holds := contents{objects: 1, bytes: aws.ToInt64(v.Size)}
		if !aws.ToBool(v.IsLatest) {
			holds.objects, holds.versions = 0, 1
		}
		p.entries = append(p.entries, entry{s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId}, holds})
	}
	for _, m := range out.DeleteMarkers {
		p.entries = append(p.entries, entry{s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId}, contents{markers: 1}})
	}
	for _, common := range out.CommonPrefixes {
		p.prefixes = append(p.prefixes, aws.ToString(common.Prefix))
	}
	if aws.ToBool(out.IsTruncated) {
		p.key, p.mark = out.NextKeyMarker, out.NextVersionIdMarker
	}
	return p, nil
}

// upload is a multipart upload that was begun.
type upload struct{ key, id *string }

// uploads lists the multipart uploads that were not completed, page by page,
// until take returns an error.
func (e *emptier) uploads(ctx context.Context, take func([]upload) error) error {
	pages := s3.NewListMultipartUploadsPaginator(e.client, &s3.ListMultipartUploadsInput{Bucket: e.name, ExpectedBucketOwner: e.owner})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return absent(cloud.Plain(err), "NoSuchBucket")
		}
		var all []upload
		for _, u := range out.Uploads {
			all = append(all, upload{u.Key, u.UploadId})
		}
		if err := take(all); err != nil {
			return err
		}
	}
	return nil
}
