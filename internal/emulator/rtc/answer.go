package rtc

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
)

// maxReceived is the bitrate that clients are told they may send (their bits a
// second), which is a little more than IVS takes.
const maxReceived = 9_000_000

// answer writes the SDP that answers an offer: this side waits on the
// candidates, with the certificate of the digest.
func (o *offer) answer(ufrag, password, digest string, candidates []netip.AddrPort) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- %s 1 IN IP4 127.0.0.1", number())
	line("s=-")
	line("t=0 0")
	line("a=group:BUNDLE%s", o.bundle())
	line("a=ice-lite")
	line("a=msid-semantic: WMS *")
	for i := range o.media {
		m := &o.media[i]
		if !m.taken {
			m.refuse(line)
			continue
		}
		line("m=%s %d %s %d", m.media[0], candidates[0].Port(), m.media[2], m.payload)
		line("c=IN %s %s", family(candidates[0]), candidates[0].Addr())
		line("a=mid:%s", m.mid)
		line("a=recvonly")
		line("a=rtcp-mux")
		line("a=ice-ufrag:%s", ufrag)
		line("a=ice-pwd:%s", password)
		line("a=fingerprint:sha-256 %s", digest)
		line("a=setup:passive")
		m.describe(line)
		for n, c := range candidates {
			// The priority of a host candidate (RFC 8445, section 5.1.2).
			line("a=candidate:%d 1 udp %d %s %d typ host", n+1, 126<<24|(65535-n)<<8|255, c.Addr(), c.Port())
		}
		line("a=end-of-candidates")
	}
	return b.String()
}

// bundle lists the media that are taken, each after a blank.
func (o *offer) bundle() string {
	mids := ""
	for _, m := range o.media {
		if m.taken {
			mids += " " + m.mid
		}
	}
	return mids
}

// refuse answers a medium that is not taken.
func (m *offered) refuse(line func(string, ...any)) {
	line("m=%s 0 %s", m.media[0], strings.Join(m.media[2:], " "))
	line("c=IN IP4 0.0.0.0")
	if m.mid != "" {
		line("a=mid:%s", m.mid)
	}
	line("a=inactive")
}

// describe writes the format that is taken, and the feedback that this side
// gives on it: which is asked for as far as the client knows it.
func (m *offered) describe(line func(string, ...any)) {
	line("a=rtpmap:%d %s", m.payload, m.name)
	if m.format != "" {
		line("a=fmtp:%d %s", m.payload, m.format)
	}
	for _, feedback := range []string{"nack pli", "goog-remb"} {
		if m.feedsBack(feedback) {
			line("a=rtcp-fb:%d %s", m.payload, feedback)
		}
	}
}

// feedsBack tells whether the client offers a kind of feedback.
func (m *offered) feedsBack(kind string) bool {
	for value := range m.all("rtcp-fb") {
		payload, offered, _ := strings.Cut(value, " ")
		if (payload == "*" || payload == fmt.Sprint(m.payload)) && offered == kind {
			return true
		}
	}
	return false
}

func family(a netip.AddrPort) string {
	if a.Addr().Is4() {
		return "IP4"
	}
	return "IP6"
}

// number is a session id (RFC 8829, section 5.2.1: 64 bits, the first zero).
func number() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return "1"
	}
	return n.String()
}
