package rtc

import (
	"net"
	"net/netip"
	"strings"

	"github.com/pion/stun/v4"
)

// check answers a connectivity check (RFC 8445, section 7.3) of a peer who knows
// its password. Where that comes from is where the peer is; what others send is
// not answered.
func (e *Endpoint) check(socket *net.UDPConn, datagram []byte, from netip.AddrPort) {
	request := &stun.Message{Raw: datagram}
	if request.Decode() != nil || request.Type != stun.BindingRequest {
		return
	}
	var name stun.Username
	if name.GetFrom(request) != nil {
		return
	}
	own, _, _ := strings.Cut(name.String(), ":")
	e.mu.Lock()
	p := e.byName[own]
	e.mu.Unlock()
	if p == nil || stun.NewShortTermIntegrity(p.password).Check(request) != nil {
		return
	}
	e.mu.Lock()
	if e.byName[own] == p {
		e.byAddr[from] = p
	}
	e.mu.Unlock()
	p.reached(route{socket, from}, request.Contains(stun.AttrUseCandidate))
	answer, err := stun.Build(
		stun.NewTransactionIDSetter(request.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: from.Addr().Unmap().AsSlice(), Port: int(from.Port())},
		stun.NewShortTermIntegrity(p.password), stun.Fingerprint,
	)
	if err == nil {
		_, _ = socket.WriteToUDPAddrPort(answer.Raw, from)
	}
}

// route is how to reach a peer.
type route struct {
	socket *net.UDPConn
	to     netip.AddrPort
}
