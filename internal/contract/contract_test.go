// Package contract is what yolo believes of AWS: numbered beliefs, each with
// where it is said and a proof that knows only clients and names.
//
// go test proves all of them on the emulator. With YOLO_CONTRACT_PROFILE set
// to a profile's name it proves on that profile's account those that can be
// proved there; with YOLO_CONTRACT_BILL also those that AWS bills. docs/beliefs.md
// is the list, made from this suite, and says how. Start at belief; check is what
// a proof works with.
package contract

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// belief is something that yolo holds to be true of AWS.
type belief struct {
	id     string // such as S3-07
	claim  string
	source string // the AWS page that says so, or what else it rests on; see open
	// onlyEmulated is why it is not tried on a real account; "" when it is.
	onlyEmulated string
	// bills is what it has AWS bill; nothing but requests when zero.
	bills bill
	prove func(c *check)
}

// open tells whether AWS leaves it open: then yolo has chosen, the emulator
// keeps to that, and another answer of AWS's is told and no failure.
func (b belief) open() bool { return strings.HasPrefix(b.source, "open: ") }

// group is the beliefs about one service.
type group struct {
	service string // as AWS calls it
	beliefs []belief
}

// suite is all that is believed. What has no bill is proved by TestContract, what
// has one by TestShows.
func suite() []group {
	return append(withoutBill(), group{"Shows", showCases})
}

func withoutBill() []group {
	return []group{
		{"S3", slices.Concat(bucketBeliefs, configurationBeliefs, bucketPolicyBeliefs, objectBeliefs, listingBeliefs, versionBeliefs, uploadBeliefs, teardownBeliefs)},
		{"IVS Real-Time", slices.Concat(encoderBeliefs, ivsLimitBeliefs, ivsTagBeliefs, storageBeliefs, stageBeliefs, tokenBeliefs, compositionBeliefs, lifecycleBeliefs, participantBeliefs, showBeliefs)},
		{"CloudWatch Logs", slices.Concat(logGroupBeliefs, logTagBeliefs, logApartBeliefs, logPolicyBeliefs, groupPolicyBeliefs, accountPolicyBeliefs, logStreamBeliefs)},
		{"EventBridge", slices.Concat(ruleBeliefs, ruleQuotaBeliefs, ruleApartBeliefs, ruleTagBeliefs, targetBeliefs, eventPatternBeliefs, putEventsBeliefs, deliveryBeliefs)},
		{"IAM", slices.Concat(iamBeliefs, permissionBeliefs)},
		{"STS", stsBeliefs},
	}
}

func TestContract(t *testing.T) {
	if profile := os.Getenv(profileVariable); profile != "" {
		proveOnAWS(t, profile)
		return
	}
	proveEmulated(t, withoutBill())
}

// proveEmulated proves each belief on an emulator of its own.
func proveEmulated(t *testing.T, groups []group) {
	if testing.Short() {
		t.Skip("one request after the other; scripts ask the same emulator many at once")
	}
	for _, g := range groups {
		t.Run(g.service, func(t *testing.T) {
			t.Parallel()
			for _, b := range g.beliefs {
				t.Run(b.id, func(t *testing.T) {
					// Time stands still but for what a proof sets it forward, so
					// that none depends on how fast it is.
					begun := time.Now()
					a := emulated(emulatortest.Start(t, emulator.Options{Dir: t.TempDir(), Clock: func() time.Time { return begun }}))
					report(t, b, a.try(t.Context(), b, 0))
					if left := a.leftovers(t); len(left) > 0 {
						t.Errorf("not cleaned up: %s", strings.Join(left, ", "))
					}
				})
			}
		})
	}
}

// report tells the test what came of the proof.
func report(t *testing.T, b belief, o outcome) {
	t.Helper()
	for _, note := range o.notes {
		t.Log(note)
	}
	if o.skipped != "" {
		t.Skip(o.skipped)
	}
	for _, failure := range o.failures {
		t.Errorf("%s\n%s", b.claim, failure)
	}
	if len(o.otherwise) > 0 {
		t.Skipf("open: whether %s; AWS does otherwise: %s", b.claim, strings.Join(o.otherwise, "; "))
	}
}

func TestBeliefsAreNumbered(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range suite() {
		prefix, _, _ := strings.Cut(g.beliefs[0].id, "-")
		if seen[prefix] {
			t.Errorf("two services have ids that begin with %s", prefix)
		}
		seen[prefix] = true
		for i, b := range g.beliefs {
			if want := fmt.Sprintf("%s-%02d", prefix, i+1); b.id != want {
				t.Errorf("%s: the id %s, want %s", g.service, b.id, want)
			}
			if b.claim == "" || b.source == "" || b.prove == nil {
				t.Errorf("%s: a claim, a source and a proof are needed", b.id)
			}
		}
	}
}
