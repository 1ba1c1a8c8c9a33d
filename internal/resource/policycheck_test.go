package resource

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// withoutStorages is an account that is set up, has a statement of others in
// its policy, and lost its storage configurations.
func withoutStorages(t *testing.T) *account {
	t.Helper()
	a := start(t, driftLayout)
	a.wish.Logging = false
	a.sync()
	a.putBucketPolicy(foreignPolicy)
	a.sync()
	for _, region := range a.wish.Env.Regions {
		for _, one := range do(t, a.clients(region).IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}).StorageConfigurations {
			do(t, a.clients(region).IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: one.Arn})
		}
	}
	return a
}

func checkOf(report *reconcile.Report) *reconcile.NodeReport {
	return report.Node(reconcile.Key{Region: driftRegion, Kind: "bucket-policy-check"})
}

func (a *account) has(t *testing.T, sids ...string) {
	t.Helper()
	dump := strings.Join(a.dump(), "\n")
	for _, sid := range sids {
		if !strings.Contains(dump, `"Sid":"`+sid) {
			t.Errorf("the statement %s is gone:\n%s", sid, dump)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	tests := map[string]struct {
		fault string
		mends bool
	}{
		"nothing lost": {"op=GetRole region=none refuse", false},
		// IVS's own grant is lost, and ours still lets it write.
		"IVS's own edit lost": {"op=CreateStorageConfiguration lose-policy-edit", false},
		// IVS writes a document back from before its last edit.
		"an older document": {"op=CreateStorageConfiguration stale-policy-edit times=1", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := withoutStorages(t)
			// Two creates would decide by chance which edit is lost.
			a.wish.Regions = []string{driftRegion}
			a.putBucketPolicy(strings.Replace(foreignPolicy, "Theirs", "Newer", 1))
			a.fault(test.fault)
			report := a.sync()
			check := checkOf(report)
			if check == nil || check.Changed != test.mends {
				t.Errorf("the check reports %+v", check)
			}
			a.server.ClearFaults()
			a.has(t, "Newer", "IVSRealtimeRecording")
			a.settled()
		})
	}
}

// Right after a write S3 may show the policy from before. That is no loss, and
// writing again would only make more of it.
func TestStalePolicyIsNoLoss(t *testing.T) {
	a := withoutStorages(t)
	a.putBucketPolicy(foreignPolicy)
	var reads, writes atomic.Int64
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("policy") {
			return false
		}
		if r.Method == http.MethodPut {
			writes.Add(1)
			return false
		}
		// The first read finds what there is, the second one is right before
		// the write, the third one is the check's.
		if reads.Add(1) != 3 {
			return false
		}
		_, _ = w.Write([]byte(foreignPolicy))
		return true
	}
	if check := checkOf(a.sync()); check == nil || check.Changed {
		t.Errorf("the check reports %+v", check)
	}
	if reads.Load() != 4 || writes.Load() != 1 {
		t.Errorf("the policy was read %d times and written %d times", reads.Load(), writes.Load())
	}
}

// Somebody who takes our statement out again and again is named as such.
func TestPolicyThatKeepsLosing(t *testing.T) {
	a := start(t, driftLayout)
	a.wish.Logging = false
	var puts atomic.Int64
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Query().Has("policy") {
			puts.Add(1)
			w.WriteHeader(http.StatusNoContent)
			return true
		}
		return false
	}
	a.fault("op=CreateStorageConfiguration lose-policy-edit")
	check := checkOf(a.run())
	if check == nil || codeOf(check.Err) != CodePolicyLost {
		t.Fatalf("the check reports %+v", check)
	}
	if puts.Load() != 1+checkRounds {
		t.Errorf("the policy was written %d times, want %d", puts.Load(), 1+checkRounds)
	}
	want := `statements of the policy of "yolo-production-app-ivs-realtime-recordings" keep disappearing: something else writes it at the same time`
	if check.Err.Error() != want {
		t.Errorf("error %q, want %q", check.Err, want)
	}
}

// A statement that IVS took out with its storage configuration stays out.
func TestRevokedGrantStaysOut(t *testing.T) {
	a := withoutStorages(t)
	gone := `{"Version":"2012-10-17","Statement":[{"Sid":"CompositeWrite-abcdefABCDEF","Effect":"Allow","Principal":{"Service":"ivs-composite.us-east-1.amazonaws.com"},` +
		`"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::yolo-production-app-ivs-realtime-recordings/*",` +
		`"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"},"Bool":{"aws:SecureTransport":"true"}}}]}`
	a.putBucketPolicy(gone)
	a.fault("op=CreateStorageConfiguration stale-policy-edit times=1")
	a.sync()
	a.server.ClearFaults()
	a.has(t, "IVSRealtimeRecording")
	if dump := strings.Join(a.dump(), "\n"); strings.Count(dump, `"Sid":"CompositeWrite-`) > len(a.wish.Env.Regions) {
		t.Errorf("a grant for a configuration that is gone was put back:\n%s", dump)
	}
}

// A read from before IVS's edits shows no loss of theirs: it does not count.
func TestStaleReadHidesNoLoss(t *testing.T) {
	a := withoutStorages(t)
	a.wish.Regions = []string{driftRegion}
	a.putBucketPolicy(strings.Replace(foreignPolicy, "Theirs", "Newer", 1))
	var written []byte
	var reads int
	var mu sync.Mutex
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case putsBucketPolicy(r) && written == nil:
			written, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(written))
		case r.Method == http.MethodGet && r.URL.Query().Has("policy") && written != nil:
			if reads++; reads == 1 {
				_, _ = w.Write(written)
				return true
			}
		}
		return false
	}
	a.fault("op=CreateStorageConfiguration stale-policy-edit times=1")
	if check := checkOf(a.sync()); check == nil || !check.Changed {
		t.Errorf("the check reports %+v", check)
	}
	a.server.ClearFaults()
	a.has(t, "Newer", "IVSRealtimeRecording")
	a.settled()
}

// Who waits for another check of the same bucket gives up with its context.
func TestCheckWaitsNoLongerThanItsContext(t *testing.T) {
	b := testWorld(t, shared).bucketOf("us-east-1")
	b.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.checkPolicy(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
