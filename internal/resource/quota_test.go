package resource

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestQuotaIsForeseen(t *testing.T) {
	w := testWorld(t, layoutOf("shared", "us-east-1"))
	s, e := &storage{world: w, region: "us-east-1", bucket: w.bucketOf("us-east-1")}, &encoder{world: w, region: "us-east-1"}
	storages := func(n int) []ivstypes.StorageConfigurationSummary {
		all := make([]ivstypes.StorageConfigurationSummary, n)
		for i := range all {
			all[i] = ivstypes.StorageConfigurationSummary{Name: aws.String(fmt.Sprintf("other-%d", i)), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String("b")}}
		}
		return all
	}
	encoders := func(n int) encodersLive {
		live := encodersLive{all: make([]ivstypes.EncoderConfigurationSummary, n)}
		for i := range live.all {
			live.all[i] = ivstypes.EncoderConfigurationSummary{Name: aws.String("other"), Arn: aws.String(fmt.Sprintf("arn/%02d", i))}
		}
		return live
	}
	storageOf := func(all []ivstypes.StorageConfigurationSummary) (reconcile.Comparison, error) {
		return s.Compare(storageLive{place: place{name: w.env.SharedBucketName(), region: "us-east-1"}, all: all})
	}
	mine := ivstypes.StorageConfigurationSummary{
		Arn: aws.String("arn/mine"), Name: aws.String(w.env.StorageName()), Tags: ours(w.env, w.env.StorageName()),
		S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(w.env.SharedBucketName())},
	}
	tests := map[string]struct {
		compare func() (reconcile.Comparison, error)
		want    string // the warning's text begins with it; "" for none
	}{
		"four storages":  {func() (reconcile.Comparison, error) { return storageOf(storages(4)) }, ""},
		"five storages":  {func() (reconcile.Comparison, error) { return storageOf(storages(5)) }, "us-east-1 has 5 storage configurations already, and AWS takes 5 unless it was asked for more: other-0 (b), other-1 (b)"},
		"ours among six": {func() (reconcile.Comparison, error) { return storageOf(append(storages(5), mine)) }, ""},
		"19 encoders":    {func() (reconcile.Comparison, error) { return e.Compare(encoders(19)) }, ""},
		"20 encoders":    {func() (reconcile.Comparison, error) { return e.Compare(encoders(20)) }, "us-east-1 has 20 encoder configurations already, and AWS takes 20 unless it was asked for more: other (00), other (01)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := test.compare()
			got := quotaWarnings(c.Warnings)
			if err != nil || len(got) > 1 || (len(got) == 1) != (test.want != "") || !strings.HasPrefix(strings.Join(got, ""), test.want) {
				t.Errorf("warns %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// What was foreseen is not said any more where it was tried.
func TestQuotaIsForeseenInThePlanOnly(t *testing.T) {
	a := start(t, layoutOf("shared", "us-east-1"))
	a.wish.Logging = false
	a.createBucket("taken", "us-east-1")
	for range storageQuota.byDefault {
		do(t, a.clients("us-east-1").IVS.CreateStorageConfiguration, &ivsrealtime.CreateStorageConfigurationInput{
			S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String("taken")},
		})
	}
	if got := quotaWarnings(a.plan().Warnings()); len(got) != 1 {
		t.Errorf("the plan warns %q", got)
	}
	run := a.run()
	if got, err := quotaWarnings(run.Warnings()), run.Node(storageKey("us-east-1")).Err; len(got) != 0 || codeOf(err) != CodeStorageQuota {
		t.Errorf("the result warns %q, and fails with %v", got, err)
	}
}

func quotaWarnings(all []reconcile.Warning) []string {
	var texts []string
	for _, w := range all {
		if w.Code == WarnQuotaNear {
			texts = append(texts, w.Text)
		}
	}
	return texts
}

// Five targets of others, which AWS tells of in one of two ways.
func TestTargetQuota(t *testing.T) {
	for name, fault := range map[string]string{
		"an error":       "",
		"a failed entry": "failed-entry=LimitExceededException",
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, layoutOf("shared", driftRegion))
			a.wish.Recording = false
			a.sync()
			a.removeTarget()
			for i := range maxTargets {
				id, queue := fmt.Sprintf("q%d", i), fmt.Sprintf("arn:aws:sqs:%s:123456789012:queue-%d", driftRegion, i)
				a.putTarget(ebtypes.Target{Id: &id, Arn: &queue})
			}
			if fault != "" {
				a.fault(fault)
			}
			p, ok := errors.AsType[*reconcile.Problem](a.run().Node(targetKey(driftRegion)).Err)
			if !ok || p.ProblemCode != CodeTargetQuota || !strings.Contains(p.Text, "has 5 others: q0 (arn:aws:sqs:eu-west-1:123456789012:queue-0), q1") ||
				!strings.Contains(p.Fix, "aws events remove-targets --region eu-west-1 --rule "+a.wish.Env.RuleName()) {
				t.Errorf("the target says %+v", p)
			}
		})
	}
}

func TestRuleQuota(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Recording = false
	a.fault("op=PutRule code=LimitExceededException")
	p, ok := errors.AsType[*reconcile.Problem](a.run().Node(ruleKey(driftRegion)).Err)
	if !ok || p.ProblemCode != CodeRuleQuota || !strings.Contains(p.Text, "300") || !strings.Contains(p.Fix, "EventBridge") {
		t.Errorf("the rule says %+v", p)
	}
}
