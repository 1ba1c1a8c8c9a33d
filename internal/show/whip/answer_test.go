package whip

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/show/ice"
)

// sample is an answer as media servers spell it, with what is said for all
// sections above them.
const sample = `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-lite
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 00:11
a=fingerprint:sha-1 22
a=setup:passive
m=audio 9 UDP/TLS/RTP/SAVPF 109
c=IN IP4 192.0.2.1
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:109 OPUS/48000/2
a=candidate:1 1 udp 2130706431 192.0.2.1 443 typ host
a=candidate:2 1 tcp 1 192.0.2.1 443 typ host
a=candidate:3 1 udp 1 192.0.2.1 3478 typ host
m=video 9 UDP/TLS/RTP/SAVPF 120 121
a=mid:1
a=recvonly
a=rtcp-mux
a=extmap:4/recvonly urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:120 H264/90000
a=fmtp:120 packetization-mode=0;profile-level-id=42e01f
a=rtpmap:121 H264/90000
a=fmtp:121 profile-level-id=42e01f; packetization-mode=1
`

func TestAnswer(t *testing.T) {
	for name, text := range map[string]string{"LF": sample, "CRLF": strings.ReplaceAll(sample, "\n", "\r\n")} {
		a, err := parseAnswer(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if a.refused != "" || !a.client || a.credentials != (ice.Credentials{Ufrag: "abcd", Password: "0123456789012345678901"}) {
			t.Errorf("%s: %+v", name, a)
		}
		if len(a.candidates) != 2 || a.candidates[1].Address.String() != "192.0.2.1:3478" {
			t.Errorf("%s: candidates %v", name, a.candidates)
		}
		if a.audio != (section{payloadType: 109}) || a.video != (section{payloadType: 121, mid: 4}) {
			t.Errorf("%s: audio %+v, video %+v", name, a.audio, a.video)
		}
	}
}

// FuzzAnswer: whatever a server answers is read or refused; and what is read can
// be used.
func FuzzAnswer(f *testing.F) {
	f.Add(sample)
	f.Add("v=0\nm=audio 0\nm=video 0")
	f.Add("v=0\nm=\na=\n=\nm=audio \nm=video ")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAnswer(text)
		if err != nil || a.refused != "" {
			return
		}
		if a.credentials.Ufrag == "" || len(a.fingerprints) == 0 || a.audio.payloadType > 127 || a.video.mid > 14 {
			t.Fatalf("%+v", a)
		}
		_ = verify([]byte(text), a.fingerprints)
	})
}

// TestVerify: a certificate is held against the strong fingerprints only.
func TestVerify(t *testing.T) {
	raw := []byte("certificate")
	right := fingerprintOf(raw)
	for name, c := range map[string]struct {
		fingerprints []string
		ok           bool
	}{
		"right":      {[]string{right}, true},
		"lower case": {[]string{strings.ToLower(right)}, true},
		"one of two": {[]string{"sha-1 00", right}, true},
		"wrong":      {[]string{fingerprintOf([]byte("another"))}, false},
		"weak":       {[]string{"sha-1 " + strings.TrimPrefix(right, "sha-256 ")}, false},
		"empty":      {[]string{"sha-256 "}, false},
		"none":       {nil, false},
	} {
		if err := verify(raw, c.fingerprints); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
