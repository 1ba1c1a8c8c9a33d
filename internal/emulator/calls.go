package emulator

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// maxCalls bounds the call log; older calls are counted but not kept.
const maxCalls = 100_000

// Call is one request that was taken, as the call log keeps it.
type Call struct {
	Start     time.Time `json:"start"` // by the machine's clock, as End
	End       time.Time `json:"end"`
	Account   string    `json:"account"`
	Region    string    `json:"region"`
	Service   string    `json:"service"`   // the signing name
	Operation string    `json:"operation"` // "" for one that the emulator does not have
	// Mutating is false for a Get, List, Describe, Head, Filter or Test.
	Mutating bool `json:"mutating"`
	// Status is the HTTP status; 0 when the connection was closed instead.
	Status int `json:"status"`
	// Code is the error code, or the fault that closed the connection.
	Code      string `json:"code,omitempty"`
	RequestID string `json:"request_id"`
	Path      string `json:"path"` // of the URL
}

// Calls is the call log.
type Calls struct {
	// Total counts all calls since the log was last reset, Dropped those of
	// them that the log has no room for any more.
	Total   int    `json:"total"`
	Dropped int    `json:"dropped"`
	Calls   []Call `json:"calls"` // in the order in which they ended
}

// mutating tells whether an operation may change something.
func mutating(operation string) bool {
	return !slices.ContainsFunc([]string{"Get", "List", "Describe", "Head", "Filter", "Test"}, func(verb string) bool {
		return strings.HasPrefix(operation, verb)
	})
}

// callLog is a ring of the latest calls.
type callLog struct {
	mu    sync.Mutex
	ring  []Call
	total int
}

func (l *callLog) add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < maxCalls {
		l.ring = append(l.ring, c)
	} else {
		l.ring[l.total%maxCalls] = c
	}
	l.total++
}

func (l *callLog) read() Calls {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := make([]Call, 0, len(l.ring))
	oldest := 0
	if l.total > len(l.ring) {
		oldest = l.total % maxCalls
	}
	calls = append(append(calls, l.ring[oldest:]...), l.ring[:oldest]...)
	return Calls{Total: l.total, Dropped: l.total - len(l.ring), Calls: calls}
}

func (l *callLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.total = nil, 0
}
