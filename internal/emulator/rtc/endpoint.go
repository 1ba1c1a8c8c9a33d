package rtc

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/stun/v4"
)

// Endpoint is where media comes in on this machine. It is safe for concurrent
// use.
type Endpoint struct {
	sockets     []*net.UDPConn
	certificate tls.Certificate
	patience    time.Duration
	reading     sync.WaitGroup

	mu     sync.Mutex
	closed bool
	byName map[string]*Peer // by the user name fragment that this side gave it
	byAddr map[netip.AddrPort]*Peer
	marks  map[string]chan struct{} // what catchUp waits for
}

// loopbacks are the addresses to listen on. A machine without the second one
// does with the first.
var loopbacks = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}

// Listen takes a free UDP port on each loopback address. Close releases them.
func Listen() (*Endpoint, error) {
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("media: make a certificate: %w", err)
	}
	e := &Endpoint{
		certificate: certificate, patience: patience, byName: map[string]*Peer{}, byAddr: map[netip.AddrPort]*Peer{},
		marks: map[string]chan struct{}{},
	}
	var refused error
	for _, address := range loopbacks {
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(address, 0)))
		if err != nil {
			refused = errors.Join(refused, err)
			continue
		}
		// What comes in one burst should not be lost. The system may have its own
		// idea of how much that is.
		_ = socket.SetReadBuffer(4 << 20)
		e.sockets = append(e.sockets, socket)
	}
	if len(e.sockets) == 0 {
		return nil, fmt.Errorf("media: listen: %w", refused)
	}
	for _, socket := range e.sockets {
		e.reading.Go(func() { e.read(socket) })
	}
	return e, nil
}

// Close ends all peers and waits until their handlers know.
func (e *Endpoint) Close() {
	e.mu.Lock()
	e.closed = true
	var peers []*Peer
	for _, p := range e.byName {
		peers = append(peers, p)
	}
	e.mu.Unlock()
	for _, p := range peers {
		p.Close()
	}
	for _, socket := range e.sockets {
		_ = socket.Close()
	}
	e.reading.Wait()
}

// Answer takes an offer, and returns the answer and the peer, which lives until
// its handler is told that it is closed. The error is an OfferError for an offer
// that is not to be had.
func (e *Endpoint) Answer(text string, handler Handler) (answer string, p *Peer, err error) {
	o, err := parseOffer(text)
	if err != nil {
		return "", nil, err
	}
	digest, err := fingerprint(e.certificate.Certificate[0])
	if err != nil {
		return "", nil, err
	}
	p = newPeer(e, o, handler)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return "", nil, errors.New("media: the endpoint is closed")
	}
	e.byName[p.ufrag] = p
	go p.run()
	return o.answer(p.ufrag, p.password, digest, e.candidates()), p, nil
}

func (e *Endpoint) candidates() []netip.AddrPort {
	var all []netip.AddrPort
	for _, socket := range e.sockets {
		all = append(all, socket.LocalAddr().(*net.UDPAddr).AddrPort())
	}
	return all
}

// maxDatagram is more than any packet of WebRTC has.
const maxDatagram = 64 << 10

// read hands on what comes in, until the socket is closed.
func (e *Endpoint) read(socket *net.UDPConn) {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Other errors are about packets that this side sent, to who is gone.
		if err != nil || n == 0 {
			continue
		}
		datagram := slices.Clone(buffer[:n])
		if stun.IsMessage(datagram) {
			e.check(socket, datagram, from)
			continue
		}
		e.sort(datagram, from)
	}
}

func (e *Endpoint) sort(datagram []byte, from netip.AddrPort) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p := e.byAddr[from]; p != nil {
		p.receive(datagram)
		return
	}
	if read, ok := e.marks[string(datagram)]; ok {
		close(read)
		delete(e.marks, string(datagram))
	}
}

// readWithin is how long a machine that has other things to do is given to read
// what had come, unless that is lost.
const readWithin = 2 * time.Second

// catchUp waits until all is read that had come to a socket before, so that what
// a client sent before it said that it ends is not lost: it sends itself a mark
// and waits for that, though not for ever, as marks get lost, too.
func (e *Endpoint) catchUp(socket *net.UDPConn) {
	mark, read := rand.Text(), make(chan struct{})
	e.mu.Lock()
	e.marks[mark] = read
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.marks, mark)
	}()
	if _, err := socket.WriteToUDPAddrPort([]byte(mark), socket.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
		return
	}
	select {
	case <-read:
	case <-time.After(readWithin):
	}
}

// forget is for a peer that is over.
func (e *Endpoint) forget(p *Peer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.byName, p.ufrag)
	for address, other := range e.byAddr {
		if other == p {
			delete(e.byAddr, address)
		}
	}
}
