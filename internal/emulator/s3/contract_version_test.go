package s3_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// listVersions lists keys with their versions' order, ids and kinds as
// "key id latest", markers with "marker" at the end.
func listVersions(t *testing.T, client *s3.Client, name *string, size int32, each func(page *s3.ListObjectVersionsOutput)) (all []string) {
	t.Helper()
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: name, MaxKeys: &size})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		ok(t, err)
		for _, v := range page.Versions {
			all = append(all, fmt.Sprintf("%s %s %t", *v.Key, *v.VersionId, *v.IsLatest))
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, fmt.Sprintf("%s %s %t marker", *m.Key, *m.VersionId, *m.IsLatest))
		}
		if each != nil {
			each(page)
		}
	}
	slices.Sort(all)
	return all
}

var versionBeliefs = []belief{
	{"S3-80 with versioning a write keeps what was there (§1.4)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		putObject(t, client, name, "k", "zero")
		ok(t, setVersioning(t, client, name, types.BucketVersioningStatusEnabled))
		first := putObject(t, client, name, "k", "first").VersionId
		second := putObject(t, client, name, "k", "second").VersionId
		want := []string{"k " + *first + " false", "k " + *second + " true", "k null false"}
		slices.Sort(want)
		for _, size := range []int32{1, 2, 1000} {
			if diff := cmp.Diff(want, listVersions(t, client, name, size, nil)); diff != "" {
				t.Errorf("pages of %d (-want +got)\n%s", size, diff)
			}
		}
		for id, body := range map[string]string{*first: "first", *second: "second", "null": "zero"} {
			if got, out := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: &id}); got != body || *out.VersionId != id {
				t.Errorf("%s: %q", id, got)
			}
		}
	}},
	{"S3-81 a delete makes a marker, and deleting the marker brings the object back (§6.1)", proveMarkers},
	{"S3-82 while suspended the null version is replaced", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		ok(t, setVersioning(t, client, name, types.BucketVersioningStatusEnabled))
		kept := putObject(t, client, name, "k", "kept").VersionId
		ok(t, setVersioning(t, client, name, types.BucketVersioningStatusSuspended))
		putObject(t, client, name, "k", "one")
		if id := putObject(t, client, name, "k", "two").VersionId; *id != "null" {
			t.Errorf("version %s", *id)
		}
		want := []string{"k " + *kept + " false", "k null true"}
		slices.Sort(want)
		if diff := cmp.Diff(want, listVersions(t, client, name, 1000, nil)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}},
	{"S3-83 a bucket with only delete markers is not empty (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		ok(t, setVersioning(t, client, name, types.BucketVersioningStatusEnabled))
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("never-there")})
		ok(t, err)
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		refused(t, err, 409, "BucketNotEmpty")
	}},
	{"S3-84 versions can be deleted page by page while they are listed (§6.1)", proveEmptying},
	{"S3-85 a version that is not there is NoSuchVersion, one of the wrong form InvalidArgument", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		putObject(t, client, name, "k", "x")
		other, otherName := w.bucket(t, "us-east-1")
		ok(t, setVersioning(t, other, otherName, types.BucketVersioningStatusEnabled))
		elsewhere := putObject(t, other, otherName, "k", "x").VersionId
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: elsewhere})
		refused(t, err, 404, "NoSuchVersion")
		_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: aws.String("x")})
		refused(t, err, 400, "InvalidArgument")
	}},
}

func proveMarkers(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	ok(t, setVersioning(t, client, name, types.BucketVersioningStatusEnabled))
	putObject(t, client, name, "k", "x")
	gone, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
	ok(t, err)
	if !*gone.DeleteMarker {
		t.Error("no delete marker")
	}
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k")})
	refused(t, err, 404, "NoSuchKey")
	if header(err, "X-Amz-Delete-Marker") != "true" {
		t.Error("the refusal does not tell of the marker")
	}
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: gone.VersionId})
	refused(t, err, 405, "MethodNotAllowed")
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k"), VersionId: gone.VersionId})
	ok(t, err)
	if got, _ := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k")}); got != "x" {
		t.Errorf("came back as %q", got)
	}
}

func proveEmptying(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	for _, status := range []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended, types.BucketVersioningStatusEnabled} {
		ok(t, setVersioning(t, client, name, status))
		for _, key := range []string{"a", "b", "c"} {
			putObject(t, client, name, key, "x")
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: &key})
			ok(t, err)
			putObject(t, client, name, key, "y")
		}
	}
	listVersions(t, client, name, 2, func(page *s3.ListObjectVersionsOutput) {
		var list []types.ObjectIdentifier
		for _, v := range page.Versions {
			list = append(list, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			list = append(list, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		out, err := client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: &types.Delete{Objects: list, Quiet: aws.Bool(true)}})
		ok(t, err)
		if len(out.Errors)+len(out.Deleted) != 0 {
			t.Errorf("errors %v, deleted %v", out.Errors, out.Deleted)
		}
	})
	_, err := client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
	ok(t, err)
}

var uploadBeliefs = []belief{
	{"S3-90 parts make one object", proveMultipart},
	{"S3-91 an upload that is neither completed nor aborted keeps its bucket (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		made, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: name, Key: aws.String("k")})
		ok(t, err)
		list, err := client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: name})
		ok(t, err)
		if len(list.Uploads) != 1 || *list.Uploads[0].UploadId != *made.UploadId {
			t.Errorf("uploads %+v", list.Uploads)
		}
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		refused(t, err, 409, "BucketNotEmpty")
		abort := &s3.AbortMultipartUploadInput{Bucket: name, Key: aws.String("k"), UploadId: made.UploadId}
		_, err = client.AbortMultipartUpload(t.Context(), abort)
		ok(t, err)
		_, err = client.AbortMultipartUpload(t.Context(), abort)
		refused(t, err, 404, "NoSuchUpload")
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		ok(t, err)
	}},
}

func proveMultipart(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	key := aws.String("k")
	made, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: name, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, ContentType: aws.String("video/mp4"),
	})
	ok(t, err)
	bodies := [][]byte{bytes.Repeat([]byte("a"), 5<<20), []byte("end")}
	var parts []types.CompletedPart
	for i, body := range bodies {
		part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: name, Key: key, UploadId: made.UploadId, PartNumber: aws.Int32(int32(i + 1)),
			Body: bytes.NewReader(body), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		})
		ok(t, err)
		parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32})
	}
	complete := func(parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
		return client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
			Bucket: name, Key: key, UploadId: made.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
	}
	_, err = complete(parts[1], parts[0])
	refused(t, err, 400, "InvalidPartOrder")
	_, err = complete(types.CompletedPart{PartNumber: aws.Int32(1), ETag: aws.String(`"other"`)})
	refused(t, err, 400, "InvalidPart")
	listed, err := client.ListParts(t.Context(), &s3.ListPartsInput{Bucket: name, Key: key, UploadId: made.UploadId})
	ok(t, err)
	if len(listed.Parts) != 2 || *listed.Parts[1].Size != 3 {
		t.Errorf("parts %+v", listed.Parts)
	}
	done, err := complete(parts...)
	ok(t, err)
	first, second := md5.Sum(bodies[0]), md5.Sum(bodies[1])
	want := fmt.Sprintf(`"%x-2"`, md5.Sum(append(first[:], second[:]...)))
	if *done.ETag != want || !strings.HasSuffix(aws.ToString(done.ChecksumCRC32), "-2") {
		t.Errorf("ETag %s, want %s; checksum %s", *done.ETag, want, aws.ToString(done.ChecksumCRC32))
	}
	got, out := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: key})
	if got != string(bodies[0])+"end" || *out.ContentType != "video/mp4" {
		t.Errorf("%d bytes, %s", len(got), *out.ContentType)
	}
}
