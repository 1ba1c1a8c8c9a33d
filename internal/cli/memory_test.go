package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func percent() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func TestCollectLate(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(usualPercent))
	collectLate()
	if got := percent(); got != latePercent {
		t.Fatalf("at the start %d %%, want %d", got, latePercent)
	}
	for until := time.Now().Add(time.Minute); percent() != usualPercent; time.Sleep(time.Millisecond) {
		if runtime.GC(); time.Now().After(until) {
			t.Fatalf("after a collection %d %%, want %d", percent(), usualPercent)
		}
	}
}

func TestCollectLateAsGOGCSays(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	collectLate()
	if got := percent(); got != 50 {
		t.Errorf("%d %%, want the 50 that it was started with", got)
	}
}
