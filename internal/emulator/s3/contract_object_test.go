package s3_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func putObject(t *testing.T, client *s3.Client, name *string, key, body string) *s3.PutObjectOutput {
	t.Helper()
	out, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: &key, Body: strings.NewReader(body)})
	ok(t, err)
	return out
}

func getObject(t *testing.T, client *s3.Client, in *s3.GetObjectInput) (string, *s3.GetObjectOutput) {
	t.Helper()
	out, err := client.GetObject(t.Context(), in)
	ok(t, err)
	body, err := io.ReadAll(out.Body)
	ok(t, err)
	ok(t, out.Body.Close())
	return string(body), out
}

var objectBeliefs = []belief{
	{"S3-60 an object is read back as it was put (§1.5)", proveRoundTrip},
	{"S3-61 a range is read alone", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		putObject(t, client, name, "k", "0123456789")
		for of, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=5-99": "56789", "bytes=4-2": "0123456789"} {
			if got, _ := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), Range: &of}); got != want {
				t.Errorf("%s: %q, want %q", of, got, want)
			}
		}
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), Range: aws.String("bytes=10-")})
		refused(t, err, 416, "InvalidRange")
	}},
	{"S3-62 what is not there is NoSuchKey, and NotFound to HEAD", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k")})
		refused(t, err, 404, "NoSuchKey")
		_, err = client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: name, Key: aws.String("k")})
		refused(t, err, 404, "NotFound")
		_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
		ok(t, err)
	}},
	{"S3-63 with ACLs disabled only bucket-owner-full-control may be sent (§1.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		for acl, allowed := range map[types.ObjectCannedACL]bool{
			types.ObjectCannedACLBucketOwnerFullControl: true, types.ObjectCannedACLPrivate: false, types.ObjectCannedACLPublicRead: false,
		} {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), ACL: acl})
			if allowed {
				ok(t, err)
			} else {
				refused(t, err, 400, "AccessControlListNotSupported")
			}
		}
	}},
	{"S3-64 BucketOwnerPreferred takes ACLs, but not public ones while they are blocked (§1.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1", preferred)
		put := func(acl types.ObjectCannedACL) error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), ACL: acl})
			return err
		}
		ok(t, put(types.ObjectCannedACLBucketOwnerFullControl))
		ok(t, put(types.ObjectCannedACLPrivate))
		refused(t, put(types.ObjectCannedACLPublicRead), 403, "AccessDenied")
	}},
	{"S3-65 a body that is not what the request says is refused", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		put := func(change func(in *s3.PutObjectInput)) error {
			in := &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")}
			change(in)
			_, err := client.PutObject(t.Context(), in)
			return err
		}
		refused(t, put(func(in *s3.PutObjectInput) { in.ContentMD5 = aws.String("1B2M2Y8AsgTpgAmY7PhCfg==") }), 400, "BadDigest")
		refused(t, put(func(in *s3.PutObjectInput) { in.ContentMD5 = aws.String("nonsense") }), 400, "InvalidDigest")
		refused(t, put(func(in *s3.PutObjectInput) { in.ChecksumCRC32 = aws.String("AAAAAA==") }), 400, "BadDigest")
		_, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: name, Key: aws.String("k")})
		refused(t, err, 404, "NotFound")
	}},
	{"S3-66 all checksum algorithms are computed and read back", proveChecksums},
	{"S3-67 conditional writes", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		put := func(match, none *string) error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), IfMatch: match, IfNoneMatch: none})
			return err
		}
		refused(t, put(aws.String(`"abc"`), nil), 404, "NoSuchKey")
		ok(t, put(nil, aws.String("*")))
		refused(t, put(nil, aws.String("*")), 412, "PreconditionFailed")
		refused(t, put(aws.String(`"abc"`), nil), 412, "PreconditionFailed")
		ok(t, put(aws.String(`"9dd4e461268c8034f5c8564e155c67a6"`), nil))
	}},
	{"S3-68 ListObjectsV2 pages, rolls up prefixes and starts after a key", proveListing},
	{"S3-69 DeleteObjects deletes at most 1000 keys and reports each", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		putObject(t, client, name, "a & <b>", "x")
		remove := func(keys int) (*s3.DeleteObjectsOutput, error) {
			list := []types.ObjectIdentifier{{Key: aws.String("a & <b>")}}
			for i := range keys - 1 {
				list = append(list, types.ObjectIdentifier{Key: aws.String(fmt.Sprint(i))})
			}
			return client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: &types.Delete{Objects: list}})
		}
		_, err := remove(1001)
		refused(t, err, 400, "MalformedXML")
		out, err := remove(1000)
		ok(t, err)
		if len(out.Deleted) != 1000 || *out.Deleted[0].Key != "a & <b>" {
			t.Errorf("%d deleted, first %s", len(out.Deleted), *out.Deleted[0].Key)
		}
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		ok(t, err)
	}},
	{"S3-70 a key is at most 1024 bytes", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		putObject(t, client, name, strings.Repeat("é", 512), "x")
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String(strings.Repeat("k", 1025)), Body: strings.NewReader("x")})
		refused(t, err, 400, "KeyTooLongError")
	}},
	{"S3-71 another account may not touch objects", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "us-east-1")
		theirs := w.s3(w.theirs, "us-east-1")
		_, err := theirs.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")})
		refused(t, err, 403, "AccessDenied")
		_, err = theirs.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name})
		refused(t, err, 403, "AccessDenied")
	}},
	{"S3-72 a read can depend on the ETag", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		etag := putObject(t, client, name, "k", "x").ETag
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfNoneMatch: etag})
		refused(t, err, 304, "NotModified")
		_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfMatch: aws.String(`"other"`)})
		refused(t, err, 412, "PreconditionFailed")
		_, _ = getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfMatch: etag})
	}},
	{"S3-73 an object can be copied, but not onto itself without a change", proveCopy},
}

func proveRoundTrip(t *testing.T, w *world) {
	client, name := w.bucket(t, "eu-west-1")
	large := strings.Repeat("large ", 50_000)
	for key, body := range map[string]string{
		"plain": "hello", "empty": "", "a/../b/./c//d": "dots", "../../etc/passwd": "up", "sp ace+plus%25é&<>?": "odd", "large": large, "folder/": "",
	} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: name, Key: &key, Body: strings.NewReader(body), ContentType: aws.String("video/mp2t"), CacheControl: aws.String("no-cache"),
			Metadata: map[string]string{"who": "me"},
		})
		ok(t, err)
		got, out := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		if got != body || *out.ContentType != "video/mp2t" || *out.CacheControl != "no-cache" || out.Metadata["who"] != "me" {
			t.Errorf("%q: %d bytes of %s, %v", key, len(got), *out.ContentType, out.Metadata)
		}
		if out.ServerSideEncryption != types.ServerSideEncryptionAes256 || out.ChecksumCRC32 == nil || out.VersionId != nil {
			t.Errorf("%q: encryption %q, checksum %v, version %v", key, out.ServerSideEncryption, out.ChecksumCRC32, out.VersionId)
		}
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: name, Key: &key})
		ok(t, err)
		if *head.ContentLength != int64(len(body)) || *head.ETag != *out.ETag {
			t.Errorf("%q: head tells %d bytes, %s", key, *head.ContentLength, *head.ETag)
		}
	}
}

func proveCopy(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("a b/é"), Body: strings.NewReader("x"), ContentType: aws.String("video/mp2t")})
	ok(t, err)
	duplicate := func(bucket, key, from string, directive types.MetadataDirective) error {
		_, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: &bucket, Key: &key, CopySource: aws.String(*name + "/" + from), MetadataDirective: directive, ContentType: aws.String("text/plain"),
		})
		return err
	}
	for directive, kind := range map[types.MetadataDirective]string{types.MetadataDirectiveCopy: "video/mp2t", types.MetadataDirectiveReplace: "text/plain"} {
		ok(t, duplicate(*name, "copy", "a%20b/%C3%A9", directive))
		body, out := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("copy"), ChecksumMode: types.ChecksumModeEnabled})
		if body != "x" || *out.ContentType != kind {
			t.Errorf("%s: %q of %s", directive, body, *out.ContentType)
		}
	}
	refused(t, duplicate(*name, "copy", "copy", types.MetadataDirectiveCopy), 400, "InvalidRequest")
	ok(t, duplicate(*name, "copy", "copy", types.MetadataDirectiveReplace))
	refused(t, duplicate(*name, "copy", "missing", types.MetadataDirectiveCopy), 404, "NoSuchKey")
	_, err = w.s3(w.theirs, "us-east-1").CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: name, Key: aws.String("k"), CopySource: aws.String(*name + "/copy")})
	refused(t, err, 403, "AccessDenied")
}

func proveChecksums(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	ones, twos := sha1.Sum([]byte("123456789")), sha256.Sum256([]byte("123456789"))
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: bytes.NewReader([]byte("123456789")), ChecksumAlgorithm: algorithm})
		ok(t, err)
		// The SDK checks what it reads against the checksum that comes with it.
		_, out := getObject(t, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
		got := aws.ToString(out.ChecksumCRC32) + aws.ToString(out.ChecksumCRC32C) + aws.ToString(out.ChecksumCRC64NVME) + aws.ToString(out.ChecksumSHA1) + aws.ToString(out.ChecksumSHA256)
		want := map[types.ChecksumAlgorithm]string{
			// The check values that the catalogue of CRC algorithms gives for "123456789".
			"CRC32": "y/Q5Jg==", "CRC32C": "4waSgw==", "CRC64NVME": "rosUhgp5mIg=",
			"SHA1": base64.StdEncoding.EncodeToString(ones[:]), "SHA256": base64.StdEncoding.EncodeToString(twos[:]),
		}[algorithm]
		if got != want {
			t.Errorf("%s: %s, want %s", algorithm, got, want)
		}
	}
}

func proveListing(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	for _, key := range []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"} {
		putObject(t, client, name, key, key)
	}
	list := func(in s3.ListObjectsV2Input) (all []string) {
		in.Bucket = name
		pages := s3.NewListObjectsV2Paginator(client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			ok(t, err)
			if int(*page.KeyCount) != len(page.Contents)+len(page.CommonPrefixes) || len(page.Contents)+len(page.CommonPrefixes) > int(*page.MaxKeys) {
				t.Errorf("count %d of %d", *page.KeyCount, *page.MaxKeys)
			}
			for _, object := range page.Contents {
				all = append(all, *object.Key)
			}
			for _, prefix := range page.CommonPrefixes {
				all = append(all, *prefix.Prefix)
			}
		}
		return all
	}
	for what, test := range map[string]struct {
		in   s3.ListObjectsV2Input
		want []string
	}{
		"all":                 {s3.ListObjectsV2Input{}, []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"}},
		"pages":               {s3.ListObjectsV2Input{MaxKeys: aws.Int32(3)}, []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"}},
		"delimiter, one each": {s3.ListObjectsV2Input{Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)}, []string{"a", "a b", "b/", "c", "d/", "é"}},
		"prefix":              {s3.ListObjectsV2Input{Prefix: aws.String("b/"), Delimiter: aws.String("/")}, []string{"b/1", "b/2", "b/3/"}},
		"after":               {s3.ListObjectsV2Input{StartAfter: aws.String("b/3")}, []string{"b/3/4", "c", "d/1", "é"}},
		"encoded":             {s3.ListObjectsV2Input{Prefix: aws.String("a "), EncodingType: types.EncodingTypeUrl}, []string{"a+b"}},
		"none":                {s3.ListObjectsV2Input{Prefix: aws.String("x")}, nil},
	} {
		if diff := cmp.Diff(test.want, list(test.in)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	_, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name, ContinuationToken: aws.String("nonsense")})
	refused(t, err, 400, "InvalidArgument")
	_, err = client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name, MaxKeys: aws.Int32(-1)})
	refused(t, err, 400, "InvalidArgument")
	old, err := client.ListObjects(t.Context(), &s3.ListObjectsInput{Bucket: name, Marker: aws.String("b/3/4"), MaxKeys: aws.Int32(1)})
	ok(t, err)
	if len(old.Contents) != 1 || *old.Contents[0].Key != "c" || !*old.IsTruncated || old.NextMarker != nil {
		t.Errorf("ListObjects: %+v", old.Contents)
	}
	old, err = client.ListObjects(t.Context(), &s3.ListObjectsInput{
		Bucket: name, Prefix: aws.String("a"), Delimiter: aws.String(" "), MaxKeys: aws.Int32(1), EncodingType: types.EncodingTypeUrl,
	})
	ok(t, err)
	if aws.ToString(old.NextMarker) != "a" || aws.ToString(old.Delimiter) != "+" {
		t.Errorf("ListObjects: next %s, delimiter %s", aws.ToString(old.NextMarker), aws.ToString(old.Delimiter))
	}
}
