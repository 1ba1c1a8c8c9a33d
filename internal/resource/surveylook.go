package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// look is a survey's look at one region.
type look struct {
	*Survey
	region string
}

// sight is what a look has seen, ours or not.
type sight struct {
	region string

	// at is where the region records to; nil when it is not to, or where to is
	// not known.
	at        *place
	storages  []ivstypes.StorageConfigurationSummary
	encoders  encodersLive
	buckets   []bucketSight
	users     []user
	stageList []ivstypes.StageSummary
	// proofStages and proofRules are what runs of verify made for this app.
	proofStages, proofRules []proofSight
	// compositions and stages are why it is not known who uses what; nil when
	// it is known, or was not asked.
	compositions, stages error

	group    logGroupLive
	others   []string // log groups of the environment's other apps
	policies []logstypes.ResourcePolicy
	rule     ruleLive
	targets  []ebtypes.Target
	rules    *int // on the event bus; nil when they were not counted

	// unseen is why something above is not known.
	unseen struct{ storages, encoders, stages, groups, policies, rule, proofRules, targets error }

	warnings []reconcile.Warning
	mu       sync.Mutex
	errs     []error
}

func (s *sight) fail(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, err := range errs {
		if err != nil {
			s.errs = append(s.errs, err)
		}
	}
}

func (l *look) Key() reconcile.Key { return reconcile.Key{Region: l.region, Kind: "survey"} }

func (l *look) Needs() []reconcile.Key { return nil }

// Read looks at everything at once. What was seen is kept whatever fails. A
// region that is not in the manifest may be closed to this account, so it fails
// nothing.
func (l *look) Read(ctx context.Context) (*sight, error) {
	seen := &sight{region: l.region}
	var wg sync.WaitGroup
	if l.wish.Recording {
		wg.Go(func() { l.lookAtRecording(ctx, seen) })
	}
	if l.wish.Logging {
		wg.Go(func() { l.lookAtLogging(ctx, seen) })
	}
	wg.Wait()
	l.tellOfProofs(seen)
	l.mu.Lock()
	l.found[l.region] = seen
	l.mu.Unlock()
	if ctx.Err() != nil {
		return seen, context.Cause(ctx)
	}
	if !slices.Contains(l.env.Regions, l.region) {
		return seen, nil
	}
	return seen, errors.Join(distinct(seen.errs)...)
}

// Compare has no steps: a survey changes nothing.
func (l *look) Compare(seen *sight) (reconcile.Comparison, error) {
	c := reconcile.Comparison{Warnings: seen.warnings}
	// One is enough to know that not all was seen.
	if errs := distinct(seen.errs); len(errs) > 0 {
		c.Warnings = append(c.Warnings, reconcile.Warning{
			Code: WarnNotSurveyed, Region: l.region,
			Text: fmt.Sprintf("in %s, which is not in the manifest, not everything could be looked at: %v", l.region, reconcile.Plain(errs[0])),
			Fix:  "if yolo was ever used there, allow the read or look by hand; what is left over there is not listed",
		})
	}
	return c, nil
}

// distinct are the errors that say something of their own, in the order of their
// texts: which read fails first is chance.
func distinct(errs []error) []error {
	sorted := slices.Clone(errs)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Error() < sorted[j].Error() })
	return slices.CompactFunc(sorted, func(a, b error) bool { return a.Error() == b.Error() })
}

// patient bounds the time for a region that is not in the manifest: one that a
// firewall keeps silent must not hold up those that matter.
func (l *look) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if slices.Contains(l.env.Regions, l.region) {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, l.waits.stranger, &reconcile.Problem{
		ProblemCode: cloud.CodeNoAnswer, Text: fmt.Sprintf("no answer within %v", l.waits.stranger),
	})
}

// shared takes the error of a read that a wanted resource needs too, which then
// tells of it.
func (l *look) shared(seen *sight, wanted bool, err error) {
	if !l.together || !wanted {
		seen.fail(err)
	}
}

func (l *look) lookAtRecording(ctx context.Context, seen *sight) {
	lists, done := l.patient(ctx)
	defer done()
	var wg sync.WaitGroup
	wg.Go(func() {
		seen.encoders, seen.unseen.encoders = (&encoder{l.world, l.region}).Read(lists)
		l.shared(seen, l.records(l.region), seen.unseen.encoders)
	})
	for _, name := range l.candidates() {
		wg.Go(func() { l.lookAtBucket(lists, seen, name) })
	}
	encoders := l.listRecording(lists, seen)
	for _, name := range l.bucketsNamed(seen) {
		wg.Go(func() { l.lookAtBucket(lists, seen, name) })
	}
	wg.Go(func() { l.lookAtWantedBucket(lists, seen) })
	wg.Go(func() { l.lookAtProofStages(lists, seen) })
	wg.Go(func() { l.lookAtUsers(ctx, seen, encoders) })
	wg.Wait()
}

// listRecording lists what the further looks depend on, and tells whether there
// are encoder configurations of ours.
func (l *look) listRecording(ctx context.Context, seen *sight) (encoders bool) {
	var wg sync.WaitGroup
	wg.Go(func() {
		seen.storages, seen.unseen.storages = l.storageList(ctx, l.region)
		l.shared(seen, l.records(l.region), seen.unseen.storages)
	})
	wg.Go(func() {
		all, _ := l.encoderList(ctx, l.region) // who gets them tells of the error
		encoders = slices.ContainsFunc(all, l.isOurEncoder)
	})
	wg.Go(func() { seen.stageList, seen.unseen.stages = l.listStages(ctx) })
	wg.Go(func() { l.lookForWantedBucket(ctx, seen) })
	wg.Wait()
	return encoders
}

func (l *look) isOurEncoder(one ivstypes.EncoderConfigurationSummary) bool {
	return aws.ToString(one.Name) == l.env.EncoderName() && l.notOurs("", "", one.Tags) == nil
}

// inManifest tells whether the manifest has the region.
func (l *look) inManifest() bool { return slices.Contains(l.world.env.Regions, l.region) }

func (l *look) lookAtLogging(ctx context.Context, seen *sight) {
	ctx, done := l.patient(ctx)
	defer done()
	wanted := l.logs(l.region)
	var wg sync.WaitGroup
	wg.Go(func() {
		var err error
		seen.group, err = (&logGroup{l.world, l.region}).Read(ctx)
		l.shared(seen, wanted, err)
		all, err := l.environmentGroups(ctx, l.region)
		seen.others, seen.unseen.groups = otherGroups(all, l.env.LogGroupName()), err
	})
	wg.Go(func() {
		seen.policies, seen.unseen.policies = (&logsPolicy{l.world, l.region}).list(ctx)
		l.shared(seen, wanted, seen.unseen.policies)
	})
	wg.Go(func() { l.lookAtRule(ctx, seen, wanted) })
	wg.Go(func() { seen.unseen.proofRules = l.lookAtProofRules(ctx, seen, l.Rules && wanted) })
	wg.Wait()
}

// lookAtRule asks for targets only where there is a rule for them.
func (l *look) lookAtRule(ctx context.Context, seen *sight, wanted bool) {
	var wg sync.WaitGroup
	defer wg.Wait()
	uncounted := make(chan error, 1)
	count := func() { wg.Go(func() { uncounted <- l.countRules(ctx, seen) }) }
	if l.Rules && wanted {
		count()
	}
	ours := &rule{l.world, l.region}
	if found, _ := ours.found(ctx); found != nil {
		wg.Go(func() { _, _ = l.targetsOf(ctx) }) // beside the tags
	}
	live, err := ours.Read(ctx)
	seen.rule, seen.unseen.rule = live, err
	l.shared(seen, wanted, err)
	if live.rule != nil {
		seen.targets, seen.unseen.targets = l.targetsOf(ctx)
		l.shared(seen, wanted, seen.unseen.targets)
	}
	if !l.Rules || !wanted && live.rule == nil {
		return
	}
	if !wanted {
		count()
	}
	// What keeps both from being read is told of the rule.
	if countErr := <-uncounted; countErr != nil && err == nil {
		seen.warnings = append(seen.warnings, l.uncounted(countErr))
	}
}

func (l *look) targetsOf(ctx context.Context) ([]ebtypes.Target, error) {
	live, err := (&target{l.world, l.region}).Read(ctx)
	return live.all, err
}

// countRules counts the rules of the default bus. It is good to know, so one who
// may not is told so and nothing fails.
func (l *look) countRules(ctx context.Context, seen *sight) error {
	all, err := l.listRules(ctx, "")
	if err == nil {
		n := len(all)
		seen.rules = &n
	}
	return err
}

// listRules are the rules of the default bus whose names begin so; "" is all.
func (l *look) listRules(ctx context.Context, prefix string) ([]ebtypes.Rule, error) {
	return l.ruleLists.get(ctx, l.region+" "+prefix, func(ctx context.Context) (all []ebtypes.Rule, err error) {
		in := &eventbridge.ListRulesInput{Limit: aws.Int32(rulesPage)}
		if prefix != "" {
			in.NamePrefix = aws.String(prefix)
		}
		for {
			out, err := cloud.Call(ctx, l.cloud.In(l.region).Events.ListRules, in)
			if err != nil {
				return nil, err
			}
			all = append(all, out.Rules...)
			if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
				return all, nil
			}
		}
	})
}

// rulesPage is the longest page of rules (EventBridge API reference, ListRules).
const rulesPage = 100

func (l *look) uncounted(err error) reconcile.Warning {
	return reconcile.Warning{
		Code: WarnOptionalRead, Region: l.region, Step: StepRule, Resource: l.env.RuleName(),
		Text: fmt.Sprintf("the rules of the event bus could not be counted: %v", reconcile.Plain(err)),
		Fix:  "allow events:ListRules, or do without that number",
	}
}
