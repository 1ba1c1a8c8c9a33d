package script

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// crossing stands between programs and their AWS. Each request takes its time on
// the way there, being worked on, and on the way back, as the seed has it; and
// where AWS refuses changes of one thing that meet, the second one is refused.
type crossing struct {
	aws http.Handler
	url string
	// pace is the longest that a way, and work longest that a change takes.
	pace, work time.Duration

	mu   sync.Mutex
	rng  *rand.Rand
	busy map[string]bool // what is being changed
	met  int             // changes that were refused
}

func newCrossing(b *bench, seed uint64) *crossing {
	c := &crossing{aws: b.aws.Server, rng: rand.New(rand.NewPCG(seed, 2)), busy: map[string]bool{}}
	c.pace, c.work = c.upTo(150*time.Millisecond), c.upTo(20*time.Millisecond)
	server := httptest.NewServer(c)
	c.url = server.URL
	b.t.Cleanup(server.Close)
	return c
}

func (c *crossing) upTo(longest time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(c.rng.Int64N(int64(longest) + 1))
}

func (c *crossing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	time.Sleep(c.upTo(c.pace))
	answer := httptest.NewRecorder()
	thing, refusal := changed(r)
	if c.begin(thing) {
		time.Sleep(c.upTo(c.work))
		c.aws.ServeHTTP(answer, r)
		c.end(thing)
	} else {
		refusal(answer)
	}
	time.Sleep(c.upTo(c.pace))
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// begin tells whether a thing may be changed now; "" is nothing that changes can
// meet in.
func (c *crossing) begin(thing string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[thing] {
		c.met++
		return false
	}
	c.busy[thing] = thing != ""
	return true
}

func (c *crossing) end(thing string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, thing)
}

// changed tells what a request changes that AWS lets only one change at a time,
// and how it refuses the second one: a bucket, in its configuration, and what a
// region has of rules and of log groups and their policies.
func changed(r *http.Request) (thing string, refusal func(http.ResponseWriter)) {
	region := ""
	if scope := strings.Split(r.Header.Get("Authorization"), "/"); len(scope) > 2 {
		region = scope[2]
	}
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	write := strings.HasPrefix(operation, "Put") || strings.HasPrefix(operation, "Create")
	switch {
	case service == "AWSEvents" && write:
		return "events " + region, refusing(http.StatusBadRequest, `{"__type":"ConcurrentModificationException","message":"Rule is being modified"}`)
	case write:
		return "logs " + region, refusing(http.StatusBadRequest, `{"__type":"OperationAbortedException","message":"A conflicting operation is in progress"}`)
	case service == "" && r.Method == http.MethodPut && !strings.HasPrefix(r.URL.Path, "/tags/"):
		return "bucket " + r.URL.Path, refusing(http.StatusConflict, `<Error><Code>OperationAborted</Code><Message>A conflicting operation is in progress</Message></Error>`)
	}
	return "", nil
}

func refusing(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}
