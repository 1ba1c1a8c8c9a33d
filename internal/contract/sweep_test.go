package contract

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// deadAfter is how old an attempt is that cannot go on any more.
const deadAfter = time.Hour

// newMark is an attempt's, which tells when it began.
func newMark(at time.Time) string {
	return marker + strconv.FormatInt(at.Unix(), 36) + "-" + strings.ToLower(rand.Text()[:8])
}

// dead tells whether a name is of an attempt that is over for certain.
func dead(name *string) bool {
	_, rest, ours := strings.Cut(aws.ToString(name), marker)
	text, _, timed := strings.Cut(rest, "-")
	at, err := strconv.ParseInt(text, 36, 64)
	return ours && timed && err == nil && time.Since(time.Unix(at, 0)) > deadAfter
}

// sweeping is the taking away of what attempts left that were killed. What has
// no name of ours is not known to be ours, and stays.
type sweeping struct {
	*account
	gone []string
	errs []error
}

// sweep returns what it took away. What one thing stands in the way of does not
// keep it from the rest.
func (a *account) sweep(ctx context.Context) ([]string, error) {
	s := &sweeping{account: a}
	for _, region := range []string{home, away} {
		s.ivs(ctx, a.config(region, a.id))
		s.events(ctx, a.config(region, a.id))
		s.logs(ctx, a.config(region, a.id))
	}
	s.buckets(ctx)
	s.roles(ctx)
	return s.gone, errors.Join(s.errs...)
}

// took notes what came of a removal.
func (s *sweeping) took(name *string, err error) {
	if err != nil && !gone(err) {
		s.errs = append(s.errs, err)
		return
	}
	s.gone = append(s.gone, *name)
}

// pagesOf reads a list to its end before anything of it is removed.
func pagesOf[Page, Option any](ctx context.Context, s *sweeping, pages interface {
	HasMorePages() bool
	NextPage(ctx context.Context, o ...func(*Option)) (Page, error)
},
) (all []Page) {
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.errs = append(s.errs, err)
			return all
		}
		all = append(all, page)
	}
	return all
}

func (s *sweeping) ivs(ctx context.Context, cfg aws.Config) {
	client := ivsrealtime.NewFromConfig(cfg)
	for _, page := range pagesOf(ctx, s, ivsrealtime.NewListStagesPaginator(client, nil)) {
		for _, one := range page.Stages {
			if dead(one.Name) {
				s.took(one.Name, s.removeStage(ctx, client, one.Arn))
			}
		}
	}
	for _, page := range pagesOf(ctx, s, ivsrealtime.NewListStorageConfigurationsPaginator(client, nil)) {
		for _, one := range page.StorageConfigurations {
			if one.S3 != nil && dead(one.S3.BucketName) {
				_, err := client.DeleteStorageConfiguration(ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: one.Arn})
				s.took(one.Arn, err)
			}
		}
	}
	for _, page := range pagesOf(ctx, s, ivsrealtime.NewListEncoderConfigurationsPaginator(client, nil)) {
		for _, one := range page.EncoderConfigurations {
			if dead(one.Name) {
				_, err := client.DeleteEncoderConfiguration(ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: one.Arn})
				s.took(one.Name, err)
			}
		}
	}
}

// removeStage deletes a stage with what records it.
func (s *sweeping) removeStage(ctx context.Context, client *ivsrealtime.Client, arn *string) error {
	c := &check{account: s.account, ctx: ctx}
	for _, page := range pagesOf(ctx, s, ivsrealtime.NewListCompositionsPaginator(client, &ivsrealtime.ListCompositionsInput{FilterByStageArn: arn})) {
		for _, one := range page.Compositions {
			if running([]ivstypes.CompositionSummary{one}) == 0 {
				continue
			}
			if err := c.endComposition(ctx, client, one.Arn); err != nil && !gone(err) {
				return err
			}
		}
	}
	_, err := client.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{Arn: arn})
	return err
}

func (s *sweeping) events(ctx context.Context, cfg aws.Config) {
	rules, err := eventbridge.NewFromConfig(cfg).ListRules(ctx, &eventbridge.ListRulesInput{NamePrefix: aws.String(marker)})
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	for _, one := range rules.Rules {
		if dead(one.Name) {
			s.took(one.Name, removeRule(ctx, cfg, one.Name))
		}
	}
}

func (s *sweeping) logs(ctx context.Context, cfg aws.Config) {
	client := cloudwatchlogs.NewFromConfig(cfg)
	groups := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/yolo/" + marker)})
	for _, page := range pagesOf(ctx, s, groups) {
		for _, one := range page.LogGroups {
			if dead(one.LogGroupName) {
				s.took(one.LogGroupName, removeGroup(ctx, cfg, one.LogGroupName))
			}
		}
	}
	policies, err := client.DescribeResourcePolicies(ctx, nil)
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	for _, one := range policies.ResourcePolicies {
		if dead(one.PolicyName) {
			_, err := client.DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: one.PolicyName})
			s.took(one.PolicyName, err)
		}
	}
}

// longestBucketPage is that of ListBuckets, which pages, and tells regions, only
// where it is asked to.
const longestBucketPage = 1000

func (s *sweeping) buckets(ctx context.Context) {
	client := s3.NewFromConfig(s.config(home, s.id))
	in := &s3.ListBucketsInput{Prefix: aws.String(marker), MaxBuckets: aws.Int32(longestBucketPage)}
	for _, page := range pagesOf(ctx, s, s3.NewListBucketsPaginator(client, in)) {
		for _, one := range page.Buckets {
			if dead(one.Name) {
				s.took(one.Name, removeBucket(ctx, s.config(aws.ToString(one.BucketRegion), s.id), one.Name))
			}
		}
	}
}

func (s *sweeping) roles(ctx context.Context) {
	client := iam.NewFromConfig(s.config(home, s.id))
	for _, page := range pagesOf(ctx, s, iam.NewListRolesPaginator(client, nil)) {
		for _, one := range page.Roles {
			if dead(one.RoleName) {
				_, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: one.RoleName})
				s.took(one.RoleName, err)
			}
		}
	}
}
