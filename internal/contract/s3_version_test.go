package contract

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// listVersions lists keys with their versions' order, ids and kinds as
// "key id latest", markers with "marker" at the end.
func listVersions(c *check, client *s3.Client, name *string, size int32, each func(page *s3.ListObjectVersionsOutput)) (all []string) {
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: name, MaxKeys: &size})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		c.ok(err)
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
	{
		id: "S3-54", source: "S3 user guide: Versioning",
		claim: "with versioning a write keeps what was there",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, "k", "zero")
			c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
			first := putObject(c, client, name, "k", "first").VersionId
			second := putObject(c, client, name, "k", "second").VersionId
			want := []string{"k " + *first + " false", "k " + *second + " true", "k null false"}
			slices.Sort(want)
			for _, size := range []int32{1, 2, 1000} {
				if diff := cmp.Diff(want, listVersions(c, client, name, size, nil)); diff != "" {
					c.Errorf("pages of %d (-want +got)\n%s", size, diff)
				}
			}
			for id, body := range map[string]string{*first: "first", *second: "second", "null": "zero"} {
				if got, out := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: &id}); got != body || *out.VersionId != id {
					c.Errorf("%s: %q", id, got)
				}
			}
		},
	},
	{
		id: "S3-55", source: "S3 user guide: Delete markers",
		claim: "a delete makes a marker, and deleting the marker brings the object back",
		prove: proveMarkers,
	},
	{
		id: "S3-56", source: "S3 user guide: Versioning-suspended buckets",
		claim: "while suspended the null version is replaced",
		prove: func(c *check) {
			client, name := c.bucket(home)
			c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
			kept := putObject(c, client, name, "k", "kept").VersionId
			c.ok(setVersioning(c, client, name, types.BucketVersioningStatusSuspended))
			putObject(c, client, name, "k", "one")
			if id := putObject(c, client, name, "k", "two").VersionId; *id != "null" {
				c.Errorf("version %s", *id)
			}
			want := []string{"k " + *kept + " false", "k null true"}
			slices.Sort(want)
			if diff := cmp.Diff(want, listVersions(c, client, name, 1000, nil)); diff != "" {
				c.Errorf("(-want +got)\n%s", diff)
			}
		},
	},
	{
		id: "S3-57", source: "S3 API: DeleteBucket",
		claim: "a bucket with only delete markers is not empty",
		prove: func(c *check) {
			client, name := c.bucket(home)
			c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
			_, err := client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("never-there")})
			c.ok(err)
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.refused(err, 409, "BucketNotEmpty")
		},
	},
	{
		id: "S3-58", source: "S3 user guide: Emptying a bucket",
		claim: "versions can be deleted page by page while they are listed",
		prove: proveEmptying,
	},
	{
		id: "S3-59", source: "S3 API: GetObject",
		claim: "a version that is not there is NoSuchVersion, one of the wrong form InvalidArgument",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, "k", "x")
			other, otherName := c.bucket(home)
			c.ok(setVersioning(c, other, otherName, types.BucketVersioningStatusEnabled))
			elsewhere := putObject(c, other, otherName, "k", "x").VersionId
			_, err := client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: elsewhere})
			c.refused(err, 404, "NoSuchVersion")
			_, err = client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: aws.String("x")})
			c.refused(err, 400, "InvalidArgument")
		},
	},
}

func proveMarkers(c *check) {
	client, name := c.bucket(home)
	c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
	putObject(c, client, name, "k", "x")
	gone, err := client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
	c.ok(err)
	if !*gone.DeleteMarker {
		c.Errorf("no delete marker")
	}
	_, err = client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k")})
	c.refused(err, 404, "NoSuchKey")
	if header(err, "X-Amz-Delete-Marker") != "true" {
		c.Errorf("the refusal does not tell of the marker")
	}
	_, err = client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), VersionId: gone.VersionId})
	c.refused(err, 405, "MethodNotAllowed")
	_, err = client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k"), VersionId: gone.VersionId})
	c.ok(err)
	if got, _ := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k")}); got != "x" {
		c.Errorf("came back as %q", got)
	}
}

func proveEmptying(c *check) {
	client, name := c.bucket(home)
	for _, status := range []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended, types.BucketVersioningStatusEnabled} {
		c.ok(setVersioning(c, client, name, status))
		for _, key := range []string{"a", "b", "c"} {
			putObject(c, client, name, key, "x")
			_, err := client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: &key})
			c.ok(err)
			putObject(c, client, name, key, "y")
		}
	}
	listVersions(c, client, name, 2, func(page *s3.ListObjectVersionsOutput) {
		var list []types.ObjectIdentifier
		for _, v := range page.Versions {
			list = append(list, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			list = append(list, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		out, err := client.DeleteObjects(c.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: &types.Delete{Objects: list, Quiet: aws.Bool(true)}})
		c.ok(err)
		if len(out.Errors)+len(out.Deleted) != 0 {
			c.Errorf("errors %v, deleted %v", out.Errors, out.Deleted)
		}
	})
	_, err := client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
	c.ok(err)
}

var uploadBeliefs = []belief{
	{
		id: "S3-60", source: "S3 user guide: Multipart upload",
		claim: "parts make one object",
		prove: proveMultipart,
	},
	{
		id: "S3-61", source: "S3 API: ListMultipartUploads, AbortMultipartUpload, DeleteBucket",
		claim: "an upload that is neither completed nor aborted keeps its bucket",
		prove: func(c *check) {
			client, name := c.bucket(home)
			made, err := client.CreateMultipartUpload(c.Context(), &s3.CreateMultipartUploadInput{Bucket: name, Key: aws.String("k")})
			c.ok(err)
			list, err := client.ListMultipartUploads(c.Context(), &s3.ListMultipartUploadsInput{Bucket: name})
			c.ok(err)
			if len(list.Uploads) != 1 || *list.Uploads[0].UploadId != *made.UploadId {
				c.Errorf("uploads %+v", list.Uploads)
			}
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.refused(err, 409, "BucketNotEmpty")
			abort := &s3.AbortMultipartUploadInput{Bucket: name, Key: aws.String("k"), UploadId: made.UploadId}
			_, err = client.AbortMultipartUpload(c.Context(), abort)
			c.ok(err)
			_, err = client.AbortMultipartUpload(c.Context(), abort)
			c.refused(err, 404, "NoSuchUpload")
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.ok(err)
		},
	},
}

func proveMultipart(c *check) {
	client, name := c.bucket(home)
	key := aws.String("k")
	made, err := client.CreateMultipartUpload(c.Context(), &s3.CreateMultipartUploadInput{
		Bucket: name, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, ContentType: aws.String("video/mp4"),
	})
	c.ok(err)
	bodies := [][]byte{bytes.Repeat([]byte("a"), 5<<20), []byte("end")}
	var parts []types.CompletedPart
	for i, body := range bodies {
		part, err := client.UploadPart(c.Context(), &s3.UploadPartInput{
			Bucket: name, Key: key, UploadId: made.UploadId, PartNumber: aws.Int32(int32(i + 1)),
			Body: bytes.NewReader(body), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		})
		c.ok(err)
		parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32})
	}
	complete := func(parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
		return client.CompleteMultipartUpload(c.Context(), &s3.CompleteMultipartUploadInput{
			Bucket: name, Key: key, UploadId: made.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
	}
	_, err = complete(parts[1], parts[0])
	c.refused(err, 400, "InvalidPartOrder")
	_, err = complete(types.CompletedPart{PartNumber: aws.Int32(1), ETag: aws.String(`"other"`)})
	c.refused(err, 400, "InvalidPart")
	listed, err := client.ListParts(c.Context(), &s3.ListPartsInput{Bucket: name, Key: key, UploadId: made.UploadId})
	c.ok(err)
	if len(listed.Parts) != 2 || *listed.Parts[1].Size != 3 {
		c.Errorf("parts %+v", listed.Parts)
	}
	done, err := complete(parts...)
	c.ok(err)
	first, second := md5.Sum(bodies[0]), md5.Sum(bodies[1])
	want := fmt.Sprintf(`"%x-2"`, md5.Sum(append(first[:], second[:]...)))
	if *done.ETag != want || !strings.HasSuffix(aws.ToString(done.ChecksumCRC32), "-2") {
		c.Errorf("ETag %s, want %s; checksum %s", *done.ETag, want, aws.ToString(done.ChecksumCRC32))
	}
	got, out := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: key})
	if got != string(bodies[0])+"end" || *out.ContentType != "video/mp4" {
		c.Errorf("%d bytes, %s", len(got), *out.ContentType)
	}
}
