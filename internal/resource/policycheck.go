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
	b.checking.Lock()
	defer b.checking.Unlock()
	at := place{name: look(b.Key(), outBucket), region: look(b.Key(), outRegion), exists: true}
	outcome := reconcile.Outcome{Revised: true}
	before, err := policy.Parse(look(b.Key(), outPolicy))
	if err != nil {
		return outcome, fmt.Errorf("bucket policy of %q: %w", at.name, err)
	}
	for round := range checkRounds {
		live, _, err := b.losses(ctx, at, before)
		if err != nil || live == nil {
			return outcome, err
		}
		if err := reconcile.Pause(ctx, time.Duration(round+1)*b.waits.confirmLoss); err != nil {
			return outcome, err
		}
		live, missing, err := b.losses(ctx, at, before)
		if err != nil || live == nil {
			return outcome, err
		}
		changes, err := b.putBack(ctx, at, live, missing)
		if err != nil || len(changes) == 0 {
			return outcome, err
		}
		outcome.Changes = append(outcome.Changes, changes...)
	}
	return outcome, &reconcile.Problem{
		ProblemCode: CodePolicyLost,
		Text:        fmt.Sprintf("statements of the policy of %q keep disappearing: something else writes it at the same time", at.name),
		Fix:         "find what else writes this bucket's policy (Terraform, CloudFormation, a script), stop it, and run the same command again",
	}
}

// losses reads the policy and compares it with the one before. A nil document
// means that nothing is amiss.
func (b *bucket) losses(ctx context.Context, at place, before *policy.Document) (*policy.Document, []policy.Statement, error) {
	live, err := b.readPolicy(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	missing := live.Missing(before)
	if len(missing) == 0 && !b.ungranted(live, at.name) {
		return nil, nil, nil
	}
	return live, missing, nil
}

// putBack restores lost statements, then merges ours.
func (b *bucket) putBack(ctx context.Context, at place, live *policy.Document, missing []policy.Statement) ([]reconcile.Change, error) {
	role, err := b.role(ctx)
	if err != nil {
		return nil, err
	}
	foreign := slices.DeleteFunc(slices.Clone(missing), func(s policy.Statement) bool {
		return s.Sid() == policy.SidRecording || s.Sid() == policy.SidMediaConvertRead || b.revoked(ctx, s)
	})
	document, restored := live.Restore(foreign...)
	document, merged := b.merged(document, bucketLive{place: at, role: role})
	differences := append(restored, merged...)
	if len(differences) == 0 {
		return nil, nil
	}
	return changesOf(differences), b.writePolicy(ctx, at, document, role)
}

// revoked tells whether IVS took a statement of its own out because the storage
// configuration is gone that it was for: IVS ends the Sid with the
// configuration's id (RealTimeUserGuide, composite recording).
func (b *bucket) revoked(ctx context.Context, s policy.Statement) bool {
	id, ours := strings.CutPrefix(s.Sid(), "CompositeWrite-")
	if !ours || len(s.View().Principals) != 1 {
		return false
	}
	region, ok := policy.RecordingRegion(s.View().Principals[0].Value)
	if !ok {
		return false
	}
	all, err := b.listStorages(ctx, region)
	return err == nil && !slices.ContainsFunc(all, func(one ivstypes.StorageConfigurationSummary) bool {
		return strings.HasSuffix(aws.ToString(one.Arn), "/"+id)
	})
}

// ungranted tells whether IVS in one of the regions lacks a grant. A statement
// that denies it is no loss, and not ours to mend.
func (b *bucket) ungranted(live *policy.Document, name string) bool {
	return slices.ContainsFunc(b.serves, func(region string) bool {
		verdict := policy.AllowsRecording(live, name, region)
		return !verdict.Allowed && !verdict.Denied && !verdict.Uncertain
	})
}
