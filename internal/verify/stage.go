package verify

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
)

// tokenMinutes is how long the one token lasts that a stage of ours has.
const tokenMinutes = 15

// userID is who publishes, as events and participants name it.
const userID = manifest.ProofUser

// stage is the one that a show is put on.
type stage struct {
	arn, whip, token string
	update           func(func(*entry)) error
}

var errNoStage = errors.New("IVS answered without a stage, an endpoint or a token")

// makeStage makes a stage with a token to publish. CreateStage takes no
// idempotency token, so one without a clear answer is looked for by its tag. The
// stage is nil where none can be.
func (g *regionRun) makeStage(ctx context.Context) (*stage, error) {
	update, err := g.journal.intend(entry{Region: g.region, Kind: kindStage, Name: g.name()})
	if err != nil {
		return nil, err
	}
	client := g.Cloud.In(g.region).IVS
	out, err := cloud.Call(ctx, client.CreateStage, &ivsrealtime.CreateStageInput{
		Name: aws.String(g.name()), Tags: g.tags(g.name()),
		ParticipantTokenConfigurations: []ivstypes.ParticipantTokenConfiguration{{
			Capabilities: []ivstypes.ParticipantTokenCapability{ivstypes.ParticipantTokenCapabilityPublish},
			Duration:     aws.Int32(tokenMinutes), UserId: aws.String(userID),
		}},
	}, cloud.Unrepeated)
	if refused, ok := errors.AsType[*cloud.Error](err); ok && refused.Status >= 400 && refused.Status < 500 {
		if unwritten := update(func(e *entry) { e.Gone = true }); unwritten != nil {
			err = errors.Join(err, unwritten)
		}
		return nil, err
	}
	s := &stage{update: update}
	if err != nil {
		return s, err
	}
	if out.Stage != nil {
		s.arn = aws.ToString(out.Stage.Arn)
		if out.Stage.Endpoints != nil {
			s.whip = aws.ToString(out.Stage.Endpoints.Whip)
		}
	}
	if len(out.ParticipantTokens) > 0 {
		s.token = aws.ToString(out.ParticipantTokens[0].Token)
	}
	if err := update(func(e *entry) { e.ARN = s.arn }); err != nil {
		return s, err
	}
	if s.arn == "" || s.whip == "" || s.token == "" {
		return s, errNoStage
	}
	return s, nil
}

// ourStages are the stages of a region that carry a run's tag.
func ourStages(ctx context.Context, c *cloud.Clients, accept func(run string, tags map[string]string) bool) ([]string, error) {
	pages := ivsrealtime.NewListStagesPaginator(c.IVS, &ivsrealtime.ListStagesInput{MaxResults: aws.Int32(longestPage)})
	var arns []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return arns, cloud.Plain(err)
		}
		for _, one := range page.Stages {
			if run := one.Tags[TagRun]; run != "" && accept(run, one.Tags) {
				arns = append(arns, aws.ToString(one.Arn))
			}
		}
	}
	return arns, nil
}

// longestPage is that of IVS Real-Time's lists.
const longestPage = 100

// deleteStage deletes a stage with all that goes on on it; one that is gone is
// done. A composition that could not be stopped ends with its stage
// (RealTimeUserGuide, "Session Failure": StageDeleted).
func (r *run) deleteStage(ctx context.Context, c *cloud.Clients, arn string) error {
	running, err := compositionsOn(ctx, c, arn)
	for _, one := range running {
		err = errors.Join(err, stopOne(ctx, c, one))
	}
	if len(running) > 0 {
		err = errors.Join(err, r.settleCompositions(ctx, c, running))
	}
	deleted := r.poll(ctx, r.waits.stopped, func(ctx context.Context) (bool, string, error) {
		_, err := cloud.Call(ctx, c.IVS.DeleteStage, &ivsrealtime.DeleteStageInput{Arn: aws.String(arn)})
		switch {
		case err == nil, cloud.Is(err, "ResourceNotFoundException"):
			return true, "", nil
		case cloud.Is(err, "ConflictException", "PendingVerification"):
			return false, "the stage is in use", nil
		}
		return false, "", err
	})
	if deleted == nil {
		if err != nil {
			r.tell(c.Region, "the stage is gone, but what went on on it may have failed with it: %v", err)
		}
		return nil
	}
	return errors.Join(err, deleted)
}

// settleCompositions waits until compositions have ended, so that the end of the
// stage is not their failure.
func (r *run) settleCompositions(ctx context.Context, c *cloud.Clients, arns []string) error {
	return r.poll(ctx, r.waits.stopped, func(ctx context.Context) (bool, string, error) {
		for _, arn := range arns {
			state, err := compositionState(ctx, c, arn)
			if err != nil {
				return false, "", err
			}
			if state != "" && state != ivstypes.CompositionStateStopped && state != ivstypes.CompositionStateFailed {
				return false, "the composition is " + string(state), nil
			}
		}
		return true, "", nil
	})
}

// cleaning is the context in which things are taken away: not that of the run,
// which may be over.
func (r *run) cleaning(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), r.waits.cleanup)
}
