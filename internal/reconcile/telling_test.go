package reconcile

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// doing is a resource with one step.
func doing(do func(ctx context.Context) error) *fake {
	return &fake{key: key("us-east-1", "bucket"), steps: []Step{{
		Action: Delete, Doing: "delete the objects", Changes: []Change{{Attribute: "objects", From: 1000}},
		Do: func(ctx context.Context, _ Lookup) (Outcome, error) { return Outcome{}, do(ctx) },
	}}}
}

// told runs one resource and returns its events.
func told(t *testing.T, f *fake) (all []Event) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		e := engine(f)
		e.Observe = r.observe
		e.Run(t.Context())
		time.Sleep(time.Minute) // what a step left running is over by then
		all = r.events
	})
	return all
}

func TestAdvanceIsToldAFewTimesASecond(t *testing.T) {
	all := told(t, doing(func(ctx context.Context) error {
		for done := range int64(1001) {
			Advance(ctx, Progress{Done: done, Total: 1000, Bytes: 10 * done, Unit: "objects"})
			time.Sleep(time.Millisecond)
		}
		return nil
	}))
	var got []Progress
	var kinds []EventKind
	for _, e := range all {
		kinds = append(kinds, e.Kind)
		if e.Kind != Advanced {
			continue
		}
		got = append(got, e.Progress)
		if e.Step == nil || e.Step.Doing != "delete the objects" {
			t.Errorf("progress of the step %v", e.Step)
		}
	}
	var want []Progress
	for _, done := range []int64{0, 250, 500, 750, 1000} {
		want = append(want, Progress{Done: done, Total: 1000, Bytes: 10 * done, Unit: "objects"})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	wantKinds := []EventKind{Reading, Compared, Doing, Advanced, Advanced, Advanced, Advanced, Advanced, Done, Finished}
	if diff := cmp.Diff(wantKinds, kinds); diff != "" {
		t.Errorf("kinds (-want +got)\n%s", diff)
	}
}

// The last progress is told however soon after another it came: before a wait,
// and at the end of a step that fails too.
func TestTheLastProgressIsTold(t *testing.T) {
	all := told(t, doing(func(ctx context.Context) error {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { Advance(ctx, Progress{Done: 1}) })
		}
		wg.Wait()
		Advance(ctx, Progress{Done: 2})
		Hold(ctx, "S3")()
		Advance(ctx, Progress{Done: 3})
		return context.Canceled
	}))
	var got []int64
	for _, e := range all {
		if e.Kind == Advanced {
			got = append(got, e.Progress.Done)
		}
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNothingIsToldAfterTheStep(t *testing.T) {
	all := told(t, doing(func(ctx context.Context) error {
		release := Hold(ctx, "the list")
		go func() {
			time.Sleep(time.Second)
			Advance(ctx, Progress{Done: 1})
			release()
			Hold(ctx, "nothing")()
		}()
		return nil
	}))
	if last := all[len(all)-1]; last.Kind != Finished {
		t.Errorf("told after the end: %+v", last)
	}
}

func TestHolds(t *testing.T) {
	type hold struct {
		Kind EventKind
		What string
	}
	f := doing(func(ctx context.Context) error {
		first := Hold(ctx, "S3")
		second := Hold(ctx, "IVS")
		second()
		second()
		first()
		return Pause(ctx, time.Second, "")
	})
	var got []hold
	for _, e := range told(t, f) {
		if e.Kind == Held || e.Kind == Released {
			got = append(got, hold{e.Kind, e.Hold})
		}
	}
	want := []hold{{Held, "S3"}, {Held, "IVS"}, {Held, "S3"}, {Released, ""}, {Held, ""}, {Released, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// holding is a resource whose read waits for something.
type holding struct{ fake }

func (h *holding) Read(ctx context.Context) (bool, error) {
	return true, Pause(ctx, time.Second, "the list to agree")
}

func TestAReadTellsWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		h := &holding{fake{key: key("us-east-1", "rule")}}
		e := &Engine{Groups: []Group{{ID: "group"}}, Nodes: []Node{Of("group", "", h)}, Observe: r.observe}
		e.Plan(t.Context())
		if diff := cmp.Diff([]EventKind{Reading, Held, Released, Compared, Finished}, r.of(h.key)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if e := r.events[1]; e.Hold != "the list to agree" || e.Step != nil {
			t.Errorf("held: %+v", e)
		}
	})
}

func TestOutsideOfARunNothingIsTold(t *testing.T) {
	Advance(t.Context(), Progress{Done: 1})
	Hold(t.Context(), "nothing")()
	e := engine(doing(func(ctx context.Context) error {
		Advance(ctx, Progress{Done: 1})
		Hold(ctx, "nothing")()
		return nil
	}))
	if got := results(e.Run(t.Context())); len(got) != 1 || got[0] != "us-east-1 bucket: DELETED" {
		t.Errorf("got %v", got)
	}
}

func BenchmarkAdvance(b *testing.B) {
	var r recorder
	e := engine(doing(func(ctx context.Context) error {
		for b.Loop() {
			Advance(ctx, Progress{Done: 1, Total: 2, Unit: "objects"})
		}
		return nil
	}))
	e.Observe = r.observe
	e.Run(context.Background())
}
