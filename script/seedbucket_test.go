package script

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (s *seeder) bucket(a arguments) error {
	input := &s3.CreateBucketInput{Bucket: aws.String(a.word(0))}
	if s.region != "us-east-1" {
		input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(s.region),
		}
	}
	if _, err := s.s3.CreateBucket(s.ctx, input); err != nil {
		return err
	}
	if len(a.pairs("tag")) == 0 {
		return nil
	}
	return s.bucketTags(a)
}

func (s *seeder) bucketTags(a arguments) error {
	tags := a.pairs("tag")
	if len(tags) == 0 {
		_, err := s.s3.DeleteBucketTagging(s.ctx, &s3.DeleteBucketTaggingInput{Bucket: aws.String(a.word(0))})
		return err
	}
	var set []s3types.Tag
	for key, value := range tags {
		set = append(set, s3types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	_, err := s.s3.PutBucketTagging(s.ctx, &s3.PutBucketTaggingInput{
		Bucket: aws.String(a.word(0)), Tagging: &s3types.Tagging{TagSet: set},
	})
	return err
}

func (s *seeder) ownership(a arguments) error {
	if a.word(1) == "none" {
		_, err := s.s3.DeleteBucketOwnershipControls(s.ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: aws.String(a.word(0))})
		return err
	}
	_, err := s.s3.PutBucketOwnershipControls(s.ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: aws.String(a.word(0)),
		OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{
			{ObjectOwnership: s3types.ObjectOwnership(a.word(1))},
		}},
	})
	return err
}

func (s *seeder) publicAccess(a arguments) error {
	blocks := func(flag string) *bool { return aws.Bool(!slices.Contains(a.positional[1:], flag)) }
	_, err := s.s3.PutPublicAccessBlock(s.ctx, &s3.PutPublicAccessBlockInput{
		Bucket: aws.String(a.word(0)),
		PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: blocks("block-public-acls"), IgnorePublicAcls: blocks("ignore-public-acls"),
			BlockPublicPolicy: blocks("block-public-policy"), RestrictPublicBuckets: blocks("restrict-public-buckets"),
		},
	})
	return err
}

func (s *seeder) encryption(a arguments) error {
	_, err := s.s3.PutBucketEncryption(s.ctx, &s3.PutBucketEncryptionInput{
		Bucket: aws.String(a.word(0)),
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
					SSEAlgorithm: s3types.ServerSideEncryption(a.word(1)),
				},
			}},
		},
	})
	return err
}

func (s *seeder) object(a arguments) error {
	body := "a recording\n"
	if file := a.word(2); file != "" {
		body = aged(s.ts.ReadFile(file))
	}
	_, err := s.s3.PutObject(s.ctx, &s3.PutObjectInput{
		Bucket: aws.String(a.word(0)), Key: aws.String(a.word(1)), Body: strings.NewReader(body),
	})
	return err
}

// aged has the times of a text that are as in AGO(90m) be that long ago.
func aged(text string) string {
	return regexp.MustCompile(`AGO\(([^)]*)\)`).ReplaceAllStringFunc(text, func(match string) string {
		d, err := time.ParseDuration(match[len("AGO(") : len(match)-1])
		if err != nil {
			return match
		}
		return time.Now().Add(-d).UTC().Format(time.RFC3339)
	})
}

const mediaConvertTrust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ` +
	`"Principal": {"Service": "mediaconvert.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`

func (s *seeder) role(a arguments) error {
	_, err := s.iam.CreateRole(s.ctx, &iam.CreateRoleInput{
		RoleName: aws.String(a.word(0)), AssumeRolePolicyDocument: aws.String(mediaConvertTrust),
	})
	return err
}
