package resource

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
	"github.com/yolo-live/yolo/internal/reconcile"
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
		faults := emulatortest.Sample(faultsOf(clean.calls(), layout.writes, layout.reads))
		want := clean.dump()
		manyAtOnce(t, len(faults), func(i int) (string, func(*testing.T)) {
			return faults[i], func(t *testing.T) {
				a := start(t, layout.ivs)
				a.fault(faults[i])
				report := a.run()
				a.server.ClearFaults()
				a.certain(report)
				a.sync()
				if diff := cmp.Diff(want, a.dump()); diff != "" {
					t.Errorf("the account (-want +got):\n%s", diff)
				}
				a.writesNothing()
			}
		})
	}
}

// certain asserts that every configuration whose ARN a report tells is there and
// settled.
func (a *account) certain(report *reconcile.Report) {
	a.t.Helper()
	for n := range report.All {
		for _, arn := range []string{n.ARN, n.Outputs[OutARN]} {
			if !strings.HasPrefix(arn, "arn:aws:ivs:") {
				continue
			}
			if !a.hasSettled(n.Key.Region, arn) {
				a.t.Errorf("%v: %s is told, and is not there or not settled", n.Key, arn)
			}
		}
	}
}

func (a *account) hasSettled(region, arn string) bool {
	ivs := a.clients(region).IVS
	for _, one := range do(a.t, ivs.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}).StorageConfigurations {
		if aws.ToString(one.Arn) == arn {
			return one.Tags[tagPending] == ""
		}
	}
	for _, one := range do(a.t, ivs.ListEncoderConfigurations, &ivsrealtime.ListEncoderConfigurationsInput{}).EncoderConfigurations {
		if aws.ToString(one.Arn) == arn {
			return one.Tags[tagPending] == ""
		}
	}
	return false
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

// Runs that begin at the same moment end with one of each, the same for all.
func TestRunsAtOnce(t *testing.T) {
	for _, layout := range []string{shared, regional} {
		a, clean := start(t, layout), start(t, layout)
		a.waits.seen, a.waits.claimLife = 200*time.Millisecond, 20*time.Second
		clean.sync()
		reports := make([]*reconcile.Report, 3)
		var wg sync.WaitGroup
		for i := range reports {
			wg.Go(func() { reports[i] = a.sync() })
		}
		wg.Wait()
		for _, region := range a.wish.Env.Regions {
			for _, key := range []reconcile.Key{storageKey(region), encoderKey(region)} {
				for _, report := range reports {
					if got, want := report.Node(key).Outputs[OutARN], reports[0].Node(key).Outputs[OutARN]; got != want || got == "" {
						t.Errorf("%v: one run uses %q, another %q", key, want, got)
					}
				}
			}
		}
		// What IVS adds to a policy may get lost in between; ours lets it write.
		granted := func(line string) bool { return strings.Contains(line, "CompositeWrite-") }
		if diff := cmp.Diff(slices.DeleteFunc(clean.dump(), granted), slices.DeleteFunc(a.dump(), granted)); diff != "" {
			t.Errorf("the account, beside that of a single run (-want +got):\n%s", diff)
		}
		a.settled()
	}
}
