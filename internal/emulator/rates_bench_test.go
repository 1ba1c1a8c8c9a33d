package emulator_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// ask is one kind of request.
type ask struct{ name, service, method, path, target, body string }

// asks are the requests that runs send most, and the write that is the largest.
func asks() []ask {
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::recordings/*"}]}`
	return []ask{
		{name: "HeadBucket", service: "s3", method: http.MethodHead, path: "/recordings"},
		{name: "GetBucketPolicy", service: "s3", method: http.MethodGet, path: "/recordings?policy"},
		{name: "ListStorageConfigurations", service: "ivs", method: http.MethodPost, path: "/ListStorageConfigurations", body: "{}"},
		{
			name: "DescribeLogGroups", service: "logs", method: http.MethodPost, path: "/", target: "Logs_20140328.DescribeLogGroups",
			body: `{"logGroupNamePrefix":"/aws/events/yolo"}`,
		},
		{name: "PutBucketPolicy", service: "s3", method: http.MethodPut, path: "/recordings?policy", body: policy},
		{name: "PutRule", service: "events", method: http.MethodPost, path: "/", target: "AWSEvents.PutRule", body: `{"Name":"r","EventPattern":"{\"source\":[\"aws.ivs\"]}"}`},
	}
}

// request makes a signed request; base is where the emulator listens.
func (a ask) request(tb testing.TB, base string) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), a.method, base+a.path, strings.NewReader(a.body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20261122/us-east-1/"+a.service+"/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if a.target != "" {
		r.Header.Set("X-Amz-Target", a.target)
	}
	return r
}

// things are the sizes of the state: objects and log groups that no request
// asks for.
type things struct{ objects, groups int }

// grow fills an account with a bucket and with things.
func grow(tb testing.TB, server *emulator.Server, n things) {
	tb.Helper()
	must(tb, server, ask{service: "s3", method: http.MethodPut, path: "/recordings"})
	must(tb, server, asks()[4])
	if n.objects > 0 {
		err := server.SeedObjects(emulator.Objects{Bucket: "recordings", Prefix: "media/", Suffix: ".ts", Count: n.objects, Size: 1000})
		if err != nil {
			tb.Fatal(err)
		}
	}
	for i := range n.groups {
		must(tb, server, ask{
			service: "logs", method: http.MethodPost, path: "/", target: "Logs_20140328.CreateLogGroup",
			body: fmt.Sprintf(`{"logGroupName":"/theirs/%d"}`, i),
		})
	}
}

// must has the server carry a request out, without a network.
func must(tb testing.TB, server *emulator.Server, a ask) {
	tb.Helper()
	w := &discarded{}
	server.ServeHTTP(w, a.request(tb, "http://127.0.0.1"))
	if w.status/100 != 2 {
		tb.Fatalf("%s %s: status %d: %s", a.method, a.path, w.status, w.text)
	}
}

// discarded keeps nothing of an answer but its status and, of an error, its text.
type discarded struct {
	header http.Header
	status int
	text   string
}

func (d *discarded) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

func (d *discarded) WriteHeader(status int) { d.status = status }

func (d *discarded) Write(p []byte) (int, error) {
	if d.status >= 300 {
		d.text += string(p)
	}
	return len(p), nil
}

// BenchmarkHandler is what the emulator itself takes for a request, without the
// network: the state in a folder, small and large.
func BenchmarkHandler(b *testing.B) {
	for _, n := range []things{{10, 10}, {1_000_000, 10_000}} {
		server, err := emulator.Open(emulator.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		grow(b, server, n)
		for _, a := range asks() {
			b.Run(fmt.Sprintf("%s/things=%d", a.name, n.objects+n.groups), func(b *testing.B) {
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						must(b, server, a)
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			})
		}
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGuarded is BenchmarkHandler for a caller whose IAM policy is looked at.
func BenchmarkGuarded(b *testing.B) {
	server := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()}).Server
	grow(b, server, things{10, 10})
	err := server.AttachIAMPolicies(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ivs:*","logs:*","events:*"],"Resource":"*"}]}`)
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range asks() {
		b.Run(a.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					must(b, server, a)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

// BenchmarkOverHTTP is BenchmarkHandler over the network stack, with connections
// that are kept. The clients, eight for each processor, share the processors.
func BenchmarkOverHTTP(b *testing.B) {
	i := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()})
	grow(b, i.Server, things{10, 10})
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.Cleanup(transport.CloseIdleConnections)
	for _, a := range asks() {
		b.Run(a.name, func(b *testing.B) {
			b.SetParallelism(8)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := send(transport, a.request(b, i.URL)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

func send(transport http.RoundTripper, request *http.Request) error {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("status %d", response.StatusCode)
	}
	return err
}
