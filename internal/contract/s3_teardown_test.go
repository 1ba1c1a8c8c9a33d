package contract

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// remove deletes keys, each with its version or "" for the current one.
func remove(c *check, client *s3.Client, name *string, quiet bool, objects ...[2]string) *s3.DeleteObjectsOutput {
	list := &types.Delete{Quiet: &quiet}
	for _, o := range objects {
		identifier := types.ObjectIdentifier{Key: aws.String(o[0])}
		if o[1] != "" {
			identifier.VersionId = aws.String(o[1])
		}
		list.Objects = append(list.Objects, identifier)
	}
	out, err := client.DeleteObjects(c.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: list})
	c.ok(err)
	return out
}

var teardownBeliefs = []belief{
	{
		id: "S3-62", source: "S3 API: DeleteObjects",
		claim: "DeleteObjects tells the marker it made, and the version or marker it removed",
		prove: func(c *check) {
			client, name := c.bucket(home)
			c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
			version := putObject(c, client, name, "k", "x").VersionId
			made := remove(c, client, name, false, [2]string{"k", ""}).Deleted
			if len(made) != 1 || !aws.ToBool(made[0].DeleteMarker) || made[0].DeleteMarkerVersionId == nil || made[0].VersionId != nil {
				c.Fatalf("deleted %+v, want a marker made", made)
			}
			marker := made[0].DeleteMarkerVersionId
			c.equal([]types.DeletedObject{
				{Key: aws.String("k"), VersionId: marker, DeleteMarker: aws.Bool(true), DeleteMarkerVersionId: marker},
				{Key: aws.String("k"), VersionId: version},
			}, remove(c, client, name, false, [2]string{"k", *marker}, [2]string{"k", *version}).Deleted)
			again := remove(c, client, name, false, [2]string{"k", *version})
			c.equal(1, len(again.Deleted))
			c.equal(0, len(again.Errors))
		},
	},
	{
		id: "S3-63", source: "S3 API: DeleteObjects",
		claim: "a quiet DeleteObjects tells of what failed only, and goes on with the rest",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, "k", "x")
			out := remove(c, client, name, true, [2]string{"k", "no-such-version"}, [2]string{"k", ""})
			if len(out.Deleted) != 0 || len(out.Errors) != 1 || aws.ToString(out.Errors[0].Code) != "NoSuchVersion" {
				c.Errorf("deleted %+v, errors %+v", out.Deleted, out.Errors)
			}
			_, err := client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.ok(err)
		},
	},
	{
		id: "S3-64", source: "S3 API: ListObjectVersions",
		claim: "versions are listed after a key, after a version of it, by prefix, and rolled up by a delimiter",
		prove: proveVersionPlaces,
	},
	{
		id: "S3-65", source: "S3 API: ListMultipartUploads",
		claim: "uploads are listed by key and prefix, in pages",
		prove: func(c *check) {
			client, name := c.bucket(home)
			for _, key := range []string{"a/1", "a/2", "a/2", "b"} {
				_, err := client.CreateMultipartUpload(c.Context(), &s3.CreateMultipartUploadInput{Bucket: name, Key: &key})
				c.ok(err)
			}
			for prefix, want := range map[string][]string{"": {"a/1", "a/2", "a/2", "b"}, "a/": {"a/1", "a/2", "a/2"}, "c": nil} {
				var got []string
				pages := s3.NewListMultipartUploadsPaginator(client, &s3.ListMultipartUploadsInput{Bucket: name, Prefix: &prefix, MaxUploads: aws.Int32(1)})
				for pages.HasMorePages() {
					page, err := pages.NextPage(c.Context())
					c.ok(err)
					for _, upload := range page.Uploads {
						got = append(got, *upload.Key)
					}
				}
				c.equal(want, got)
			}
		},
	},
	{
		id: "S3-66", source: "S3 API: DeleteBucketPolicy, DeleteBucketTagging",
		claim: "deleting a bucket's policy or tags succeeds when there are none",
		prove: func(c *check) {
			client, name := c.bucket(home)
			for range 2 {
				_, err := client.DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
				c.ok(err)
				_, err = client.DeleteBucketTagging(c.Context(), &s3.DeleteBucketTaggingInput{Bucket: name})
				c.ok(err)
			}
			_, err := client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.refused(err, 404, "NoSuchTagSet")
		},
	},
	{
		id: "S3-67", source: "S3 API: Error responses",
		claim: "what is asked of a bucket that was deleted is NoSuchBucket",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.ok(err)
			for what, request := range map[string]func() error{
				"versions": func() error {
					_, err := client.ListObjectVersions(c.Context(), &s3.ListObjectVersionsInput{Bucket: name})
					return err
				},
				"uploads": func() error {
					_, err := client.ListMultipartUploads(c.Context(), &s3.ListMultipartUploadsInput{Bucket: name})
					return err
				},
				"objects": func() error {
					_, err := client.DeleteObjects(c.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("k")}}}})
					return err
				},
				"policy": func() error {
					_, err := client.DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
					return err
				},
				"bucket": func() error {
					_, err := client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
					return err
				},
			} {
				c.refusedFor(what, request(), 404, "NoSuchBucket")
			}
		},
	},
}

func proveVersionPlaces(c *check) {
	client, name := c.bucket(home)
	c.ok(setVersioning(c, client, name, types.BucketVersioningStatusEnabled))
	ids := map[string]string{}
	for _, v := range []string{"a1", "a2", "a3", "b/1", "b/2", "c1"} {
		key, number := v[:len(v)-1], v[len(v)-1:]
		ids[v] = *putObject(c, client, name, key, number).VersionId
	}
	for what, test := range map[string]struct {
		in   s3.ListObjectVersionsInput
		want []string
	}{
		"all":             {s3.ListObjectVersionsInput{}, []string{"a3", "a2", "a1", "b/2", "b/1", "c1"}},
		"after a key":     {s3.ListObjectVersionsInput{KeyMarker: aws.String("a")}, []string{"b/2", "b/1", "c1"}},
		"after a version": {s3.ListObjectVersionsInput{KeyMarker: aws.String("a"), VersionIdMarker: aws.String(ids["a2"])}, []string{"a1", "b/2", "b/1", "c1"}},
		"by prefix":       {s3.ListObjectVersionsInput{Prefix: aws.String("b/")}, []string{"b/2", "b/1"}},
		"rolled up":       {s3.ListObjectVersionsInput{Delimiter: aws.String("/")}, []string{"a3", "a2", "a1", "c1", "b/"}},
		"none at all":     {s3.ListObjectVersionsInput{MaxKeys: aws.Int32(0)}, nil},
	} {
		test.in.Bucket = name
		out, err := client.ListObjectVersions(c.Context(), &test.in)
		c.ok(err)
		var got []string
		for _, v := range out.Versions {
			for named, id := range ids {
				if id == *v.VersionId {
					got = append(got, named)
				}
			}
		}
		for _, p := range out.CommonPrefixes {
			got = append(got, *p.Prefix)
		}
		if !slices.Equal(test.want, got) || aws.ToBool(out.IsTruncated) {
			c.Errorf("%s: %s, want %s", what, fmt.Sprint(got), fmt.Sprint(test.want))
		}
	}
}
