package resource

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// user is somebody who uses configurations.
type user struct {
	Use
	of []string // their ARNs
}

// lookAtUsers asks who uses configurations, as far as there are any of ours. A
// list of compositions or stages does not tell, so each is asked for on its own.
// Encoders tells whether there are encoder configurations of ours.
func (l *look) lookAtUsers(ctx context.Context, seen *sight, encoders bool) {
	storages := l.storageThings(seen)
	askStages := slices.ContainsFunc(storages, func(t Thing) bool { return l.Stages || t.Standing != Wanted })
	if len(storages) == 0 && !encoders {
		return
	}
	var wg sync.WaitGroup
	var composing, recording []user
	wg.Go(func() { composing, seen.compositions = l.compositionUsers(ctx) })
	if askStages {
		wg.Go(func() { recording, seen.stages = l.stageUsers(ctx, seen) })
	}
	wg.Wait()
	seen.users = slices.Concat(composing, recording)
	if l.together && l.records(l.region) && seen.compositions != nil {
		seen.warnings = append(seen.warnings, l.uncomposed(seen.compositions))
	}
}

// uncomposed is that nobody can tell what is recorded at this moment. Of what is
// not wanted, the thing itself tells it.
func (l *look) uncomposed(err error) reconcile.Warning {
	return reconcile.Warning{
		Code: WarnOptionalRead, Region: l.region, Step: StepStorage, Resource: l.env.StorageName(),
		Text: fmt.Sprintf("which compositions use it at this moment could not be found out: %v", reconcile.Plain(err)),
		Fix:  "allow ivs:ListCompositions and ivs:GetComposition, or do without",
	}
}

// compositionUsers are the compositions that have not ended.
func (l *look) compositionUsers(ctx context.Context) ([]user, error) {
	client := l.cloud.In(l.region).IVS
	pages := ivsrealtime.NewListCompositionsPaginator(client, &ivsrealtime.ListCompositionsInput{MaxResults: aws.Int32(pageSize)})
	var running []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, cloud.Plain(err)
		}
		for _, one := range page.Compositions {
			if one.State != ivstypes.CompositionStateStopped && one.State != ivstypes.CompositionStateFailed {
				running = append(running, aws.ToString(one.Arn))
			}
		}
	}
	return each(running, func(arn string) (*user, error) {
		out, err := cloud.Call(ctx, client.GetComposition, &ivsrealtime.GetCompositionInput{Arn: aws.String(arn)})
		if err != nil || out.Composition == nil {
			return nil, absent(err, "ResourceNotFoundException")
		}
		return &user{Use{useComposition, arn}, configurationsOf(out.Composition)}, nil
	})
}

// configurationsOf are the ARNs that a composition's destinations name.
func configurationsOf(c *ivstypes.Composition) []string {
	var arns []string
	for _, destination := range c.Destinations {
		if destination.Configuration == nil {
			continue
		}
		if s3 := destination.Configuration.S3; s3 != nil {
			arns = append(append(arns, s3.EncoderConfigurationArns...), aws.ToString(s3.StorageConfigurationArn))
		}
		if channel := destination.Configuration.Channel; channel != nil {
			arns = append(arns, aws.ToString(channel.EncoderConfigurationArn))
		}
	}
	return arns
}

// stageUsers are the stages that record each participant.
func (l *look) stageUsers(ctx context.Context, seen *sight) ([]user, error) {
	if seen.unseen.stages != nil {
		return nil, seen.unseen.stages
	}
	client := l.cloud.In(l.region).IVS
	var all []string
	for _, one := range seen.stageList {
		all = append(all, aws.ToString(one.Arn))
	}
	var done atomic.Int64
	return each(all, func(arn string) (*user, error) {
		defer func() {
			reconcile.Advance(ctx, reconcile.Progress{Done: done.Add(1), Total: int64(len(all)), Unit: "stages"})
		}()
		out, err := cloud.Call(ctx, client.GetStage, &ivsrealtime.GetStageInput{Arn: aws.String(arn)})
		if err != nil || out.Stage == nil || out.Stage.AutoParticipantRecordingConfiguration == nil {
			return nil, absent(err, "ResourceNotFoundException")
		}
		storage := aws.ToString(out.Stage.AutoParticipantRecordingConfiguration.StorageConfigurationArn)
		return &user{Use{useStage, arn}, []string{storage}}, nil
	})
}

// each asks for all ARNs side by side; the answers are in their order. One that
// is gone by then has none.
func each(arns []string, ask func(arn string) (*user, error)) ([]user, error) {
	answers, errs := make([]*user, len(arns)), make([]error, len(arns))
	var wg sync.WaitGroup
	for i, arn := range arns {
		wg.Go(func() { answers[i], errs[i] = ask(arn) })
	}
	wg.Wait()
	var users []user
	for _, answer := range answers {
		if answer != nil {
			users = append(users, *answer)
		}
	}
	return users, first(errs)
}
