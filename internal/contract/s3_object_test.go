package contract

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func putObject(c *check, client *s3.Client, name *string, key, body string) *s3.PutObjectOutput {
	out, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: &key, Body: strings.NewReader(body)})
	c.ok(err)
	return out
}

func getObject(c *check, client *s3.Client, in *s3.GetObjectInput) (string, *s3.GetObjectOutput) {
	out, err := client.GetObject(c.Context(), in)
	c.ok(err)
	body, err := io.ReadAll(out.Body)
	c.ok(err)
	c.ok(out.Body.Close())
	return string(body), out
}

var objectBeliefs = []belief{
	{
		id: "S3-40", source: "S3 API: PutObject, GetObject",
		claim: "an object is read back as it was put",
		prove: proveRoundTrip,
	},
	{
		id: "S3-41", source: "S3 API: GetObject",
		claim: "a range is read alone",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, "k", "0123456789")
			for of, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=5-99": "56789", "bytes=4-2": "0123456789"} {
				if got, _ := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), Range: &of}); got != want {
					c.Errorf("%s: %q, want %q", of, got, want)
				}
			}
			_, err := client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), Range: aws.String("bytes=10-")})
			c.refused(err, 416, "InvalidRange")
		},
	},
	{
		id: "S3-42", source: "S3 API: GetObject, HeadObject, DeleteObject",
		claim: "what is not there is NoSuchKey, and NotFound to HEAD",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k")})
			c.refused(err, 404, "NoSuchKey")
			_, err = client.HeadObject(c.Context(), &s3.HeadObjectInput{Bucket: name, Key: aws.String("k")})
			c.refused(err, 404, "NotFound")
			_, err = client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
			c.ok(err)
		},
	},
	{
		id: "S3-43", source: "S3 user guide: Object Ownership",
		claim: "with ACLs disabled only bucket-owner-full-control may be sent",
		prove: func(c *check) {
			client, name := c.bucket(home)
			for acl, allowed := range map[types.ObjectCannedACL]bool{
				types.ObjectCannedACLBucketOwnerFullControl: true, types.ObjectCannedACLPrivate: false, types.ObjectCannedACLPublicRead: false,
			} {
				_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), ACL: acl})
				if allowed {
					c.ok(err)
				} else {
					c.refused(err, 400, "AccessControlListNotSupported")
				}
			}
		},
	},
	{
		id: "S3-44", source: "S3 user guide: Object Ownership; Block Public Access",
		claim: "BucketOwnerPreferred takes ACLs, but not public ones while they are blocked",
		prove: func(c *check) {
			client, name := c.bucket(home, preferred)
			put := func(acl types.ObjectCannedACL) error {
				_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), ACL: acl})
				return err
			}
			c.ok(put(types.ObjectCannedACLBucketOwnerFullControl))
			c.ok(put(types.ObjectCannedACLPrivate))
			c.refused(put(types.ObjectCannedACLPublicRead), 403, "AccessDenied")
		},
	},
	{
		id: "S3-45", source: "S3 API: PutObject; user guide: Checking object integrity",
		claim: "a body that is not what the request says is refused",
		prove: func(c *check) {
			client, name := c.bucket(home)
			put := func(change func(in *s3.PutObjectInput)) error {
				in := &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")}
				change(in)
				_, err := client.PutObject(c.Context(), in)
				return err
			}
			c.refused(put(func(in *s3.PutObjectInput) { in.ContentMD5 = aws.String("1B2M2Y8AsgTpgAmY7PhCfg==") }), 400, "BadDigest")
			c.refused(put(func(in *s3.PutObjectInput) { in.ContentMD5 = aws.String("nonsense") }), 400, "InvalidDigest")
			c.refused(put(func(in *s3.PutObjectInput) { in.ChecksumCRC32 = aws.String("AAAAAA==") }), 400, "BadDigest")
			_, err := client.HeadObject(c.Context(), &s3.HeadObjectInput{Bucket: name, Key: aws.String("k")})
			c.refused(err, 404, "NotFound")
		},
	},
	{
		id: "S3-46", source: "S3 user guide: Checking object integrity",
		claim: "all checksum algorithms are computed and read back",
		prove: proveChecksums,
	},
	{
		id: "S3-47", source: "S3 user guide: Conditional writes",
		claim: "conditional writes",
		prove: func(c *check) {
			client, name := c.bucket(home)
			put := func(match, none *string) error {
				_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x"), IfMatch: match, IfNoneMatch: none})
				return err
			}
			c.refused(put(aws.String(`"abc"`), nil), 404, "NoSuchKey")
			c.ok(put(nil, aws.String("*")))
			c.refused(put(nil, aws.String("*")), 412, "PreconditionFailed")
			c.refused(put(aws.String(`"abc"`), nil), 412, "PreconditionFailed")
			c.ok(put(aws.String(`"9dd4e461268c8034f5c8564e155c67a6"`), nil))
		},
	},
	{
		id: "S3-48", source: "S3 user guide: Naming objects",
		claim: "a key is at most 1024 bytes",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, strings.Repeat("é", 512), "x")
			_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String(strings.Repeat("k", 1025)), Body: strings.NewReader("x")})
			c.refused(err, 400, "KeyTooLongError")
		},
	},
	{
		id: "S3-49", source: "S3 user guide: Access control",
		claim:        "another account may not touch objects",
		onlyEmulated: "it takes a second account",
		prove: func(c *check) {
			_, name := c.bucket(home)
			theirs := s3.NewFromConfig(c.asStranger(home))
			_, err := theirs.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")})
			c.refused(err, 403, "AccessDenied")
			_, err = theirs.CopyObject(c.Context(), &s3.CopyObjectInput{Bucket: name, Key: aws.String("k"), CopySource: aws.String(*name + "/copy")})
			c.refused(err, 403, "AccessDenied")
			_, err = theirs.ListObjectsV2(c.Context(), &s3.ListObjectsV2Input{Bucket: name})
			c.refused(err, 403, "AccessDenied")
		},
	},
	{
		id: "S3-50", source: "S3 API: GetObject",
		claim: "a read can depend on the ETag",
		prove: func(c *check) {
			client, name := c.bucket(home)
			etag := putObject(c, client, name, "k", "x").ETag
			_, err := client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfNoneMatch: etag})
			c.refused(err, 304, "NotModified")
			_, err = client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfMatch: aws.String(`"other"`)})
			c.refused(err, 412, "PreconditionFailed")
			_, _ = getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), IfMatch: etag})
		},
	},
	{
		id: "S3-51", source: "S3 API: CopyObject",
		claim: "an object can be copied, but not onto itself without a change",
		prove: proveCopy,
	},
}

func proveRoundTrip(c *check) {
	client, name := c.bucket(away)
	large := strings.Repeat("large ", 50_000)
	for key, body := range map[string]string{
		"plain": "hello", "empty": "", "a/../b/./c//d": "dots", "../../etc/passwd": "up", "sp ace+plus%25é&<>?": "odd", "large": large, "folder/": "",
	} {
		_, err := client.PutObject(c.Context(), &s3.PutObjectInput{
			Bucket: name, Key: &key, Body: strings.NewReader(body), ContentType: aws.String("video/mp2t"), CacheControl: aws.String("no-cache"),
			Metadata: map[string]string{"who": "me"},
		})
		c.ok(err)
		got, out := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		if got != body || *out.ContentType != "video/mp2t" || *out.CacheControl != "no-cache" || out.Metadata["who"] != "me" {
			c.Errorf("%q: %d bytes of %s, %v", key, len(got), *out.ContentType, out.Metadata)
		}
		if out.ServerSideEncryption != types.ServerSideEncryptionAes256 || out.ChecksumCRC32 == nil || out.VersionId != nil {
			c.Errorf("%q: encryption %q, checksum %v, version %v", key, out.ServerSideEncryption, out.ChecksumCRC32, out.VersionId)
		}
		head, err := client.HeadObject(c.Context(), &s3.HeadObjectInput{Bucket: name, Key: &key})
		c.ok(err)
		if *head.ContentLength != int64(len(body)) || *head.ETag != *out.ETag {
			c.Errorf("%q: head tells %d bytes, %s", key, *head.ContentLength, *head.ETag)
		}
	}
}

func proveCopy(c *check) {
	client, name := c.bucket(home)
	_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("a b/é"), Body: strings.NewReader("x"), ContentType: aws.String("video/mp2t")})
	c.ok(err)
	duplicate := func(bucket, key, from string, directive types.MetadataDirective) error {
		_, err := client.CopyObject(c.Context(), &s3.CopyObjectInput{
			Bucket: &bucket, Key: &key, CopySource: aws.String(*name + "/" + from), MetadataDirective: directive, ContentType: aws.String("text/plain"),
		})
		return err
	}
	for directive, kind := range map[types.MetadataDirective]string{types.MetadataDirectiveCopy: "video/mp2t", types.MetadataDirectiveReplace: "text/plain"} {
		c.ok(duplicate(*name, "copy", "a%20b/%C3%A9", directive))
		body, out := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("copy"), ChecksumMode: types.ChecksumModeEnabled})
		if body != "x" || *out.ContentType != kind {
			c.Errorf("%s: %q of %s", directive, body, *out.ContentType)
		}
	}
	c.refused(duplicate(*name, "copy", "copy", types.MetadataDirectiveCopy), 400, "InvalidRequest")
	c.ok(duplicate(*name, "copy", "copy", types.MetadataDirectiveReplace))
	c.refused(duplicate(*name, "copy", "missing", types.MetadataDirectiveCopy), 404, "NoSuchKey")
}

func proveChecksums(c *check) {
	client, name := c.bucket(home)
	ones, twos := sha1.Sum([]byte("123456789")), sha256.Sum256([]byte("123456789"))
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: bytes.NewReader([]byte("123456789")), ChecksumAlgorithm: algorithm})
		c.ok(err)
		// The SDK checks what it reads against the checksum that comes with it.
		_, out := getObject(c, client, &s3.GetObjectInput{Bucket: name, Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
		got := aws.ToString(out.ChecksumCRC32) + aws.ToString(out.ChecksumCRC32C) + aws.ToString(out.ChecksumCRC64NVME) + aws.ToString(out.ChecksumSHA1) + aws.ToString(out.ChecksumSHA256)
		want := map[types.ChecksumAlgorithm]string{
			// The check values that the catalogue of CRC algorithms gives for "123456789".
			"CRC32": "y/Q5Jg==", "CRC32C": "4waSgw==", "CRC64NVME": "rosUhgp5mIg=",
			"SHA1": base64.StdEncoding.EncodeToString(ones[:]), "SHA256": base64.StdEncoding.EncodeToString(twos[:]),
		}[algorithm]
		if got != want {
			c.Errorf("%s: %s, want %s", algorithm, got, want)
		}
	}
}
