package resource

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// rounds is the longest chain of requests that waited for each other: with the
// same latency for each, the most that do not overlap.
func rounds(calls []emulator.Call) int {
	calls = slices.Clone(calls)
	slices.SortFunc(calls, func(a, b emulator.Call) int { return a.End.Compare(b.End) })
	n := 0
	var free time.Time
	for _, c := range calls {
		if !c.Start.Before(free) {
			n++
			free = c.End
		}
	}
	return n
}

func writes(calls []emulator.Call) int {
	n := 0
	for _, c := range calls {
		if c.Mutating {
			n++
		}
	}
	return n
}

func layoutOf(bucket string, regions ...string) string {
	return fmt.Sprintf("regions: [%s]\n        recording: {real_time: true, bucket: %s}", strings.Join(regions, ", "), bucket)
}

// The requests of each kind of run. A read that is sent twice, or waits for
// another one without need, shows here.
func TestRequests(t *testing.T) {
	seven := []string{"eu-west-1", "us-east-1", "us-west-2", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2"}
	tests := []struct {
		name, ivs string
		anyone    bool // no account-id in the manifest
		// requests and rounds of a dry run on an empty account, of the first
		// run, and of the second
		dry, first, second [2]int
	}{
		{"one region", layoutOf("shared", "eu-west-1"), false, [2]int{14, 1}, [2]int{29, 6}, [2]int{17, 2}},
		{"one region, any account", layoutOf("shared", "eu-west-1"), true, [2]int{14, 2}, [2]int{29, 7}, [2]int{17, 2}},
		{"us-east-1", layoutOf("shared", "us-east-1"), false, [2]int{14, 1}, [2]int{30, 7}, [2]int{17, 2}},
		{"two regions, shared", layoutOf("shared", "eu-west-1", "us-east-1"), false, [2]int{20, 1}, [2]int{47, 6}, [2]int{26, 2}},
		{"two regions, regional", layoutOf("regional", "eu-west-1", "us-east-1"), false, [2]int{28, 1}, [2]int{59, 7}, [2]int{34, 2}},
		{"two regions, regional, any account", layoutOf("regional", "eu-west-1", "us-east-1"), true, [2]int{28, 2}, [2]int{59, 8}, [2]int{34, 2}},
		{"seven regions, shared", layoutOf("shared", seven...), false, [2]int{50, 1}, [2]int{137, 6}, [2]int{71, 2}},
	}
	manyAtOnce(t, len(tests), func(i int) (string, func(*testing.T)) {
		test := tests[i]
		return test.name, func(t *testing.T) {
			// A machine that stalls for as long as a request takes makes one round
			// look like two.
			var problems []string
			for _, latency := range []time.Duration{150 * time.Millisecond, 600 * time.Millisecond, 2 * time.Second} {
				problems = measure(t, test.ivs, test.anyone, latency, [][2]int{test.dry, test.first, test.second})
				if len(problems) == 0 {
					return
				}
			}
			t.Error(strings.Join(problems, "\n"))
		}
	})
}

// measure does a dry run, a first and a second run, and tells which of them had
// other requests and rounds than wanted, with that latency of each request.
func measure(t *testing.T, ivs string, anyone bool, latency time.Duration, want [][2]int) (problems []string) {
	t.Helper()
	a := start(t, ivs)
	a.waits.claimLife = time.Minute // a list takes at least latency, and is acted on only while it is fresh
	if anyone {
		a.wish.Env = environment(t, ivs, "")
	}
	if err := a.server.AddLatency(emulator.Latency{Delay: emulator.Duration(latency)}); err != nil {
		t.Fatal(err)
	}
	for i, run := range []func() *reconcile.Report{a.plan, a.sync, a.sync} {
		a.server.ResetCalls()
		run()
		calls := a.calls()
		if got := [2]int{len(calls), rounds(calls)}; got != want[i] {
			problems = append(problems, fmt.Sprintf("run %d: requests and rounds %v, want %v:\n%s", i, got, want[i], timeline(calls)))
		}
	}
	if n := writes(a.calls()); n != 0 {
		problems = append(problems, fmt.Sprintf("the second run sent %d mutating requests", n))
	}
	return problems
}

// timeline shows when which request was under way.
func timeline(calls []emulator.Call) string {
	calls = slices.Clone(calls)
	slices.SortFunc(calls, func(a, b emulator.Call) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Operation, b.Operation))
	})
	var text strings.Builder
	for _, c := range calls {
		begun := calls[0].Start
		fmt.Fprintf(&text, "%5d-%5d %-12s %s %d\n", c.Start.Sub(begun).Milliseconds(), c.End.Sub(begun).Milliseconds(), c.Region, c.Operation, c.Status)
	}
	return text.String()
}
