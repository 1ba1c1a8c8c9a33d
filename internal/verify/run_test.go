package verify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
)

// account is an emulated account that was synced.
type account struct {
	t      testing.TB
	server *emulator.Server
	url    string
	state  string
	env    *manifest.Environment
	// meet, when set, is asked before a request is answered, and tells whether it
	// has answered.
	meet atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	// run is the context of the next run, nil is the test's.
	run context.Context
}

const testRegion = "us-east-1"

func start(t testing.TB) *account {
	t.Helper()
	return startWith(t, emulator.Options{})
}

func startWith(t testing.TB, options emulator.Options) *account {
	t.Helper()
	a := &account{t: t, state: filepath.Join(t.TempDir(), ".yolo")}
	path := filepath.Join(t.TempDir(), "yolo.yml")
	text := "name: app\nenvironments:\n  production:\n    aws:\n      account-id: \"123456789012\"\n      ivs:\n        logging: true\n" +
		"        regions: [us-east-1]\n        recording: {real_time: true, bucket: regional, encoder: {width: 320, height: 180}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if a.env, _, err = manifest.Load(path, "production"); err != nil {
		t.Fatal(err)
	}
	if a.server, err = emulator.Open(options); err != nil {
		t.Fatal(err)
	}
	// The emulator's own listener serves WHIP; the API goes through one that can
	// play dead.
	own, err := a.server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meet := a.meet.Load(); meet == nil || !(*meet)(w, r) {
			a.server.ServeHTTP(w, r)
		}
	}))
	a.url = listener.URL
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = own.Shutdown(ctx)
		_ = a.server.Close()
	})
	groups, nodes := resource.Build(a.wish(), a.cloud())
	report := (&reconcile.Engine{Groups: groups, Nodes: nodes}).Run(t.Context())
	for n := range report.All {
		if n.Err != nil {
			t.Fatal(n.Err)
		}
	}
	return a
}

func (a *account) wish() resource.Wish {
	return resource.Wish{Env: a.env, Regions: a.env.Regions, Recording: true, Logging: true}
}

func (a *account) cloud() *cloud.Cloud {
	a.t.Helper()
	c, err := cloud.Load(a.t.Context(), cloud.Options{Region: testRegion, Endpoint: a.url, AccessKey: "123456789012"})
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *account) clients() *cloud.Clients { return a.cloud().In(testRegion) }

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

// quick are waits for the emulator.
func quick() *waits {
	return &waits{
		active: 10 * time.Second, stopped: 10 * time.Second, ended: 3 * time.Second, log: 2 * time.Second, canary: 2 * time.Second, reason: time.Second,
		cleanup: 20 * time.Second, look: 100 * time.Millisecond, dead: time.Hour,
	}
}

// verify judges and puts a short show on.
func (a *account) verify(change func(*Options)) []proof.Step {
	a.t.Helper()
	c := a.cloud()
	groups, nodes := resource.Build(a.wish(), c)
	plan := (&reconcile.Engine{Groups: groups, Nodes: nodes}).Plan(a.t.Context())
	chains := resource.Chains(a.wish(), plan, nil)
	o := Options{
		Env: a.env, Cloud: c, Account: "123456789012", State: a.state, waits: quick(),
		Regions: []Region{{
			Show:      proof.Show{Region: testRegion, Records: true, Logs: true, Picture: 4 * time.Second, Width: 320, Height: 180},
			Recording: chains[0], Logging: chains[1],
		}},
	}
	if change != nil {
		change(&o)
	}
	ctx := a.t.Context()
	if a.run != nil {
		ctx = a.run
	}
	steps, err := Run(ctx, o)
	if err != nil {
		a.t.Fatal(err)
	}
	return steps
}

// unproven are the findings that are not Pass, as "step id VERDICT: evidence".
func unproven(steps []proof.Step) []string {
	var lines []string
	for _, s := range steps {
		for _, f := range s.Findings {
			if f.Verdict == proof.Pass || f.Behind {
				continue
			}
			line := fmt.Sprintf("%s %s %s: %s", s.ID, f.ID, f.Verdict, f.Evidence)
			if f.Err != nil {
				line += ": " + f.Err.Error()
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// left are what runs made that is still there.
func (a *account) left() []string {
	a.t.Helper()
	c := a.clients()
	var left []string
	stages, err := c.IVS.ListStages(a.t.Context(), &ivsrealtime.ListStagesInput{})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, one := range stages.Stages {
		left = append(left, "stage "+aws.ToString(one.Name))
	}
	rules, err := c.Events.ListRules(a.t.Context(), &eventbridge.ListRulesInput{NamePrefix: aws.String(runPrefix)})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, one := range rules.Rules {
		left = append(left, "rule "+aws.ToString(one.Name))
	}
	journals, err := filepath.Glob(filepath.Join(journalFolder(a.state), "*"))
	if err != nil {
		a.t.Fatal(err)
	}
	for _, path := range journals {
		left = append(left, "file "+filepath.Base(path))
	}
	return left
}

func (a *account) objects() []string {
	a.t.Helper()
	out, err := a.clients().S3.ListObjectsV2(a.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(a.env.BucketName(testRegion))})
	if err != nil {
		a.t.Fatal(err)
	}
	var keys []string
	for _, one := range out.Contents {
		keys = append(keys, aws.ToString(one.Key))
	}
	return keys
}

// TestWhole: a show is proven in both ways, leaves receipts and a recording, and
// nothing else; a change afterwards voids the receipt.
func TestWhole(t *testing.T) {
	t.Parallel()
	a := start(t)
	steps := a.verify(nil)
	if diff := cmp.Diff([]string(nil), unproven(steps)); diff != "" {
		t.Errorf("not proven (-want +got):\n%s", diff)
	}
	if left := a.left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if len(a.objects()) == 0 {
		t.Error("the recording is gone")
	}
	for _, feature := range []string{resource.FeatureRecording, resource.FeatureLogging} {
		if r := LoadReceipt(a.state, "production", testRegion, feature); r == nil || r.Run == "" || len(r.Facts) < 5 {
			t.Errorf("the receipt of %s is %+v", feature, r)
		}
	}
}

// TestPurge: what is deleted is the recording of this run alone.
func TestPurge(t *testing.T) {
	t.Parallel()
	a := start(t)
	if err := a.server.SeedObjects(emulator.Objects{Bucket: a.env.BucketName(testRegion), Count: 3, Prefix: "theirs/"}); err != nil {
		t.Fatal(err)
	}
	steps := a.verify(func(o *Options) { o.Purge = true })
	if lines := unproven(steps); len(lines) > 0 {
		t.Errorf("not proven: %q", lines)
	}
	objects := a.objects()
	if len(objects) != 3 || slices.ContainsFunc(objects, func(key string) bool { return !strings.HasPrefix(key, "theirs/") }) {
		t.Errorf("in the bucket: %q", objects)
	}
}

// TestInterrupted: an interruption in the middle of the show proves nothing and
// leaves nothing.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	a := start(t)
	stop, interrupt := context.WithCancel(t.Context())
	steps := a.verify(func(o *Options) {
		o.Stop = stop
		o.Tell = func(_, text string) {
			if strings.HasPrefix(text, "the destination is ACTIVE") {
				interrupt()
			}
		}
	})
	if diff := cmp.Diff([]string{"show show NOT_PROVEN: it was interrupted"}, unproven(steps)); diff != "" {
		t.Errorf("not proven (-want +got):\n%s", diff)
	}
	if left := a.left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
