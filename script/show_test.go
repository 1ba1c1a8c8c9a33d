package script

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rogpeppe/go-internal/testscript"
)

// shows read something from AWS for aws-show to print.
var shows = map[string]func(s *seeder, name string) (any, error){
	"bucket":        (*seeder).showBucket,
	"storage":       (*seeder).showStorage,
	"encoder":       (*seeder).showEncoder,
	"log-group":     (*seeder).showLogGroup,
	"logs-policies": (*seeder).showLogsPolicies,
	"rule":          (*seeder).showRule,
	"all":           (*seeder).showAll,
}

func awsShow(ts *testscript.TestScript, a arguments) error {
	show, ok := shows[a.word(0)]
	if !ok {
		return fmt.Errorf("aws-show %q: is not known", a.word(0))
	}
	value, err := show(newSeeder(ts, a), a.word(1))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err = io.WriteString(ts.Stdout(), worldOf(ts).mask.text(text.String()))
	return err
}

// sorted puts values in the order of their text with ids left out, which no
// run has a part in.
func sorted(values []any) []any {
	text := func(value any) string {
		raw, _ := json.Marshal(value)
		return string(raw)
	}
	slices.SortStableFunc(values, func(a, b any) int {
		x, y := text(a), text(b)
		return cmp.Or(cmp.Compare(blank(x), blank(y)), cmp.Compare(x, y))
	})
	return values
}

// policy are a document's statements, one a line and sorted.
func policy(text *string) (any, error) {
	var document struct{ Statement any }
	if err := json.Unmarshal([]byte(aws.ToString(text)), &document); err != nil {
		return nil, err
	}
	statements, ok := document.Statement.([]any)
	if !ok {
		statements = []any{document.Statement}
	}
	for i, one := range statements {
		s, _ := one.(map[string]any)
		line := fmt.Sprintf("%s: %v %s may %s on %s", cmp.Or(brief(s["Sid"]), "-"), s["Effect"], brief(s["Principal"]), brief(s["Action"]), brief(s["Resource"]))
		if s["Condition"] != nil {
			line += " if " + brief(s["Condition"])
		}
		statements[i] = line
	}
	return sorted(statements), nil
}

// brief is a part of a statement in short.
func brief(value any) string {
	var parts []string
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			parts = append(parts, brief(one))
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, fmt.Sprintf("%s(%s)", key, brief(value[key])))
		}
	case nil:
		return ""
	default:
		return fmt.Sprint(value)
	}
	return strings.Join(parts, ", ")
}

func (s *seeder) showBucket(name string) (any, error) {
	bucket := aws.String(name)
	head, err := s.s3.HeadBucket(s.ctx, &s3.HeadBucketInput{Bucket: bucket})
	if err != nil {
		return nil, err
	}
	shown := map[string]any{"region": aws.ToString(head.BucketRegion)}
	if out, err := s.s3.GetBucketOwnershipControls(s.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket}); err == nil {
		shown["ownership"] = out.OwnershipControls.Rules[0].ObjectOwnership
	}
	if out, err := s.s3.GetPublicAccessBlock(s.ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket}); err == nil {
		b := out.PublicAccessBlockConfiguration
		shown["public-access-block"] = fmt.Sprintf("block-public-acls %t, ignore-public-acls %t, block-public-policy %t, restrict-public-buckets %t",
			aws.ToBool(b.BlockPublicAcls), aws.ToBool(b.IgnorePublicAcls), aws.ToBool(b.BlockPublicPolicy), aws.ToBool(b.RestrictPublicBuckets))
	}
	if out, err := s.s3.GetBucketTagging(s.ctx, &s3.GetBucketTaggingInput{Bucket: bucket}); err == nil {
		tags := map[string]string{}
		for _, tag := range out.TagSet {
			tags[*tag.Key] = *tag.Value
		}
		shown["tags"] = tags
	}
	if out, err := s.s3.GetBucketPolicy(s.ctx, &s3.GetBucketPolicyInput{Bucket: bucket}); err == nil {
		if shown["policy"], err = policy(out.Policy); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func (s *seeder) showStorage(string) (any, error) {
	out, err := s.ivs.ListStorageConfigurations(s.ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	if err != nil {
		return nil, err
	}
	var all []any
	for _, one := range out.StorageConfigurations {
		all = append(all, map[string]any{"arn": one.Arn, "name": one.Name, "bucket": one.S3.BucketName, "tags": one.Tags})
	}
	return sorted(all), nil
}

func (s *seeder) showEncoder(string) (any, error) {
	out, err := s.ivs.ListEncoderConfigurations(s.ctx, &ivsrealtime.ListEncoderConfigurationsInput{})
	if err != nil {
		return nil, err
	}
	var all []any
	for _, one := range out.EncoderConfigurations {
		full, err := s.ivs.GetEncoderConfiguration(s.ctx, &ivsrealtime.GetEncoderConfigurationInput{Arn: one.Arn})
		if err != nil {
			return nil, err
		}
		v := full.EncoderConfiguration.Video
		all = append(all, map[string]any{
			"arn": one.Arn, "name": one.Name, "tags": one.Tags,
			"video": fmt.Sprintf("%dx%d %g fps %d bps", *v.Width, *v.Height, *v.Framerate, *v.Bitrate),
		})
	}
	return sorted(all), nil
}

func (s *seeder) showLogGroup(name string) (any, error) {
	out, err := s.logs.DescribeLogGroups(s.ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name)})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(out.LogGroups, func(g logstypes.LogGroup) bool { return *g.LogGroupName == name })
	if i < 0 {
		return nil, fmt.Errorf("no log group %q is there", name)
	}
	group := out.LogGroups[i]
	tags, err := s.logs.ListTagsForResource(s.ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: group.LogGroupArn})
	if err != nil {
		return nil, err
	}
	return map[string]any{"arn": group.LogGroupArn, "retention": group.RetentionInDays, "tags": tags.Tags}, nil
}

func (s *seeder) showLogsPolicies(string) (any, error) {
	out, err := s.logs.DescribeResourcePolicies(s.ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{})
	if err != nil {
		return nil, err
	}
	shown := map[string]any{}
	for _, one := range out.ResourcePolicies {
		if shown[*one.PolicyName], err = policy(one.PolicyDocument); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func (s *seeder) showRule(name string) (any, error) {
	rule, err := s.events.DescribeRule(s.ctx, &eventbridge.DescribeRuleInput{Name: aws.String(name)})
	if err != nil {
		return nil, err
	}
	tags, err := s.events.ListTagsForResource(s.ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: rule.Arn})
	if err != nil {
		return nil, err
	}
	targets, err := s.events.ListTargetsByRule(s.ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String(name)})
	if err != nil {
		return nil, err
	}
	var pattern any
	if err := json.Unmarshal([]byte(aws.ToString(rule.EventPattern)), &pattern); err != nil {
		return nil, err
	}
	shown := map[string]any{"arn": rule.Arn, "state": rule.State, "description": rule.Description, "pattern": brief(pattern)}
	set := map[string]string{}
	for _, tag := range tags.Tags {
		set[*tag.Key] = *tag.Value
	}
	shown["tags"] = set
	var all []any
	for _, t := range targets.Targets {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", *t.Id, *t.Arn, aws.ToString(t.RoleArn), aws.ToString(t.Input))))
	}
	shown["targets"] = sorted(all)
	return shown, nil
}
