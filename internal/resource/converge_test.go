package resource

import (
	"fmt"
	"strings"
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
	for layoutName, layout := range map[string]string{"shared": shared, "regional": regional} {
		clean := start(t, layout)
		clean.sync()
		requests := distinct(clean.calls())
		want := clean.dump()
		for _, request := range requests {
			for _, fault := range []string{"code=AccessDenied status=403 times=1", "code=InternalError status=500 after times=1", "reset after times=1"} {
				t.Run(fmt.Sprintf("%s/%s/%s", layoutName, request, fault), func(t *testing.T) {
					t.Parallel()
					a := start(t, layout)
					a.fault(request + " " + fault)
					a.run()
					a.server.ClearFaults()
					a.sync()
					if diff := cmp.Diff(want, a.dump()); diff != "" {
						t.Errorf("the account (-want +got):\n%s", diff)
					}
					a.settled()
				})
			}
		}
	}
}

// distinct names every request of a run once, as a fault does: the nth one of
// an operation in a region.
func distinct(calls []emulator.Call) []string {
	var all []string
	count := map[string]int{}
	for _, c := range calls {
		one := fmt.Sprintf("service=%s op=%s region=%s", c.Service, c.Operation, c.Region)
		all = append(all, fmt.Sprintf("%s skip=%d", one, count[one]))
		count[one]++
	}
	return all
}
