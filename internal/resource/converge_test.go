package resource

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

func TestFirstAndSecondRun(t *testing.T) {
	for name, layout := range map[string]string{"shared": shared, "regional": regional} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, layout)
			report := a.sync()
			for n := range report.All {
				if !n.Changed && !n.FollowUp {
					t.Errorf("%v: nothing was made", n.Key)
				}
			}
			if lines := strings.Join(a.dump(), "\n"); strings.Contains(lines, tagPending) {
				t.Errorf("%s is left:\n%s", tagPending, lines)
			}
			a.settled()
		})
	}
}

// A fault at every request of a first run, then a run without one: the account
// ends as it does without a fault.
func TestFaultAtEveryRequest(t *testing.T) {
	const (
		refused   = "code=AccessDenied status=403 times=1"
		failed    = "code=InternalError status=500 after times=1"
		cutOff    = "reset after times=1"
		halfGiven = "cut times=1"
	)
	for _, layout := range []struct {
		ivs           string
		writes, reads []string
	}{
		{shared, []string{refused, failed, cutOff}, []string{cutOff}},
		{regional, []string{halfGiven}, nil},
	} {
		clean := start(t, layout.ivs)
		clean.sync()
		faults := faultsOf(clean.calls(), layout.writes, layout.reads)
		want := clean.dump()
		manyAtOnce(t, len(faults), func(i int) (string, func(*testing.T)) {
			return faults[i], func(t *testing.T) {
				a := start(t, layout.ivs)
				a.fault(faults[i])
				a.run()
				a.server.ClearFaults()
				a.sync()
				if diff := cmp.Diff(want, a.dump()); diff != "" {
					t.Errorf("the account (-want +got):\n%s", diff)
				}
				a.writesNothing()
			}
		})
	}
}

// faultsOf puts each fault on every request of a run, which is named as the
// nth one of its operation in its region.
func faultsOf(calls []emulator.Call, writes, reads []string) []string {
	var all []string
	count := map[string]int{}
	for _, c := range calls {
		kinds := reads
		if c.Mutating {
			kinds = writes
		}
		request := fmt.Sprintf("service=%s op=%s region=%s", c.Service, c.Operation, c.Region)
		for _, kind := range kinds {
			all = append(all, fmt.Sprintf("%s skip=%d %s", request, count[request], kind))
		}
		count[request]++
	}
	return all
}

// manyAtOnce runs subtests side by side that wait more than they compute, so
// more of them than -parallel says.
func manyAtOnce(t *testing.T, n int, test func(i int) (name string, run func(*testing.T))) {
	t.Helper()
	var wg sync.WaitGroup
	turns := make(chan struct{}, 24)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			name, run := test(i)
			t.Run(name, run)
		})
	}
	wg.Wait()
}
