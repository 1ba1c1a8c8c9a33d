package verify

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/proof"
)

// purges: exactly what is below the run's own prefix goes; what S3 keeps is
// counted, with why and what to do.
func (r *reel) purges(t *testing.T) {
	a := r.account
	a.put(t, "purge/neighbour/composite2/object", "x")
	a.put(t, "purge/neighbour/composite", "x")
	if err := a.server.SeedObjects(emulator.Objects{Bucket: a.env.BucketName(testRegion), Prefix: "purge/many/composite/", Count: 1500}); err != nil {
		t.Fatal(err)
	}
	var late, deletes atomic.Int64
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request) bool
		want   string
		fix    string
	}{
		{name: "neighbour", want: "purge PASS: OBJECTS objects below s3://BUCKET/purge/neighbour/composite/ deleted"},
		{name: "many", want: "purge PASS: MANY objects below s3://BUCKET/purge/many/composite/ deleted"},
		{name: "late", answer: func(_ http.ResponseWriter, request *http.Request) bool {
			if deleting(request) && late.Add(1) == 1 {
				defer a.put(t, "purge/late/composite/media/late", "x")
			}
			return false
		}, want: "purge PASS: MORE objects"},
		{
			name: "locked", answer: locked, fix: "Object Lock",
			want: "purge FAIL: LESS objects below s3://BUCKET/purge/locked/composite/ deleted, 1 object kept, such as purge/locked/composite/events/recording-ended.json (AccessDenied: Access Denied because object protected by object lock.)",
		},
		{
			name: "denied", answer: func(w http.ResponseWriter, request *http.Request) bool {
				if !deleting(request) {
					return false
				}
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`<Error><Code>AccessDenied</Code><Message>no</Message></Error>`))
				return true
			},
			want: "purge FAIL: 0 objects below s3://BUCKET/purge/denied/composite/ deleted: ", fix: "allow s3:DeleteObject, s3:DeleteObjectVersion",
		},
		{
			name: "not to be listed", answer: denies("versions"), fix: "allow s3:ListBucketVersions",
			want: "purge FAIL: 0 objects below s3://BUCKET/purge/not to be listed/composite/ deleted: ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := r.copied(t, "purge/"+c.name+"/composite", func(k *take) { k.answer = c.answer })
			one.g.purge(t.Context())
			f := one.g.steps[proof.StepCleanup][0]
			n := len(r.objects)
			want := strings.NewReplacer("BUCKET", a.env.BucketName(testRegion), "OBJECTS", strconv.Itoa(n), "MANY", strconv.Itoa(n+1500),
				"MORE", strconv.Itoa(n+1), "LESS", strconv.Itoa(n-1)).Replace(c.want)
			if !strings.HasPrefix(line(f), want) || !strings.Contains(f.Fix, c.fix) || (f.Fix == "") != (c.fix == "") {
				t.Errorf("%s, fix %q\nwant %s, %q", line(f), f.Fix, want, c.fix)
			}
			if left := a.below(t, "purge/"+c.name+"/composite/"); (len(left) > 0) != (f.Verdict == proof.Fail) && c.name != "locked" {
				t.Errorf("%s, and left: %q", f.Verdict, left)
			}
		})
	}
	if left := a.below(t, "purge/neighbour/"); !slices.Equal(left, []string{"purge/neighbour/composite", "purge/neighbour/composite2/object"}) {
		t.Errorf("neighbours: %q", left)
	}
	t.Run("not ended", func(t *testing.T) {
		one := r.copied(t, "purge/running/composite", func(k *take) { k.drop("ended.json") })
		one.g.purge(t.Context())
		if f := one.g.steps[proof.StepCleanup][0]; f.Verdict != proof.NotProven || !strings.Contains(f.Evidence, "may write more") || f.Fix == "" {
			t.Errorf("%s, fix %q", line(f), f.Fix)
		}
		if left := a.below(t, "purge/running/composite/"); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	})
	t.Run("end not to be seen", func(t *testing.T) {
		one := r.copied(t, "purge/unclear/composite", func(k *take) { k.answer = denies("recording-ended.json") })
		one.g.purge(t.Context())
		if f := one.g.steps[proof.StepCleanup][0]; f.Verdict != proof.NotProven || !strings.Contains(f.Evidence, "may write more") || f.Fix == "" {
			t.Errorf("%s, fix %q", line(f), f.Fix)
		}
	})
	t.Run("no prefix", func(t *testing.T) {
		one := r.copied(t, "purge/none/composite", func(k *take) {
			k.answer = func(_ http.ResponseWriter, request *http.Request) bool {
				deletes.Add(1)
				return false
			}
		})
		one.g.composition.prefix = "/"
		one.g.purge(t.Context())
		if f := one.g.steps[proof.StepCleanup][0]; f.Verdict != proof.NotProven || f.Fix == "" || deletes.Load() != 0 {
			t.Errorf("%s, fix %q, after %d requests", line(f), f.Fix, deletes.Load())
		}
	})
}

func deleting(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("delete")
}

// locked answers a DeleteObjects as S3 does where one version is locked.
func locked(w http.ResponseWriter, r *http.Request) bool {
	if !deleting(r) {
		return false
	}
	_, _ = w.Write([]byte(`<DeleteResult><Error><Key>purge/locked/composite/events/recording-ended.json</Key><VersionId>null</VersionId>` +
		`<Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message></Error></DeleteResult>`))
	return true
}

// below are the keys of all versions and delete markers below a prefix.
func (a *account) below(t *testing.T, prefix string) []string {
	t.Helper()
	out, err := a.clients().S3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(a.env.BucketName(testRegion)), Prefix: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, one := range out.Versions {
		keys = append(keys, aws.ToString(one.Key))
	}
	for _, one := range out.DeleteMarkers {
		keys = append(keys, aws.ToString(one.Key))
	}
	return keys
}

// TestPurgeVersions: on a bucket with versioning every version goes, and so do
// delete markers.
func TestPurgeVersions(t *testing.T) {
	t.Parallel()
	a := start(t)
	_, err := a.clients().S3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  aws.String(a.env.BucketName(testRegion)),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	tape := &reel{account: a, objects: map[string]string{"media/playlist": "1"}}
	one := tape.copied(t, "v/composite", nil)
	a.put(t, "v/composite/media/playlist", "2")
	a.put(t, "v/composite2/media/playlist", "theirs")
	if _, err := a.clients().S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(a.env.BucketName(testRegion)), Key: aws.String("v/composite/media/playlist")}); err != nil {
		t.Fatal(err)
	}
	one.g.purge(t.Context())
	f := one.g.steps[proof.StepCleanup][0]
	if f.Verdict != proof.Pass || !strings.HasPrefix(f.Evidence, "2 objects and 1 delete marker below ") {
		t.Error(line(f))
	}
	if left := a.below(t, ""); !slices.Equal(left, []string{"v/composite2/media/playlist"}) {
		t.Errorf("left: %q", left)
	}
}

// TestPurgeUnanswered: where the answer of StartComposition was lost, there may be
// a recording, and nobody knows where.
func TestPurgeUnanswered(t *testing.T) {
	t.Parallel()
	a := start(t)
	c := a.through(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/StartComposition" {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	steps := a.verify(func(o *Options) {
		o.Cloud, o.Purge, o.Regions[0].Show.Logs = c, true, false
		o.publish = func(context.Context, publication) (airing, error) { return &dummy{}, nil }
	})
	text := strings.Join(unproven(steps), "\n")
	if !strings.Contains(text, "cleanup purge NOT_PROVEN: nothing was deleted: IVS did not answer where it records to") {
		t.Error(text)
	}
	if left := a.left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
