package ice

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Candidate is an address of the server.
type Candidate struct {
	Address  netip.AddrPort
	Priority uint32
}

// ParseCandidate reads the value of an SDP candidate attribute (RFC 8839 5.1).
// One that this agent cannot use is an error that says why: TCP, a name in place
// of an address, a second component.
func ParseCandidate(value string) (Candidate, error) {
	fields := strings.Fields(value)
	if len(fields) < 8 || fields[6] != "typ" {
		return Candidate{}, fmt.Errorf("candidate %q: not of the form of RFC 8839", value)
	}
	if fields[1] != "1" || !strings.EqualFold(fields[2], "udp") {
		return Candidate{}, fmt.Errorf("candidate %q: not for component 1 over UDP", value)
	}
	priority, err := strconv.ParseUint(fields[3], 10, 32)
	if err != nil {
		return Candidate{}, fmt.Errorf("candidate %q: priority: %w", value, err)
	}
	address, err := netip.ParseAddr(fields[4])
	if err != nil {
		return Candidate{}, fmt.Errorf("candidate %q: address: %w", value, err)
	}
	port, err := strconv.ParseUint(fields[5], 10, 16)
	if err != nil || port == 0 {
		return Candidate{}, fmt.Errorf("candidate %q: port %q", value, fields[5])
	}
	return Candidate{
		Address: netip.AddrPortFrom(address.Unmap().WithZone(""), uint16(port)), Priority: uint32(priority),
	}, nil
}

// Candidates are the agent's own, as values of SDP candidate attributes: this
// host's addresses, or with loopback those by which only the host itself can be
// reached. None is needed where the server answers to where a check came from.
func (a *Agent) Candidates(loopback bool) []string {
	interfaces, _ := net.InterfaceAddrs()
	var values []string
	for _, one := range interfaces {
		network, ok := one.(*net.IPNet)
		if !ok {
			continue
		}
		address, _ := netip.AddrFromSlice(network.IP)
		address = address.Unmap()
		if address.IsLoopback() != loopback || !loopback && !address.IsGlobalUnicast() {
			continue
		}
		for _, socket := range a.sockets {
			if isIPv4(socket) == address.Is4() {
				values = append(values, hostCandidate(len(values)+1, address, socket))
			}
		}
	}
	return values
}

// hostCandidate spells a candidate of type host: type preference 126, earlier
// addresses first (RFC 8445 5.1.2.1).
func hostCandidate(number int, address netip.Addr, socket *net.UDPConn) string {
	port := socket.LocalAddr().(*net.UDPAddr).Port
	priority := 126<<24 | (65535-number)<<8 | 255
	return fmt.Sprintf("%d 1 udp %d %s %d typ host", number, priority, address, port)
}

// NoAnswerError is that none of the server's candidates answered.
type NoAnswerError struct {
	// Candidates were given; those of an IP version that this host has not could
	// not be tried.
	Candidates []Candidate
	Waited     time.Duration
	// Refusal is what the server answered in place of a yes, "" for nothing.
	Refusal string
	cause   error
}

func (a *Agent) noAnswer(ctx context.Context, candidates []Candidate, waited time.Duration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &NoAnswerError{Candidates: candidates, Waited: waited, Refusal: a.refusal, cause: ctx.Err()}
}

func (e *NoAnswerError) Error() string {
	if len(e.Candidates) == 0 {
		return "the server named no UDP address"
	}
	var addresses []string
	for _, c := range e.Candidates {
		addresses = append(addresses, c.Address.String())
	}
	where := strings.Join(addresses, ", ")
	if e.Refusal != "" {
		return fmt.Sprintf("%s refused the connection: %s", where, e.Refusal)
	}
	return fmt.Sprintf("no answer over UDP from %s in %s", where, e.Waited.Round(100*time.Millisecond))
}

// Unwrap returns what ended the waiting, nil if there was none.
func (e *NoAnswerError) Unwrap() error { return e.cause }

// Canceled reports whether the waiting was ended from outside before its time.
func (e *NoAnswerError) Canceled() bool { return errors.Is(e.cause, context.Canceled) }
