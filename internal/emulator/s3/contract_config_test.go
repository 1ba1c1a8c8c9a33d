package s3_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var configBeliefs = []belief{
	{"S3-20 ownership controls can be replaced and removed (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		for _, ownership := range []types.ObjectOwnership{types.ObjectOwnershipObjectWriter, types.ObjectOwnershipBucketOwnerPreferred} {
			ok(t, own(t, client, name, ownership))
			got, err := client.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
			ok(t, err)
			if got.OwnershipControls.Rules[0].ObjectOwnership != ownership {
				t.Errorf("got %s, want %s", got.OwnershipControls.Rules[0].ObjectOwnership, ownership)
			}
		}
		refused(t, own(t, client, name, "Nobody"), 400, "MalformedXML")
		_, err := client.DeleteBucketOwnershipControls(t.Context(), &s3.DeleteBucketOwnershipControlsInput{Bucket: name})
		ok(t, err)
		_, err = client.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
		refused(t, err, 404, "OwnershipControlsNotFoundError")
	}},
	{"S3-21 ACLs cannot be disabled while the bucket's own one grants to others (§1.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1", preferred)
		_, err := client.PutBucketAcl(t.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: "log-delivery-write"})
		ok(t, err)
		refused(t, own(t, client, name, types.ObjectOwnershipBucketOwnerEnforced), 400, "InvalidBucketAclWithObjectOwnership")
	}},
	{"S3-22 with ACLs disabled PutBucketAcl is refused (§1.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.PutBucketAcl(t.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: types.BucketCannedACLPrivate})
		refused(t, err, 400, "AccessControlListNotSupported")
	}},
	{"S3-23 public ACLs are refused while public access is blocked (§1.4)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1", preferred)
		_, err := client.PutBucketAcl(t.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: types.BucketCannedACLPublicRead})
		refused(t, err, 403, "AccessDenied")
		_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(newName()), ACL: types.BucketCannedACLPublicRead})
		refused(t, err, 400, "InvalidBucketAclWithObjectOwnership")
	}},
	{"S3-24 PutPublicAccessBlock replaces all four, DeletePublicAccessBlock removes them (§6.1)", provePublicAccess},
	{"S3-25 PutBucketTagging overwrites the whole set (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
		refused(t, err, 404, "NoSuchTagSet")
		ok(t, tag(t, client, name, "a", "1", "b", "2"))
		ok(t, tag(t, client, name, "yolo:app", "é = /@+-_."))
		got, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
		ok(t, err)
		if len(got.TagSet) != 1 || *got.TagSet[0].Key != "yolo:app" || *got.TagSet[0].Value != "é = /@+-_." {
			t.Errorf("tags %v", got.TagSet)
		}
		_, err = client.DeleteBucketTagging(t.Context(), &s3.DeleteBucketTaggingInput{Bucket: name})
		ok(t, err)
		_, err = client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
		refused(t, err, 404, "NoSuchTagSet")
	}},
	{"S3-26 tags have limits (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		var many []string
		for i := range 51 {
			many = append(many, fmt.Sprint("key", i), "v")
		}
		ok(t, tag(t, client, name, many[:100]...))
		refused(t, tag(t, client, name, many...), 400, "BadRequest")
		for _, bad := range [][]string{{"a", "1", "a", "2"}, {"aws:x", "1"}, {"", "1"}, {strings.Repeat("k", 129), "1"}, {"k", strings.Repeat("v", 257)}, {"k", "a*b"}} {
			refused(t, tag(t, client, name, bad...), 400, "InvalidTag")
		}
	}},
	{"S3-27 default encryption can be KMS, and deleting it brings SSE-S3 back (§1.4)", proveEncryption},
	{"S3-28 versioning is enabled or suspended, never off again (§1.4)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		got, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: name})
		ok(t, err)
		if got.Status != "" {
			t.Errorf("status %q of a new bucket", got.Status)
		}
		for _, status := range []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended} {
			ok(t, setVersioning(t, client, name, status))
			got, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: name})
			ok(t, err)
			if got.Status != status {
				t.Errorf("got %q, want %q", got.Status, status)
			}
		}
		refused(t, setVersioning(t, client, name, ""), 400, "IllegalVersioningConfigurationException")
		refused(t, setVersioning(t, client, name, "Off"), 400, "MalformedXML")
	}},
	{"S3-29 lifecycle rules come back as they were put (§6.1)", proveLifecycle},
	{"S3-30 every configuration call on a missing bucket is NoSuchBucket (§6.5)", func(t *testing.T, w *world) {
		client, name := w.s3(w.mine, "us-east-1"), aws.String(newName())
		refused(t, own(t, client, name, types.ObjectOwnershipObjectWriter), 404, "NoSuchBucket")
		refused(t, tag(t, client, name, "a", "b"), 404, "NoSuchBucket")
		_, err := client.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
		refused(t, err, 404, "NoSuchBucket")
		_, err = client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String("{}")})
		refused(t, err, 404, "NoSuchBucket")
	}},
	{"S3-31 an operation that the emulator lacks answers 501", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.GetBucketCors(t.Context(), &s3.GetBucketCorsInput{Bucket: name})
		refused(t, err, 501, "NotImplemented")
		_, err = client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: name, Key: aws.String("k")})
		refused(t, err, 501, "NotImplemented")
	}},
}

func own(t *testing.T, client *s3.Client, name *string, ownership types.ObjectOwnership) error {
	_, err := client.PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{
		Bucket:            name,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: ownership}}},
	})
	return err
}

// tag puts the tags that pairs of keys and values make.
func tag(t *testing.T, client *s3.Client, name *string, pairs ...string) error {
	set := []types.Tag{}
	for i := 0; i < len(pairs); i += 2 {
		set = append(set, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	_, err := client.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: name, Tagging: &types.Tagging{TagSet: set}})
	return err
}

func setVersioning(t *testing.T, client *s3.Client, name *string, status types.BucketVersioningStatus) error {
	_, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	return err
}

func provePublicAccess(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	_, err := client.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{
		Bucket:                         name,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicPolicy: aws.Bool(true)},
	})
	ok(t, err)
	got, err := client.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	ok(t, err)
	b := got.PublicAccessBlockConfiguration
	if diff := cmp.Diff([]bool{false, true, false, false}, []bool{*b.BlockPublicAcls, *b.BlockPublicPolicy, *b.IgnorePublicAcls, *b.RestrictPublicBuckets}); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, err = client.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: name})
	ok(t, err)
	_, err = client.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	refused(t, err, 404, "NoSuchPublicAccessBlockConfiguration")
}

func proveEncryption(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	set := func(algorithm types.ServerSideEncryption, key *string) error {
		_, err := client.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
			Bucket: name,
			ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: algorithm, KMSMasterKeyID: key},
			}}},
		})
		return err
	}
	get := func() *types.ServerSideEncryptionByDefault {
		got, err := client.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: name})
		ok(t, err)
		return got.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault
	}
	ok(t, set(types.ServerSideEncryptionAwsKms, aws.String("alias/k")))
	if got := get(); got.SSEAlgorithm != types.ServerSideEncryptionAwsKms || *got.KMSMasterKeyID != "alias/k" {
		t.Errorf("after KMS: %+v", got)
	}
	refused(t, set("ROT13", nil), 400, "MalformedXML")
	refused(t, set(types.ServerSideEncryptionAes256, aws.String("alias/k")), 400, "InvalidArgument")
	_, err := client.DeleteBucketEncryption(t.Context(), &s3.DeleteBucketEncryptionInput{Bucket: name})
	ok(t, err)
	if got := get(); got.SSEAlgorithm != types.ServerSideEncryptionAes256 || got.KMSMasterKeyID != nil {
		t.Errorf("after deletion: %+v", got)
	}
}

func proveLifecycle(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	get := func() ([]types.LifecycleRule, error) {
		got, err := client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
		if err != nil {
			return nil, err
		}
		return got.Rules, nil
	}
	set := func(rules ...types.LifecycleRule) error {
		_, err := client.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
			Bucket: name, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		return err
	}
	_, err := get()
	refused(t, err, 404, "NoSuchLifecycleConfiguration")
	rule := types.LifecycleRule{
		ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("a/")},
		NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(7)},
	}
	ok(t, set(rule))
	rules, err := get()
	ok(t, err)
	if len(rules) != 1 || *rules[0].ID != "old" || *rules[0].Filter.Prefix != "a/" || *rules[0].NoncurrentVersionExpiration.NoncurrentDays != 7 {
		t.Errorf("rules %+v", rules)
	}
	refused(t, set(rule, rule), 400, "InvalidArgument")
	refused(t, set(types.LifecycleRule{Status: types.ExpirationStatusEnabled, Filter: rule.Filter}), 400, "InvalidRequest")
	_, err = client.DeleteBucketLifecycle(t.Context(), &s3.DeleteBucketLifecycleInput{Bucket: name})
	ok(t, err)
	_, err = get()
	refused(t, err, 404, "NoSuchLifecycleConfiguration")
}
