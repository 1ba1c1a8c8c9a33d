package wan

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// inTransit is how many pieces of data may be on their way in one direction of a
// connection; it has only to be more than any request or answer has.
const inTransit = 1 << 12

// connection is AWS's end of one that a program opened.
type connection struct {
	net.Conn
	host      string
	roundTrip time.Duration
}

// arrivals is a listener for connections that are there already.
type arrivals struct {
	connections chan net.Conn
	closed      chan struct{}
	once        *sync.Once
}

func newArrivals() arrivals {
	return arrivals{connections: make(chan net.Conn), closed: make(chan struct{}), once: new(sync.Once)}
}

// Accept implements net.Listener.
func (a arrivals) Accept() (net.Conn, error) {
	select {
	case c := <-a.connections:
		return c, nil
	case <-a.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It may be called again.
func (a arrivals) Close() error {
	a.once.Do(func() { close(a.closed) })
	return nil
}

// Addr implements net.Listener.
func (a arrivals) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// accept takes what programs ask the proxy for, until it is closed.
func (n *Network) accept() {
	for {
		socket, err := n.proxy.Accept()
		if err != nil {
			return
		}
		n.relays.Go(func() {
			defer socket.Close()
			n.connect(socket)
		})
	}
}

// connect carries one connection from CONNECT to its end.
func (n *Network) connect(socket net.Conn) {
	in := bufio.NewReader(socket)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	host, port, err := net.SplitHostPort(request.Host)
	if request.Method != http.MethodConnect || err != nil || port != "443" || regionOf(host) == "" {
		fmt.Fprintf(socket, "HTTP/1.1 403 no host of AWS\r\nContent-Length: 0\r\n\r\n")
		return
	}
	near, far := net.Pipe()
	c := &connection{Conn: far, host: host, roundTrip: n.options.Distance(regionOf(host))}
	if !n.counts.opened(c, socket) {
		return
	}
	defer n.counts.closed(c)
	// The proxy answers once TCP would have: SYN there, SYN and ACK back.
	time.Sleep(n.options.Lookup + c.roundTrip)
	if _, err := fmt.Fprintf(socket, "HTTP/1.1 200 connected\r\n\r\n"); err != nil {
		return
	}
	select {
	case n.arrived.connections <- c:
	case <-n.arrived.closed:
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { travel(near, in, c.roundTrip/2) })
	ways.Go(func() {
		travel(socket, near, c.roundTrip-c.roundTrip/2)
		_ = socket.Close()
	})
	ways.Wait()
}

// piece is data that is on its way.
type piece struct {
	data []byte
	due  time.Time
}

// travel copies what from says to to, each byte late by the delay, and closes to
// after the last one.
func travel(to io.WriteCloser, from io.Reader, delay time.Duration) {
	pieces := make(chan piece, inTransit)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 16<<10)
			count, err := from.Read(data)
			if count > 0 {
				pieces <- piece{data[:count], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	defer to.Close()
	var failed error
	for p := range pieces {
		if failed == nil {
			time.Sleep(time.Until(p.due))
			_, failed = to.Write(p.data)
		}
	}
}
