package contract

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"
)

// proveOnAWS runs the services at the same time and the beliefs of each one
// after the other, for the sake of the quotas and request rates.
func proveOnAWS(t *testing.T, profile string) {
	ctx, a := enter(t, profile)
	announce(os.Stderr, profile, a.id)
	wait(ctx, timeToThink)
	a.sweepFirst(ctx, t)
	for _, g := range withoutBill() {
		t.Run(g.service, func(t *testing.T) {
			t.Parallel()
			for _, b := range g.beliefs {
				t.Run(b.id, func(t *testing.T) { a.proveOne(ctx, t, b, pauses...) })
			}
		})
	}
}

// enter makes a profile's account ready; its context ends with Ctrl-C.
func enter(t *testing.T, profile string) (context.Context, *account) {
	t.Helper()
	if !testing.Verbose() {
		t.Fatal("run it with -v, so that what it will do is said before it is done")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	t.Cleanup(stop)
	a, err := onAWS(ctx, profile)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, a
}

// sweepFirst takes away what killed runs left, and tells of it.
func (a *account) sweepFirst(ctx context.Context, t *testing.T) {
	t.Helper()
	gone, err := a.sweep(ctx)
	for _, what := range gone {
		t.Log("left by an earlier run, and taken away: " + what)
	}
	if err != nil {
		t.Errorf("take away what earlier runs left: %v", err)
	}
}

// proveOne proves a belief on an account.
func (a *account) proveOne(ctx context.Context, t *testing.T, b belief, pauses ...time.Duration) {
	if b.onlyEmulated != "" {
		t.Skip("not on a real account: " + b.onlyEmulated)
	}
	if ctx.Err() != nil {
		t.Skip("interrupted")
	}
	report(t, b, a.persist(ctx, b, pauses))
}

// announce says before anything is made what it will be.
func announce(to io.Writer, profile, id string) {
	tried, service := 0, []string{}
	for _, g := range withoutBill() {
		service = append(service, g.service)
		for _, b := range g.beliefs {
			if b.onlyEmulated == "" {
				tried++
			}
		}
	}
	fmt.Fprintf(to, `%d beliefs about %s will be proved on account %s (profile %s), in %s and %s.

They make and delete buckets with small objects (one of 5 MB), IVS storage and
encoder configurations, stages that nobody joins, log groups, logs resource policies, EventBridge rules
with events of a source of their own, and IAM roles that nobody can use but MediaConvert. All names
hold %q. Nothing else in the account is changed. AWS may bill some cents. It
takes long, for it waits after every change until AWS shows it.

What a run that was killed left behind more than an hour ago is taken away first.
It begins in %v. Ctrl-C ends it, after it has cleaned up.
`, tried, strings.Join(service, ", "), id, profile, home, away, marker, timeToThink)
}
