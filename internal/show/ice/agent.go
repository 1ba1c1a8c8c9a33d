// Package ice finds a way for UDP datagrams to a WebRTC server and keeps it
// open: the controlling side of ICE (RFC 8445) with host candidates, and consent
// (RFC 7675).
//
// It is made for a client of a server that can be reached: it asks no STUN or
// TURN server, takes no TCP candidates, and never restarts. What it leaves out is
// what makes a full agent large. Start at Open and Agent.Connect.
package ice

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	// pace is the time between two checks of an agent, Ta (RFC 8445 14.2).
	pace = 50 * time.Millisecond
	// firstWait is how long a check waits for its answer before it is sent again;
	// each time it waits twice as long, up to longestWait.
	firstWait, longestWait = 250 * time.Millisecond, 2 * time.Second
	// consentEvery and consentLasts are how often the server is asked whether it
	// still wants what is sent, and how long a yes counts (RFC 7675 5.1).
	consentEvery, consentLasts = 5 * time.Second, 30 * time.Second
	// maxPairs bounds what a server can make an agent check.
	maxPairs = 32
	// maxDatagram is more than any that a server may send.
	maxDatagram = 8192
)

// Credentials authenticate the checks of one side.
type Credentials struct{ Ufrag, Password string }

// newCredentials makes credentials of more than the 24 and 128 random bits that are
// asked for (RFC 8445 5.3).
func newCredentials() Credentials {
	text := rand.Text() + rand.Text()
	return Credentials{Ufrag: text[:5], Password: text[5:34]}
}

// ErrConsent is that the server did not answer for so long that nothing more may
// be sent to it.
var ErrConsent = errors.New("no answer to consent checks for 30 s")

// Agent is one side of a connection. Its methods are safe for concurrent use.
type Agent struct {
	local      Credentials
	tiebreaker uint64
	sockets    []*net.UDPConn
	deliver    func([]byte)
	running    sync.WaitGroup
	connected  chan struct{}
	over       chan struct{} // closed when nothing will be sent or read any more

	mu         sync.Mutex
	remote     Credentials
	pairs      []*pair
	nominee    *pair
	selected   *pair
	answered   time.Time // the last answer of the selected pair
	consentDue time.Time
	refusal    string // what the server answered instead, if anything
	err        error
}

// Open opens an agent's sockets, one for each IP version that there is. Every
// datagram that is not ICE's own and comes from a candidate of the server is
// given to deliver, one after the other for each version; deliver must not keep
// it. The agent must be closed.
func Open(deliver func(datagram []byte)) (*Agent, error) {
	a := &Agent{
		local: newCredentials(), deliver: deliver,
		connected: make(chan struct{}), over: make(chan struct{}),
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // it cannot fail
	a.tiebreaker = binary.BigEndian.Uint64(random[:])
	var failures []error
	for _, network := range []string{"udp4", "udp6"} {
		socket, err := net.ListenUDP(network, nil)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		a.sockets = append(a.sockets, socket)
	}
	if len(a.sockets) == 0 {
		return nil, errors.Join(failures...)
	}
	for _, socket := range a.sockets {
		a.running.Go(func() { a.read(socket) })
	}
	return a, nil
}

// Local are the agent's own credentials, for the offer.
func (a *Agent) Local() Credentials { return a.local }

// Connect checks the server's candidates until one works. It returns a
// *NoAnswerError when ctx ends before that.
func (a *Agent) Connect(ctx context.Context, remote Credentials, candidates []Candidate) error {
	begun := time.Now()
	a.mu.Lock()
	a.remote = remote
	for _, c := range candidates {
		a.add(c.Address, c.Priority)
	}
	tried := len(a.pairs)
	a.mu.Unlock()
	if tried > 0 {
		a.running.Go(a.check)
		select {
		case <-a.connected:
			return nil
		case <-a.over:
			return net.ErrClosed
		case <-ctx.Done():
		}
	}
	return a.noAnswer(ctx, candidates, time.Since(begun))
}

// add adds a pair for a remote address, unless there is one. The caller holds mu.
func (a *Agent) add(address netip.AddrPort, priority uint32) {
	i := slices.IndexFunc(a.sockets, func(s *net.UDPConn) bool { return isIPv4(s) == address.Addr().Is4() })
	if i < 0 || len(a.pairs) == maxPairs || a.pairOf(address) != nil {
		return
	}
	a.pairs = append(a.pairs, &pair{socket: a.sockets[i], remote: address, priority: priority})
	slices.SortStableFunc(a.pairs, func(x, y *pair) int { return cmp.Compare(y.priority, x.priority) })
}

func isIPv4(socket *net.UDPConn) bool {
	return socket.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Is4()
}

func (a *Agent) pairOf(address netip.AddrPort) *pair {
	for _, p := range a.pairs {
		if p.remote == address {
			return p
		}
	}
	return nil
}

// check sends what is due until the agent is over.
func (a *Agent) check() {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		a.step(time.Now())
		select {
		case <-ticker.C:
		case <-a.over:
			return
		}
	}
}

// step sends the one check that is due, if any.
func (a *Agent) step(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.selected != nil {
		a.keep(now)
		return
	}
	for _, p := range a.pairs {
		if !now.Before(p.due) {
			p.due = now.Add(min(firstWait<<min(p.sent, 8), longestWait))
			a.request(p, p == a.nominee)
			return
		}
	}
}

// keep asks for consent, at random times, and ends the agent when the last was
// given too long ago. The caller holds mu.
func (a *Agent) keep(now time.Time) {
	if now.Sub(a.answered) > consentLasts {
		a.fail(ErrConsent)
		return
	}
	if now.Before(a.consentDue) {
		return
	}
	var random [1]byte
	_, _ = rand.Read(random[:])
	a.consentDue = now.Add(consentEvery*8/10 + consentEvery*4/10*time.Duration(random[0])/255)
	a.request(a.selected, false)
}

// Write sends a datagram to the server.
func (a *Agent) Write(datagram []byte) error {
	a.mu.Lock()
	p, err := a.selected, a.err
	a.mu.Unlock()
	if err != nil {
		return err
	}
	if p == nil {
		return net.ErrClosed
	}
	return p.write(datagram)
}

// Done is closed when the agent is over. Err then says why.
func (a *Agent) Done() <-chan struct{} { return a.over }

// Err is ErrConsent, or net.ErrClosed after Close; nil before the agent is over.
func (a *Agent) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// fail ends the agent. The caller holds mu.
func (a *Agent) fail(err error) {
	if a.err != nil {
		return
	}
	a.err = err
	close(a.over)
	for _, socket := range a.sockets {
		_ = socket.Close()
	}
}

// Close ends the agent and waits until nothing is delivered any more. It must
// not be called from deliver.
func (a *Agent) Close() {
	a.mu.Lock()
	a.fail(net.ErrClosed)
	a.mu.Unlock()
	a.running.Wait()
}
