package script

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func (s *seeder) storage(a arguments) error {
	_, err := s.ivs.CreateStorageConfiguration(s.ctx, &ivsrealtime.CreateStorageConfigurationInput{
		Name: aws.String(a.word(0)), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(a.word(1))}, Tags: a.pairs("tag"),
	})
	return err
}

func (s *seeder) encoder(a arguments) error {
	video, errs := &ivstypes.Video{}, []error(nil)
	number := func(key string) *int32 {
		n, err := a.number(key)
		if errs = append(errs, err); n == 0 {
			return nil
		}
		return aws.Int32(n)
	}
	video.Width, video.Height, video.Bitrate = number("width"), number("height"), number("bitrate")
	if rate := number("framerate"); rate != nil {
		video.Framerate = aws.Float32(float32(*rate))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err := s.ivs.CreateEncoderConfiguration(s.ctx, &ivsrealtime.CreateEncoderConfigurationInput{
		Name: aws.String(a.word(0)), Video: video, Tags: a.pairs("tag"),
	})
	return err
}

func (s *seeder) logGroup(a arguments) error {
	input := &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String(a.word(0)), LogGroupClass: logstypes.LogGroupClass(a.option("class")),
	}
	if tags := a.pairs("tag"); len(tags) > 0 {
		input.Tags = tags
	}
	days, err := a.number("retention")
	if err != nil {
		return err
	}
	if _, err := s.logs.CreateLogGroup(s.ctx, input); err != nil || days == 0 {
		return err
	}
	return s.putRetention(a.word(0), days)
}

func (s *seeder) putRetention(group string, days int32) error {
	_, err := s.logs.PutRetentionPolicy(s.ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String(group), RetentionInDays: aws.Int32(days),
	})
	return err
}

func (s *seeder) retention(a arguments) error {
	if a.word(1) == "none" {
		_, err := s.logs.DeleteRetentionPolicy(s.ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: aws.String(a.word(0))})
		return err
	}
	days, err := strconv.ParseInt(a.word(1), 10, 32)
	if err != nil {
		return err
	}
	return s.putRetention(a.word(0), int32(days))
}

func (s *seeder) logsPolicy(a arguments) error {
	_, err := s.logs.PutResourcePolicy(s.ctx, &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String(a.word(0)), PolicyDocument: aws.String(s.ts.ReadFile(a.word(1))),
	})
	return err
}

func (s *seeder) groupPolicy(a arguments) error {
	_, err := s.logs.PutResourcePolicy(s.ctx, &cloudwatchlogs.PutResourcePolicyInput{
		ResourceArn: aws.String(s.groupARN(a.word(0))), PolicyDocument: aws.String(s.ts.ReadFile(a.word(1))),
	})
	return err
}

func (s *seeder) rule(a arguments) error {
	input := &eventbridge.PutRuleInput{
		Name: aws.String(a.word(0)), EventPattern: aws.String(s.ts.ReadFile(a.option("pattern"))),
		State: ebtypes.RuleState(a.option("state")), Tags: eventTags(a.pairs("tag")),
	}
	if description := a.option("description"); description != "" {
		input.Description = aws.String(description)
	}
	_, err := s.events.PutRule(s.ctx, input)
	return err
}

func eventTags(tags map[string]string) []ebtypes.Tag {
	var set []ebtypes.Tag
	for key, value := range tags {
		set = append(set, ebtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return set
}

func (s *seeder) target(a arguments) error {
	target := ebtypes.Target{Id: aws.String(a.word(1)), Arn: aws.String(a.word(2))}
	if role := a.option("role"); role != "" {
		target.RoleArn = aws.String(role)
	}
	if input := a.option("input"); input != "" {
		target.Input = aws.String(input)
	}
	if template := a.option("transform"); template != "" {
		target.InputTransformer = &ebtypes.InputTransformer{
			InputPathsMap: map[string]string{"time": "$.time", "detail": "$.detail"}, InputTemplate: aws.String(template),
		}
	}
	out, err := s.events.PutTargets(s.ctx, &eventbridge.PutTargetsInput{Rule: aws.String(a.word(0)), Targets: []ebtypes.Target{target}})
	if err == nil && out.FailedEntryCount > 0 {
		return fmt.Errorf("target refused: %s", aws.ToString(out.FailedEntries[0].ErrorMessage))
	}
	return err
}

// configurations are the ARNs of the storage or encoder configurations of a
// name.
func (s *seeder) configurations(kind, name string) (arns []string, err error) {
	if kind == "storage" {
		out, err := s.ivs.ListStorageConfigurations(s.ctx, &ivsrealtime.ListStorageConfigurationsInput{})
		if err != nil {
			return nil, err
		}
		for _, one := range out.StorageConfigurations {
			if aws.ToString(one.Name) == name {
				arns = append(arns, *one.Arn)
			}
		}
	} else {
		out, err := s.ivs.ListEncoderConfigurations(s.ctx, &ivsrealtime.ListEncoderConfigurationsInput{})
		if err != nil {
			return nil, err
		}
		for _, one := range out.EncoderConfigurations {
			if aws.ToString(one.Name) == name {
				arns = append(arns, *one.Arn)
			}
		}
	}
	if len(arns) == 0 {
		return nil, fmt.Errorf("no %s configuration %q is there", kind, name)
	}
	return arns, nil
}

// each does something to all configurations of a name.
func (s *seeder) each(kind, name string, do func(arn string) error) error {
	arns, err := s.configurations(kind, name)
	for _, arn := range arns {
		err = errors.Join(err, do(arn))
	}
	return err
}

func (s *seeder) tag(a arguments) (err error) {
	kind, name, tags := a.word(0), a.word(1), a.pairs("tag")
	switch kind {
	case "storage", "encoder":
		return s.each(kind, name, func(arn string) error {
			_, err := s.ivs.TagResource(s.ctx, &ivsrealtime.TagResourceInput{ResourceArn: &arn, Tags: tags})
			return err
		})
	case "log-group":
		_, err = s.logs.TagResource(s.ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: aws.String(s.groupARN(name)), Tags: tags})
	case "rule":
		_, err = s.events.TagResource(s.ctx, &eventbridge.TagResourceInput{ResourceARN: aws.String(s.ruleARN(name)), Tags: eventTags(tags)})
	default:
		err = fmt.Errorf("tag %q: is no kind", kind)
	}
	return err
}

func (s *seeder) untag(a arguments) (err error) {
	kind, name, keys := a.word(0), a.word(1), a.positional[2:]
	switch kind {
	case "storage", "encoder":
		return s.each(kind, name, func(arn string) error {
			_, err := s.ivs.UntagResource(s.ctx, &ivsrealtime.UntagResourceInput{ResourceArn: &arn, TagKeys: keys})
			return err
		})
	case "log-group":
		_, err = s.logs.UntagResource(s.ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(s.groupARN(name)), TagKeys: keys})
	case "rule":
		_, err = s.events.UntagResource(s.ctx, &eventbridge.UntagResourceInput{ResourceARN: aws.String(s.ruleARN(name)), TagKeys: keys})
	default:
		err = fmt.Errorf("untag %q: is no kind", kind)
	}
	return err
}

func (s *seeder) remove(a arguments) (err error) {
	name := aws.String(a.word(1))
	switch kind := a.word(0); kind {
	case "storage":
		return s.each(kind, *name, func(arn string) error {
			_, err := s.ivs.DeleteStorageConfiguration(s.ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: &arn})
			return err
		})
	case "encoder":
		return s.each(kind, *name, func(arn string) error {
			_, err := s.ivs.DeleteEncoderConfiguration(s.ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: &arn})
			return err
		})
	case "bucket":
		_, err = s.s3.DeleteBucket(s.ctx, &s3.DeleteBucketInput{Bucket: name})
	case "log-group":
		_, err = s.logs.DeleteLogGroup(s.ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name})
	case "logs-policy":
		_, err = s.logs.DeleteResourcePolicy(s.ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: name})
	case "rule":
		_, err = s.events.DeleteRule(s.ctx, &eventbridge.DeleteRuleInput{Name: name})
	case "target":
		_, err = s.events.RemoveTargets(s.ctx, &eventbridge.RemoveTargetsInput{Rule: name, Ids: []string{a.word(2)}})
	case "role":
		_, err = s.iam.DeleteRole(s.ctx, &iam.DeleteRoleInput{RoleName: name})
	default:
		err = fmt.Errorf("delete %q: is no kind", kind)
	}
	return err
}
