package whip

import (
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/show/ice"
)

const (
	audioMid, videoMid = "0", "1"
	// Payload types of the offer; the answer may name others.
	audioType, videoType = 111, 102
	// midExtension is the header extension that names a packet's track when
	// several share a connection (RFC 8843 9.2), and its number in the offer.
	midExtension   = "urn:ietf:params:rtp-hdrext:sdes:mid"
	midExtensionID = 1
)

// offer is what Dial offers: one track of Opus, one of H.264, to be sent only,
// over one connection.
type offer struct {
	credentials          ice.Credentials
	candidates           []string
	fingerprint          string
	profileLevelID       string
	audioSSRC, videoSSRC uint32
	name                 string // CNAME, which ties the tracks together
}

// String spells the offer as SDP (RFC 8866).
func (o offer) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- %d 1 IN IP4 127.0.0.1", uint64(o.audioSSRC)<<31|uint64(o.videoSSRC)>>1)
	line("s=-")
	line("t=0 0")
	line("a=group:BUNDLE %s %s", audioMid, videoMid)
	line("a=msid-semantic:WMS *")
	line("m=audio 9 UDP/TLS/RTP/SAVPF %d", audioType)
	o.common(line, audioMid, o.audioSSRC)
	line("a=rtpmap:%d opus/48000/2", audioType)
	line("a=fmtp:%d minptime=20;useinbandfec=0", audioType)
	for _, candidate := range o.candidates {
		line("a=candidate:%s", candidate)
	}
	line("a=end-of-candidates")
	line("m=video 9 UDP/TLS/RTP/SAVPF %d", videoType)
	o.common(line, videoMid, o.videoSSRC)
	line("a=rtpmap:%d H264/90000", videoType)
	line("a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=%s", videoType, o.profileLevelID)
	for _, feedback := range []string{"nack", "nack pli", "ccm fir"} {
		line("a=rtcp-fb:%d %s", videoType, feedback)
	}
	return b.String()
}

// common writes the lines that every section has.
func (o offer) common(line func(string, ...any), mid string, ssrc uint32) {
	line("c=IN IP4 0.0.0.0")
	line("a=rtcp:9 IN IP4 0.0.0.0")
	line("a=ice-ufrag:%s", o.credentials.Ufrag)
	line("a=ice-pwd:%s", o.credentials.Password)
	line("a=fingerprint:%s", o.fingerprint)
	line("a=setup:actpass")
	line("a=mid:%s", mid)
	line("a=extmap:%d %s", midExtensionID, midExtension)
	line("a=sendonly")
	line("a=msid:%s %s%s", o.name, o.name, mid)
	line("a=rtcp-mux")
	line("a=rtcp-rsize")
	line("a=ssrc:%d cname:%s", ssrc, o.name)
}
