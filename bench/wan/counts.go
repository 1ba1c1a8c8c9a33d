package wan

import (
	"cmp"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// Host is what was seen of one host.
type Host struct {
	Name     string
	Region   string
	Protocol string // "HTTP/1.1" or "HTTP/2.0"; "" when nothing was asked
	// Connections were opened; Idle of them were never used, and Late ones were
	// begun after the host had answered a request, so that round trips for them came
	// in the middle of a run.
	Connections, Idle, Late int
	Requests                int
	// MostInFlight is the largest number of requests that were under way at the
	// same time, as the program sees it: from sending to the whole answer.
	MostInFlight int
}

// counts are of all hosts, since the last Reset.
type counts struct {
	mu    sync.Mutex
	ended bool
	open  map[*connection]net.Conn // to the program's end
	hosts map[string]*record
}

type record struct {
	region      string
	protocol    string
	connections int
	late        int
	used        map[*connection]bool
	flights     []flight
}

// flight is one request's time under way.
type flight struct{ from, to time.Time }

func (c *counts) host(far *connection) *record {
	if c.hosts == nil {
		c.hosts = map[string]*record{}
	}
	r := c.hosts[far.host]
	if r == nil {
		r = &record{region: regionOf(far.host), used: map[*connection]bool{}}
		c.hosts[far.host] = r
	}
	return r
}

// opened counts a connection. It is not ok after closeAll.
func (c *counts) opened(far *connection, program net.Conn) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	if c.open == nil {
		c.open = map[*connection]net.Conn{}
	}
	c.open[far] = program
	h := c.host(far)
	h.connections++
	if len(h.flights) > 0 {
		h.late++
	}
	return true
}

func (c *counts) closed(far *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, far)
}

// answered counts a request whose answer has just been sent.
func (c *counts) answered(far *connection, protocol string, arrived time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.host(far)
	h.protocol = protocol
	h.used[far] = true
	way := far.roundTrip / 2
	h.flights = append(h.flights, flight{arrived.Add(-way), time.Now().Add(way)})
}

// closeAll ends the connections, and those to come.
func (c *counts) closeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for far, program := range c.open {
		_ = program.Close()
		_ = far.Close()
	}
}

// Hosts tells what was seen since the start or the last Reset, by name.
func (n *Network) Hosts() []Host {
	c := &n.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	var hosts []Host
	for _, name := range slices.Sorted(maps.Keys(c.hosts)) {
		r := c.hosts[name]
		hosts = append(hosts, Host{
			Name: name, Region: r.region, Protocol: r.protocol,
			Connections: r.connections, Idle: max(0, r.connections-len(r.used)), Late: r.late,
			Requests: len(r.flights), MostInFlight: most(r.flights),
		})
	}
	return hosts
}

// Reset forgets what was seen. Connections stay open.
func (n *Network) Reset() {
	n.counts.mu.Lock()
	defer n.counts.mu.Unlock()
	n.counts.hosts = nil
}

// most is the largest number of flights at one time.
func most(flights []flight) int {
	type edge struct {
		at   time.Time
		step int
	}
	var edges []edge
	for _, f := range flights {
		edges = append(edges, edge{f.from, 1}, edge{f.to, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int {
		return cmp.Or(a.at.Compare(b.at), a.step-b.step)
	})
	now, highest := 0, 0
	for _, e := range edges {
		now += e.step
		highest = max(highest, now)
	}
	return highest
}
