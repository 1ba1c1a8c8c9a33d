package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var storageBeliefs = []belief{
	{
		id: "IVS-17", source: "IVS Real-Time API: CreateStorageConfiguration",
		claim: "a created storage configuration has an ARN, its name, bucket and tags, in get and list alike",
		prove: func(c *check) {
			bucket := c.recordings()
			in := storageInput(bucket)
			in.Name, in.Tags = aws.String(c.name()), map[string]string{"a": "b"}
			made := c.storage(in)
			c.equal(&types.StorageConfiguration{
				Arn: made.Arn, Name: in.Name, S3: &types.S3StorageConfiguration{BucketName: &bucket}, Tags: in.Tags,
			}, made)
			got, err := c.ivs().GetStorageConfiguration(c.Context(), &ivsrealtime.GetStorageConfigurationInput{Arn: made.Arn})
			c.ok(err)
			c.equal(made, got.StorageConfiguration)
			list, err := c.ivs().ListStorageConfigurations(c.Context(), nil)
			c.ok(err)
			at := slices.IndexFunc(list.StorageConfigurations, func(s types.StorageConfigurationSummary) bool { return *s.Arn == *made.Arn })
			if at < 0 {
				c.Fatalf("%s is not in the list", *made.Arn)
			}
			c.equal(types.StorageConfigurationSummary{Arn: made.Arn, Name: made.Name, S3: made.S3, Tags: made.Tags}, list.StorageConfigurations[at])
		},
	},
	{
		id: "IVS-18", source: "IVS Real-Time user guide: Composite recording",
		claim: "the create adds its statement to the bucket policy",
		prove: func(c *check) {
			bucket := c.recordings()
			made := c.storage(storageInput(bucket))
			c.equal([]map[string]any{{
				"Sid": sidOf(made), "Effect": "Allow",
				"Principal": map[string]any{"Service": "ivs-composite." + home + ".amazonaws.com"},
				"Action":    []any{"s3:PutObject", "s3:PutObjectAcl"},
				"Resource":  "arn:aws:s3:::" + bucket + "/*",
				"Condition": map[string]any{
					"StringEquals": map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"},
					"Bool":         map[string]any{"aws:SecureTransport": "true"},
				},
			}}, c.statements(bucket))
		},
	},
	{
		id: "IVS-19", source: "IVS Real-Time user guide: Composite recording",
		claim: "the create keeps the statements of others, as a list or alone",
		prove: func(c *check) {
			for _, alone := range []bool{true, false} {
				bucket := c.recordings()
				c.putDocument(bucket, foreign(bucket, "Theirs", alone))
				before := c.statements(bucket)
				made := c.storage(storageInput(bucket))
				after := c.statements(bucket)
				c.equal([]string{sidOf(made), "Theirs"}, c.sids(bucket))
				if !slices.ContainsFunc(after, func(s map[string]any) bool { return fmt.Sprint(s) == fmt.Sprint(before[0]) }) {
					c.Errorf("their statement was %v, is now among %v", before[0], after)
				}
			}
		},
	},
	{
		id: "IVS-20", source: "IVS Real-Time user guide: Composite recording (inferred)",
		claim: "several configurations on one bucket have a statement each",
		prove: func(c *check) {
			bucket := c.recordings()
			want := []string{sidOf(c.storage(storageInput(bucket))), sidOf(c.storage(storageInput(bucket)))}
			slices.Sort(want)
			c.equal(want, c.sids(bucket))
		},
	},
	{
		id: "IVS-21", source: "IVS Real-Time user guide: Composite recording",
		claim: "the delete removes its own statement only",
		prove: func(c *check) {
			bucket := c.recordings()
			c.putDocument(bucket, foreign(bucket, "Theirs", false))
			gone, stays := c.storage(storageInput(bucket)), c.storage(storageInput(bucket))
			c.deleteStorage(gone)
			c.equal([]string{sidOf(stays), "Theirs"}, c.sids(bucket))
		},
	},
	{
		id: "IVS-22", source: "the permissions of CloudFormation's AWS::IVS::StorageConfiguration (inferred)",
		claim: "the delete of the only statement deletes the policy",
		prove: func(c *check) {
			bucket := c.recordings()
			c.deleteStorage(c.storage(storageInput(bucket)))
			if left := c.statements(bucket); left != nil {
				c.Errorf("the policy is still there: %v", left)
			}
		},
	},
	{
		id: "IVS-23", source: "not documented",
		claim: "the delete succeeds when its statement is gone already",
		prove: func(c *check) {
			bucket := c.recordings()
			made := c.storage(storageInput(bucket))
			c.putDocument(bucket, foreign(bucket, "Theirs", false))
			c.deleteStorage(made)
			c.equal([]string{"Theirs"}, c.sids(bucket))
		},
	},
	{
		id: "IVS-24", source: "IVS Real-Time API: CreateStorageConfiguration (inferred)",
		claim: "a bucket that is not there is not found",
		prove: func(c *check) {
			_, err := c.ivs().CreateStorageConfiguration(c.Context(), storageInput(c.name()))
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
	{
		id: "IVS-25", source: "IVS Real-Time user guide: IAM permissions (inferred)",
		claim:        "a bucket of another account is refused",
		onlyEmulated: "it takes a second account",
		prove: func(c *check) {
			name := c.name()
			_, err := s3.NewFromConfig(c.asStranger(home)).CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: &name})
			c.ok(err)
			_, err = c.ivs().CreateStorageConfiguration(c.Context(), storageInput(name))
			c.refused(err, http.StatusForbidden, "AccessDeniedException")
		},
	},
	{
		id: "IVS-26", source: "not documented",
		claim: "the delete succeeds when the bucket is gone",
		prove: func(c *check) {
			bucket := c.recordings()
			made := c.storage(storageInput(bucket))
			_, err := s3.NewFromConfig(c.in(home)).DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: &bucket})
			c.ok(err)
			c.deleteStorage(made)
		},
	},
	{
		id: "IVS-27", source: "IVS Real-Time user guide: Service quotas",
		claim:        "a sixth storage configuration is refused with 402, and its statement not added",
		onlyEmulated: "it would use up a quota that others may need",
		prove: func(c *check) {
			bucket := c.recordings()
			for range 5 {
				c.storage(storageInput(bucket))
			}
			_, err := c.ivs().CreateStorageConfiguration(c.Context(), storageInput(bucket))
			c.refused(err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
			if n := len(c.statements(bucket)); n != 5 {
				c.Errorf("%d statements, want 5", n)
			}
		},
	},
	{
		id: "IVS-28", source: "not documented",
		claim: "a policy that would grow past 20 KB refuses the create, and nothing is made",
		prove: func(c *check) {
			bucket := c.recordings()
			c.putDocument(bucket, strings.Replace(foreign(bucket, "Theirs", false), `"theirs"`, `"`+strings.Repeat("x", 20<<10-400)+`"`, 1))
			_, err := c.ivs().CreateStorageConfiguration(c.Context(), storageInput(bucket))
			c.refused(err, http.StatusBadRequest, "ValidationException")
			c.equal([]string{"Theirs"}, c.sids(bucket))
		},
	},
}
