package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/emulator"
)

// empty deletes everything in the bucket recordings page by page, and returns
// how much that was.
func empty(t testing.TB, client *s3.Client) (n int) {
	t.Helper()
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: aws.String(recordings)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		_, err = client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
			Bucket: aws.String(recordings), Delete: &s3types.Delete{Objects: all, Quiet: aws.Bool(true)},
		})
		if err != nil {
			t.Fatal(err)
		}
		n += len(all)
	}
	return n
}

func (f *fixture) s3() *s3.Client { return s3.NewFromConfig(f.Config("us-east-1", "")) }

func (f *fixture) versioned(t *testing.T) {
	t.Helper()
	_, err := f.s3().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String(recordings), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is seeded is like what is put: seen by another process, read, written
// over, and deleted until the bucket can be.
func TestSeededObjects(t *testing.T) {
	dir := t.TempDir()
	f := start(t, emulator.Options{Dir: dir})
	f.bucket(t, "us-east-1")
	f.versioned(t)
	f.SeedObjects(emulator.Objects{Bucket: recordings, Prefix: "a/", Suffix: ".ts", Count: 1101, Versions: 2, Markers: true, Size: 5})
	f.SeedObjects(emulator.Objects{Bucket: recordings, Prefix: "b/", Count: 1})

	other := start(t, emulator.Options{Dir: dir})
	client := other.s3()
	list, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(recordings), Prefix: aws.String("a/1100.ts")})
	if err != nil || len(list.Versions) != 2 || len(list.DeleteMarkers) != 1 || !*list.DeleteMarkers[0].IsLatest {
		t.Fatalf("%+v, %v, want two versions below a marker", list, err)
	}
	in := &s3.GetObjectInput{Bucket: aws.String(recordings), Key: aws.String("a/1100.ts"), VersionId: list.Versions[1].VersionId, Range: aws.String("bytes=1-")}
	object, err := client.GetObject(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(object.Body); string(body) != "\x00\x00\x00\x00" || err != nil || *object.ETag != `"ca9c491ac66b2c62500882e93f3719a8"` {
		t.Errorf("body %q, ETag %s, %v, want four of five zero bytes", body, *object.ETag, err)
	}
	whole, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(recordings), Key: aws.String("b/0"), ChecksumMode: s3types.ChecksumModeEnabled})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(whole.Body); len(body) != 0 || err != nil {
		t.Errorf("%q, %v, want nothing, with the right checksum", body, err)
	}
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(recordings), Key: aws.String("b/0"), Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	if n := empty(t, client); n != 3*1101+2 {
		t.Errorf("%d deleted, want %d", n, 3*1101+2)
	}
	if _, err := f.s3().DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(recordings)}); err != nil {
		t.Error(err)
	}
}

// post posts a form to the emulator itself.
func (f *fixture) post(t *testing.T, path, form string) (status int, answer map[string]any) {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.PostForm(f.URL+path, values) //nolint:noctx // it ends with the test's emulator
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

func TestSeedingOverHTTP(t *testing.T) {
	f := start(t, emulator.Options{})
	f.bucket(t, "us-east-1")
	for _, step := range []struct {
		path, form string
		status     int
		has        string // in the answer
	}{
		{"/_yolo/objects", "bucket=recordings&prefix=media/&count=12&size=1000", 201, "count:12"},
		{"/_yolo/objects?bucket=recordings&prefix=other/", "count=1", 201, "prefix:other/"},
		{"/_yolo/objects", "bucket=recordings&prefix=med&count=1", 400, `prefix: "med" begins the keys`},
		{"/_yolo/objects", "bucket=recordings&count=1", 400, `prefix: "" begins the keys`},
		{"/_yolo/objects", "bucket=recordings&prefix=v&count=1&versions=2", 400, "enable its versioning"},
		{"/_yolo/objects", "bucket=recordings&prefix=v&count=1&markers=yes", 400, `markers: "yes" is neither`},
		{"/_yolo/objects", "bucket=recordings&prefix=v&count=x", 400, `count: "x" is not a whole number`},
		{"/_yolo/objects", "bucket=recordings&prefix=v", 400, "count: must be above 0"},
		{"/_yolo/objects", "bucket=recordings&prefix=v&count=1&size=-1", 400, "size: must be between"},
		{"/_yolo/objects", "bucket=recordings&count=1&versions=1001", 400, "versions: must be between"},
		{"/_yolo/objects", "bucket=recordings&count=1&prefix=" + strings.Repeat("p", 1024), 400, "prefix and suffix: "},
		{"/_yolo/objects", "bucket=nothing&count=1", 400, `bucket: there is no "nothing"`},
		{"/_yolo/objects", "count=1", 400, "bucket: name one"},
		{"/_yolo/objects", "name=recordings", 400, "name: is none of bucket, prefix"},
	} {
		if status, answer := f.post(t, step.path, step.form); status != step.status || !strings.Contains(fmt.Sprint(answer), step.has) {
			t.Errorf("%s %s: %d %v, want %d with %q", step.path, step.form, status, answer, step.status, step.has)
		}
	}
	if n := empty(t, f.s3()); n != 13 {
		t.Errorf("%d objects, want 13", n)
	}
}

func TestPublishersOverHTTP(t *testing.T) {
	f := start(t, emulator.Options{})
	made, err := f.ivs.CreateStage(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	stage := *made.Stage.Arn
	token, err := f.ivs.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageArn: &stage, UserId: aws.String("alice"), Duration: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := f.ivs.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageArn: &stage, Capabilities: []ivstypes.ParticipantTokenCapability{"SUBSCRIBE"}})
	if err != nil {
		t.Fatal(err)
	}
	alice := *token.ParticipantToken.ParticipantId
	for _, step := range []struct {
		form   string
		status int
		has    string // in the answer
	}{
		{"stage=" + stage + "&participant=" + alice, 201, "userId:alice"},
		{"stage=" + stage + "&participant=" + alice, 400, "publishes already"},
		{"stage=" + stage + "&user=bob", 201, "userId:bob"},
		{"stage=" + stage + "&participant=nobody", 400, `"nobody" has no token for this stage`},
		{"stage=" + stage + "&participant=" + *watcher.ParticipantToken.ParticipantId, 400, "does not allow publishing"},
		{"stage=" + stage + "x", 400, "stage: there is no"},
		{"stage=x", 400, `stage: "x" is not the ARN of a stage`},
		{"arn=x", 400, "arn: is none of stage, participant, user"},
	} {
		if status, answer := f.post(t, "/_yolo/publishers", step.form); status != step.status || !strings.Contains(fmt.Sprint(answer), step.has) {
			t.Errorf("%s: %d %v, want %d with %q", step.form, status, answer, step.status, step.has)
		}
	}
	for _, step := range []struct {
		query string
		left  int
	}{{"&participant=" + alice, 1}, {"&participant=" + alice, 0}, {"", 1}} {
		if left := f.leave(t, stage+step.query); left != step.left {
			t.Errorf("%s: %d left, want %d", step.query, left, step.left)
		}
	}
	f.Advance(time.Minute)
	if status, answer := f.post(t, "/_yolo/publishers", "stage="+stage+"&participant="+alice); status != 400 || !strings.Contains(fmt.Sprint(answer), "expired") {
		t.Errorf("with an expired token: %d %v", status, answer)
	}
}

// leave has publishers leave the stage that the query names, and returns how
// many did.
func (f *fixture) leave(t *testing.T, stage string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, f.URL+"/_yolo/publishers?stage="+stage, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Left int }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Left
}
