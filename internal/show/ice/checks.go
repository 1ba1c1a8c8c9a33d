package ice

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/pion/stun/v4"
)

// pair is a way to the server: a socket here and an address there.
type pair struct {
	socket   *net.UDPConn
	remote   netip.AddrPort
	priority uint32
	sent     int // checks, also as the index of the next one in recent
	due      time.Time
	recent   [8]transaction
}

// transaction is a check that was sent.
type transaction struct {
	id        [stun.TransactionIDSize]byte
	nominates bool
}

func (p *pair) write(datagram []byte) error {
	_, err := p.socket.WriteToUDPAddrPort(datagram, p.remote)
	return err
}

// Types of attributes that the stun package has no setters for (RFC 8445 16.1).
const (
	attrPriority     = stun.AttrPriority
	attrUseCandidate = stun.AttrUseCandidate
	attrControlling  = stun.AttrICEControlling
)

// peerReflexive is the priority of the candidate that a check would make known
// of this side: type preference 110, the rest highest (RFC 8445 5.1.2.1).
const peerReflexive = 110<<24 | 65535<<8 | 255

// request sends a check. Whatever hinders it is the same as no answer. The
// caller holds mu.
func (a *Agent) request(p *pair, nominate bool) {
	setters := []stun.Setter{
		stun.TransactionID, stun.BindingRequest,
		stun.NewUsername(a.remote.Ufrag + ":" + a.local.Ufrag),
		stun.RawAttribute{Type: attrPriority, Value: binary.BigEndian.AppendUint32(nil, peerReflexive)},
		stun.RawAttribute{Type: attrControlling, Value: binary.BigEndian.AppendUint64(nil, a.tiebreaker)},
	}
	if nominate {
		setters = append(setters, stun.RawAttribute{Type: attrUseCandidate})
	}
	setters = append(setters, stun.NewShortTermIntegrity(a.remote.Password), stun.Fingerprint)
	m, err := stun.Build(setters...)
	if err != nil {
		return
	}
	p.recent[p.sent%len(p.recent)] = transaction{id: m.TransactionID, nominates: nominate}
	p.sent++
	_ = p.write(m.Raw)
}

// read takes datagrams until the socket is closed.
func (a *Agent) read(socket *net.UDPConn) {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			select {
			case <-a.over:
				return
			default: // an ICMP error of something sent before, on some systems
				time.Sleep(time.Millisecond)
				continue
			}
		}
		from = netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
		datagram := buffer[:n]
		switch {
		case stun.IsMessage(datagram):
			a.handle(socket, from, datagram)
		case a.knows(from):
			a.deliver(datagram)
		}
	}
}

func (a *Agent) knows(from netip.AddrPort) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pairOf(from) != nil
}

// handle takes a STUN message. One that is not authentic is as good as none.
func (a *Agent) handle(socket *net.UDPConn, from netip.AddrPort, datagram []byte) {
	m := &stun.Message{Raw: append([]byte(nil), datagram...)}
	if m.Decode() != nil || m.Contains(stun.AttrFingerprint) && stun.Fingerprint.Check(m) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch m.Type {
	case stun.BindingRequest:
		a.answer(socket, from, m)
	case stun.BindingSuccess, stun.BindingError:
		a.learn(from, m, time.Now())
	}
}

// answer answers a check of the server's (RFC 8445 7.3). The caller holds mu.
func (a *Agent) answer(socket *net.UDPConn, from netip.AddrPort, m *stun.Message) {
	own := stun.NewShortTermIntegrity(a.local.Password)
	var name stun.Username
	if name.GetFrom(m) != nil || !strings.HasPrefix(name.String(), a.local.Ufrag+":") || own.Check(m) != nil {
		return
	}
	setters := []stun.Setter{stun.NewTransactionIDSetter(m.TransactionID)}
	if m.Contains(attrControlling) { // both cannot be, and who offers is
		setters = append(setters, stun.BindingError, stun.CodeRoleConflict)
	} else {
		address := &stun.XORMappedAddress{IP: from.Addr().AsSlice(), Port: int(from.Port())}
		setters = append(setters, stun.BindingSuccess, address)
	}
	response, err := stun.Build(append(setters, own, stun.Fingerprint)...)
	if err != nil {
		return
	}
	_, _ = socket.WriteToUDPAddrPort(response.Raw, from)
	if a.remote.Ufrag != "" && a.selected == nil {
		a.trigger(from, m)
	}
}

// trigger checks the address that a check came from at once (RFC 8445 7.3.1.4).
// The caller holds mu.
func (a *Agent) trigger(from netip.AddrPort, m *stun.Message) {
	if raw, err := m.Get(attrPriority); err == nil && len(raw) == 4 {
		a.add(from, binary.BigEndian.Uint32(raw))
	}
	if p := a.pairOf(from); p != nil && p.sent < len(p.recent) {
		p.due = time.Time{}
	}
}

// learn takes the answer to a check. The first pair that has one is nominated,
// and selected when the server has answered that too. The caller holds mu.
func (a *Agent) learn(from netip.AddrPort, m *stun.Message, now time.Time) {
	p := a.pairOf(from)
	if p == nil || stun.NewShortTermIntegrity(a.remote.Password).Check(m) != nil {
		return
	}
	for _, sent := range p.recent {
		if sent.id != m.TransactionID {
			continue
		}
		switch {
		case m.Type == stun.BindingError:
			var code stun.ErrorCodeAttribute
			if code.GetFrom(m) == nil {
				a.refusal = fmt.Sprintf("%d %q", code.Code, code.Reason)
			}
		case p == a.selected:
			a.answered = now
		case a.nominee == nil:
			a.nominee, p.due, p.sent = p, time.Time{}, 0
			a.request(p, true)
			p.due = now.Add(firstWait)
		case sent.nominates && a.selected == nil:
			a.selected, a.answered, a.consentDue = p, now, now.Add(consentEvery)
			close(a.connected)
		}
		return
	}
}
