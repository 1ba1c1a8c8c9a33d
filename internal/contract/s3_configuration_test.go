package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var configurationBeliefs = []belief{
	{
		id: "S3-19", source: "S3 API: PutBucketOwnershipControls, GetBucketOwnershipControls",
		claim: "ownership controls can be replaced and removed",
		prove: func(c *check) {
			client, name := c.bucket(home)
			for _, ownership := range []types.ObjectOwnership{types.ObjectOwnershipObjectWriter, types.ObjectOwnershipBucketOwnerPreferred} {
				c.ok(own(c, client, name, ownership))
				got, err := client.GetBucketOwnershipControls(c.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
				c.ok(err)
				if got.OwnershipControls.Rules[0].ObjectOwnership != ownership {
					c.Errorf("got %s, want %s", got.OwnershipControls.Rules[0].ObjectOwnership, ownership)
				}
			}
			c.refused(own(c, client, name, "Nobody"), 400, "MalformedXML")
			_, err := client.DeleteBucketOwnershipControls(c.Context(), &s3.DeleteBucketOwnershipControlsInput{Bucket: name})
			c.ok(err)
			_, err = client.GetBucketOwnershipControls(c.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
			c.refused(err, 404, "OwnershipControlsNotFoundError")
		},
	},
	{
		id: "S3-20", source: "S3 user guide: Object Ownership",
		claim: "ACLs cannot be disabled while the bucket's own one grants to others",
		prove: func(c *check) {
			client, name := c.bucket(home, preferred)
			_, err := client.PutBucketAcl(c.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: "log-delivery-write"})
			c.ok(err)
			c.refused(own(c, client, name, types.ObjectOwnershipBucketOwnerEnforced), 400, "InvalidBucketAclWithObjectOwnership")
		},
	},
	{
		id: "S3-21", source: "S3 user guide: Object Ownership",
		claim: "with ACLs disabled PutBucketAcl is refused",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.PutBucketAcl(c.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: types.BucketCannedACLPrivate})
			c.refused(err, 400, "AccessControlListNotSupported")
		},
	},
	{
		id: "S3-22", source: "S3 user guide: Block Public Access",
		claim: "public ACLs are refused while public access is blocked",
		prove: func(c *check) {
			client, name := c.bucket(home, preferred)
			_, err := client.PutBucketAcl(c.Context(), &s3.PutBucketAclInput{Bucket: name, ACL: types.BucketCannedACLPublicRead})
			c.refused(err, 403, "AccessDenied")
			_, err = client.CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: aws.String(c.name()), ACL: types.BucketCannedACLPublicRead})
			c.refused(err, 400, "InvalidBucketAclWithObjectOwnership")
		},
	},
	{
		id: "S3-23", source: "S3 API: PutPublicAccessBlock, GetPublicAccessBlock",
		claim: "PutPublicAccessBlock replaces all four, DeletePublicAccessBlock removes them",
		prove: provePublicAccess,
	},
	{
		id: "S3-24", source: "S3 API: PutBucketTagging",
		claim: "PutBucketTagging overwrites the whole set",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.refused(err, 404, "NoSuchTagSet")
			c.ok(tag(c, client, name, "a", "1", "b", "2"))
			c.ok(tag(c, client, name, "yolo:app", "é = /@+-_."))
			got, err := client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.ok(err)
			if len(got.TagSet) != 1 || *got.TagSet[0].Key != "yolo:app" || *got.TagSet[0].Value != "é = /@+-_." {
				c.Errorf("tags %v", got.TagSet)
			}
			_, err = client.DeleteBucketTagging(c.Context(), &s3.DeleteBucketTaggingInput{Bucket: name})
			c.ok(err)
			_, err = client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.refused(err, 404, "NoSuchTagSet")
		},
	},
	{
		id: "S3-25", source: "S3 API: PutBucketTagging; user guide: Cost allocation tags",
		claim: "tags have limits",
		prove: func(c *check) {
			client, name := c.bucket(home)
			var many []string
			for i := range 51 {
				many = append(many, fmt.Sprint("key", i), "v")
			}
			c.ok(tag(c, client, name, many[:100]...))
			c.refused(tag(c, client, name, many...), 400, "BadRequest")
			for _, bad := range [][]string{{"a", "1", "a", "2"}, {"aws:x", "1"}, {"", "1"}, {strings.Repeat("k", 129), "1"}, {"k", strings.Repeat("v", 257)}, {"k", "a*b"}} {
				c.refused(tag(c, client, name, bad...), 400, "InvalidTag")
			}
		},
	},
	{
		id: "S3-26", source: "S3 API: PutBucketEncryption, DeleteBucketEncryption",
		claim: "default encryption can be KMS, and deleting it brings SSE-S3 back",
		prove: proveEncryption,
	},
	{
		id: "S3-27", source: "S3 API: PutBucketVersioning",
		claim: "versioning is enabled or suspended, never off again",
		prove: func(c *check) {
			client, name := c.bucket(home)
			got, err := client.GetBucketVersioning(c.Context(), &s3.GetBucketVersioningInput{Bucket: name})
			c.ok(err)
			if got.Status != "" {
				c.Errorf("status %q of a new bucket", got.Status)
			}
			for _, status := range []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended} {
				c.ok(setVersioning(c, client, name, status))
				got, err := client.GetBucketVersioning(c.Context(), &s3.GetBucketVersioningInput{Bucket: name})
				c.ok(err)
				if got.Status != status {
					c.Errorf("got %q, want %q", got.Status, status)
				}
			}
			c.refused(setVersioning(c, client, name, ""), 400, "IllegalVersioningConfigurationException")
			c.refused(setVersioning(c, client, name, "Off"), 400, "MalformedXML")
		},
	},
	{
		id: "S3-28", source: "S3 API: PutBucketLifecycleConfiguration",
		claim: "lifecycle rules come back as they were put",
		prove: proveLifecycle,
	},
	{
		id: "S3-29", source: "S3 API: Error responses",
		claim: "every configuration call on a missing bucket is NoSuchBucket",
		prove: func(c *check) {
			client, name := s3.NewFromConfig(c.in(home)), aws.String(c.name())
			c.refused(own(c, client, name, types.ObjectOwnershipObjectWriter), 404, "NoSuchBucket")
			c.refused(tag(c, client, name, "a", "b"), 404, "NoSuchBucket")
			_, err := client.GetPublicAccessBlock(c.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
			c.refused(err, 404, "NoSuchBucket")
			_, err = client.PutBucketPolicy(c.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String("{}")})
			c.refused(err, 404, "NoSuchBucket")
		},
	},
}

func own(c *check, client *s3.Client, name *string, ownership types.ObjectOwnership) error {
	_, err := client.PutBucketOwnershipControls(c.Context(), &s3.PutBucketOwnershipControlsInput{
		Bucket:            name,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: ownership}}},
	})
	return err
}

// tag puts the tags that pairs of keys and values make.
func tag(c *check, client *s3.Client, name *string, pairs ...string) error {
	set := []types.Tag{}
	for i := 0; i < len(pairs); i += 2 {
		set = append(set, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	_, err := client.PutBucketTagging(c.Context(), &s3.PutBucketTaggingInput{Bucket: name, Tagging: &types.Tagging{TagSet: set}})
	return err
}

func setVersioning(c *check, client *s3.Client, name *string, status types.BucketVersioningStatus) error {
	_, err := client.PutBucketVersioning(c.Context(), &s3.PutBucketVersioningInput{
		Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	return err
}

func provePublicAccess(c *check) {
	client, name := c.bucket(home)
	_, err := client.PutPublicAccessBlock(c.Context(), &s3.PutPublicAccessBlockInput{
		Bucket:                         name,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicPolicy: aws.Bool(true)},
	})
	c.ok(err)
	got, err := client.GetPublicAccessBlock(c.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	c.ok(err)
	b := got.PublicAccessBlockConfiguration
	if diff := cmp.Diff([]bool{false, true, false, false}, []bool{*b.BlockPublicAcls, *b.BlockPublicPolicy, *b.IgnorePublicAcls, *b.RestrictPublicBuckets}); diff != "" {
		c.Errorf("(-want +got)\n%s", diff)
	}
	_, err = client.DeletePublicAccessBlock(c.Context(), &s3.DeletePublicAccessBlockInput{Bucket: name})
	c.ok(err)
	_, err = client.GetPublicAccessBlock(c.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	c.refused(err, 404, "NoSuchPublicAccessBlockConfiguration")
}

func proveEncryption(c *check) {
	client, name := c.bucket(home)
	set := func(algorithm types.ServerSideEncryption, key *string) error {
		_, err := client.PutBucketEncryption(c.Context(), &s3.PutBucketEncryptionInput{
			Bucket: name,
			ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: algorithm, KMSMasterKeyID: key},
			}}},
		})
		return err
	}
	get := func() *types.ServerSideEncryptionByDefault {
		got, err := client.GetBucketEncryption(c.Context(), &s3.GetBucketEncryptionInput{Bucket: name})
		c.ok(err)
		return got.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault
	}
	c.ok(set(types.ServerSideEncryptionAwsKms, aws.String("alias/k")))
	if got := get(); got.SSEAlgorithm != types.ServerSideEncryptionAwsKms || *got.KMSMasterKeyID != "alias/k" {
		c.Errorf("after KMS: %+v", got)
	}
	c.refused(set("ROT13", nil), 400, "MalformedXML")
	c.refused(set(types.ServerSideEncryptionAes256, aws.String("alias/k")), 400, "InvalidArgument")
	_, err := client.DeleteBucketEncryption(c.Context(), &s3.DeleteBucketEncryptionInput{Bucket: name})
	c.ok(err)
	if got := get(); got.SSEAlgorithm != types.ServerSideEncryptionAes256 || got.KMSMasterKeyID != nil {
		c.Errorf("after deletion: %+v", got)
	}
}

func proveLifecycle(c *check) {
	client, name := c.bucket(home)
	get := func() ([]types.LifecycleRule, error) {
		got, err := client.GetBucketLifecycleConfiguration(c.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
		if err != nil {
			return nil, err
		}
		return got.Rules, nil
	}
	set := func(rules ...types.LifecycleRule) error {
		_, err := client.PutBucketLifecycleConfiguration(c.Context(), &s3.PutBucketLifecycleConfigurationInput{
			Bucket: name, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		return err
	}
	_, err := get()
	c.refused(err, 404, "NoSuchLifecycleConfiguration")
	rule := types.LifecycleRule{
		ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("a/")},
		NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(7)},
	}
	c.ok(set(rule))
	rules, err := get()
	c.ok(err)
	if len(rules) != 1 || *rules[0].ID != "old" || *rules[0].Filter.Prefix != "a/" || *rules[0].NoncurrentVersionExpiration.NoncurrentDays != 7 {
		c.Errorf("rules %+v", rules)
	}
	c.refused(set(rule, rule), 400, "InvalidArgument")
	c.refused(set(types.LifecycleRule{Status: types.ExpirationStatusEnabled, Filter: rule.Filter}), 400, "InvalidRequest")
	_, err = client.DeleteBucketLifecycle(c.Context(), &s3.DeleteBucketLifecycleInput{Bucket: name})
	c.ok(err)
	_, err = get()
	c.refused(err, 404, "NoSuchLifecycleConfiguration")
}
