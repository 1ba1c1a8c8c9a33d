package s3

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func openState(t *testing.T, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// ask sends a request straight to the service, and returns the answer's body
// or the code that it was refused with.
func ask(t *testing.T, s *Service, method, url, body string) string {
	t.Helper()
	h := httptest.NewRequest(method, url, strings.NewReader(body))
	h.Host = "127.0.0.1"
	h.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	r := &wire.Request{Account: "111111111111", Region: usEast1, HTTP: h, Now: time.Now()}
	if r.Operation = s.Operation(r); r.Operation == "" {
		t.Fatalf("no operation for %s %s", method, url)
	}
	response, err := s.Serve(r)
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		return refusal.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	if response.Stream == nil {
		return string(response.Body)
	}
	defer response.Stream.Close()
	read, err := io.ReadAll(response.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

func TestTooManyBuckets(t *testing.T) {
	s := New(openState(t, ""), "")
	s.MaxBuckets = 1
	if got := ask(t, s, http.MethodPut, "/bucket-one", ""); got != "" {
		t.Fatal(got)
	}
	if got := ask(t, s, http.MethodPut, "/bucket-two", ""); got != "TooManyBuckets" {
		t.Errorf("the second bucket: %q", got)
	}
	if got := ask(t, s, http.MethodPut, "/bucket-one", ""); got != "" {
		t.Errorf("the first one again: %q", got)
	}
}

// A write that is seen later must not take away what is still read until then.
func TestDelayedWrites(t *testing.T) {
	for name, dir := range map[string]string{"in memory": "", "on disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			st := openState(t, dir)
			s, late := New(st, dir), New(st.Delayed(time.Hour), dir)
			ask(t, s, http.MethodPut, "/bucket", "")
			ask(t, s, http.MethodPut, "/bucket/key", "old")
			for _, method := range []string{http.MethodPut, http.MethodDelete} {
				if got := ask(t, late, method, "/bucket/key", "new"); got != "" {
					t.Fatal(got)
				}
				if got := ask(t, s, http.MethodGet, "/bucket/key", ""); got != "old" {
					t.Errorf("after %s: %q", method, got)
				}
			}
		})
	}
}

func TestPolicyForOtherServices(t *testing.T) {
	st := openState(t, "")
	ask(t, New(st, ""), http.MethodPut, "/bucket", "")
	err := st.Update(func(tx *store.Tx) error {
		if document, ok := Policy(tx, "bucket"); ok {
			t.Errorf("a policy before: %s", document)
		}
		SetPolicy(tx, "bucket", `{"Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":"arn:aws:s3:::bucket"}]}`)
		want := `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket"}]}`
		if document, ok := Policy(tx, "bucket"); !ok || document != want {
			t.Errorf("got %s, want %s", document, want)
		}
		SetPolicy(tx, "bucket", "")
		if document, ok := Policy(tx, "bucket"); ok {
			t.Errorf("a policy after: %s", document)
		}
		SetPolicy(tx, "nobody", "{}")
		if _, ok := Lookup(tx, "nobody"); ok {
			t.Error("a policy made a bucket")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
