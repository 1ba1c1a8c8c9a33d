package contract

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// TestBillIsStatedFirst: what each show costs is told, the sum too, and nothing
// is done for an account that nobody answers for.
func TestBillIsStatedFirst(t *testing.T) {
	var said strings.Builder
	announceBill(&said, "sandbox", "123456789012")
	minutes := 0
	for _, b := range showCases {
		if b.bills == (bill{}) || b.onlyEmulated != "" {
			t.Errorf("%s bills nothing, and is a show: %+v", b.id, b.bills)
		}
		if !strings.Contains(said.String(), fmt.Sprintf("%s  %5d min of a participant, %5d min of a composition", b.id, b.bills.participant, b.bills.composition)) {
			t.Errorf("nothing is said of %s", b.id)
		}
		minutes += b.bills.composition
	}
	for _, part := range []string{"profile sandbox", "123456789012", home, away, marker, fmt.Sprintf("%d min of a composition at 1280x720", minutes)} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("%q is not in\n%s", part, said.String())
		}
	}
	for _, g := range withoutBill() {
		for _, b := range g.beliefs {
			if b.bills != (bill{}) {
				t.Errorf("%s bills, and TestContract proves it", b.id)
			}
		}
	}
	for to, want := range map[string]string{
		"123456789012": "<nil>",
		"":             "nothing was done: the same command with YOLO_CONTRACT_BILL=123456789012 does it",
		"yes":          `nothing was done: YOLO_CONTRACT_BILL is "yes", and the profile's account is 123456789012`,
		"210987654321": `nothing was done: YOLO_CONTRACT_BILL is "210987654321", and the profile's account is 123456789012`,
	} {
		if got := fmt.Sprint(consented(to, "123456789012")); got != want {
			t.Errorf("%q: %s, want %s", to, got, want)
		}
	}
}

// TestOpenQuestionsAreTold: another answer to what is open is no failure on an
// account, is tried for with longer pauses before, and is never taken for proved.
func TestOpenQuestionsAreTold(t *testing.T) {
	a, _ := likeAWS(t)
	tried := 0
	other := belief{claim: "it is so", source: "open: nobody says so", prove: func(c *check) { tried++; c.answerf("it is not so") }}
	o := a.persist(t.Context(), other, []time.Duration{0, 0})
	if diff := cmp.Diff([]string{"it is not so"}, o.otherwise); diff != "" || len(o.failures) > 0 || tried != 2 {
		t.Errorf("after %d tries: failures %q, otherwise (-want +got)\n%s", tried, o.failures, diff)
	}
	settled := other
	settled.source = "S3 API: OpenBucket"
	if o := a.persist(t.Context(), settled, []time.Duration{0}); len(o.failures) != 1 {
		t.Errorf("what AWS documents: failures %q, want one", o.failures)
	}
	a.emulated = true
	if o := a.persist(t.Context(), other, []time.Duration{0}); len(o.failures) != 1 {
		t.Errorf("on the emulator: failures %q, want one", o.failures)
	}
}

// TestOtherAnswersOfAWS: the cases of what is open tell of an AWS that does
// otherwise, each in its own words.
func TestOtherAnswersOfAWS(t *testing.T) {
	cases := map[string]belief{}
	for _, g := range suite() {
		for _, b := range g.beliefs {
			cases[b.id] = b
		}
	}
	for name, other := range map[string]struct {
		id      string
		options emulator.Options
		fault   string
		want    string
	}{
		"a group's policy does not count":    {id: "EVT-47", options: emulator.Options{RefuseDoubtfulDelivery: true}, want: "0 events arrived, want some: true"},
		"a bucket of another region refused": {id: "SHOW-06", options: emulator.Options{RefuseForeignRegionBucket: true}, want: "the storage configuration is refused"},
		"an event that is lost":              {id: "SHOW-04", fault: `event="Session End" event-lost`, want: "no Session End in the log"},
		"an event that comes twice":          {id: "SHOW-04", fault: `event="Session Start" event-twice`, want: "Session Start came twice"},
		"an event that is late":              {id: "SHOW-04", fault: `event="Destination Start" event-late=90s`, want: "Destination Start came after Participant Unpublished, which is later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := emulatortest.Start(t, other.options)
			a := &account{id: emulator.DefaultAccount, config: i.Config, advance: i.Advance}
			if other.fault != "" {
				i.Fault(other.fault)
			}
			o := a.try(t.Context(), cases[other.id], 0)
			if said := strings.Join(o.otherwise, "; "); len(o.failures) > 0 || !strings.Contains(said, other.want) {
				t.Errorf("failures %q, otherwise %q, want %q", o.failures, said, other.want)
			}
		})
	}
}

// TestShowThatIsBrokenOffIsCleanedUp: whatever ends it, the publisher leaves, and
// nothing stays.
func TestShowThatIsBrokenOffIsCleanedUp(t *testing.T) {
	for name, end := range map[string]func(c *check, interrupt func()){
		"failure":   func(c *check, _ func()) { c.Fatalf("boom") },
		"panic":     func(*check, func()) { panic("boom") },
		"interrupt": func(c *check, interrupt func()) { interrupt(); c.studio() },
	} {
		t.Run(name, func(t *testing.T) {
			a, i := likeAWS(t)
			a.advance = i.Advance
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			o := a.try(ctx, belief{prove: func(c *check) {
				s := c.studio()
				s.publish()
				s.begin()
				end(c, interrupt)
			}}, 0)
			if len(o.failures) != 1 || strings.Contains(o.failures[0], notCleanedUp) {
				t.Errorf("failures %q, want one, of the proof", o.failures)
			}
			if left := a.leftovers(t); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// TestSweep: what a killed run left goes, once it is over for certain; what others
// have, and what a run that may go on has, stays.
func TestSweep(t *testing.T) {
	a, i := likeAWS(t)
	a.advance = i.Advance
	inhabit(t, a)
	abandon(t, a, newMark(time.Now().Add(-deadAfter/2)))
	before := a.leftovers(t)
	abandon(t, a, newMark(time.Now().Add(-2*deadAfter)))
	swept, err := a.sweep(t.Context())
	if err != nil || len(swept) == 0 {
		t.Errorf("%q went, %v", swept, err)
	}
	if diff := cmp.Diff(before, a.leftovers(t)); diff != "" {
		t.Errorf("left (-want +got)\n%s", diff)
	}
	if swept, err = a.sweep(t.Context()); len(swept) > 0 || err != nil {
		t.Errorf("a second time %q went, %v", swept, err)
	}
}

// abandon leaves what an attempt with that mark would, had it been killed.
func abandon(t *testing.T, a *account, mark string) {
	t.Helper()
	c := &check{account: a, ctx: t.Context(), mark: mark}
	s := c.studio()
	s.begin()
	c.bucket(away)
	must(cloudwatchlogs.NewFromConfig(c.in(home)).CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/yolo/" + c.name())}))
	must(iam.NewFromConfig(c.in(home)).CreateRole(c.Context(), &iam.CreateRoleInput{RoleName: aws.String(c.name()), AssumeRolePolicyDocument: aws.String(trust)}))
	if len(c.failures) > 0 {
		t.Fatal(c.failures)
	}
}

// TestSweepGoesOn: what cannot be read or removed is told, and the rest goes.
func TestSweepGoesOn(t *testing.T) {
	a, i := likeAWS(t)
	a.advance = i.Advance
	abandon(t, a, newMark(time.Now().Add(-2*deadAfter)))
	for _, op := range []string{"ListStages", "ListStorageConfigurations", "ListRules", "DescribeResourcePolicies", "ListBuckets", "ListRoles"} {
		i.Fault("op=" + op + " code=AccessDeniedException")
	}
	_, err := a.sweep(t.Context())
	if n := strings.Count(fmt.Sprint(err), "AccessDenied"); n < 6 {
		t.Errorf("%d refusals were told of: %v", n, err)
	}
	i.ClearFaults()
	cfg := a.config(home, a.id)
	if groups := must(cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(t.Context(), nil)).LogGroups; len(groups) > 0 {
		t.Errorf("the log groups stayed, which nothing stood in the way of")
	}
	if rules := must(eventbridge.NewFromConfig(cfg).ListRules(t.Context(), nil)).Rules; len(rules) != 1 {
		t.Errorf("%d rules, want the one that could not be listed", len(rules))
	}
	if _, err := a.sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if left := a.leftovers(t); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestMarksTellTheirAge: no name of others is taken for one of a dead attempt.
func TestMarksTellTheirAge(t *testing.T) {
	old := newMark(time.Now().Add(-2 * deadAfter))
	for name, want := range map[string]bool{
		old: true, old + "-1": true, "/yolo/" + old + "-2-control": true, newMark(time.Now()) + "-1": false,
		"": false, "theirs": false, "yolo-contract-": false, "yolo-contract-ab12cd34ef56-1": false, "yolo-production-liveplatforms-ivs-storage": false,
	} {
		if got := dead(aws.String(name)); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	if dead(nil) {
		t.Error("no name")
	}
	marks := []string{newMark(time.Now()), newMark(time.Now())}
	if slices.Sort(marks); marks[0] == marks[1] {
		t.Error("two attempts have one mark")
	}
}
