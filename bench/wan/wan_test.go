package wan_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
)

// start begins a network that ends with the test.
func start(t *testing.T, aws http.Handler, options wan.Options) *wan.Network {
	t.Helper()
	n, err := wan.Start(aws, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// client is a program's that has the network's environment.
func client(t *testing.T, n *wan.Network) *http.Client {
	t.Helper()
	env := map[string]string{}
	for _, pair := range n.Env() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	proxy, err := url.Parse(env["HTTPS_PROXY"])
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(env["AWS_CA_BUNDLE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %q", pem)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 10}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(ctx context.Context, c *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := c.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func TestHosts(t *testing.T) {
	n := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, " ", r.Proto)
	}), wan.Options{HTTP2: []string{"logs", "iam"}})
	c := client(t, n)
	for host, want := range map[string]string{
		"ivsrealtime.us-west-2.amazonaws.com":  "ivsrealtime.us-west-2.localhost HTTP/1.1",
		"logs.eu-west-1.amazonaws.com":         "logs.eu-west-1.localhost HTTP/2.0",
		"my.bucket.s3.eu-west-1.amazonaws.com": "my.bucket.s3.eu-west-1.localhost HTTP/1.1",
		"s3.us-east-1.amazonaws.com":           "s3.us-east-1.localhost HTTP/1.1",
		"iam.amazonaws.com":                    "iam.localhost HTTP/2.0",
	} {
		if got, err := get(t.Context(), c, "https://"+host+"/"); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", host, got, err, want)
		}
	}
	for _, host := range []string{"example.com", "logs.eu-west-1.amazonaws.com:80"} {
		if got, err := get(t.Context(), c, "https://"+host+"/"); err == nil {
			t.Errorf("%s: answers %q", host, got)
		}
	}
	regions := map[string]string{}
	for _, h := range n.Hosts() {
		regions[h.Name] = h.Region
	}
	if len(regions) != 5 || regions["iam.amazonaws.com"] != "us-east-1" || regions["my.bucket.s3.eu-west-1.amazonaws.com"] != "eu-west-1" {
		t.Error(regions)
	}
}

// Three at once, then two at once: as counted for each protocol.
func TestCounts(t *testing.T) {
	var met sync.WaitGroup
	n := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		met.Done()
		met.Wait()
	}), wan.Options{HTTP2: []string{"logs"}})
	c := client(t, n)
	for _, round := range []int{3, 2} {
		for _, host := range []string{"events.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"} {
			met.Add(round)
			var all sync.WaitGroup
			for range round {
				all.Go(func() {
					if _, err := get(t.Context(), c, "https://"+host); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		want := []wan.Host{
			{Name: "events.us-east-1.amazonaws.com", Region: "us-east-1", Protocol: "HTTP/1.1", Connections: 3, Requests: 3, MostInFlight: 3},
			{Name: "logs.us-east-1.amazonaws.com", Region: "us-east-1", Protocol: "HTTP/2.0", Requests: 3, MostInFlight: 3},
		}
		if round == 2 {
			want[0].Connections, want[0].Requests, want[0].MostInFlight = 0, 2, 2
			want[1].Requests, want[1].MostInFlight = 2, 2
		}
		got := n.Hosts()
		n.Reset()
		if round == 3 && len(got) == 2 {
			// How many connections are begun before the first is known to
			// speak HTTP/2 is the program's affair.
			got[1].Connections, got[1].Idle, got[1].Late = 0, 0, 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d at once: got %+v, want %+v", round, got, want)
		}
	}
}

// A connection that is asked for after the first answer is late.
func TestLate(t *testing.T) {
	var met sync.WaitGroup
	n := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		met.Done()
		met.Wait()
	}), wan.Options{})
	c := client(t, n)
	for _, count := range []int{1, 2} {
		met.Add(count)
		var all sync.WaitGroup
		for range count {
			all.Go(func() {
				if _, err := get(t.Context(), c, "https://logs.us-east-1.amazonaws.com"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if got := n.Hosts(); len(got) != 1 || got[0].Connections != 2 || got[0].Late != 1 {
		t.Errorf("%+v", got)
	}
}

// A request on a new connection takes three round trips, TCP's, TLS's and its own,
// and the next one takes one. What is measured can only be longer.
func TestDistance(t *testing.T) {
	const trip, lookup = 20 * time.Millisecond, 10 * time.Millisecond
	n := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), wan.Options{Distance: wan.SameForAll(trip), Lookup: lookup})
	c := client(t, n)
	for i, least := range []time.Duration{lookup + 3*trip, trip} {
		begun := time.Now()
		if _, err := get(t.Context(), c, "https://sts.us-east-1.amazonaws.com"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < least {
			t.Errorf("request %d took %s, less than %s", i+1, took, least)
		}
	}
}

func TestFromParis(t *testing.T) {
	if near, far, unknown := wan.FromParis("eu-central-1"), wan.FromParis("ap-northeast-2"), wan.FromParis("moon-1"); near >= far || unknown != far {
		t.Error(near, far, unknown)
	}
}

// Close ends what is under way, leaves no file, and nobody waiting.
func TestClose(t *testing.T) {
	there, over := make(chan struct{}), make(chan struct{})
	n, err := wan.Start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(there)
		<-r.Context().Done()
		close(over)
	}), wan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, n)
	failed := make(chan error)
	go func() {
		_, err := get(t.Context(), c, "https://sts.us-east-1.amazonaws.com")
		failed <- err
	}()
	<-there
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("a request of a closed network was answered")
	}
	<-over
	if _, err := os.Stat(n.CA); !os.IsNotExist(err) {
		t.Errorf("%s: %v", n.CA, err)
	}
}
