package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

// standing is a clock that stands still.
func standing() func() time.Time {
	begun := time.Now()
	return func() time.Time { return begun }
}

// states are those of the compositions that a list shows.
func (f *fixture) states(t *testing.T) []string {
	t.Helper()
	out, err := f.ivs.ListCompositions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	states := []string{}
	for _, c := range out.Compositions {
		states = append(states, string(c.State))
	}
	return states
}

// A composition goes on while nobody looks, through restarts, and is the same
// for all processes over a folder, whichever of them starts or stops it.
func TestCompositionsOfOneFolder(t *testing.T) {
	options := emulator.Options{Dir: t.TempDir(), Clock: standing()}
	first, second := start(t, options), start(t, options)
	if err := first.composition(t); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		f    *fixture
		wait time.Duration
		want []string
	}{
		{second, 0, []string{"STARTING"}},
		{first, 10 * time.Second, []string{"ACTIVE"}},
		{start(t, options), 0, []string{"ACTIVE"}},
		{second, 50 * time.Second, []string{"STOPPING"}},
		{start(t, options), 10 * time.Second, []string{"STOPPED"}},
		{first, 4 * time.Minute, []string{"STOPPED"}},
		{second, time.Minute, []string{}},
		{first, 0, []string{}},
		{start(t, options), 0, []string{}},
	} {
		second.Advance(step.wait)
		if diff := cmp.Diff(step.want, step.f.states(t)); diff != "" {
			t.Errorf("after %v more (-want +got)\n%s", step.wait, diff)
		}
	}
}

// A composition that nobody asked for until it was long over was never there.
func TestCompositionNobodySaw(t *testing.T) {
	f := start(t, emulator.Options{Clock: standing()})
	if err := f.composition(t); err != nil {
		t.Fatal(err)
	}
	f.Advance(time.Hour)
	if got := f.states(t); len(got) != 0 {
		t.Errorf("states %v", got)
	}
}

// The SDK sends a token of its own with StartComposition, so that a start whose
// answer was lost is repeated without harm.
func TestRepeatedStart(t *testing.T) {
	f := start(t, emulator.Options{})
	f.ivs = ivsrealtime.NewFromConfig(f.Config("us-east-1", ""))
	f.Fault("op=StartComposition code=InternalServerException after times=1")
	f.Fault("op=StartComposition reset after times=1")
	if err := f.composition(t); err != nil {
		t.Fatal(err)
	}
	starts := 0
	for _, operation := range f.Operations() {
		if operation == "StartComposition" {
			starts++
		}
	}
	if n := len(f.states(t)); n != 1 || starts != 3 {
		t.Errorf("%d starts made %d compositions, want 3 and 1", starts, n)
	}
}

// What is slow and fails does so for every operation alike.
func TestFaultsOfStages(t *testing.T) {
	f := start(t, emulator.Options{Clock: standing()})
	f.Fault("op=CreateStage code=PendingVerification times=1")
	f.Fault("op=CreateStage invisible=5s times=1")
	f.Fault("op=GetComposition code=ThrottlingException times=1")
	if _, err := f.ivs.CreateStage(t.Context(), nil); code(err) != "PendingVerification" || status(err) != http.StatusForbidden {
		t.Errorf("%v, want PendingVerification", err)
	}
	if _, err := f.ivs.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{Arn: aws.String("x")}); status(err) != http.StatusTooManyRequests {
		t.Errorf("%v, want 429", err)
	}
	made, err := f.ivs.CreateStage(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.ivs.GetStage(t.Context(), &ivsrealtime.GetStageInput{Arn: made.Stage.Arn}); code(err) != "ResourceNotFoundException" {
		t.Errorf("the stage can be seen at once: %v", err)
	}
	f.Advance(6 * time.Second)
	if _, err := f.ivs.GetStage(t.Context(), &ivsrealtime.GetStageInput{Arn: made.Stage.Arn}); err != nil {
		t.Errorf("the stage cannot be seen later: %v", err)
	}
	f.Latency("ivs=60ms")
	begun := time.Now()
	if _, err := f.ivs.ListStages(t.Context(), nil); err != nil || time.Since(begun) < 60*time.Millisecond {
		t.Errorf("it took %v, %v", time.Since(begun), err)
	}
}

func TestRateOfParticipantTokens(t *testing.T) {
	f := start(t, emulator.Options{EnforceRates: true, Clock: standing()})
	made, err := f.ivs.CreateStage(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	throttled := 0
	for range 51 {
		_, err := f.ivs.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageArn: made.Stage.Arn})
		if status(err) == http.StatusTooManyRequests {
			throttled++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if throttled != 1 {
		t.Errorf("%d of 51 throttled, want 1", throttled)
	}
}
