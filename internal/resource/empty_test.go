package resource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/reconcile"
)

const archive = "archive"

// withArchive is an emulated account with a bucket that keeps versions.
func withArchive(t *testing.T) (*account, *bucket) {
	t.Helper()
	a := start(t, shared)
	client := a.clients("us-east-1").S3
	do(t, client.CreateBucket, &s3.CreateBucketInput{Bucket: aws.String(archive)})
	do(t, client.PutBucketVersioning, &s3.PutBucketVersioningInput{
		Bucket: aws.String(archive), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	w := newWorld(a.wish.Env, a.cloud(), a.wish.Regions)
	w.waits = a.waits
	return a, &bucket{world: w, region: "us-east-1", turn: make(chan struct{}, 1)}
}

var archivePlace = place{name: archive, region: "us-east-1", exists: true}

func (a *account) seed(prefix string, count, versions int, markers bool) {
	a.t.Helper()
	err := a.server.SeedObjects(emulator.Objects{Bucket: archive, Prefix: prefix, Suffix: ".ts", Count: count, Versions: versions, Markers: markers, Size: 10})
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *account) upload(key string) {
	a.t.Helper()
	do(a.t, a.clients("us-east-1").S3.CreateMultipartUpload, &s3.CreateMultipartUploadInput{Bucket: aws.String(archive), Key: aws.String(key)})
}

// times is how often an operation was called.
func (a *account) times(operation string) int {
	n := 0
	for _, call := range a.calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

func (b *bucket) counted(t *testing.T) contents {
	t.Helper()
	e, err := b.emptier(t.Context(), archivePlace)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := e.count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// However the keys lie, each is counted once, and a bucket with little in it
// takes two requests.
func TestCount(t *testing.T) {
	tests := map[string]struct {
		seed func(a *account)
		want contents
		// lists is how many listings there may be at most.
		lists int
	}{
		"nothing": {func(*account) {}, contents{}, 1},
		"versions, markers and uploads": {
			func(a *account) {
				a.seed("live/", 10, 3, true)
				a.seed("old/", 5, 1, false)
				a.upload("live/a")
				a.upload("live/b")
			},
			contents{objects: 5, versions: 30, markers: 10, bytes: 350, uploads: 2},
			1,
		},
		"a flat bucket":  {func(a *account) { a.seed("", 3500, 1, false) }, contents{objects: 3500, bytes: 35_000}, 14},
		"in one folder":  {func(a *account) { a.seed("one/deep/folder/of/many/", 3500, 1, false) }, contents{objects: 3500, bytes: 35_000}, 12},
		"in two folders": {func(a *account) { a.seed("a/", 2500, 1, false); a.seed("b/", 2500, 1, false) }, contents{objects: 5000, bytes: 50_000}, 26},
		"in very many folders": {
			func(a *account) {
				for i := range 60 {
					a.seed(fmt.Sprintf("%c%c/", 'A'+i%50, 'a'+i/50), 40, 2, false)
				}
			},
			contents{objects: 2400, versions: 2400, bytes: 48_000},
			22,
		},
		"beside a folder of the same name": {
			func(a *account) {
				for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
					a.seed(name+"/", 300, 1, false)
					do(a.t, a.clients("us-east-1").S3.PutObject, &s3.PutObjectInput{Bucket: aws.String(archive), Key: aws.String(name + "/"), Body: strings.NewReader("")})
				}
			},
			contents{objects: 2408, bytes: 24_000},
			18,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := withArchive(t)
			test.seed(a)
			a.server.ResetCalls()
			if diff := cmp.Diff(test.want, b.counted(t), cmp.AllowUnexported(contents{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if n := a.times("ListObjectVersions"); n > test.lists {
				t.Errorf("it took %d listings, more than %d", n, test.lists)
			}
		})
	}
}

// batches counts DeleteObjects. One that is sent again, since a busy machine did
// not answer in time, is not another one.
func (a *account) batches() *atomic.Int32 {
	n := &atomic.Int32{}
	a.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("delete") && strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;") {
			n.Add(1)
		}
		return false
	}
	return n
}

// Everything goes: in full batches, versions, markers and uploads too, and then
// the bucket.
func TestEmptyAndDelete(t *testing.T) {
	a, b := withArchive(t)
	a.seed("live/", 1200, 2, true)
	a.seed("old/", 400, 1, false)
	a.upload("live/a")
	expected, batches := b.counted(t), a.batches()
	if _, err := b.emptyAndDelete(t.Context(), archivePlace, expected); err != nil {
		t.Fatal(err)
	}
	if n := batches.Load(); n != 4 {
		t.Errorf("4000 entries took %d batches", n)
	}
	if n := len(do(t, a.clients("us-east-1").S3.ListBuckets, &s3.ListBucketsInput{}).Buckets); n != 0 {
		t.Errorf("%d buckets are left", n)
	}
	if _, err := b.emptyAndDelete(t.Context(), archivePlace, expected); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

// Batches are full even where S3 has less on a page than there is room for.
func TestEmptyInFullBatches(t *testing.T) {
	a, b := withArchive(t)
	a.seed("live/", 1500, 2, true)
	expected, batches := b.counted(t), a.batches()
	counting := a.intercept
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("versions") {
			r.URL.RawQuery += "&max-keys=300"
		}
		return counting(w, r)
	}
	a.server.ResetCalls()
	if _, err := b.emptyAndDelete(t.Context(), archivePlace, expected); err != nil {
		t.Fatal(err)
	}
	if lists, n := a.times("ListObjectVersions"), batches.Load(); lists < 15 || n != 5 {
		t.Errorf("%d pages, and 4500 entries took %d batches", lists, n)
	}
}

// What somebody writes meanwhile is deleted too, but not for ever.
func TestEmptyWhileSomebodyWrites(t *testing.T) {
	for name, test := range map[string]struct {
		writes int32
		want   string
	}{
		"once":         {1, ""},
		"all the time": {1 << 20, CodeStillWritten},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := withArchive(t)
			a.seed("live/", 10, 1, false)
			expected := b.counted(t)
			var written atomic.Int32
			a.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodDelete && r.URL.Path == "/"+archive && written.Add(1) <= test.writes {
					a.seed(fmt.Sprintf("late/%d/", written.Load()), 1, 1, false)
				}
				return false
			}
			if _, err := b.emptyAndDelete(t.Context(), archivePlace, expected); err != nil && codeOf(err) != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// failing answers DeleteObjects as S3 does that refuses some of the keys.
func failing(w http.ResponseWriter, r *http.Request, code, message string, refuse func(key string) bool) {
	body, _ := io.ReadAll(r.Body)
	text := `<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`
	for _, part := range strings.Split(string(body), "<Key>")[1:] {
		key, rest, _ := strings.Cut(part, "</Key>")
		_, rest, _ = strings.Cut(rest, "<VersionId>")
		version, _, _ := strings.Cut(rest, "</VersionId>")
		if refuse(key) {
			text += fmt.Sprintf("<Error><Key>%s</Key><VersionId>%s</VersionId><Code>%s</Code><Message>%s</Message></Error>", key, version, code, message)
		}
	}
	_, _ = io.WriteString(w, text+"</DeleteResult>")
}

// A key that S3 does not delete, in an answer that says 200, is an error, unless
// it goes the next time.
func TestEmptyWithErrorsPerKey(t *testing.T) {
	tests := map[string]struct {
		code, message string
		times         int32
		want, text    string
	}{
		"slow down":   {"SlowDown", "Please reduce your request rate.", 2, "", ""},
		"too slow":    {"InternalError", "We encountered an internal error.", 1 << 20, "InternalError", "S3 did not delete 1 version"},
		"gone before": {"NoSuchVersion", "The specified version does not exist.", 1 << 20, "", ""},
		"denied":      {"AccessDenied", "Access Denied", 1 << 20, "AccessDenied", "s3:DeleteObjectVersion"},
		"locked":      {"AccessDenied", "Access Denied because object protected by object lock.", 1 << 20, CodeObjectLocked, "BypassGovernanceRetention"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := withArchive(t)
			a.seed("live/", 9, 1, false)
			expected := b.counted(t)
			var answered atomic.Int32
			a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if _, deletes := r.URL.Query()["delete"]; deletes && answered.Add(1) <= test.times {
					failing(w, r, test.code, test.message, func(key string) bool { return key == "live/3.ts" })
					return true
				}
				return false
			}
			e, err := b.emptier(t.Context(), archivePlace)
			if err != nil {
				t.Fatal(err)
			}
			var gone contents
			err = e.empty(t.Context(), expected, &gone)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if codeOf(err) != test.want {
				t.Fatalf("got %v, want %s", err, test.want)
			}
			coded, _ := errors.AsType[reconcile.Coded](err)
			if text := err.Error() + " " + coded.Hint(); !strings.Contains(text, test.text) {
				t.Errorf("%q is not in %q", test.text, text)
			}
			if gone.objects != 8 {
				t.Errorf("%s are said to be gone", gone)
			}
		})
	}
}

// An emptying that is stopped finishes what is in flight, begins nothing else and
// says how far it came; the next one goes on from there.
func TestEmptyInterrupted(t *testing.T) {
	a, b := withArchive(t)
	a.seed("live/", 8_000, 1, false)
	expected := b.counted(t)
	stop, cancel := context.WithCancel(t.Context())
	var batches atomic.Int32
	a.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if _, deletes := r.URL.Query()["delete"]; deletes && batches.Add(1) == 3 {
			cancel()
		}
		return false
	}
	node := removing(Thing{Key: bucketKey("us-east-1"), Step: StepBucket, Name: archive}, nil,
		func(context.Context) (contents, error) { return expected, nil },
		func(contents) (reconcile.Comparison, error) {
			return reconcile.Comparison{Steps: []reconcile.Step{{
				Action: reconcile.Delete, Doing: "delete the bucket", Changes: expected.changes(),
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					return b.emptied(ctx, archivePlace, expected)
				},
			}}}, nil
		})
	engine := &reconcile.Engine{Groups: []reconcile.Group{{ID: StepBucket}}, Nodes: []reconcile.Node{node}, Stop: stop}
	report := engine.Run(t.Context())
	err := report.Node(bucketKey("us-east-1")).Err
	if !report.Node(bucketKey("us-east-1")).Changed {
		t.Error("it says that it changed nothing")
	}
	left := b.counted(t)
	want := fmt.Sprintf(`interrupted: %d objects (%s) of the bucket "archive" are deleted; %d of 8000 are left, and so is the bucket`,
		8_000-left.objects, sizeText(10*(8_000-left.objects)), left.objects)
	if codeOf(err) != reconcile.CodeInterrupted || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if left.objects == 0 || left.objects == 8_000 {
		t.Errorf("%d objects are left", left.objects)
	}
	a.intercept = nil
	if _, err := b.emptyAndDelete(t.Context(), archivePlace, left); err != nil {
		t.Error(err)
	}
}

func TestContents(t *testing.T) {
	for want, c := range map[string]contents{
		"nothing":             {},
		"1 object (12 bytes)": {objects: 1, bytes: 12},
		"1 object (1.0 MB)":   {objects: 1, bytes: 999_960},
		"2 objects, 1 earlier version, 3 delete markers, 1 unfinished upload (1.2 MB)": {objects: 2, versions: 1, markers: 3, uploads: 1, bytes: 1_200_000},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCutShort(t *testing.T) {
	expected, gone := contents{objects: 5}, contents{objects: 3, bytes: 30}
	late, cancel := context.WithTimeoutCause(t.Context(), 0, context.DeadlineExceeded)
	defer cancel()
	<-late.Done()
	for name, test := range map[string]struct {
		ctx       context.Context
		gone      contents
		want, end string
	}{
		"the time is over": {late, gone, reconcile.CodeTimeout, "3 objects (30 bytes) of the bucket \"archive\" are deleted; 2 of 5 are left, and so is the bucket"},
		"a refusal":        {t.Context(), gone, "Refused", "2 of 5 are left, and so is the bucket: no"},
		"of the bucket":    {t.Context(), contents{objects: 5}, "Refused", "are deleted; the bucket is left: no"},
	} {
		t.Run(name, func(t *testing.T) {
			err := cutShort(test.ctx, &reconcile.Problem{ProblemCode: "Refused", Text: "no", Fix: "yes"}, archivePlace, expected, test.gone)
			if codeOf(err) != test.want || !strings.HasSuffix(err.Error(), test.end) {
				t.Errorf("got %s: %v", codeOf(err), err)
			}
		})
	}
}
