package rtc

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/transport/v4/packetio"
)

// Peer is a client who sends, or is about to. Its methods are safe for
// concurrent use.
type Peer struct {
	endpoint        *Endpoint
	offer           *offer
	handler         Handler
	ufrag, password string

	handshakes *packetio.Buffer // packets of DTLS
	packets    chan []byte      // those of media
	ending     context.Context  // done once the peer is to end
	end        context.CancelFunc
	told       chan struct{} // closed once the handler knows of the end
	over       chan struct{} // and then the client, too
	work       sync.WaitGroup
	muted      atomic.Bool
	seen       atomic.Int64 // when something last came, as time.Time.UnixNano

	mu        sync.Mutex
	route     route
	nominated bool
	why       error // of the end
}

// maxQueued is how many packets may wait until they are handled.
const maxQueued = 8192

func newPeer(e *Endpoint, o *offer, handler Handler) *Peer {
	p := &Peer{
		endpoint: e, offer: o, handler: handler, ufrag: rand.Text()[:8], password: rand.Text(),
		handshakes: packetio.NewBuffer(), packets: make(chan []byte, maxQueued), told: make(chan struct{}), over: make(chan struct{}),
	}
	p.handshakes.SetLimitSize(1 << 20)
	p.ending, p.end = context.WithCancel(context.Background())
	p.seen.Store(time.Now().UnixNano())
	return p
}

// Close ends the peer after what it has sent so far, and waits until its handler
// knows, and it is told. It is not to be called by the handler, whose own way is to return an error.
func (p *Peer) Close() {
	p.mu.Lock()
	by := p.route
	p.mu.Unlock()
	if by.socket != nil {
		p.endpoint.catchUp(by.socket)
	}
	p.fail(nil)
	<-p.over
}

// Mute has the network lose all that the peer sends from now on, but for
// connectivity checks.
func (p *Peer) Mute() { p.muted.Store(true) }

// fail ends the peer, for the first reason that is given.
func (p *Peer) fail(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending.Err() == nil {
		p.why = why
		p.end()
	}
}

// reached notes that the peer can be reached by a route.
func (p *Peer) reached(by route, nominated bool) {
	p.seen.Store(time.Now().UnixNano())
	p.mu.Lock()
	defer p.mu.Unlock()
	if nominated || !p.nominated {
		p.route, p.nominated = by, p.nominated || nominated
	}
}

// receive takes in a packet that is no connectivity check (RFC 7983).
func (p *Peer) receive(packet []byte) {
	switch first := packet[0]; {
	case p.muted.Load():
	case first >= 20 && first <= 63:
		_, _ = p.handshakes.Write(packet)
	case first >= 128 && first <= 191:
		select {
		case p.packets <- packet:
		default: // the handler does not keep up, and a network loses packets, too
		}
	}
}

func (p *Peer) send(packet []byte) {
	p.mu.Lock()
	by := p.route
	p.mu.Unlock()
	if by.socket != nil {
		_, _ = by.socket.WriteToUDPAddrPort(packet, by.to)
	}
}

// run is the peer's life.
func (p *Peer) run() {
	defer close(p.over)
	shaken := make(chan *keys, 1)
	p.work.Go(func() { p.watch(shaken) })
	p.fail(p.serve(shaken))
	p.endpoint.forget(p)
	p.handler.Closed(p.why)
	close(p.told)
	p.work.Wait()
	_ = p.handshakes.Close()
}

// watch makes the handshake, and ends the peer with the connection.
func (p *Peer) watch(shaken chan<- *keys) {
	ctx, cancel := context.WithTimeout(p.ending, p.endpoint.patience)
	defer cancel()
	conn, k, err := p.shake(ctx)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = ErrNeverCame
		}
		p.fail(err)
		return
	}
	shaken <- k
	p.work.Go(func() { p.hangUp(conn) })
	nothing := make([]byte, maxDatagram)
	for err == nil {
		_, err = conn.Read(nothing)
	}
	p.fail(ErrLeft)
}

// hangUp tells the client of the end, once that has had its effects.
func (p *Peer) hangUp(conn *dtls.Conn) {
	<-p.told
	_ = conn.Close()
}

// serve hands over what comes until the peer is to end.
func (p *Peer) serve(shaken <-chan *keys) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var in *incoming
	for {
		var packets <-chan []byte
		if in != nil {
			packets = p.packets
		}
		var err error
		select {
		case <-p.ending.Done():
			return p.drain(in)
		case k := <-shaken:
			in, err = p.incoming(k), p.handler.Connected(p.offer.payload("audio") >= 0)
		case packet := <-packets:
			err = in.handle(packet)
		case <-ticker.C:
			err = p.tick(in)
		}
		if err != nil {
			return err
		}
	}
}

// drain hands over what came before the end.
func (p *Peer) drain(in *incoming) error {
	for in != nil {
		select {
		case packet := <-p.packets:
			if err := in.handle(packet); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (p *Peer) tick(in *incoming) error {
	if time.Since(time.Unix(0, p.seen.Load())) > p.endpoint.patience {
		if in == nil {
			return ErrNeverCame
		}
		return ErrSilent
	}
	if in == nil {
		return nil
	}
	in.report()
	return p.handler.Tick()
}
