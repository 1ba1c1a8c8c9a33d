package resource

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
)

// dump is all that an account has, as lines in order, with the ids masked that
// AWS chooses.
func (a *account) dump() []string {
	a.t.Helper()
	d := &dumper{account: a}
	for _, b := range do(a.t, a.clients("us-east-1").S3.ListBuckets, &s3.ListBucketsInput{}).Buckets {
		at := do(a.t, a.clients("us-east-1").S3.GetBucketLocation, &s3.GetBucketLocationInput{Bucket: b.Name}).LocationConstraint
		d.bucket(aws.ToString(b.Name), cmp.Or(string(at), "us-east-1"))
	}
	for _, region := range a.wish.Env.Regions {
		clients := a.clients(region)
		d.ivs(region, clients)
		d.logs(region, clients)
		d.events(region, clients)
	}
	slices.Sort(d.lines)
	return d.lines
}

type dumper struct {
	*account
	lines []string
}

var chosen = regexp.MustCompile(`(storage-configuration/|encoder-configuration/|CompositeWrite-)[A-Za-z0-9]+`)

func (d *dumper) add(where string, values ...any) {
	raw, err := json.Marshal(values)
	if err != nil {
		d.t.Fatal(err)
	}
	d.lines = append(d.lines, chosen.ReplaceAllString(where+" "+string(raw), "${1}ID"))
}

func statements(document *policy.Document) []string {
	var all []string
	for _, s := range document.Statements() {
		all = append(all, chosen.ReplaceAllString(s.String(), "${1}ID"))
	}
	slices.Sort(all)
	return all
}

func (d *dumper) bucket(name, region string) {
	client := d.clients(region).S3
	ctx, bucket := d.t.Context(), aws.String(name)
	owner, err1 := ownership(ctx, client, bucket, nil)
	block, err2 := publicAccessBlock(ctx, client, bucket, nil)
	document, err3 := bucketPolicy(ctx, client, bucket, nil)
	tags, err4 := bucketTags(ctx, client, bucket, nil)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			d.t.Fatal(err)
		}
	}
	d.add("bucket "+name+" "+region, owner, block, tags)
	for _, s := range statements(document) {
		d.lines = append(d.lines, "bucket "+name+" allows "+s)
	}
}

func (d *dumper) ivs(region string, clients *cloud.Clients) {
	for _, one := range do(d.t, clients.IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}).StorageConfigurations {
		d.add("storage "+region, one.Name, one.Arn, one.S3, one.Tags)
	}
	for _, one := range do(d.t, clients.IVS.ListEncoderConfigurations, &ivsrealtime.ListEncoderConfigurationsInput{}).EncoderConfigurations {
		got := do(d.t, clients.IVS.GetEncoderConfiguration, &ivsrealtime.GetEncoderConfigurationInput{Arn: one.Arn})
		d.add("encoder "+region, one.Name, one.Arn, got.EncoderConfiguration.Video, one.Tags)
	}
}

func (d *dumper) logs(region string, clients *cloud.Clients) {
	for _, g := range do(d.t, clients.Logs.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{}).LogGroups {
		tags := do(d.t, clients.Logs.ListTagsForResource, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn}).Tags
		d.add("group "+region, g.LogGroupName, g.RetentionInDays, tags)
	}
	for _, p := range do(d.t, clients.Logs.DescribeResourcePolicies, &cloudwatchlogs.DescribeResourcePoliciesInput{}).ResourcePolicies {
		document, err := policy.Parse(aws.ToString(p.PolicyDocument))
		if err != nil {
			d.t.Fatal(err)
		}
		d.lines = append(d.lines, fmt.Sprintf("logs policy %s %s %s", region, *p.PolicyName, strings.Join(statements(document), " ")))
	}
}

func (d *dumper) events(region string, clients *cloud.Clients) {
	for _, r := range do(d.t, clients.Events.ListRules, &eventbridge.ListRulesInput{}).Rules {
		tags := do(d.t, clients.Events.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: r.Arn}).Tags
		slices.SortFunc(tags, func(a, b ebtypes.Tag) int { return strings.Compare(*a.Key, *b.Key) })
		d.add("rule "+region, r.Name, r.EventPattern, r.State, r.Description, tags)
		for _, target := range do(d.t, clients.Events.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: r.Name}).Targets {
			d.add("target "+region, r.Name, target.Id, target.Arn, target.RoleArn, target.DeadLetterConfig)
		}
	}
}
