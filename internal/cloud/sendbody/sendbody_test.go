package sendbody_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/yolo-live/yolo/internal/cloud/sendbody"
)

// ended is a body that is closed already: an error to who writes it all.
type ended struct{ io.Reader }

func (ended) Close() error                     { return nil }
func (ended) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

func TestBodyIsOnlyRead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	for name, want := range map[string]string{"with a body": "text", "without": ""} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if want != "" {
				request.Body, request.ContentLength = ended{bytes.NewReader([]byte(want))}, int64(len(want))
			}
			answer, err := sendbody.Client(server.Client()).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if got, err := io.ReadAll(answer.Body); err != nil || string(got) != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		})
	}
}
