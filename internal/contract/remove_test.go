package contract

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// removeBucket deletes a bucket with all that is in it.
func removeBucket(ctx context.Context, cfg aws.Config, bucket *string) error {
	client := s3.NewFromConfig(cfg)
	uploads := s3.NewListMultipartUploadsPaginator(client, &s3.ListMultipartUploadsInput{Bucket: bucket})
	for uploads.HasMorePages() {
		page, err := uploads.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			if _, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: u.Key, UploadId: u.UploadId}); err != nil {
				return err
			}
		}
	}
	versions := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: bucket})
	for versions.HasMorePages() {
		page, err := versions.NextPage(ctx)
		if err != nil {
			return err
		}
		var all []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 {
			continue
		}
		if _, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &s3types.Delete{Objects: all}}); err != nil {
			return err
		}
	}
	_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	return err
}

// removeGroup deletes a log group, a protected one too.
func removeGroup(ctx context.Context, cfg aws.Config, name *string) error {
	client := cloudwatchlogs.NewFromConfig(cfg)
	_, err := client.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
		LogGroupIdentifier: name, DeletionProtectionEnabled: aws.Bool(false),
	})
	if err != nil {
		return err
	}
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name})
	return err
}

// removeRule deletes a rule with its targets.
func removeRule(ctx context.Context, cfg aws.Config, name *string) error {
	client := eventbridge.NewFromConfig(cfg)
	targets, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: name})
	if err != nil {
		return err
	}
	for _, t := range targets.Targets {
		if _, err := client.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: name, Ids: []string{*t.Id}}); err != nil {
			return err
		}
	}
	_, err = client.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name})
	return err
}

// leftovers counts what an emulator still has.
func (a *account) leftovers(t *testing.T) (found []string) {
	t.Helper()
	ctx := t.Context()
	for _, cfg := range []aws.Config{a.config(home, a.id), a.config(away, a.id), a.config(home, stranger)} {
		ivs, logs, policies := ivsrealtime.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), logstypes.PolicyTypeRetentionPolicy
		for what, n := range map[string]int{
			"storage configurations": len(must(ivs.ListStorageConfigurations(ctx, nil)).StorageConfigurations),
			"encoder configurations": len(must(ivs.ListEncoderConfigurations(ctx, nil)).EncoderConfigurations),
			"stages":                 len(must(ivs.ListStages(ctx, nil)).Stages),
			"compositions":           running(must(ivs.ListCompositions(ctx, nil)).Compositions),
			"log groups":             len(must(logs.DescribeLogGroups(ctx, nil)).LogGroups),
			"logs resource policies": len(must(logs.DescribeResourcePolicies(ctx, nil)).ResourcePolicies),
			"account policies": len(must(logs.DescribeAccountPolicies(ctx,
				&cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: policies})).AccountPolicies),
			"rules":   len(must(eventbridge.NewFromConfig(cfg).ListRules(ctx, nil)).Rules),
			"buckets": len(must(s3.NewFromConfig(cfg).ListBuckets(ctx, nil)).Buckets),
			"roles":   len(must(iam.NewFromConfig(cfg).ListRoles(ctx, nil)).Roles),
		} {
			if n > 0 {
				found = append(found, fmt.Sprintf("%d %s", n, what))
			}
		}
	}
	slices.Sort(found)
	return found
}

// running counts the compositions that were not stopped.
func running(all []ivstypes.CompositionSummary) (n int) {
	for _, c := range all {
		if c.State == ivstypes.CompositionStateStarting || c.State == ivstypes.CompositionStateActive {
			n++
		}
	}
	return n
}

// must is for what fails only when the emulator does.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}
