package whip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/show/ice"
)

// answer is what is needed of the server's SDP.
type answer struct {
	credentials  ice.Credentials
	candidates   []ice.Candidate
	fingerprints []string
	client       bool // this side begins the DTLS handshake
	audio, video section
	refused      string // why the server takes no such media, "" when it does
}

// section is what the answer says of one track.
type section struct {
	payloadType uint8
	mid         uint8 // the number of the header extension, 0 for none
}

// block is a part of an SDP: what is said for all, or one media section.
type block struct {
	media      string // the m line's value, "" for the first part
	attributes [][2]string
}

func (b *block) values(name string) []string {
	var all []string
	for _, attribute := range b.attributes {
		if attribute[0] == name {
			all = append(all, attribute[1])
		}
	}
	return all
}

func (b *block) has(name string) bool { return len(b.values(name)) > 0 }

// port is the m line's; "0" refuses the track (RFC 8829 5.3.1).
func (b *block) port() string {
	if fields := strings.Fields(b.media); len(fields) > 1 {
		return fields[1]
	}
	return ""
}

// maxLines bounds an answer; a real one has below a hundred.
const maxLines = 1000

func splitSDP(text string) ([]*block, error) {
	blocks := []*block{{}}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		return nil, fmt.Errorf("it has %d lines", len(lines))
	}
	if lines[0] != "v=0" {
		return nil, errors.New("it is no SDP: it does not begin with v=0")
	}
	for _, line := range lines {
		kind, value, _ := strings.Cut(line, "=")
		switch kind {
		case "m":
			blocks = append(blocks, &block{media: value})
		case "a":
			name, rest, _ := strings.Cut(value, ":")
			last := blocks[len(blocks)-1]
			last.attributes = append(last.attributes, [2]string{name, rest})
		}
	}
	return blocks, nil
}

// parseAnswer reads the answer to an offer (RFC 8829 5.3).
func parseAnswer(text string) (*answer, error) {
	blocks, err := splitSDP(text)
	if err != nil {
		return nil, err
	}
	if len(blocks) != 3 || !strings.HasPrefix(blocks[1].media, "audio ") || !strings.HasPrefix(blocks[2].media, "video ") {
		return nil, errors.New("it does not answer for one audio and one video track, in this order")
	}
	a := &answer{}
	if a.refused = refusedTracks(blocks[1], blocks[2]); a.refused != "" {
		return a, nil
	}
	if a.audio, err = blocks[1].section("opus/48000"); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	if a.video, err = blocks[2].section("h264/90000"); err != nil {
		return nil, fmt.Errorf("video: %w", err)
	}
	if err := bundled(blocks); err != nil {
		return nil, err
	}
	return a, a.readTransport(blocks[0], blocks[1])
}

func refusedTracks(audio, video *block) string {
	switch {
	case video.port() == "0":
		return "the server takes no H.264 as it was offered"
	case audio.port() == "0":
		return "the server takes no Opus as it was offered"
	case video.has("inactive"), video.has("sendonly"):
		return "the server does not want to receive the video"
	case audio.has("inactive"), audio.has("sendonly"):
		return "the server does not want to receive the audio"
	}
	return ""
}

// section finds the payload type of a codec, and the MID extension.
func (b *block) section(codec string) (section, error) {
	s := section{}
	found := false
	for _, value := range b.values("rtpmap") {
		number, name, _ := strings.Cut(value, " ")
		kind, err := strconv.ParseUint(number, 10, 7)
		if err != nil || !strings.HasPrefix(strings.ToLower(name), codec) || !b.takes(number) {
			continue
		}
		s.payloadType, found = uint8(kind), true
		break
	}
	if !found {
		return s, fmt.Errorf("it names no payload type for %s", codec)
	}
	for _, value := range b.values("extmap") {
		number, uri, _ := strings.Cut(value, " ")
		number, _, _ = strings.Cut(number, "/")
		if id, err := strconv.ParseUint(number, 10, 8); err == nil && id > 0 && id < 15 && strings.TrimSpace(uri) == midExtension {
			s.mid = uint8(id)
		}
	}
	return s, nil
}

// takes reports whether the section's H.264 of that payload type, if it is that,
// may be sent in fragments, as it was offered.
func (b *block) takes(payloadType string) bool {
	for _, value := range b.values("fmtp") {
		number, parameters, _ := strings.Cut(value, " ")
		if number == payloadType && strings.HasPrefix(b.media, "video") {
			return strings.Contains(parameters, "packetization-mode=1")
		}
	}
	return true
}

// bundled checks that all media share one connection, and RTCP too.
func bundled(blocks []*block) error {
	for _, b := range blocks[1:] {
		if !b.has("rtcp-mux") {
			return errors.New("it wants RTCP on a port of its own")
		}
	}
	for _, group := range blocks[0].values("group") {
		if fields := strings.Fields(group); len(fields) == 3 && fields[0] == "BUNDLE" {
			return nil
		}
	}
	return errors.New("it wants a connection for each track")
}

// readTransport reads how to reach the server: from the first section, which
// carries it for all, or from what is said for all sections.
func (a *answer) readTransport(session, first *block) error {
	value := func(name string) string {
		for _, b := range []*block{first, session} {
			if values := b.values(name); len(values) > 0 {
				return values[0]
			}
		}
		return ""
	}
	a.credentials = ice.Credentials{Ufrag: value("ice-ufrag"), Password: value("ice-pwd")}
	if a.credentials.Ufrag == "" || a.credentials.Password == "" {
		return errors.New("it has no ICE credentials")
	}
	for _, b := range []*block{first, session} {
		a.fingerprints = append(a.fingerprints, b.values("fingerprint")...)
		for _, text := range b.values("candidate") {
			// What cannot be used is what another kind of client would use.
			if candidate, err := ice.ParseCandidate(text); err == nil {
				a.candidates = append(a.candidates, candidate)
			}
		}
	}
	if len(a.fingerprints) == 0 {
		return errors.New("it has no certificate fingerprint")
	}
	switch setup := value("setup"); setup {
	case "passive":
		a.client = true
	case "active":
	default:
		return fmt.Errorf("setup %q: want active or passive", setup)
	}
	return nil
}
