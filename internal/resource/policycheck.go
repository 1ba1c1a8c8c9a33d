package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// checkRounds bounds how often a policy is mended that others keep breaking.
const checkRounds = 5

// policyCheck is the follow-up of storage configurations that were made. IVS
// edits the bucket policy for each, and edits that meet lose statements.
func (b *bucket) policyCheck(triggers []reconcile.Key) reconcile.Node {
	key := reconcile.Key{Region: b.region, Kind: "bucket-policy-check"}
	return reconcile.FollowUp(StepBucket, "bucket policy check", key, triggers, reconcile.Step{
		Action: reconcile.Check,
		Doing:  "check the bucket policy after IVS edited it",
		Do: func(ctx context.Context, look reconcile.Lookup) (reconcile.Outcome, error) {
			return b.checkPolicy(ctx, look)
		},
	})
}

func (b *bucket) checkPolicy(ctx context.Context, look reconcile.Lookup) (reconcile.Outcome, error) {
	outcome := reconcile.Outcome{Revised: true}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return outcome, context.Cause(ctx)
	}
	at := place{name: look(b.Key(), outBucket), region: look(b.Key(), outRegion), exists: true}
	before, err := policy.Parse(look(b.Key(), outPolicy))
	if err != nil {
		return outcome, fmt.Errorf("bucket policy of %q: %w", at.name, err)
	}
	edits := b.edited(look)
	for round := range checkRounds {
		differences, err := b.checkOnce(ctx, at, before, edits, time.Duration(round+1)*b.waits.confirmLoss)
		if err != nil || len(differences) == 0 {
			return outcome, err
		}
		outcome.Changes = append(outcome.Changes, changesOf(differences)...)
		edits = nil // they are waited for once
	}
	return outcome, policyLost(at)
}

func policyLost(at place) error {
	return &reconcile.Problem{
		ProblemCode: CodePolicyLost,
		Text:        fmt.Sprintf("statements of the policy of %q keep disappearing: something else writes it at the same time", at.name),
		Fix:         "find what else writes this bucket's policy (Terraform, CloudFormation, a script), stop it, and run the same command again",
	}
}

// checkOnce mends what is amiss in two reads, confirm apart. All that must be
// known for it is found out before the second one.
func (b *bucket) checkOnce(ctx context.Context, at place, before *policy.Document, edits []string, confirm time.Duration) ([]policy.Difference, error) {
	live, err := b.policyAfterIVS(ctx, at, edits)
	if err != nil || !b.amiss(live, before, at.name) {
		return nil, err
	}
	role, err := b.role(ctx)
	if err != nil {
		return nil, err
	}
	gone := b.gone(ctx, before)
	live, err = b.readLater(ctx, at, confirm)
	if err != nil || !b.amiss(live, before, at.name) {
		return nil, err
	}
	_, differences, err := b.rewrite(ctx, at, role, live, func(fresh *policy.Document) (*policy.Document, []policy.Difference) {
		return b.putBack(fresh, before, gone, bucketLive{place: at, role: role})
	})
	return differences, err
}

// policyAfterIVS reads the policy, and once more a little later when it does
// not show IVS's edits yet: what they lost would not show either.
func (b *bucket) policyAfterIVS(ctx context.Context, at place, edits []string) (*policy.Document, error) {
	live, err := b.readPolicy(ctx, at)
	if err != nil || !slices.ContainsFunc(edits, func(sid string) bool { _, shown := live.Statement(sid); return !shown }) {
		return live, err
	}
	return b.readLater(ctx, at, b.waits.confirmLoss)
}

// edited are the Sids of what IVS added to the policy in this run.
func (b *bucket) edited(look reconcile.Lookup) []string {
	var sids []string
	for _, region := range b.serves {
		if mine := look(storageKey(region), outMine); mine != "" {
			sids = append(sids, ivsSidPrefix+mine[strings.LastIndex(mine, "/")+1:])
		}
	}
	return sids
}

func (b *bucket) readLater(ctx context.Context, at place, pause time.Duration) (*policy.Document, error) {
	if err := reconcile.Pause(ctx, pause, "S3 to show the policy as it is now"); err != nil {
		return nil, err
	}
	return b.readPolicy(ctx, at)
}

// amiss tells whether statements were lost, or IVS lacks a grant.
func (b *bucket) amiss(live, before *policy.Document, name string) bool {
	return len(live.Missing(before)) > 0 || b.ungranted(live, name)
}

// putBack restores lost statements of others, then merges ours.
func (b *bucket) putBack(live, before *policy.Document, gone map[string]bool, facts bucketLive) (*policy.Document, []policy.Difference) {
	lost := slices.DeleteFunc(live.Missing(before), func(s policy.Statement) bool {
		return s.Sid() == policy.SidRecording || s.Sid() == policy.SidMediaConvertRead || gone[s.Sid()]
	})
	document, restored := live.Restore(lost...)
	document, merged := b.merged(document, facts)
	return document, append(restored, merged...)
}

// ivsSidPrefix is how the Sid of a statement of IVS's own begins; it ends with
// the id of its storage configuration, as the ARN does (RealTimeUserGuide,
// composite recording).
const ivsSidPrefix = "CompositeWrite-"

// gone finds the statements, by their Sids, that IVS may have taken out itself
// because the storage configuration is gone that each was for.
func (b *bucket) gone(ctx context.Context, before *policy.Document) map[string]bool {
	byRegion := map[string][]ivstypes.StorageConfigurationSummary{}
	gone := map[string]bool{}
	for _, s := range before.Statements() {
		id, ivs := strings.CutPrefix(s.Sid(), ivsSidPrefix)
		if !ivs || len(s.View().Principals) != 1 {
			continue
		}
		region, ok := policy.RecordingRegion(s.View().Principals[0].Value)
		if !ok {
			continue
		}
		if _, listed := byRegion[region]; !listed {
			all, err := b.listStorages(ctx, region)
			if err != nil {
				continue
			}
			byRegion[region] = all
		}
		gone[s.Sid()] = !slices.ContainsFunc(byRegion[region], func(one ivstypes.StorageConfigurationSummary) bool {
			return strings.HasSuffix(aws.ToString(one.Arn), "/"+id)
		})
	}
	return gone
}

// ungranted tells whether IVS in one of the regions lacks a grant. A statement
// that denies it is no loss, and not ours to mend.
func (b *bucket) ungranted(live *policy.Document, name string) bool {
	return slices.ContainsFunc(b.serves, func(region string) bool {
		verdict := policy.AllowsRecording(live, name, region)
		return !verdict.Allowed && !verdict.Denied && !verdict.Uncertain
	})
}
