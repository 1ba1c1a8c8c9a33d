package ice

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	pion "github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

func open(t testing.TB, deliver func([]byte)) *Agent {
	t.Helper()
	a, err := Open(deliver)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// TestAgainstAnother connects to an agent of another make, in both directions, on
// each IP version.
func TestAgainstAnother(t *testing.T) {
	for name, network := range map[string]pion.NetworkType{"IPv4": pion.NetworkTypeUDP4, "IPv6": pion.NetworkTypeUDP6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			came := make(chan string, 10)
			a := open(t, func(datagram []byte) { came <- string(datagram) })
			other, candidates, remote := startOther(t, network)
			if len(candidates) == 0 {
				t.Skip("this host has no address of that version")
			}
			accepted := make(chan net.Conn, 1)
			go func() {
				conn, err := other.Accept(t.Context(), a.Local().Ufrag, a.Local().Password)
				if err != nil {
					t.Error(err)
				}
				accepted <- conn
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := a.Connect(ctx, remote, candidates); err != nil {
				t.Fatal(err)
			}
			conn := <-accepted
			if err := a.Write([]byte{200, 1, 2}); err != nil {
				t.Fatal(err)
			}
			buffer := make([]byte, 10)
			if n, err := conn.Read(buffer); err != nil || string(buffer[:n]) != "\xc8\x01\x02" {
				t.Errorf("%x, %v", buffer[:n], err)
			}
			if _, err := conn.Write([]byte("\x80back")); err != nil {
				t.Error(err)
			}
			if got := <-came; got != "\x80back" {
				t.Errorf("%q came back", got)
			}
		})
	}
}

// startOther starts an agent of another make that is the controlled one.
func startOther(t *testing.T, network pion.NetworkType) (*pion.Agent, []Candidate, Credentials) {
	t.Helper()
	other, err := pion.NewAgentWithOptions(
		pion.WithNetworkTypes([]pion.NetworkType{network}), pion.WithIncludeLoopback(), pion.WithMulticastDNSMode(pion.MulticastDNSModeDisabled))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	gathered := make(chan struct{})
	var candidates []Candidate
	if err := other.OnCandidate(func(c pion.Candidate) {
		if c == nil {
			close(gathered)
			return
		}
		parsed, err := ParseCandidate(c.Marshal())
		if err != nil {
			t.Error(err)
		}
		candidates = append(candidates, parsed)
	}); err != nil {
		t.Fatal(err)
	}
	if err := other.GatherCandidates(); err != nil {
		t.Fatal(err)
	}
	<-gathered
	ufrag, password, err := other.GetLocalUserCredentials()
	if err != nil {
		t.Fatal(err)
	}
	return other, candidates, Credentials{ufrag, password}
}

// TestNobody: candidates that do not answer are named.
func TestNobody(t *testing.T) {
	a := open(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Millisecond)
	defer cancel()
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	address := silent.LocalAddr().(*net.UDPAddr).AddrPort()
	err = a.Connect(ctx, Credentials{"u", "p"}, []Candidate{{Address: address}})
	failure, ok := errors.AsType[*NoAnswerError](err)
	if !ok || failure.Canceled() || !strings.Contains(err.Error(), "no answer over UDP from "+address.String()+" in ") {
		t.Errorf("%v", err)
	}
	if err := a.Write([]byte{128}); err == nil {
		t.Error("written without a connection")
	}
	err = open(t, nil).Connect(t.Context(), Credentials{"u", "p"}, nil)
	if err == nil || !strings.Contains(err.Error(), "no UDP address") {
		t.Errorf("%v", err)
	}
}

// connected returns an agent connected to a socket, that answers in its place.
func connected(t *testing.T) (a *Agent, server *net.UDPConn, remote Credentials) {
	t.Helper()
	a = open(t, func([]byte) {})
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	remote = Credentials{"server", "password-of-the-server"}
	go serve(server, remote)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := a.Connect(ctx, remote, []Candidate{{Address: server.LocalAddr().(*net.UDPAddr).AddrPort()}}); err != nil {
		t.Fatal(err)
	}
	return a, server, remote
}

// serve answers every check with a yes.
func serve(server *net.UDPConn, own Credentials) {
	buffer := make([]byte, 2000)
	for {
		n, from, err := server.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		m := &stun.Message{Raw: append([]byte(nil), buffer[:n]...)}
		if m.Decode() == nil && m.Type == stun.BindingRequest {
			yes := stun.MustBuild(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
				stun.NewShortTermIntegrity(own.Password), stun.Fingerprint)
			_, _ = server.WriteToUDPAddrPort(yes.Raw, from)
		}
	}
}

// TestConsent: a server that does not answer any more is not sent to any more.
func TestConsent(t *testing.T) {
	a, server, _ := connected(t)
	now := time.Now()
	a.step(now.Add(6 * time.Second)) // asks, and is answered
	waitFor(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.answered.After(now)
	})
	_ = server.Close()
	for later := 7 * time.Second; later < 25*time.Second; later += time.Second {
		a.step(time.Now().Add(later))
	}
	if err := a.Write([]byte{128}); err != nil {
		t.Errorf("after 25 s: %v", err)
	}
	a.step(time.Now().Add(31 * time.Second))
	<-a.Done()
	if !errors.Is(a.Err(), ErrConsent) {
		t.Errorf("%v", a.Err())
	}
	if err := a.Write([]byte{128}); !errors.Is(err, ErrConsent) {
		t.Errorf("written without consent: %v", err)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 5 s")
		}
	}
}

// TestChecksOfServer: a check of the server's is answered if it is authentic, and
// one that wants to lead is told off.
func TestChecksOfServer(t *testing.T) {
	a := open(t, nil)
	client, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: a.sockets[0].LocalAddr().(*net.UDPAddr).Port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	ask := func(name, password string, more ...stun.Setter) *stun.Message {
		setters := append([]stun.Setter{stun.TransactionID, stun.BindingRequest, stun.NewUsername(name)}, more...)
		m := stun.MustBuild(append(setters, stun.NewShortTermIntegrity(password), stun.Fingerprint)...)
		if _, err := client.Write(m.Raw); err != nil {
			t.Fatal(err)
		}
		_ = client.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		buffer := make([]byte, 2000)
		n, err := client.Read(buffer)
		if err != nil {
			return nil
		}
		answer := &stun.Message{Raw: buffer[:n]}
		if err := answer.Decode(); err != nil || answer.TransactionID != m.TransactionID {
			t.Fatalf("%v, %v", answer, err)
		}
		return answer
	}
	own := a.Local()
	answer := ask(own.Ufrag+":x", own.Password)
	if answer == nil || answer.Type != stun.BindingSuccess {
		t.Fatalf("%v", answer)
	}
	var seen stun.XORMappedAddress
	if err := seen.GetFrom(answer); err != nil || seen.String() != client.LocalAddr().String() {
		t.Errorf("%v, %v", seen, err)
	}
	if err := stun.NewShortTermIntegrity(own.Password).Check(answer); err != nil {
		t.Error(err)
	}
	leads := stun.RawAttribute{Type: stun.AttrICEControlling, Value: binary.BigEndian.AppendUint64(nil, 1)}
	if answer := ask(own.Ufrag+":x", own.Password, leads); answer == nil || answer.Type != stun.BindingError {
		t.Errorf("%v", answer)
	}
	if answer := ask(own.Ufrag+":x", "wrong"); answer != nil {
		t.Errorf("answered a wrong password: %v", answer)
	}
	if answer := ask("other:x", own.Password); answer != nil {
		t.Errorf("answered for another: %v", answer)
	}
}

// TestForged: an answer that is not the server's changes nothing.
func TestForged(t *testing.T) {
	a := open(t, nil)
	address := netip.MustParseAddrPort("127.0.0.1:9")
	a.remote = Credentials{"u", "right"}
	a.add(address, 1)
	a.request(a.pairs[0], false)
	sent := a.pairs[0].recent[0]
	id := stun.NewTransactionIDSetter(sent.id)
	for name, c := range map[string]struct {
		from netip.AddrPort
		m    *stun.Message
		want bool
	}{
		"no password":    {address, stun.MustBuild(id, stun.BindingSuccess), false},
		"wrong password": {address, stun.MustBuild(id, stun.BindingSuccess, stun.NewShortTermIntegrity("wrong")), false},
		"another check":  {address, stun.MustBuild(stun.TransactionID, stun.BindingSuccess, stun.NewShortTermIntegrity("right")), false},
		"elsewhere":      {netip.MustParseAddrPort("127.0.0.1:10"), stun.MustBuild(id, stun.BindingSuccess, stun.NewShortTermIntegrity("right")), false},
		"a no":           {address, stun.MustBuild(id, stun.BindingError, stun.CodeRoleConflict, stun.NewShortTermIntegrity("right")), false},
		"a yes":          {address, stun.MustBuild(id, stun.BindingSuccess, stun.NewShortTermIntegrity("right")), true},
	} {
		a.mu.Lock()
		a.nominee, a.pairs[0].recent[0] = nil, sent
		a.learn(c.from, c.m, time.Now())
		got := a.nominee != nil
		a.mu.Unlock()
		if got != c.want {
			t.Errorf("%s: taken for a yes: %t", name, got)
		}
	}
}

func TestParseCandidate(t *testing.T) {
	for value, want := range map[string]string{
		"1 1 udp 2130706431 192.0.2.1 443 typ host":                                     "192.0.2.1:443",
		"a/+ 1 UDP 1 2001:db8::1 3478 typ srflx raddr 0.0.0.0 rport 9":                  "[2001:db8::1]:3478",
		"1 1 udp 1 ::ffff:192.0.2.1 443 typ relay raddr 192.0.2.2 rport 1 generation 0": "192.0.2.1:443",
		"1 2 udp 1 192.0.2.1 443 typ host":                                              "",
		"1 1 tcp 1 192.0.2.1 443 typ host tcptype passive":                              "",
		"1 1 udp 1 4a2c9fb0-0000-4000-8000-000000000000.local 443 typ host":             "",
		"1 1 udp -1 192.0.2.1 443 typ host":                                             "",
		"1 1 udp 1 192.0.2.1 0 typ host":                                                "",
		"1 1 udp 1 192.0.2.1 65536 typ host":                                            "",
		"1 1 udp 1 192.0.2.1 443":                                                       "",
		"":                                                                              "",
		"1 1 udp 99999999999 192.0.2.1 443 typ host":                                    "",
		"1 1 udp 1 fe80::1%eth0 443 typ host":                                           "[fe80::1]:443",
	} {
		c, err := ParseCandidate(value)
		if want == "" && err == nil || want != "" && (err != nil || c.Address.String() != want) {
			t.Errorf("%q: %v, %v, want %q", value, c, err, want)
		}
	}
}

// TestCandidates: what is offered can be read.
func TestCandidates(t *testing.T) {
	a := open(t, nil)
	local := a.Candidates(true)
	if len(local) == 0 {
		t.Fatal("no loopback address")
	}
	for _, value := range append(local, a.Candidates(false)...) {
		if _, err := ParseCandidate(value); err != nil {
			t.Error(err)
		}
	}
}

// TestManyCandidates: a server cannot make an agent check without end.
func TestManyCandidates(t *testing.T) {
	a := open(t, nil)
	for port := range uint16(1000) {
		a.add(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port+1), uint32(port))
	}
	if len(a.pairs) != maxPairs {
		t.Errorf("%d pairs", len(a.pairs))
	}
}

// FuzzDatagram: nothing that comes over the network does harm.
func FuzzDatagram(f *testing.F) {
	a := open(f, nil)
	a.remote = Credentials{"u", "p"}
	from := netip.MustParseAddrPort("127.0.0.1:9")
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(a.local.Ufrag+":u"),
		stun.NewShortTermIntegrity(a.local.Password), stun.Fingerprint).Raw)
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingSuccess, stun.NewShortTermIntegrity("p")).Raw)
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42})
	f.Fuzz(func(_ *testing.T, datagram []byte) {
		if stun.IsMessage(datagram) {
			a.handle(a.sockets[0], from, datagram)
		}
		_, _ = ParseCandidate(string(datagram))
	})
}
