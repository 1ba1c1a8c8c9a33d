package resource

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// remover makes removals of what a survey found.
type remover func(s *Survey, looks *reconcile.Report) ([]reconcile.Group, []reconcile.Node)

func destroying(o DestroyOptions) remover {
	return func(s *Survey, looks *reconcile.Report) ([]reconcile.Group, []reconcile.Node) {
		return Destroy(s, looks, o)
	}
}

func pruning(o PruneOptions) remover {
	return func(s *Survey, looks *reconcile.Report) ([]reconcile.Group, []reconcile.Node) {
		return Prune(s, looks, o)
	}
}

// remove surveys the account and carries removals out, whatever comes of it.
func (a *account) remove(how remover) *reconcile.Report {
	a.t.Helper()
	s, looks := a.survey()
	engine := &reconcile.Engine{}
	engine.Groups, engine.Nodes = how(s, looks)
	return engine.Run(a.t.Context())
}

// removed is remove that must go well and lists what became of each thing.
func (a *account) removed(how remover) []string {
	a.t.Helper()
	report := a.remove(how)
	for n := range report.All {
		if n.Err != nil {
			a.t.Errorf("%v: %v", n.Key, n.Err)
		}
	}
	return became(report)
}

// became is what became of each thing, a line a thing, with the ids masked.
func became(report *reconcile.Report) []string {
	var lines []string
	for n := range report.All {
		line := n.Key.String() + ": " + n.Result.Word(report.DryRun, n.Changed)
		if n.Err != nil {
			line += " " + codeOf(n.Err)
		}
		lines = append(lines, line)
	}
	return lines
}

// Whatever a sync made a destruction takes away, but for the recordings.
func TestDestroyWhatSyncMade(t *testing.T) {
	for name, ivs := range map[string]string{"shared": shared, "regional": regional} {
		t.Run(name, func(t *testing.T) {
			a := start(t, ivs)
			a.sync()
			t.Log(strings.Join(a.removed(destroying(DestroyOptions{})), "\n"))
			for _, line := range a.dump() {
				if !strings.Contains(line, "bucket") {
					t.Errorf("left: %s", line)
				}
			}
			a.server.ResetCalls()
			for _, line := range a.removed(destroying(DestroyOptions{})) {
				if !strings.HasSuffix(line, "SYNCED") {
					t.Errorf("a second time: %s", line)
				}
			}
			if i := slices.IndexFunc(a.calls(), isMutating); i >= 0 {
				t.Errorf("a second time it sent %s", a.calls()[i].Operation)
			}
			a.removed(destroying(DestroyOptions{Recordings: true}))
			if diff := cmp.Diff([]string(nil), a.dump()); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}

func isMutating(c emulator.Call) bool { return c.Mutating }

// onlyStorage is the storage configuration of a region, which has just one.
func (a *account) onlyStorage(region string) string {
	a.t.Helper()
	all := do(a.t, a.clients(region).IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}).StorageConfigurations
	if len(all) != 1 {
		a.t.Fatalf("%s has %d storage configurations", region, len(all))
	}
	return *all[0].Arn
}

// Two edits of one policy that meet lose statements, so the configurations of one
// bucket go one after the other.
func TestDestroyTakesTurns(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	var under, most atomic.Int32
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/DeleteStorageConfiguration" {
			return false
		}
		most.Store(max(most.Load(), under.Add(1)))
		time.Sleep(20 * time.Millisecond)
		a.server.ServeHTTP(w, r)
		under.Add(-1)
		return true
	}
	a.removed(destroying(DestroyOptions{}))
	if most.Load() != 1 {
		t.Errorf("%d deletes were under way at once", most.Load())
	}
}

// What IVS's edit of the policy loses of others is put back; its own statements
// are its own.
func TestDestroyMendsThePolicy(t *testing.T) {
	tests := map[string]struct {
		fault         string
		has, lacks    string
		changes, note string
	}{
		"nothing lost":     {fault: "op=GetRole region=none refuse", has: "Newer", lacks: "CompositeWrite"},
		"an older policy":  {fault: "op=DeleteStorageConfiguration stale-policy-edit times=1", has: "Newer", lacks: "CompositeWrite", changes: "policy statement Newer"},
		"an edit not done": {fault: "op=DeleteStorageConfiguration lose-policy-edit times=1", has: "CompositeWrite", lacks: "IVSRealtimeRecording", note: "IVS left its own statement"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := start(t, "regions: [us-east-1]\n        recording: {real_time: true}")
			a.wish.Logging = false
			a.sync()
			a.addStatement(strings.Replace(foreignPolicy, "Theirs", "Newer", 1))
			arn := a.onlyStorage("us-east-1")
			a.fault(test.fault)
			report := a.remove(destroying(DestroyOptions{}))
			row := report.Node(reconcile.Key{Region: "us-east-1", Kind: "storage-configuration", Name: arn})
			if row == nil || row.Err != nil {
				t.Fatalf("%+v", row)
			}
			dump := strings.Join(a.dump(), "\n")
			if !strings.Contains(dump, test.has) || strings.Contains(dump, test.lacks) {
				t.Errorf("want %s and no %s in:\n%s", test.has, test.lacks, dump)
			}
			if changes := fmt.Sprint(row.Changes); !strings.Contains(changes, test.changes) {
				t.Errorf("%q is not in %s", test.changes, changes)
			}
			if notes := strings.Join(row.Notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes: %s", notes)
			}
			for _, line := range a.removed(destroying(DestroyOptions{})) {
				if !strings.HasSuffix(line, "SYNCED") {
					t.Errorf("a second time: %s", line)
				}
			}
		})
	}
}

// What the look after one delete shows is known before the next one: a statement
// that somebody adds in between is put back when that one loses it.
func TestDestroyMendsBetweenTurns(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	var deletes atomic.Int32
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/DeleteStorageConfiguration" || deletes.Add(1) > 1 {
			return false
		}
		a.server.ServeHTTP(w, r)
		a.addStatement(strings.Replace(foreignPolicy, "Theirs", "Newer", 1))
		a.fault("op=DeleteStorageConfiguration stale-policy-edit times=1")
		return true
	}
	a.removed(destroying(DestroyOptions{}))
	dump := strings.Join(a.dump(), "\n")
	if deletes.Load() != 2 || !strings.Contains(dump, "Newer") {
		t.Errorf("after %d deletes want Newer in:\n%s", deletes.Load(), dump)
	}
}

// Statements that cannot be put back are named.
func TestDestroyTellsWhatIsLost(t *testing.T) {
	a := start(t, "regions: [us-east-1]\n        recording: {real_time: true}")
	a.wish.Logging = false
	a.sync()
	a.addStatement(foreignPolicy)
	arn := a.onlyStorage("us-east-1")
	a.fault("op=DeleteStorageConfiguration stale-policy-edit times=1")
	a.fault("op=PutBucketPolicy code=AccessDenied")
	row := a.remove(destroying(DestroyOptions{})).Node(reconcile.Key{Region: "us-east-1", Kind: "storage-configuration", Name: arn})
	if codeOf(row.Err) != CodePolicyLost || !strings.Contains(row.Err.Error(), `"Sid":"Theirs"`) {
		t.Errorf("got %v", row.Err)
	}
}

// compose starts a composition with the region's configurations.
func (a *account) compose(region string) string {
	a.t.Helper()
	ivs := a.clients(region).IVS
	stage := do(a.t, ivs.CreateStage, &ivsrealtime.CreateStageInput{}).Stage
	encoder := do(a.t, ivs.ListEncoderConfigurations, &ivsrealtime.ListEncoderConfigurationsInput{}).EncoderConfigurations[0]
	out := do(a.t, ivs.StartComposition, &ivsrealtime.StartCompositionInput{
		StageArn: stage.Arn, Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: aws.String(a.onlyStorage(region)), EncoderConfigurationArns: []string{*encoder.Arn},
		}}},
	})
	return *out.Composition.Arn
}

// While a composition uses a configuration, nothing at all is begun.
func TestDestroyRefusesWhatIsInUse(t *testing.T) {
	a := start(t, regional)
	a.sync()
	composition := a.compose("eu-west-1")
	a.server.ResetCalls()
	report := a.remove(destroying(DestroyOptions{Recordings: true}))
	inUse := 0
	for n := range report.All {
		switch codeOf(n.Err) {
		case CodeInUse:
			inUse++
			if n.Key.Region != "eu-west-1" || !strings.Contains(n.Err.Error(), composition) || !strings.Contains(n.Err.Error(), n.Key.Name) {
				t.Errorf("%v: %v", n.Key, n.Err)
			}
		case reconcile.CodeBlocked:
		default:
			t.Errorf("%v: %s, %v", n.Key, n.Result.Word(false, n.Changed), n.Err)
		}
	}
	if inUse != 2 {
		t.Errorf("%d are in use", inUse)
	}
	if i := slices.IndexFunc(a.calls(), isMutating); i >= 0 {
		t.Errorf("it sent %s", a.calls()[i].Operation)
	}
}

// A composition that began after the look is met by IVS's refusal.
func TestDestroyMeetsAComposition(t *testing.T) {
	a := start(t, shared)
	a.wish.Logging = false
	a.sync()
	s, looks := a.survey()
	engine := &reconcile.Engine{}
	engine.Groups, engine.Nodes = Destroy(s, looks, DestroyOptions{})
	composition := a.compose("eu-west-1")
	want := map[string]string{
		"us-east-1 recordings-bucket": "Blocked", "us-east-1 storage-configuration": "", "us-east-1 encoder-configuration": "",
		"eu-west-1 storage-configuration": "InUse", "eu-west-1 encoder-configuration": "Blocked",
	}
	got := map[string]string{}
	for n := range engine.Run(t.Context()).All {
		code := ""
		if n.Err != nil {
			code = codeOf(n.Err)
		}
		if got[n.Key.String()] = code; code == CodeInUse && !strings.Contains(n.Err.Error(), composition) {
			t.Errorf("%v", n.Err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

// Changes that meet pass; they are no composition.
func TestDestroyMeetsAnotherChange(t *testing.T) {
	a := start(t, shared)
	a.sync()
	a.fault("op=DeleteStorageConfiguration code=ConflictException times=1")
	a.fault("op=DeleteEncoderConfiguration code=ConflictException times=1")
	a.fault("op=RemoveTargets failed-entry=ConcurrentModificationException times=2")
	a.fault("op=DeleteLogGroup code=OperationAbortedException times=1")
	a.removed(destroying(DestroyOptions{}))
}

// What is gone already is gone.
func TestDestroyWhatIsGone(t *testing.T) {
	a := start(t, regional)
	a.sync()
	s, looks := a.survey()
	a.removed(destroying(DestroyOptions{Recordings: true}))
	engine := &reconcile.Engine{}
	engine.Groups, engine.Nodes = Destroy(s, looks, DestroyOptions{})
	for n := range engine.Run(t.Context()).All {
		if n.Err != nil {
			t.Errorf("%v: %v", n.Key, n.Err)
		}
	}
}

// addStatement adds the statement of a document to the shared bucket's policy.
func (a *account) addStatement(document string) {
	a.t.Helper()
	client, name := a.clients("us-east-1").S3, aws.String(a.wish.Env.SharedBucketName())
	live, err := policy.Parse(aws.ToString(do(a.t, client.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: name}).Policy))
	if err != nil {
		a.t.Fatal(err)
	}
	more, err := policy.Parse(document)
	if err != nil {
		a.t.Fatal(err)
	}
	merged, _ := live.Merge(more.Statements()...)
	do(a.t, client.PutBucketPolicy, &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(merged.String())})
}
