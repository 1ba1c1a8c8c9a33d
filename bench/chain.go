package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// longestChain is the most requests of which each began after the one before it
// had ended. Requests that wait for each other are such a chain, so with the
// same latency for all it is how many round trips a run took.
func longestChain(calls []emulator.Call) int {
	calls = slices.Clone(calls)
	slices.SortFunc(calls, func(a, b emulator.Call) int { return a.End.Compare(b.End) })
	n := 0
	var free time.Time
	for _, c := range calls {
		if !c.Start.Before(free) {
			n, free = n+1, c.End
		}
	}
	return n
}

// mostInFlight is the largest number of requests that were under way at once.
func mostInFlight(calls []emulator.Call) int {
	type change struct {
		at time.Time
		by int
	}
	var changes []change
	for _, c := range calls {
		changes = append(changes, change{c.Start, 1}, change{c.End, -1})
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by))
	})
	most, now := 0, 0
	for _, c := range changes {
		now += c.by
		most = max(most, now)
	}
	return most
}

// criticalPath is the chain that a run's end waited for: the request that ended
// last, before it the one that ended last before that began, and so on. It is in
// the order of time, and empty for a run without requests.
func criticalPath(calls []emulator.Call) []emulator.Call {
	var path []emulator.Call
	before := func(emulator.Call) bool { return true }
	for {
		last, found := emulator.Call{}, false
		for _, c := range calls {
			if before(c) && (!found || c.End.After(last.End)) {
				last, found = c, true
			}
		}
		if !found {
			slices.Reverse(path)
			return path
		}
		path = append(path, last)
		before = func(c emulator.Call) bool { return c.End.Before(last.Start) }
	}
}
