package emulator

import (
	"context"
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

const signed = "AWS4-HMAC-SHA256 Credential=123456789012/20261122/us-east-1/ivs/aws4_request, SignedHeaders=host, Signature=0"

func openServer(t *testing.T, options Options) *Server {
	t.Helper()
	s, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestWhoIsAnswered(t *testing.T) {
	tests := map[string]struct {
		host   string
		header http.Header
		status int
	}{
		"IPv4":                       {host: "127.0.0.1:4566", status: 200},
		"IPv6":                       {host: "[::1]:4566", status: 200},
		"IPv6 without port":          {host: "[::1]", status: 200},
		"localhost":                  {host: "localhost", status: 200},
		"capitals and a dot":         {host: "LocalHost.:4566", status: 200},
		"bucket":                     {host: "my.bucket.localhost:4566", status: 200},
		"another host":               {host: "evil.example:4566", status: 403},
		"rebound name":               {host: "localhost.evil.example", status: 403},
		"name that ends alike":       {host: "evillocalhost:4566", status: 403},
		"no host":                    {host: "", status: 403},
		"another address":            {host: "192.168.0.1:4566", status: 403},
		"own origin":                 {host: "localhost:4566", header: http.Header{"Origin": {"http://localhost:4566"}}, status: 200},
		"origin of another site":     {host: "localhost:4566", header: http.Header{"Origin": {"https://evil.example"}}, status: 403},
		"opaque origin":              {host: "localhost:4566", header: http.Header{"Origin": {"null"}}, status: 403},
		"fetched from another site":  {host: "localhost:4566", header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, status: 403},
		"typed into the address bar": {host: "localhost:4566", header: http.Header{"Sec-Fetch-Site": {"none"}}, status: 200},
	}
	s := openServer(t, Options{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/ListStages", "/_yolo/faults"} {
				method := map[bool]string{true: http.MethodPost, false: http.MethodGet}[path == "/ListStages"]
				request := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, nil)
				request.Host = test.host
				for k, v := range test.header {
					request.Header[k] = v
				}
				request.Header.Set("Authorization", signed)
				recorder := httptest.NewRecorder()
				s.ServeHTTP(recorder, request)
				if recorder.Code != test.status {
					t.Errorf("%s: %d %s, want %d", path, recorder.Code, recorder.Body, test.status)
				}
			}
		})
	}
}

func TestWhatIsNotSigned(t *testing.T) {
	s := openServer(t, Options{})
	tests := map[string]struct {
		method, path, authorization string
		status                      int
		has                         string
	}{
		"a browser":        {"GET", "/", "", 200, "export AWS_ENDPOINT_URL=http://localhost"},
		"another page":     {"GET", "/bucket", "", 403, "carries no AWS signature"},
		"a post":           {"POST", "/", "", 403, "carries no AWS signature"},
		"an old signature": {"GET", "/bucket/key?AWSAccessKeyId=x&Signature=y", "", 403, "Please use AWS4-HMAC-SHA256"},
		"half a scope":     {"GET", "/", "AWS4 Credential=a/b/c", 403, "IncompleteSignature"},
		"another service":  {"GET", "/", strings.Replace(signed, "/ivs/", "/ec2/", 1), 501, `no service with the signing name \"ec2\"`},
		"a query":          {"GET", "/?Action=DescribeInstances", strings.Replace(signed, "/ivs/", "/ec2/", 1), 501, "<Response><Errors><Error><Code>NotImplemented</Code>"},
		"its own help":     {"GET", "/_yolo/", "", 200, "/_yolo/faults"},
		"unknown operation": {
			"POST", "/ListPublicKeys", signed, 501, "the emulator does not have this operation: POST /ListPublicKeys",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), test.method, "http://localhost"+test.path, nil)
			if test.authorization != "" {
				request.Header.Set("Authorization", test.authorization)
			}
			recorder := httptest.NewRecorder()
			s.ServeHTTP(recorder, request)
			if recorder.Code != test.status || !strings.Contains(recorder.Body.String(), test.has) {
				t.Errorf("%d %s, want %d with %q", recorder.Code, recorder.Body, test.status, test.has)
			}
		})
	}
}

func TestBodyHasALimit(t *testing.T) {
	s := openServer(t, Options{})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/ListStages",
		io.LimitReader(zeros{}, maxBody+1))
	request.Header.Set("Authorization", signed)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d, want 413", recorder.Code)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// broken panics in the middle of a transaction.
type broken struct{ store *store.Store }

func (broken) Operation(*wire.Request) string { return "Break" }

func (b broken) Serve(*wire.Request) (*wire.Response, error) {
	return nil, b.store.Update(func(tx *store.Tx) error {
		store.Put(tx, "t", "half", 1)
		panic("a defect")
	})
}

func (broken) Fail(_ *wire.Request, e *wire.Error) *wire.Response { return wire.RestJSON().Fail(e) }

func TestDefectOfOneService(t *testing.T) {
	s := openServer(t, Options{Dir: t.TempDir()})
	s.services["ivs"] = broken{s.store}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/", nil)
	request.Header.Set("Authorization", signed)
	for range 2 {
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusInternalServerError || recorder.Header().Get("X-Amzn-Errortype") != "InternalFailure" {
			t.Errorf("%d %s, want 500 InternalFailure", recorder.Code, recorder.Header())
		}
		if !strings.Contains(recorder.Body.String(), "panic: a defect") {
			t.Errorf("the answer does not tell the defect: %s", recorder.Body)
		}
	}
	err := s.store.View(func(tx *store.Tx) error {
		if _, ok := store.Get[int](tx, "t", "half"); ok {
			t.Error("half of the transaction was kept")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestListensOnThisMachineOnly(t *testing.T) {
	s := openServer(t, Options{})
	for _, listen := range []string{":0", "0.0.0.0:0", "192.168.1.1:0", "[::]:0", "example.com:0", "127.0.0.1", ""} {
		l, err := s.Start(listen)
		if err == nil {
			_ = l.Shutdown(t.Context())
			t.Errorf("%q was listened on", listen)
		}
	}
	for _, listen := range []string{"127.0.0.1:0", "localhost:0"} {
		l, err := s.Start(listen)
		if err != nil {
			t.Error(err)
			continue
		}
		_, err = s.Start(strings.TrimPrefix(l.URL, "http://"))
		if taken, ok := errors.AsType[*PortTakenError](err); !ok || taken.Hint() == "" {
			t.Errorf("a port that is taken: %v, want a PortTakenError with a hint", err)
		}
		if !strings.HasPrefix(l.URL, "http://127.0.0.1:") {
			t.Errorf("URL %q", l.URL)
		}
		if err := errors.Join(l.Shutdown(t.Context()), l.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

func TestShutdownEndsWhatHangs(t *testing.T) {
	s := openServer(t, Options{Faults: []Fault{{Kind: KindHang}}, Latency: []Latency{{Delay: Duration(time.Hour)}}})
	l, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL+"/ListStages", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", signed)
	answered := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			err = errors.Join(errors.New("it was answered"), response.Body.Close())
		}
		answered <- err
	}()
	for len(s.Faults()) == 0 || s.Faults()[0].Struck == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-answered; !errors.Is(err, io.EOF) {
		t.Errorf("the request that hung: %v, want its connection to end", err)
	}
}

func TestCallLogIsBounded(t *testing.T) {
	var l callLog
	for i := range maxCalls + 3 {
		l.add(Call{Status: i})
	}
	got := l.read()
	first, last := got.Calls[0].Status, got.Calls[len(got.Calls)-1].Status
	if got.Total != maxCalls+3 || got.Dropped != 3 || len(got.Calls) != maxCalls || first != 3 || last != maxCalls+2 {
		t.Errorf("total %d, dropped %d, kept %d from %d to %d", got.Total, got.Dropped, len(got.Calls), first, last)
	}
}
