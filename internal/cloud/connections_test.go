package cloud

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// atOnce is how many requests the tests have in flight to one host: more than
// both net/http and the SDK keep connections by themselves.
const atOnce = 24

// host is one of AWS's hosts, with TLS. Its answers go on after what they tell.
type host struct {
	*httptest.Server
	opened   atomic.Int64 // connections
	protocol atomic.Value // of the last request

	mu   sync.Mutex
	meet *sync.WaitGroup // requests wait for each other; nil: they do not
}

func startHost(t *testing.T, http2 bool, status int) *host {
	t.Helper()
	h := &host{}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.protocol.Store(r.Proto)
		h.mu.Lock()
		meet := h.meet
		h.mu.Unlock()
		if meet != nil {
			meet.Done()
			meet.Wait()
		}
		jsonError(status, "ResourceNotFoundException", `{"Rules":[]}`+strings.Repeat(" ", maxErrorBody/2)).send(w)
	}))
	h.EnableHTTP2 = http2
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.opened.Add(1)
		}
	}
	h.StartTLS()
	t.Cleanup(h.Close)
	return h
}

// connect is AWS where all hosts are this one.
func (h *host) connect(t *testing.T) *Cloud {
	t.Helper()
	cleanEnv(t, "")
	withKeys(t)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	t.Setenv("AWS_ENDPOINT_URL", h.URL)
	return load(t, Options{})
}

// ask sends so many requests that are in flight at the same time, and returns how
// many connections were opened for them.
func (h *host) ask(t *testing.T, c *Cloud, count int) (opened int64) {
	t.Helper()
	before := h.opened.Load()
	meet := &sync.WaitGroup{}
	meet.Add(count)
	h.mu.Lock()
	h.meet = meet
	h.mu.Unlock()
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			_, err := Call(t.Context(), c.In("eu-west-1").Events.ListRules, &eventbridge.ListRulesInput{})
			if err != nil && !Is(err, "ResourceNotFoundException") {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return h.opened.Load() - before
}

// Over HTTP/1.1 there are as many connections as requests in flight, and each of
// them serves again, after answers and errors of which only the beginning tells
// something.
func TestConnectionsAreKept(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			h := startHost(t, false, status)
			c := h.connect(t)
			for i, step := range []struct{ requests, opened int }{{1, 1}, {1, 0}, {atOnce, atOnce - 1}, {atOnce, 0}, {1, 0}} {
				if opened := h.ask(t, c, step.requests); opened != int64(step.opened) {
					t.Errorf("step %d: %d requests at once opened %d connections, want %d", i+1, step.requests, opened, step.opened)
				}
			}
		})
	}
}

// Over HTTP/2 one connection serves all requests. As long as it is not known that
// the host speaks it, none waits to see: over HTTP/1.1 that would cost a second
// connection's round trips.
func TestOneConnectionOverHTTP2(t *testing.T) {
	t.Run("when the host is known", func(t *testing.T) {
		h := startHost(t, true, http.StatusOK)
		c := h.connect(t)
		if first, rest := h.ask(t, c, 1), h.ask(t, c, atOnce); first != 1 || rest != 0 {
			t.Errorf("opened %d connections for one request and %d for %d more", first, rest, atOnce)
		}
		if got := h.protocol.Load(); got != "HTTP/2.0" {
			t.Errorf("spoke %v", got)
		}
	})
	t.Run("when it is not", func(t *testing.T) {
		h := startHost(t, true, http.StatusOK)
		c := h.connect(t)
		if opened := h.ask(t, c, atOnce); opened > atOnce {
			t.Errorf("%d requests at once opened %d connections", atOnce, opened)
		}
		if opened := h.ask(t, c, 2*atOnce); opened != 0 {
			t.Errorf("%d requests to a host that is known to speak HTTP/2 opened %d connections", 2*atOnce, opened)
		}
	})
}

// pipes are connections within the test, as the network between two hosts.
type pipes struct {
	accept chan net.Conn
	end    sync.Once
	dialed []*pipe
}

func (p *pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p.accept; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p *pipes) Close() error   { p.end.Do(func() { close(p.accept) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	conn := &pipe{Conn: near}
	p.dialed = append(p.dialed, conn)
	p.accept <- far
	return conn, nil
}

// pipe is a connection that may come to lead nowhere, without a word of it.
type pipe struct {
	net.Conn
	dead atomic.Bool
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.dead.Load() {
		return len(b), nil
	}
	return p.Conn.Write(b)
}

// A connection of HTTP/2 that all requests share must not keep them all from being
// answered when its network is gone.
func TestSilentConnectionIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{accept: make(chan net.Conn)}
		var protocol atomic.Value
		h := &httptest.Server{Listener: network, EnableHTTP2: true, Config: &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				protocol.Store(r.Proto)
				_, _ = w.Write([]byte(`{"Rules":[]}`))
			}),
		}}
		h.StartTLS()
		defer h.Close()
		var transport *http.Transport
		c := load(t, Options{Endpoint: "https://example.com", AccessKey: "AKIDEXAMPLE", Transport: func(next http.RoundTripper) http.RoundTripper {
			transport = next.(*http.Transport)
			transport.Proxy, transport.DialContext = nil, network.dial
			transport.TLSClientConfig.RootCAs = h.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			return transport
		}})
		defer transport.CloseIdleConnections()
		ask := func() time.Duration {
			begun := time.Now()
			if _, err := Call(t.Context(), c.In("eu-west-1").Events.ListRules, &eventbridge.ListRulesInput{}); err != nil {
				t.Error(err)
			}
			return time.Since(begun)
		}
		ask()
		network.dialed[0].dead.Store(true)
		if took := ask(); took >= answerTimeout || len(network.dialed) != 2 || protocol.Load() != "HTTP/2.0" {
			t.Errorf("the answer took %v over %d connections, by %v", took, len(network.dialed), protocol.Load())
		}
	})
}
