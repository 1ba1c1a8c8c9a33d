package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// composition is the one that records a show.
type composition struct {
	arn, destination string
	// prefix is where the recording is, as StartComposition returned it.
	prefix string
	// unclear tells that it may go on without its prefix being known.
	unclear bool
	update  func(func(*entry)) error
}

var errNoPrefix = errors.New("IVS answered without a composition or a recording prefix")

// destinationError is a destination that did not record, or no more.
type destinationError struct{ state string }

func (e *destinationError) Error() string { return "the destination is " + e.state }

// startComposition starts it with the configured storage and encoder. The
// idempotency token is the run's, so that a repeated call starts no second one;
// the prefix is on disk before anything else happens.
func (g *regionRun) startComposition(ctx context.Context) (*composition, error) {
	update, err := g.journal.intend(entry{Region: g.region, Kind: kindComposition, Name: g.name(), Bucket: g.Recording.Bucket})
	if err != nil {
		return nil, err
	}
	c := &composition{update: update}
	out, err := cloud.Call(ctx, g.Cloud.In(g.region).IVS.StartComposition, &ivsrealtime.StartCompositionInput{
		StageArn: aws.String(g.stage.arn), IdempotencyToken: aws.String(g.id + "-" + g.region), Tags: g.tags(g.name()),
		Destinations: []ivstypes.DestinationConfiguration{{
			S3: &ivstypes.S3DestinationConfiguration{
				StorageConfigurationArn: aws.String(g.Recording.Storage), EncoderConfigurationArns: []string{g.Recording.Encoder},
			},
		}},
	})
	if err != nil {
		c.unclear = cloud.Ambiguous(err)
		return c, err
	}
	if out.Composition != nil {
		c.arn = aws.ToString(out.Composition.Arn)
		if d := out.Composition.Destinations; len(d) > 0 {
			c.destination = aws.ToString(d[0].Id)
			if d[0].Detail != nil && d[0].Detail.S3 != nil {
				c.prefix = aws.ToString(d[0].Detail.S3.RecordingPrefix)
			}
		}
	}
	if err := update(func(e *entry) { e.ARN, e.Prefix = c.arn, c.prefix }); err != nil {
		return c, err
	}
	if c.arn == "" || c.prefix == "" {
		c.unclear = true
		return c, errNoPrefix
	}
	return c, nil
}

// destinationState asks how the one destination is.
func (g *regionRun) destinationState(ctx context.Context) (ivstypes.DestinationState, error) {
	out, err := cloud.Call(ctx, g.Cloud.In(g.region).IVS.GetComposition, &ivsrealtime.GetCompositionInput{Arn: aws.String(g.composition.arn)})
	if err != nil {
		return "", err
	}
	if out.Composition == nil || len(out.Composition.Destinations) == 0 {
		return "", errNoPrefix
	}
	if out.Composition.State == ivstypes.CompositionStateFailed {
		return ivstypes.DestinationStateFailed, nil
	}
	return out.Composition.Destinations[0].State, nil
}

func (g *regionRun) awaitActive(ctx context.Context) error {
	return g.poll(ctx, g.waits.active, func(ctx context.Context) (bool, string, error) {
		asked := time.Now()
		state, err := g.destinationState(ctx)
		switch {
		case err != nil:
			return false, "", err
		case over(state):
			return false, "", &destinationError{string(state)}
		case state == ivstypes.DestinationStateActive:
			return true, "", nil
		}
		g.idle = asked
		return false, "the destination is " + string(state), nil
	})
}

// over tells whether a destination records no more.
func over(state ivstypes.DestinationState) bool {
	return state == ivstypes.DestinationStateFailed || state == ivstypes.DestinationStateStopped || state == ivstypes.DestinationStateStopping
}

// watch returns a destinationError as soon as the destination stops by itself,
// nil when ctx is done.
func (g *regionRun) watch(ctx context.Context) error {
	for reconcile.Pause(ctx, g.waits.look, "") == nil {
		// What it cannot be asked is told by what it recorded.
		if state, err := g.destinationState(ctx); err == nil && over(state) {
			return &destinationError{string(state)}
		}
	}
	return nil
}

// stopComposition stops it and waits until it has.
func (g *regionRun) stopComposition(ctx context.Context) error {
	c := g.Cloud.In(g.region)
	err := stopOne(ctx, c, g.composition.arn)
	g.rolled = time.Since(g.idle)
	if err != nil {
		return err
	}
	err = g.settleCompositions(ctx, c, []string{g.composition.arn})
	if err != nil {
		return fmt.Errorf("wait for its end: %w", err)
	}
	return g.composition.update(func(e *entry) { e.Gone = true })
}

// stopOne stops a composition; one that is over or gone is done.
func stopOne(ctx context.Context, c *cloud.Clients, arn string) error {
	_, err := cloud.Call(ctx, c.IVS.StopComposition, &ivsrealtime.StopCompositionInput{Arn: aws.String(arn)})
	if cloud.Is(err, "ResourceNotFoundException") {
		return nil
	}
	if cloud.Is(err, "ConflictException") {
		if state, stateErr := compositionState(ctx, c, arn); stateErr == nil && state != ivstypes.CompositionStateActive && state != ivstypes.CompositionStateStarting {
			return nil
		}
	}
	return err
}

// compositionState is "" for one that is gone.
func compositionState(ctx context.Context, c *cloud.Clients, arn string) (ivstypes.CompositionState, error) {
	out, err := cloud.Call(ctx, c.IVS.GetComposition, &ivsrealtime.GetCompositionInput{Arn: aws.String(arn)})
	switch {
	case cloud.Is(err, "ResourceNotFoundException"):
		return "", nil
	case err != nil:
		return "", err
	case out.Composition == nil:
		return "", nil
	}
	return out.Composition.State, nil
}

// compositionsOn are those on a stage that are not over.
func compositionsOn(ctx context.Context, c *cloud.Clients, stage string) ([]string, error) {
	pages := ivsrealtime.NewListCompositionsPaginator(c.IVS, &ivsrealtime.ListCompositionsInput{
		FilterByStageArn: aws.String(stage), MaxResults: aws.Int32(longestPage),
	})
	var arns []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if err = cloud.Plain(err); cloud.Is(err, "ResourceNotFoundException") {
				return arns, nil
			}
			return arns, err
		}
		for _, one := range page.Compositions {
			if one.State != ivstypes.CompositionStateStopped && one.State != ivstypes.CompositionStateFailed {
				arns = append(arns, aws.ToString(one.Arn))
			}
		}
	}
	return arns, nil
}
