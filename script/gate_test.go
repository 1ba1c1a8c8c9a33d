package script

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
)

// moment is a point in the life of a request; "" is none.
type moment string

const (
	beforeEffect moment = "before its effect"
	afterEffect  moment = "after its effect"
	halfAnswered moment = "with half of its answer"
)

// gate stands between a program and its AWS, and ends the program there, or does
// something else to it.
type gate struct {
	url string
	// arrives is told of each request, and answered of each answer that is about
	// to be given; what they return is when to strike at it. They are called with
	// the lock held; nil never strikes.
	arrives  func(r *http.Request) moment
	answered func(r *http.Request, answer *httptest.ResponseRecorder) moment
	// strike is done to the program instead of killing it; nil kills.
	strike func()

	aws     http.Handler
	server  *httptest.Server
	mu      sync.Mutex
	passed  int    // requests
	reached string // what it was struck at
	dead    bool
	program *os.Process
}

func newGate(t testing.TB, aws http.Handler) *gate {
	g := &gate{aws: aws}
	g.server = httptest.NewServer(g)
	g.url = g.server.URL
	t.Cleanup(g.server.Close)
	return g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := g.ask(r, func() moment {
		g.passed++
		if g.arrives == nil {
			return ""
		}
		return g.arrives(r)
	})
	g.strikeAt(at == beforeEffect)
	answer := httptest.NewRecorder()
	g.aws.ServeHTTP(answer, r)
	if at == "" {
		at = g.ask(r, func() moment {
			if g.answered == nil {
				return ""
			}
			return g.answered(r, answer)
		})
	}
	// Of an answer without a body, what would be half is all of it.
	g.strikeAt(at == afterEffect || at == halfAnswered && answer.Body.Len() == 0)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	body := answer.Body.Bytes()
	if at == halfAnswered {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		body = body[:len(body)/2]
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
	if at == halfAnswered {
		_ = http.NewResponseController(w).Flush()
		g.strikeAt(true)
	}
}

// ask calls one of the hooks. What a dead program has sent before comes to
// nothing.
func (g *gate) ask(r *http.Request, hook func() moment) moment {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		panic(http.ErrAbortHandler)
	}
	at := hook()
	if at != "" {
		g.reached = r.Method + " " + r.URL.Path
		g.dead = g.strike == nil
	}
	return at
}

// strikeAt strikes, if it is time. A kill also ends the connection.
func (g *gate) strikeAt(now bool) {
	switch {
	case !now:
	case g.strike != nil:
		g.strike()
	default:
		_ = g.program.Kill()
		panic(http.ErrAbortHandler)
	}
}

// open lets everything through from now on.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.arrives, g.answered, g.dead = nil, nil, false
}

// close waits until nothing of the program is under way any more.
func (g *gate) close() { g.server.Close() }

// start starts a program that goes through the gate.
func (g *gate) start(b *bench, told func(p *proving, text string), args ...string) *proving {
	b.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	p := b.start(g.url, told, args...)
	g.program = p.cmd.Process
	return p
}
