package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// leftoverKey matches the variables of a region.
var leftoverKey = lazyregexp.New(`^(` + envBucket + `|` + envStorage + `|` + envEncoder + `)_([A-Z]+(?:_[A-Z]+)+_[0-9]+)$`)

// judgeLeftover is judge for a variable that a sync does not print. As long as
// what it names is there, an app may use it.
func (e *envCheck) judgeLeftover(ctx context.Context, f EnvFound) judgement {
	match := leftoverKey.FindStringSubmatch(f.Name)
	if match == nil || f.Value == "" {
		return judgement{}
	}
	region := strings.ToLower(strings.ReplaceAll(match[2], "_", "-"))
	reason := fmt.Sprintf("%s is no region of %s in the manifest", region, e.env.Name)
	fix := "take the line out, or add the region to the manifest; --write leaves it alone"
	if slices.Contains(e.env.Regions, region) {
		if !slices.Contains(e.regions, region) || match[1] != envBucket {
			return judgement{}
		}
		reason = "the manifest has one bucket for all regions"
		fix = "take the line out, or set aws.ivs.recording.bucket: regional; --write leaves it alone"
	}
	of := map[string]func(string) reconcile.Key{envBucket: bucketKey, envStorage: storageKey, envEncoder: encoderKey}[match[1]](region)
	backed, err := e.backed(ctx, of, f.Value)
	one := &EnvFinding{Code: CodeLeftoverKey, Name: f.Name, Region: region, Line: f.Line, Have: f.Value, Fix: fix}
	one.Text = fmt.Sprintf("a sync does not print this key, since %s", reason)
	switch {
	case err != nil:
		one.Text += fmt.Sprintf("; whether what it names is there could not be found out: %s", unanswered(err))
		return judgement{leftover: one}
	case backed:
		one.Text += "; what it names is still there"
		return judgement{leftover: one}
	}
	one.Text += ", and " + e.unbacked(of, f.Value) + "; " + wrong(of)
	return judgement{finding: one}
}

// backed tells whether a value names something of ours that is there.
func (e *envCheck) backed(ctx context.Context, of reconcile.Key, value string) (bool, error) {
	if isBucket(of) {
		if !bucketForm.MatchString(value) {
			return false, nil
		}
		h, err := e.head(ctx, value, of.Region)
		if isProblem(err, CodeBucketForbidden) {
			return false, nil
		}
		return h.exists, err
	}
	parsed, kind := configurationARN(value)
	if kind != of.Kind || parsed.AccountID != e.account || parsed.Region != of.Region {
		return false, nil
	}
	there, err := e.find(ctx, of, value)
	if isProblem(err, CodeNoIVS) {
		return false, nil
	}
	return there != nil && e.notOurs(kind, there.name, there.tags) == nil, err
}

// unbacked says why a value does not name what its key asks for.
func (e *envCheck) unbacked(of reconcile.Key, value string) string {
	parsed, kind := configurationARN(value)
	switch {
	case isBucket(of) || kind == "":
	case kind != of.Kind:
		return fmt.Sprintf("this is the ARN of %s, not of %s", a(kind), a(of.Kind))
	case parsed.AccountID != e.account:
		return fmt.Sprintf("this is of the account %s, not of %s", parsed.AccountID, e.account)
	case parsed.Region != of.Region:
		return fmt.Sprintf("this is of %s, not of %s", parsed.Region, of.Region)
	}
	return "what it names is not there"
}

// configurationFound is a configuration that somebody has the ARN of.
type configurationFound struct {
	candidate
	name   string
	bucket string           // of a storage configuration
	video  manifest.Encoder // of an encoder configuration
}

// find looks for a configuration by its ARN, and returns nil when there is
// none.
func (e *envCheck) find(ctx context.Context, of reconcile.Key, arn string) (*configurationFound, error) {
	if of == storageKey(of.Region) {
		return e.findStorage(ctx, of.Region, arn)
	}
	out, err := cloud.Call(ctx, e.cloud.In(of.Region).IVS.GetEncoderConfiguration, &ivsrealtime.GetEncoderConfigurationInput{Arn: aws.String(arn)})
	if err != nil {
		return nil, e.ivsError(of.Region, absent(err, "ResourceNotFoundException", "ValidationException"))
	}
	one := out.EncoderConfiguration
	if one == nil {
		return nil, nil
	}
	found := &configurationFound{candidate: candidate{arn: arn, tags: one.Tags}, name: aws.ToString(one.Name)}
	if one.Video != nil {
		found.video = filled(*one.Video)
	}
	return found, nil
}

func (e *envCheck) findStorage(ctx context.Context, region, arn string) (*configurationFound, error) {
	all, err := e.storageList(ctx, region)
	for _, one := range all {
		if aws.ToString(one.Arn) == arn {
			return &configurationFound{candidate: candidate{arn: arn, tags: one.Tags}, name: aws.ToString(one.Name), bucket: bucketOf(one)}, nil
		}
	}
	return nil, err
}
