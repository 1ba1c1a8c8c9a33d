package bucket_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/bucket"
)

const account = "123456789012"

// open makes a bucket with an object and 1,200 others below "many/".
func open(t *testing.T, wrap func(http.Handler) http.Handler) bucket.Bucket {
	t.Helper()
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	listener := httptest.NewServer(wrap(server))
	t.Cleanup(listener.Close)
	c, err := cloud.Load(t.Context(), cloud.Options{Region: "us-east-1", Endpoint: listener.URL, AccessKey: account})
	if err != nil {
		t.Fatal(err)
	}
	b := bucket.Bucket{Client: c.In("us-east-1").S3, Name: "recordings", Account: account}
	if _, err := b.Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.Name}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String("a/b.json"), Body: strings.NewReader("hello")}); err != nil {
		t.Fatal(err)
	}
	if err := server.SeedObjects(emulator.Objects{Bucket: b.Name, Prefix: "many/", Count: 1200, Size: 3}); err != nil {
		t.Fatal(err)
	}
	return b
}

func same(h http.Handler) http.Handler { return h }

// TestGet: an object, none, one that is too large, and a bucket of another.
func TestGet(t *testing.T) {
	b := open(t, same)
	if body, err := b.Get(t.Context(), "a/b.json", 5); string(body) != "hello" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := b.Get(t.Context(), "a/b.json", 4); !errors.Is(err, recording.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := b.Get(t.Context(), "a/c.json", 5); !errors.Is(err, recording.ErrNotFound) {
		t.Errorf("not there: %v", err)
	}
	gone := b
	gone.Name = "elsewhere"
	if _, err := gone.Get(t.Context(), "a/b.json", 5); errors.Is(err, recording.ErrNotFound) || !cloud.Is(err, "NoSuchBucket") {
		t.Errorf("no bucket: %v", err)
	}
	foreign := b
	foreign.Account = "210987654321"
	if _, err := foreign.Get(t.Context(), "a/b.json", 5); !cloud.Is(err, "AccessDenied") {
		t.Errorf("of another account: %v", err)
	}
}

// TestCutOff: an object that breaks off is not taken for a short one.
func TestCutOff(t *testing.T) {
	b := open(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/b.json") {
				h.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Length", "5")
			_, _ = w.Write([]byte("he"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	})
	if body, err := b.Get(t.Context(), "a/b.json", 5); err == nil || body != nil || errors.Is(err, recording.ErrNotFound) {
		t.Errorf("%q, %v", body, err)
	}
}

// TestList: all pages, with sizes and the owner, who is the bucket's.
func TestList(t *testing.T) {
	b := open(t, same)
	owner, err := b.Owner(t.Context())
	if err != nil || owner == "" {
		t.Fatalf("owner %q, %v", owner, err)
	}
	all, err := b.List(t.Context(), "many/")
	if err != nil || len(all) != 1200 {
		t.Fatalf("%d objects, %v", len(all), err)
	}
	for _, one := range all {
		if !strings.HasPrefix(one.Key, "many/") || one.Size != 3 || one.Owner != owner {
			t.Fatalf("%+v", one)
		}
	}
	if none, err := b.List(t.Context(), "nothing/"); len(none) != 0 || err != nil {
		t.Errorf("%d objects, %v", len(none), err)
	}
	b.Account = "210987654321"
	if _, err := b.List(t.Context(), "many/"); !cloud.Is(err, "AccessDenied") {
		t.Errorf("of another account: %v", err)
	}
	if _, err := b.Owner(t.Context()); !cloud.Is(err, "AccessDenied") {
		t.Errorf("owner of another account: %v", err)
	}
}

// TestListWithoutEnd: a listing that is longer than any recording's is not read
// to its end.
func TestListWithoutEnd(t *testing.T) {
	page := `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>` +
		strings.Repeat(`<Contents><Key>endless/0.ts</Key></Contents>`, 1000) + `</ListBucketResult>`
	const most, mostPages = 2500, 10
	pages := 0
	b := open(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("prefix") != "endless/" {
				h.ServeHTTP(w, r)
				return
			}
			if pages++; pages > mostPages {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = w.Write([]byte(page))
		})
	})
	if all, err := bucket.Within(b, t.Context(), "endless/", most); !errors.Is(err, recording.ErrTooLarge) || all != nil || pages > mostPages {
		t.Errorf("%d objects of %d pages, %v", len(all), pages, err)
	}
}
