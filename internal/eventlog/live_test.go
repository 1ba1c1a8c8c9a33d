package eventlog

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/google/go-cmp/cmp"
)

// composed starts a composition that goes to a channel.
func (f *fixture) composed(stageName string) *types.Composition {
	f.t.Helper()
	stage, err := f.clients.IVS.CreateStage(f.t.Context(), &ivsrealtime.CreateStageInput{Name: &stageName})
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := f.clients.IVS.StartComposition(f.t.Context(), &ivsrealtime.StartCompositionInput{
		StageArn: stage.Stage.Arn,
		Destinations: []types.DestinationConfiguration{{Channel: &types.ChannelDestinationConfiguration{
			ChannelArn: aws.String("arn:aws:ivs:" + region + ":" + account + ":channel/AbCdEfGhIjKl"),
		}}},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out.Composition
}

func TestWatch(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch := NewWatch(ctx, []*Log{f.log}, time.Hour)
	if first := <-watch.Seen; first.Err != nil || len(first.Compositions) != 0 || first.Region != region {
		t.Errorf("%+v", first)
	}
	made := f.composed("evening-show")
	f.passes(10 * time.Second)
	f.ResetCalls()
	// It is not waited for an hour, nor is what does not change asked for again.
	for range 2 {
		watch.Now(region)
		seen := <-watch.Seen
		want := []Composition{{
			ARN: *made.Arn, Stage: *made.StageArn, StageName: "evening-show", State: "ACTIVE", Started: *made.StartTime,
			Destinations: []Destination{{ID: *made.Destinations[0].Id, State: "ACTIVE", Kind: "channel"}},
		}}
		if diff := cmp.Diff(want, seen.Compositions); diff != "" || seen.Err != nil {
			t.Fatalf("%v (-want +got)\n%s", seen.Err, diff)
		}
	}
	gets := 0
	for _, operation := range f.Operations() {
		if operation == "GetComposition" || operation == "GetStage" {
			gets++
		}
	}
	if gets != 2 {
		t.Errorf("%d calls for the names, want 2: %q", gets, f.Operations())
	}
	f.Fault("op=ListCompositions code=Whatever status=400 times=1")
	watch.Now(region)
	if seen := <-watch.Seen; seen.Err == nil || seen.Region != region {
		t.Errorf("%+v", seen)
	}
	cancel()
	for range watch.Seen {
		t.Log("one that was under way")
	}
}

func TestDestinationFailed(t *testing.T) {
	for _, state := range types.DestinationState("").Values() {
		if d := (Destination{State: string(state)}); d.Failed() != (state == types.DestinationStateFailed) {
			t.Errorf("%s has failed: %t", state, d.Failed())
		}
	}
}
