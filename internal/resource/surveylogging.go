package resource

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
)

// environmentGroups are the log groups of all apps of the environment in a
// region.
func (w *world) environmentGroups(ctx context.Context, region string) ([]logstypes.LogGroup, error) {
	return w.groupLists.get(ctx, region, func(ctx context.Context) ([]logstypes.LogGroup, error) { return w.listGroups(ctx, region) })
}

func (w *world) listGroups(ctx context.Context, region string) ([]logstypes.LogGroup, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(w.cloud.In(region).Logs,
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(w.env.LogGroupPrefix())})
	var all []logstypes.LogGroup
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, cloud.Plain(err)
		}
		all = append(all, page.LogGroups...)
	}
	return all, nil
}

// listedLogGroup is the log group of our name among those of the environment,
// nil when there is none.
func (w *world) listedLogGroup(ctx context.Context, region string) (*logstypes.LogGroup, error) {
	all, err := w.environmentGroups(ctx, region)
	for i := range all {
		if aws.ToString(all[i].LogGroupName) == w.env.LogGroupName() {
			return &all[i], err
		}
	}
	return nil, err
}

func otherGroups(all []logstypes.LogGroup, ours string) []string {
	var others []string
	for _, group := range all {
		if name := aws.ToString(group.LogGroupName); name != ours {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return others
}

// loggingThings are the log group, the policy that has our statement, the rule
// and its target.
func (s *Survey) loggingThings(seen *sight) []Thing {
	standing, why := Wanted, ""
	if !s.logs(seen.region) {
		standing, why = Dropped, s.notWanted(seen.region, s.env.Logging.SkipReason)
	}
	things := slices.Concat(s.groupThings(seen), s.logsPolicyThings(seen, standing), s.ruleThings(seen))
	for i := range things {
		things[i].Standing, things[i].Why = standing, why
	}
	return things
}

func (s *Survey) groupThings(seen *sight) []Thing {
	group := seen.group.group
	if group == nil || s.notOurs("log group", s.env.LogGroupName(), seen.group.tags) != nil {
		return nil
	}
	thing := Thing{
		Key: logGroupKey(seen.region), Step: StepLogGroup,
		Name: s.env.LogGroupName(), ARN: aws.ToString(group.LogGroupArn), Tagged: s.tagged(seen.group.tags),
	}
	if bytes := aws.ToInt64(group.StoredBytes); bytes > 0 {
		thing.Holds = sizeText(bytes) + " of events"
	}
	return []Thing{thing}
}

// logsPolicyThings has the policy of our name as long as our statement is in it.
// In a region without event logging it is not left over while another app of the
// environment has a log group there: they share the statement.
func (s *Survey) logsPolicyThings(seen *sight, standing Standing) []Thing {
	if standing != Wanted && len(seen.others) > 0 {
		return nil
	}
	document, there, err := (&logsPolicy{s.world, seen.region}).document(seen.policies)
	if !there || err != nil || len(eventSids(document)) == 0 {
		return nil
	}
	thing := Thing{Key: logsPolicyKey(seen.region), Step: StepLogGroup, Name: s.env.LogsPolicyName(), Tagged: true, Unknown: seen.unseen.groups}
	for _, name := range seen.others {
		thing.Uses = append(thing.Uses, Use{Kind: useLogGroup, Name: name})
	}
	return []Thing{thing}
}

// eventSid matches the Sids that our statement may have in a logs resource
// policy.
var eventSid = lazyregexp.New(`^` + policy.SidEventBridgeLogs + `[0-9]*$`)

// eventSids are the Sids of our statements in a logs resource policy. A Deny is
// never ours.
func eventSids(document *policy.Document) []string {
	var sids []string
	for _, statement := range document.Statements() {
		if eventSid.MatchString(statement.Sid()) && statement.View().Effect == "Allow" {
			sids = append(sids, statement.Sid())
		}
	}
	return sids
}

// ruleThings are the rule and, on it, our target.
func (s *Survey) ruleThings(seen *sight) []Thing {
	if seen.rule.rule == nil || (&rule{s.world, seen.region}).foreign(seen.rule) != nil {
		return nil
	}
	things := []Thing{{
		Key: ruleKey(seen.region), Step: StepRule,
		Name: s.env.RuleName(), ARN: aws.ToString(seen.rule.rule.Arn), Tagged: s.tagged(seen.rule.tags),
	}}
	for _, one := range seen.targets {
		if aws.ToString(one.Id) == manifest.TargetID {
			things = append(things, Thing{Key: targetKey(seen.region), Step: StepTarget, Name: manifest.TargetID, Tagged: true})
		}
	}
	return things
}

// tagged tells whether tags say that something is ours.
func (w *world) tagged(tags map[string]string) bool {
	return tags[manifest.TagApp] == w.env.App && tags[manifest.TagEnvironment] == w.env.Name
}

// sizeText is a number of bytes as people say it.
func sizeText(bytes int64) string {
	const step = 1000
	switch {
	case bytes == 1:
		return "1 byte"
	case bytes < step:
		return fmt.Sprintf("%d bytes", bytes)
	}
	size, unit := float64(bytes)/step, 0
	units := []string{"kB", "MB", "GB", "TB"}
	for size >= step-0.05 && unit < len(units)-1 { // rounded, it is the next one
		size, unit = size/step, unit+1
	}
	return fmt.Sprintf("%.1f %s", size, units[unit])
}
