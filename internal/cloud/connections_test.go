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
	h := newHost(status)
	h.start(t, http2)
	return h
}

func newHost(status int) *host {
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
	return h
}

func (h *host) start(t *testing.T, http2 bool) {
	h.EnableHTTP2 = http2
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.opened.Add(1)
		}
	}
	h.StartTLS()
	t.Cleanup(h.Close)
}

// connect is AWS where all hosts are this one.
func (h *host) connect(t *testing.T, options Options) *Cloud {
	t.Helper()
	cleanEnv(t, "")
	withKeys(t)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	t.Setenv("AWS_ENDPOINT_URL", h.URL)
	return load(t, options)
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
			c := h.connect(t, Options{})
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
		c := h.connect(t, Options{})
		if first, rest := h.ask(t, c, 1), h.ask(t, c, atOnce); first != 1 || rest != 0 {
			t.Errorf("opened %d connections for one request and %d for %d more", first, rest, atOnce)
		}
		if got := h.protocol.Load(); got != "HTTP/2.0" {
			t.Errorf("spoke %v", got)
		}
	})
	t.Run("when it is not", func(t *testing.T) {
		h := startHost(t, true, http.StatusOK)
		c := h.connect(t, Options{})
		if opened := h.ask(t, c, atOnce); opened > atOnce {
			t.Errorf("%d requests at once opened %d connections", atOnce, opened)
		}
		if opened := h.ask(t, c, 2*atOnce); opened != 0 {
			t.Errorf("%d requests to a host that is known to speak HTTP/2 opened %d connections", 2*atOnce, opened)
		}
	})
}

// mute is a listener whose connections can be made to say nothing any more, as one
// does whose network is gone.
type mute struct {
	net.Listener
	silent atomic.Int64 // how many of the first connections
	opened atomic.Int64
}

// Accept implements net.Listener.
func (m *mute) Accept() (net.Conn, error) {
	conn, err := m.Listener.Accept()
	return mutedConn{conn, m, m.opened.Add(1)}, err
}

type mutedConn struct {
	net.Conn
	listener *mute
	number   int64
}

// Write implements net.Conn.
func (c mutedConn) Write(data []byte) (int, error) {
	if c.number <= c.listener.silent.Load() {
		return len(data), nil
	}
	return c.Conn.Write(data)
}

// A connection of HTTP/2 that all requests share must not keep them all from being
// answered when its network is gone.
func TestSilentConnectionIsLeft(t *testing.T) {
	h := newHost(http.StatusOK)
	listener := &mute{Listener: h.Listener}
	h.Listener = listener
	h.start(t, true)
	c := h.connect(t, Options{silence: 200 * time.Millisecond})
	h.ask(t, c, 1)
	listener.silent.Store(listener.opened.Load())
	h.mu.Lock()
	h.meet = nil
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout*2/3)
	defer cancel()
	if _, err := Call(ctx, c.In("eu-west-1").Events.ListRules, &eventbridge.ListRulesInput{}); err != nil {
		t.Error(err)
	}
	if opened := h.opened.Load(); opened < 2 {
		t.Errorf("answered over %d connections, the first of which was silent", opened)
	}
}
