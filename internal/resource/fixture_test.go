package resource

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	shared   = "regions: [us-east-1, eu-west-1]\n        recording: {real_time: true}"
	regional = "regions: [us-east-1, eu-west-1]\n        recording: {real_time: true, bucket: regional}"
)

func layoutOf(bucket string, regions ...string) string {
	return fmt.Sprintf("regions: [%s]\n        recording: {real_time: true, bucket: %s}", strings.Join(regions, ", "), bucket)
}

// quick are waits for tests that run against the emulator.
var quick = waits{
	propagation: time.Second, newBucket: time.Second, contention: time.Second, lookAgain: 10 * time.Millisecond, confirmLoss: 10 * time.Millisecond,
	seen: time.Millisecond, claimLife: time.Second, clocks: 2 * time.Second, settleEvery: 10 * time.Millisecond,
	stranger: patience.stranger, // a slow machine is no silent region
}

// environment is a manifest's, from the lines of aws.ivs.
func environment(t testing.TB, ivs, account string) *manifest.Environment {
	t.Helper()
	text := "name: app\nenvironments:\n  production:\n    aws:\n"
	if account != "" {
		text += "      account-id: \"" + account + "\"\n"
	}
	text += "      region: us-east-1\n      ivs:\n        logging: true\n        " + ivs + "\n"
	path := filepath.Join(t.TempDir(), "yolo.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env, _, err := manifest.Load(path, "production")
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// account is an emulated account with a manifest for it.
type account struct {
	server *emulator.Server
	url    string
	// intercept, when not nil, may answer a request instead of the emulator.
	intercept func(http.ResponseWriter, *http.Request) (answered bool)

	t    testing.TB
	wish Wish
	own  *cloud.Cloud // the test's own calls go through it
	// waits are quick unless a test says otherwise.
	waits waits
}

func start(t testing.TB, ivs string) *account {
	t.Helper()
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &account{
		server: server, t: t, waits: quick,
		wish: Wish{Env: environment(t, ivs, emulator.DefaultAccount), Recording: true, Logging: true},
	}
	a.wish.Regions = a.wish.Env.Regions
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.intercept == nil || !a.intercept(w, r) {
			server.ServeHTTP(w, r)
		}
	}))
	a.url = listener.URL
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// fault arms a fault, in emulator.ParseFault's words.
func (a *account) fault(text string) {
	a.t.Helper()
	f, err := emulator.ParseFault(text)
	if err == nil {
		err = a.server.AddFault(f)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// calls are the requests since server.ResetCalls.
func (a *account) calls() []emulator.Call { return a.server.Calls().Calls }

func (a *account) cloud() *cloud.Cloud {
	a.t.Helper()
	c, err := cloud.Load(a.t.Context(), cloud.Options{
		Region: a.wish.Env.Regions[0], Endpoint: a.url, AccessKey: cmp.Or(a.wish.Env.AccountID, emulator.DefaultAccount),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// clients are those of one region.
func (a *account) clients(region string) *cloud.Clients {
	a.t.Helper()
	if a.own == nil {
		a.own = a.cloud()
	}
	return a.own.In(region)
}

// engine is set up as a command sets it up: whose account it is comes out
// beside the reads.
func (a *account) engine(c *cloud.Cloud) *reconcile.Engine {
	groups, nodes := build(a.wish, c, a.waits)
	go func() { _, _ = c.Account(a.t.Context()) }()
	return &reconcile.Engine{Groups: groups, Nodes: nodes, Gate: func(ctx context.Context) error {
		_, err := c.Account(ctx)
		return err
	}}
}

func (a *account) plan() *reconcile.Report {
	a.t.Helper()
	c := a.cloud()
	report := a.engine(c).Plan(a.t.Context())
	a.identified(c)
	return report
}

// identified waits for the answer that engine asks for.
func (a *account) identified(c *cloud.Cloud) {
	_, _ = c.Account(a.t.Context())
}

// run syncs, whatever comes of it.
func (a *account) run() *reconcile.Report {
	c := a.cloud()
	report := a.engine(c).Run(a.t.Context())
	a.identified(c)
	Conclude(report)
	for n := range report.All {
		if n.Err != nil && strings.Contains(n.Err.Error(), "operation error") {
			a.t.Errorf("%v: the SDK's words are in %q", n.Key, n.Err)
		}
	}
	return report
}

// sync is a run that must go well.
func (a *account) sync() *reconcile.Report {
	a.t.Helper()
	report := a.run()
	for n := range report.All {
		if n.Err != nil {
			a.t.Errorf("%v: %v", n.Key, n.Err)
		}
	}
	return report
}

// settled asserts that there is nothing to do and that a run writes nothing.
func (a *account) settled() {
	a.t.Helper()
	plan := a.plan()
	for n := range plan.All {
		if n.Err != nil || n.Changed {
			a.t.Errorf("%v: would still change: %v, %v", n.Key, n.Changes, n.Err)
		}
	}
	a.writesNothing()
}

// writesNothing asserts that a run sends no mutating request.
func (a *account) writesNothing() {
	a.t.Helper()
	a.server.ResetCalls()
	a.sync()
	for _, call := range a.calls() {
		if call.Mutating {
			a.t.Errorf("a run with nothing to do sent %s to %s", call.Operation, call.Region)
		}
	}
}

// do makes a call of a test's own, which must go well.
func do[I, O, P any](t testing.TB, operation func(context.Context, *I, ...func(*P)) (*O, error), in *I) *O {
	t.Helper()
	out, err := cloud.Call(t.Context(), operation, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
