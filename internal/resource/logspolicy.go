package resource

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// maxLogsPolicies is how many account-scoped resource policies a region takes;
// AWS does not raise it (CloudWatch Logs quotas).
const maxLogsPolicies = 10

// logsPolicy is what lets EventBridge write to a region's log group.
type logsPolicy struct {
	*world
	region string
}

type logsPolicyLive struct {
	account string
	all     []logstypes.ResourcePolicy // account-scoped
	own     []logstypes.ResourcePolicy // of the group itself
}

func logsPolicyKey(region string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: "logs-resource-policy"}
}

func (p *logsPolicy) Key() reconcile.Key { return logsPolicyKey(p.region) }

func (p *logsPolicy) Needs() []reconcile.Key { return nil }

// Read asks for the group's own policy only when it matters.
func (p *logsPolicy) Read(ctx context.Context) (live logsPolicyLive, err error) {
	var accountErr error
	var wg sync.WaitGroup
	wg.Go(func() { live.account, accountErr = p.account(ctx) })
	live.all, err = p.list(ctx)
	wg.Wait()
	if err := first([]error{accountErr, err}); err != nil {
		return live, err
	}
	if !policy.AllowsEventBridge(documents(live.all), p.logGroupARN(p.region, live.account)).Allowed {
		live.own = p.groupPolicies(ctx)
	}
	return live, nil
}

// list reads the account-scoped policies.
func (p *logsPolicy) list(ctx context.Context) ([]logstypes.ResourcePolicy, error) {
	return p.policies.get(ctx, p.region, func(ctx context.Context) ([]logstypes.ResourcePolicy, error) {
		return p.describe(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{})
	})
}

// groupPolicies reads the group's own policy, if there is a group. It decides
// nothing, so whatever stands in the way leaves it out.
func (p *logsPolicy) groupPolicies(ctx context.Context) []logstypes.ResourcePolicy {
	group, err := p.logGroup(ctx, p.region)
	if err != nil || group == nil {
		return nil
	}
	own, _ := p.describe(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{
		ResourceArn: group.LogGroupArn, PolicyScope: logstypes.PolicyScopeResource,
	})
	return own
}

// describe follows the pages; the SDK has no paginator for this one.
func (p *logsPolicy) describe(ctx context.Context, in *cloudwatchlogs.DescribeResourcePoliciesInput) ([]logstypes.ResourcePolicy, error) {
	var all []logstypes.ResourcePolicy
	for {
		out, err := cloud.Call(ctx, p.cloud.In(p.region).Logs.DescribeResourcePolicies, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.ResourcePolicies...)
		if aws.ToString(out.NextToken) == "" {
			return all, nil
		}
		in.NextToken = out.NextToken
	}
}

func (p *logsPolicy) Compare(live logsPolicyLive) (reconcile.Comparison, error) {
	c := reconcile.Comparison{Name: p.env.LogsPolicyName()}
	group := p.logGroupARN(p.region, live.account)
	verdict := policy.AllowsEventBridge(documents(live.all), group)
	c.Outputs = reconcile.Outputs{outDenied: denialOf(verdict), outVerdict: verdict.Reason}
	if verdict.Denied || verdict.Uncertain {
		c.Warnings = append(c.Warnings, p.warning(WarnLogsDenied, "EventBridge may not be able to write to the log group: "+verdict.Reason,
			"change that statement; yolo leaves statements of others as they are"))
	}
	if verdict.Allowed {
		c.Name = verdict.Policy
		if verdict.Policy != p.env.LogsPolicyName() {
			c.Notes = append(c.Notes, fmt.Sprintf("the policy %q already lets EventBridge write", verdict.Policy))
		}
		return c, nil
	}
	if verdict.Denied && p.granted(live) {
		return c, nil
	}
	if near := policy.AllowsEventBridge(documents(live.own), group); near.Allowed {
		c.Notes = append(c.Notes, "the group's own policy lets EventBridge write, but no AWS page says that EventBridge heeds it; the account's is made as well")
	}
	step, err := p.merge(live)
	if err == nil {
		c.Steps = []reconcile.Step{step}
	}
	return c, err
}

// The outputs of a logs resource policy.
const (
	outDenied  = "denied"  // "yes", "maybe", or "" for no
	outVerdict = "verdict" // on EventBridge's access, as a sentence
)

func denialOf(v policy.Verdict) string {
	switch {
	case v.Denied:
		return "yes"
	case v.Uncertain:
		return "maybe"
	}
	return ""
}

// granted tells whether our statement is there, for when a Deny of others
// hides it: another copy would not help.
func (p *logsPolicy) granted(live logsPolicyLive) bool {
	document, there, err := p.document(live.all)
	if !there || err != nil {
		return false
	}
	_, differences := p.mergedWith(document, live.account)
	return len(differences) == 0
}

// merge is the step that puts our statement into the policy of our name.
func (p *logsPolicy) merge(live logsPolicyLive) (reconcile.Step, error) {
	document, there, err := p.document(live.all)
	if err != nil {
		return reconcile.Step{}, err
	}
	action := reconcile.Update
	if !there {
		action = reconcile.Create
		if len(live.all) >= maxLogsPolicies {
			return reconcile.Step{}, p.full(live.all, nil)
		}
	}
	merged, differences := p.mergedWith(document, live.account)
	if size := merged.Size(); size > policy.MaxLogsPolicySize {
		return reconcile.Step{}, tooLarge("logs resource policy", p.env.LogsPolicyName(), size, policy.MaxLogsPolicySize, "characters")
	}
	return reconcile.Step{
		Action: action, Doing: "let EventBridge write to the log group", Changes: changesOf(differences),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return p.put(ctx, live)
		},
	}, nil
}

// put merges our statement into the policy; one that was there is read again
// right before each write, since all apps of the environment share it.
func (p *logsPolicy) put(ctx context.Context, live logsPolicyLive) (outcome reconcile.Outcome, err error) {
	_, again, _ := p.document(live.all)
	err = p.until(ctx, passing{CodeConcurrentChange: time.Now().Add(p.waits.contention)}, func() (err error) {
		if again {
			if live.all, err = p.describe(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{}); err != nil {
				return err
			}
		}
		again = true
		outcome, err = p.write(ctx, live)
		return err
	})
	return outcome, err
}

func (p *logsPolicy) write(ctx context.Context, live logsPolicyLive) (reconcile.Outcome, error) {
	document, _, err := p.document(live.all)
	if err != nil {
		return reconcile.Outcome{}, err
	}
	merged, differences := p.mergedWith(document, live.account)
	if len(differences) == 0 {
		return reconcile.Outcome{Revised: true, Existed: true}, nil
	}
	_, err = cloud.Call(ctx, p.cloud.In(p.region).Logs.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String(p.env.LogsPolicyName()), PolicyDocument: aws.String(merged.String()),
	})
	if cloud.Is(err, "LimitExceededException") {
		// The last place was taken after this run's look.
		if now, readErr := p.describe(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{}); readErr == nil {
			live.all = now
		}
		return reconcile.Outcome{}, p.full(live.all, err)
	}
	return reconcile.Outcome{Revised: true, Changes: changesOf(differences)}, err
}

func (p *logsPolicy) mergedWith(live *policy.Document, account string) (*policy.Document, []policy.Difference) {
	return live.Merge(policy.WantedEventBridgeLogs(live, p.env.LogsPolicyResource(p.region, account)))
}

// document is that of the policy of our name, and whether there is one.
func (p *logsPolicy) document(all []logstypes.ResourcePolicy) (document *policy.Document, there bool, err error) {
	for _, one := range all {
		if aws.ToString(one.PolicyName) == p.env.LogsPolicyName() {
			document, err = policy.Parse(aws.ToString(one.PolicyDocument))
			return document, true, unreadable("logs resource policy", p.env.LogsPolicyName(), err)
		}
	}
	return &policy.Document{}, false, nil
}

// full names the policies that take up all places, and the ways out.
func (p *logsPolicy) full(all []logstypes.ResourcePolicy, cause error) error {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = aws.ToString(one.PolicyName)
	}
	text := fmt.Sprintf("%s has %d of %d logs resource policies, and none of them lets EventBridge write to the group: %s",
		p.region, len(all), maxLogsPolicies, strings.Join(names, ", "))
	if len(all) < maxLogsPolicies {
		text = fmt.Sprintf("%s takes no more logs resource policies; AWS allows %d", p.region, maxLogsPolicies)
	}
	return &reconcile.Problem{
		ProblemCode: CodeLogsPolicyQuota, Text: text,
		Fix: fmt.Sprintf("delete one that is not needed (aws logs delete-resource-policy --region %s --policy-name NAME), or put several into one; AWS does not raise this quota",
			p.region),
		Cause: cause,
	}
}

func (p *logsPolicy) warning(code, text, fix string) reconcile.Warning {
	return reconcile.Warning{Code: code, Region: p.region, Step: StepLogGroup, Resource: p.env.LogsPolicyName(), Text: text, Fix: fix}
}

// documents leaves out what cannot be read: it is not ours, and whatever it
// grants cannot be relied on.
func documents(all []logstypes.ResourcePolicy) []policy.NamedDocument {
	var named []policy.NamedDocument
	for _, one := range all {
		if document, err := policy.Parse(aws.ToString(one.PolicyDocument)); err == nil {
			named = append(named, policy.NamedDocument{Name: aws.ToString(one.PolicyName), Document: document})
		}
	}
	return named
}
