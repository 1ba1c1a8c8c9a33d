// Package resource holds the AWS objects that yolo makes true, one file a
// kind: how each is found, what differs from the manifest, and the calls that
// mend it.
//
// It decides what to do; the engine in reconcile decides when, policy knows
// what policy documents mean, and cloud makes the calls. Start at Build, which
// lists all kinds, then at bucket.go.
package resource

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// world is what the resources of one pass share: the wishes, the clients, and
// the reads that more than one of them needs, each of which is sent once.
type world struct {
	env     *manifest.Environment
	cloud   *cloud.Cloud
	regions []string // the ones to act in, in the manifest's order
	runID   string   // marks what this run made and has not settled
	waits   waits

	// clock is AWS's time, and whether it is known.
	clock   func() (now time.Time, known bool)
	account func(context.Context) (string, error)
	role    func(context.Context) (role, error)

	recordTo map[string]*bucket // by region

	// surveyed tells that the log groups of all apps of the environment are
	// needed anyway, so that ours is looked for among them.
	surveyed bool

	// What several need is read once in a pass, by region unless said otherwise.
	heads        perKey[head] // by region and name
	buckets      perKey[bucketLive]
	storages     perKey[[]ivstypes.StorageConfigurationSummary]
	encoderLists perKey[[]ivstypes.EncoderConfigurationSummary]
	encoders     perKey[encodersLive]
	videos       perKey[manifest.Encoder] // by ARN
	groups       perKey[*logstypes.LogGroup]
	groupLists   perKey[[]logstypes.LogGroup]
	groupLives   perKey[logGroupLive]
	policies     perKey[[]logstypes.ResourcePolicy]
	rulesFound   perKey[*eventbridge.DescribeRuleOutput]
	rules        perKey[ruleLive]
	targets      perKey[targetLive]
}

// waits are the times that this run gives AWS and other runs.
type waits struct {
	// propagation is how long S3 and IAM may take to know everywhere of a
	// bucket or a role that was made a moment ago; newBucket is how long IVS
	// is given to see a bucket, and Logs and EventBridge to know what was made
	// in them.
	propagation, newBucket time.Duration
	// contention is how long somebody else may be changing the same thing.
	contention time.Duration
	// lookAgain is the pause between two looks at what propagates.
	lookAgain time.Duration
	// confirmLoss is how long a loss in a policy must last before it is
	// mended, and each time longer: right after a write S3 may still show the
	// policy from before.
	confirmLoss time.Duration
	// seen is how long a list may lack what another run was seen to have made.
	seen time.Duration
	// claimLife is how long an unsettled configuration is waited for, from
	// when it is first seen. Its run is dead after that. By the time in its
	// claim it is dead clocks later, which is more than two readings of AWS's
	// clock are ever apart.
	claimLife   time.Duration
	clocks      time.Duration
	settleEvery time.Duration
	// stranger is how long a survey gives a region that is not in the manifest.
	stranger time.Duration
}

var patience = waits{
	propagation: 2 * time.Minute, newBucket: 20 * time.Second, contention: 30 * time.Second, lookAgain: 2 * time.Second, confirmLoss: time.Second,
	seen: 1100 * time.Millisecond, claimLife: 15 * time.Second, clocks: 15 * time.Second, settleEvery: 500 * time.Millisecond,
	stranger: 20 * time.Second,
}

func newWorld(env *manifest.Environment, c *cloud.Cloud, regions []string) *world {
	w := &world{env: env, cloud: c, regions: regions, runID: newRunID(), clock: c.Now, account: c.Account}
	if env.AccountID != "" {
		w.account = func(context.Context) (string, error) { return env.AccountID, nil }
	}
	w.role = cloud.Once(w.readRole)
	w.recordTo = w.layOut()
	return w
}

// layOut says which bucket each region records to.
func (w *world) layOut() map[string]*bucket {
	all := map[string]*bucket{}
	if len(w.env.Regions) == 0 {
		return all
	}
	one := func(region string, serves ...string) {
		b := &bucket{world: w, region: region, serves: serves, turn: make(chan struct{}, 1)}
		for _, served := range serves {
			all[served] = b
		}
	}
	if w.env.Recording.Layout == manifest.Shared {
		one(w.env.Regions[0], w.env.Regions...)
		return all
	}
	for _, region := range w.env.Regions {
		one(region, region)
	}
	return all
}

// bucketOf is the bucket that a region records to.
func (w *world) bucketOf(region string) *bucket { return w.recordTo[region] }

// passing tells until when a failure with a code may pass by itself.
type passing map[string]time.Time

// until repeats do while it fails with what may pass.
func (w *world) until(ctx context.Context, may passing, do func() error) error {
	for {
		err := do()
		if err == nil || !time.Now().Before(may[codeOf(err)]) {
			return err
		}
		if err := reconcile.Pause(ctx, w.waits.lookAgain, awaited(err)); err != nil {
			return err
		}
	}
}

// awaited is what a call that failed waits for.
func awaited(err error) string {
	switch codeOf(err) {
	case "NoSuchBucket":
		return "S3 to know the new bucket everywhere"
	case "MalformedPolicy":
		return "S3 to know the new role"
	case "ResourceNotFoundException":
		return unseen(err)
	case CodeConcurrentChange:
		return "another change of the same thing to end"
	}
	return "AWS to answer otherwise than " + codeOf(err)
}

// unseen is what a service is waited for to know that was made a moment ago.
func unseen(err error) string {
	e, _ := errors.AsType[*cloud.Error](err)
	switch {
	case e != nil && e.Operation == "PutRetentionPolicy":
		return "CloudWatch Logs to know the new log group"
	case e != nil && e.Operation == "PutTargets":
		return "EventBridge to know the new rule"
	}
	return "IVS to see the new bucket"
}

func newRunID() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// perKey remembers one answer a key.
type perKey[T any] struct{ answers }

// get returns the answer for key, from fn if it is the first to be asked for.
func (p *perKey[T]) get(ctx context.Context, key string, fn func(context.Context) (T, error)) (T, error) {
	answer, err := p.of(key, func(ctx context.Context) (any, error) { return fn(ctx) })(ctx)
	value, _ := answer.(T)
	return value, err
}

// set remembers the answer for a key that is known already.
func (p *perKey[T]) set(key string, answer T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(key, func(context.Context) (any, error) { return answer, nil })
}

// answers are those of a perKey, whatever their type.
type answers struct {
	mu    sync.Mutex
	byKey map[string]func(context.Context) (any, error)
}

// of is the answer for a key, which is fn's if there is none yet.
func (a *answers) of(key string, fn func(context.Context) (any, error)) func(context.Context) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byKey[key] == nil {
		a.put(key, cloud.Once(fn))
	}
	return a.byKey[key]
}

// put needs the lock.
func (a *answers) put(key string, answer func(context.Context) (any, error)) {
	if a.byKey == nil {
		a.byKey = map[string]func(context.Context) (any, error){}
	}
	a.byKey[key] = answer
}

// role is the MediaConvert role, which is made elsewhere.
type role struct {
	arn     string // "" when there is none, or it may not be seen
	unknown error  // why it is not known whether there is one
	created int64  // Unix seconds
}

// longestRoleName is IAM's limit (IAM API reference, CreateRole).
const longestRoleName = 64

func (w *world) readRole(ctx context.Context) (role, error) {
	if len(w.env.MediaConvertRoleName()) > longestRoleName {
		return role{}, nil
	}
	out, err := cloud.Call(ctx, w.cloud.In(w.env.Regions[0]).IAM.GetRole, &iam.GetRoleInput{RoleName: aws.String(w.env.MediaConvertRoleName())})
	switch {
	case err == nil && out.Role == nil:
		return role{}, nil
	case err == nil:
		return role{arn: aws.ToString(out.Role.Arn), created: aws.ToTime(out.Role.CreateDate).Unix()}, nil
	case cloud.Is(err, "NoSuchEntity", "NoSuchEntityException"):
		return role{}, nil
	case ctx.Err() != nil:
		return role{}, err
	}
	return role{unknown: err}, nil
}

// storageList is every storage configuration of a region, as one answer that
// also tells whether IVS is there at all.
func (w *world) storageList(ctx context.Context, region string) ([]ivstypes.StorageConfigurationSummary, error) {
	return w.storages.get(ctx, region, func(ctx context.Context) ([]ivstypes.StorageConfigurationSummary, error) {
		return w.listStorages(ctx, region)
	})
}

func (w *world) listStorages(ctx context.Context, region string) ([]ivstypes.StorageConfigurationSummary, error) {
	pages := ivsrealtime.NewListStorageConfigurationsPaginator(w.cloud.In(region).IVS,
		&ivsrealtime.ListStorageConfigurationsInput{MaxResults: aws.Int32(pageSize)})
	var all []ivstypes.StorageConfigurationSummary
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, w.ivsError(region, cloud.Plain(err))
		}
		all = append(all, page.StorageConfigurations...)
	}
	return all, nil
}

// pageSize is the longest page that IVS Real-Time gives.
const pageSize = 100

// ivsError explains a failure in a region where AWS lists no IVS Real-Time: an
// endpoint name is computed for any region, so it looks like a broken network.
func (w *world) ivsError(region string, err error) error {
	if manifest.IsIVSRegion(region) || !cloud.Is(err, cloud.CodeNoSuchHost, cloud.CodeUnreachable, cloud.CodeNoAnswer) {
		return err
	}
	return &reconcile.Problem{
		ProblemCode: CodeNoIVS,
		Text:        fmt.Sprintf("AWS lists no IVS Real-Time in %s, and nothing answers for it there", region),
		Fix:         fmt.Sprintf("%s: use one of %s", w.env.RegionLine(region), strings.Join(manifest.IVSRegions(), ", ")),
		Cause:       err,
	}
}

// logGroup is the log group of a region, nil when there is none.
func (w *world) logGroup(ctx context.Context, region string) (*logstypes.LogGroup, error) {
	return w.groups.get(ctx, region, func(ctx context.Context) (*logstypes.LogGroup, error) {
		if w.surveyed {
			return w.listedLogGroup(ctx, region)
		}
		return w.findLogGroup(ctx, region)
	})
}

// findLogGroup looks for the exact name, since DescribeLogGroups filters by
// prefix.
func (w *world) findLogGroup(ctx context.Context, region string) (*logstypes.LogGroup, error) {
	name := w.env.LogGroupName()
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(w.cloud.In(region).Logs,
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, cloud.Plain(err)
		}
		for i := range page.LogGroups {
			if aws.ToString(page.LogGroups[i].LogGroupName) == name {
				return &page.LogGroups[i], nil
			}
		}
	}
	return nil, nil
}
