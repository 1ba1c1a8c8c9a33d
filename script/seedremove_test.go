package script

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yolo-live/yolo/internal/emulator"
)

// objects fills a bucket.
func (s *seeder) objects(a arguments) error {
	count, err := a.number("count")
	if err != nil {
		return err
	}
	versions, err := a.number("versions")
	if err != nil {
		return err
	}
	size, err := a.number("size")
	if err != nil {
		return err
	}
	return worldOf(s.ts).aws.Server.SeedObjects(emulator.Objects{
		Bucket: a.word(0), Prefix: a.option("prefix"), Suffix: ".ts", Count: int(count), Versions: int(versions),
		Markers: slices.Contains(a.positional, "markers"), Size: int64(size),
	})
}

func (s *seeder) versioning(a arguments) error {
	_, err := s.s3.PutBucketVersioning(s.ctx, &s3.PutBucketVersioningInput{
		Bucket:                  aws.String(a.word(0)),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatus(a.word(1))},
	})
	return err
}

// upload begins a multipart upload that nobody completes.
func (s *seeder) upload(a arguments) error {
	_, err := s.s3.CreateMultipartUpload(s.ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(a.word(0)), Key: aws.String(a.word(1))})
	return err
}

func (s *seeder) protection(a arguments) error {
	_, err := s.logs.PutLogGroupDeletionProtection(s.ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
		LogGroupIdentifier: aws.String(a.word(0)), DeletionProtectionEnabled: aws.Bool(a.word(1) == "on"),
	})
	return err
}

// showAll lists by name what is in a region, and in the buckets that are there.
func (s *seeder) showAll(string) (any, error) {
	var all []any
	add := func(kind string, name *string) { all = append(all, kind+" "+aws.ToString(name)) }
	buckets, err := s.s3.ListBuckets(s.ctx, &s3.ListBucketsInput{BucketRegion: aws.String(s.region)})
	if err != nil {
		return nil, err
	}
	for _, b := range buckets.Buckets {
		out, err := s.s3.ListObjectVersions(s.ctx, &s3.ListObjectVersionsInput{Bucket: b.Name})
		if err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("bucket %s with %d versions", *b.Name, len(out.Versions)))
	}
	storages, err := s.ivs.ListStorageConfigurations(s.ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range storages.StorageConfigurations {
		add("storage", one.Name)
	}
	encoders, err := s.ivs.ListEncoderConfigurations(s.ctx, &ivsrealtime.ListEncoderConfigurationsInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range encoders.EncoderConfigurations {
		add("encoder", one.Name)
	}
	groups, err := s.logs.DescribeLogGroups(s.ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range groups.LogGroups {
		add("log-group", one.LogGroupName)
	}
	policies, err := s.logs.DescribeResourcePolicies(s.ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range policies.ResourcePolicies {
		add("logs-policy", one.PolicyName)
	}
	rules, err := s.events.ListRules(s.ctx, &eventbridge.ListRulesInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range rules.Rules {
		add("rule", one.Name)
	}
	return sorted(all), nil
}

// keep sets a variable to the first group of a pattern in the last stdout.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep VARIABLE PATTERN")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) < 2 {
		ts.Fatalf("%s: stdout has no such thing", args[1])
	}
	ts.Setenv(args[0], found[1])
}
