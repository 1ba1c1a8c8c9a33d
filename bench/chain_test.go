package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// call lasts from one millisecond to another.
func call(start, end int) emulator.Call {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	return emulator.Call{Start: at(start), End: at(end), RequestID: fmt.Sprintf("%d-%d", start, end)}
}

func TestLongestChain(t *testing.T) {
	for name, c := range map[string]struct {
		calls       []emulator.Call
		chain, most int
		path        string
	}{
		"none":                       {nil, 0, 0, ""},
		"one":                        {[]emulator.Call{call(0, 100)}, 1, 1, "0-100"},
		"one after the other":        {[]emulator.Call{call(0, 100), call(100, 200), call(201, 300)}, 3, 1, "100-200 201-300"},
		"at the same time":           {[]emulator.Call{call(0, 100), call(0, 100), call(99, 199)}, 1, 3, "99-199"},
		"a short one beside a chain": {[]emulator.Call{call(0, 300), call(0, 100), call(101, 200)}, 2, 2, "0-300"},
		"in the order of their ends": {[]emulator.Call{call(5, 90), call(0, 100), call(101, 190), call(102, 205)}, 2, 2, "0-100 102-205"},
	} {
		t.Run(name, func(t *testing.T) {
			var path []string
			for _, c := range criticalPath(c.calls) {
				path = append(path, c.RequestID)
			}
			if got := longestChain(c.calls); got != c.chain {
				t.Errorf("a chain of %d, want %d", got, c.chain)
			}
			if got := mostInFlight(c.calls); got != c.most {
				t.Errorf("%d in flight, want %d", got, c.most)
			}
			if got := strings.Join(path, " "); got != c.path {
				t.Errorf("the end waited for %s, want %s", got, c.path)
			}
		})
	}
}

// A chain found by looking at each of the calls as the last one is as long.
func TestLongestChainOfAny(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var calls []emulator.Call
		for range random.IntN(40) {
			start := random.IntN(500)
			calls = append(calls, call(start, start+1+random.IntN(100)))
		}
		slices.SortFunc(calls, func(a, b emulator.Call) int { return a.Start.Compare(b.Start) })
		want, upTo := 0, make([]int, len(calls))
		for i, c := range calls {
			for j, before := range calls[:i] {
				if !c.Start.Before(before.End) {
					upTo[i] = max(upTo[i], upTo[j])
				}
			}
			upTo[i]++
			want = max(want, upTo[i])
		}
		if got := longestChain(calls); got != want {
			t.Fatalf("a chain of %d, want %d: %v", got, want, calls)
		}
	}
}

// Where the time went adds up to the wall time.
func TestSpent(t *testing.T) {
	s := sample{
		process: process{Begun: time.UnixMilli(0), Ended: time.UnixMilli(260)},
		latency: 100 * time.Millisecond,
		calls:   []emulator.Call{call(20, 120), call(30, 131), call(140, 241)},
	}
	want := spent{start: 20 * time.Millisecond, burst: 10 * time.Millisecond, wire: 202 * time.Millisecond, gaps: 9 * time.Millisecond, end: 19 * time.Millisecond}
	if got := s.spent(); got != want {
		t.Errorf("spent %+v, want %+v", got, want)
	}
	if got := fmt.Sprintf("%.2f %.2f", s.trips(), s.over()); got != "2.60 0.60" {
		t.Errorf("round trips, and over the chain: %s", got)
	}
	if got := (sample{process: s.process}).spent(); got != (spent{start: 260 * time.Millisecond}) {
		t.Errorf("a run without requests spent %+v", got)
	}
	for _, want := range []string{"   30.0    131.0  * ", "   20.0    120.0    ", "  260.0  the process ended", "3 requests, longest chain 2, 2 at once"} {
		if got := drawTimeline(s); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{7, 1, 100}, 7}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: %v, want %v", c.values, got, c.want)
		}
	}
	lasting := func(ms int) sample {
		return sample{process: process{Begun: time.UnixMilli(0), Ended: time.UnixMilli(int64(ms))}}
	}
	if got := typical([]sample{lasting(5), lasting(1), lasting(3)}); got.wall() != 3*time.Millisecond {
		t.Errorf("typical of 5, 1 and 3 ms: %s", got.wall())
	}
}
