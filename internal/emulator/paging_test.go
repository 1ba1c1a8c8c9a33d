package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventstypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
)

// listed is one page: how many it has, and the token of the next one.
type listed struct {
	n    int
	next *string
}

// clients are those of one account and region.
type clients struct {
	s3     *s3.Client
	ivs    *ivsrealtime.Client
	logs   *cloudwatchlogs.Client
	events *eventbridge.Client
	iam    *iam.Client
}

func clientsOf(cfg aws.Config) clients {
	return clients{s3.NewFromConfig(cfg), ivsrealtime.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg), iam.NewFromConfig(cfg)}
}

// three makes three of everything that can be listed.
func (c clients) three(t *testing.T) {
	t.Helper()
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ivs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	resource := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]}`
	f := &fixture{ivs: c.ivs}
	group, bucket := aws.String("g0"), aws.String(recordings)
	_, err := c.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	for i := range 3 {
		name := aws.String(fmt.Sprint("g", i))
		_, storage := f.storage(t)
		_, bucketErr := c.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(fmt.Sprint("bucket-", i))})
		_, object := c.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: name})
		_, upload := c.s3.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: name})
		_, groupErr := c.logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name})
		_, stream := c.logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: name})
		_, policyErr := c.logs.PutResourcePolicy(t.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyName: name, PolicyDocument: &resource})
		_, rule := c.events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: name, EventPattern: aws.String(`{"source":["aws.ivs"]}`)})
		target := eventstypes.Target{Id: name, Arn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:g")}
		_, first := c.events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("g0"), Targets: []eventstypes.Target{target}})
		_, each := c.events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: name, Targets: []eventstypes.Target{target}})
		_, role := c.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(policy)})
		_, tag := c.iam.TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String("g0"), Tags: []iamtypes.Tag{{Key: name, Value: name}}})
		err = errors.Join(err, storage, f.create(t), f.composition(t), bucketErr, object, upload, groupErr, stream, policyErr, rule, first, each, role, tag)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// composition starts a composition to a channel, from a stage of its own.
func (f *fixture) composition(t *testing.T) error {
	stage, err := f.ivs.CreateStage(t.Context(), nil)
	if err != nil {
		return err
	}
	_, err = f.ivs.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{
		StageArn: stage.Stage.Arn,
		Destinations: []ivstypes.DestinationConfiguration{{Channel: &ivstypes.ChannelDestinationConfiguration{
			ChannelArn: aws.String(strings.Replace(*stage.Stage.Arn, ":stage/", ":channel/", 1)),
		}}},
	})
	return err
}

// lists ask for pages of one; next is the token of the page before.
func (c clients) lists() map[string]func(ctx context.Context, next *string) (listed, error) {
	one, group, bucket := aws.Int32(1), aws.String("g0"), aws.String(recordings)
	return map[string]func(context.Context, *string) (listed, error){
		"ListStorageConfigurations": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.ivs.ListStorageConfigurations(ctx, &ivsrealtime.ListStorageConfigurationsInput{MaxResults: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.StorageConfigurations), out.NextToken} })
		},
		"ListEncoderConfigurations": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.ivs.ListEncoderConfigurations(ctx, &ivsrealtime.ListEncoderConfigurationsInput{MaxResults: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.EncoderConfigurations), out.NextToken} })
		},
		"ListStages": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.ivs.ListStages(ctx, &ivsrealtime.ListStagesInput{MaxResults: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.Stages), out.NextToken} })
		},
		"ListCompositions": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.ivs.ListCompositions(ctx, &ivsrealtime.ListCompositionsInput{MaxResults: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.Compositions), out.NextToken} })
		},
		"DescribeLogGroups": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{Limit: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.LogGroups), out.NextToken} })
		},
		"DescribeLogStreams": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, Limit: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.LogStreams), out.NextToken} })
		},
		"DescribeResourcePolicies": func(ctx context.Context, next *string) (listed, error) {
			in := &cloudwatchlogs.DescribeResourcePoliciesInput{Limit: one, NextToken: next, PolicyScope: logstypes.PolicyScopeAccount}
			out, err := c.logs.DescribeResourcePolicies(ctx, in)
			return page(err, func() listed { return listed{len(out.ResourcePolicies), out.NextToken} })
		},
		"ListRules": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.events.ListRules(ctx, &eventbridge.ListRulesInput{Limit: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.Rules), out.NextToken} })
		},
		"ListTargetsByRule": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: group, Limit: one, NextToken: next})
			return page(err, func() listed { return listed{len(out.Targets), out.NextToken} })
		},
		"ListRuleNamesByTarget": func(ctx context.Context, next *string) (listed, error) {
			in := &eventbridge.ListRuleNamesByTargetInput{TargetArn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:g"), Limit: one, NextToken: next}
			out, err := c.events.ListRuleNamesByTarget(ctx, in)
			return page(err, func() listed { return listed{len(out.RuleNames), out.NextToken} })
		},
		"ListRoles": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.iam.ListRoles(ctx, &iam.ListRolesInput{MaxItems: one, Marker: next})
			return page(err, func() listed { return listed{len(out.Roles), out.Marker} })
		},
		"ListRoleTags": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: group, MaxItems: one, Marker: next})
			return page(err, func() listed { return listed{len(out.Tags), out.Marker} })
		},
		"ListBuckets": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.s3.ListBuckets(ctx, &s3.ListBucketsInput{Prefix: aws.String("bucket-"), MaxBuckets: one, ContinuationToken: next})
			return page(err, func() listed { return listed{len(out.Buckets), out.ContinuationToken} })
		},
		"ListObjectsV2": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: one, ContinuationToken: next})
			return page(err, func() listed { return listed{len(out.Contents), out.NextContinuationToken} })
		},
		"ListObjectVersions": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket, MaxKeys: one, KeyMarker: next})
			return page(err, func() listed { return listed{len(out.Versions), out.NextKeyMarker} })
		},
		"ListMultipartUploads": func(ctx context.Context, next *string) (listed, error) {
			out, err := c.s3.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: bucket, MaxUploads: one, KeyMarker: next})
			return page(err, func() listed {
				if !*out.IsTruncated {
					return listed{len(out.Uploads), nil}
				}
				return listed{len(out.Uploads), out.NextKeyMarker}
			})
		},
	}
}

func page(err error, read func() listed) (listed, error) {
	if err != nil {
		return listed{}, err
	}
	return read(), nil
}

func TestEveryListIsPaged(t *testing.T) {
	f := start(t, emulator.Options{})
	c := clientsOf(f.Config("us-east-1", ""))
	c.three(t)
	for operation, list := range c.lists() {
		var sizes []int
		var next *string
		for range 10 {
			out, err := list(t.Context(), next)
			if err != nil {
				t.Errorf("%s: %v", operation, err)
				break
			}
			sizes = append(sizes, out.n)
			if next = out.next; next == nil {
				break
			}
		}
		if !slices.Equal(sizes, []int{1, 1, 1}) {
			t.Errorf("%s: pages of %v, want three of one", operation, sizes)
		}
	}
}

// Everything but buckets, whose names are everybody's, and roles, which have
// no region, is per account and region.
func TestStateIsPerAccountAndRegion(t *testing.T) {
	f := start(t, emulator.Options{})
	clientsOf(f.Config("us-east-1", "")).three(t)
	needsBucket := []string{"ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"}
	for _, other := range []struct{ region, account string }{{"eu-west-1", ""}, {"us-east-1", "222222222222"}} {
		for operation, list := range clientsOf(f.Config(other.region, other.account)).lists() {
			global := slices.Contains([]string{"ListBuckets", "ListRoles", "ListRoleTags"}, operation)
			if slices.Contains(needsBucket, operation) {
				continue
			}
			out, _ := list(t.Context(), nil)
			if want := global && other.account == ""; (out.n > 0) != want {
				t.Errorf("%s in %s, account %q: %d, want some: %t", operation, other.region, other.account, out.n, want)
			}
		}
	}
}
