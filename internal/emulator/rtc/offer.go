package rtc

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/h264"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// OfferError is why an offer is not answered.
type OfferError struct {
	// Malformed is set when it is no offer at all; otherwise it asks for what
	// is not to be had here.
	Malformed bool
	Reason    string
}

func (e *OfferError) Error() string { return "SDP offer: " + e.Reason }

func malformed(format string, args ...any) error {
	return &OfferError{Malformed: true, Reason: fmt.Sprintf(format, args...)}
}

func unsuitable(format string, args ...any) error {
	return &OfferError{Reason: fmt.Sprintf(format, args...)}
}

// section is a part of an SDP: its first line, the attributes of all, or one
// medium.
type section struct {
	media      []string // of the m= line: kind, port, protocol, formats; nil for the first section
	attributes []string // without a=
}

// get is the value of the first attribute with a name, and whether there is one.
func (s *section) get(name string) (value string, ok bool) {
	for value := range s.all(name) {
		return value, true
	}
	return "", slices.Contains(s.attributes, name)
}

func (s *section) all(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, a := range s.attributes {
			if value, ok := strings.CutPrefix(a, name+":"); ok && !yield(value) {
				return
			}
		}
	}
}

// maxSections bounds the media of an offer: browsers that send all they have
// come to a handful.
const maxSections = 32

var line = lazyregexp.New(`^[a-z]=`)

// parseSections takes an SDP apart (RFC 8866).
func parseSections(text string) ([]section, error) {
	all := []section{{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for first := true; lines.Scan(); first = false {
		l := strings.TrimRight(lines.Text(), "\r")
		if first && l != "v=0" {
			return nil, malformed("it does not begin with v=0")
		}
		last := &all[len(all)-1]
		switch {
		case l == "":
		case !line.MatchString(l):
			return nil, malformed("%q is no line of an SDP", l)
		case l[0] == 'm':
			fields := strings.Fields(l[2:])
			if len(fields) < 4 || len(all) > maxSections {
				return nil, malformed("%q is no medium, or one too many", l)
			}
			all = append(all, section{media: fields})
		case l[0] == 'a':
			last.attributes = append(last.attributes, l[2:])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, malformed("%v", err)
	}
	if len(all) < 2 {
		return nil, malformed("it has no media")
	}
	return all, nil
}

// offer is what an offer comes to: all that is needed to answer it.
type offer struct {
	media       []offered // in the offer's order
	ufrag       string    // of the client's ICE
	fingerprint string    // of the client's certificate: algorithm and digest
	parameters  [][]byte  // parameter sets that the video's format carries
}

// offered is one medium of an offer.
type offered struct {
	*section
	mid     string
	taken   bool
	payload int    // the taken format's number
	name    string // as a=rtpmap has it
	format  string // its a=fmtp; "" for none
}

// parseOffer finds in an offer one video of H.264 and at most one audio of
// Opus. IVS refuses an offer without the video, even of who sends audio only
// (RealTimeUserGuide, IVS WHIP Publishing).
func parseOffer(text string) (*offer, error) {
	sections, err := parseSections(text)
	if err != nil {
		return nil, err
	}
	o := &offer{}
	taken := map[string]bool{}
	for i := range sections[1:] {
		s := &sections[i+1]
		m := offered{section: s}
		m.mid, _ = s.get("mid")
		if kind := s.media[0]; !taken[kind] && s.media[1] != "0" && s.sends() {
			if m.take(kind) {
				taken[kind] = true
			} else if kind == "video" || kind == "audio" {
				return nil, unsuitable("of %s it offers %s; IVS takes H.264 of the baseline profile and Opus", kind, s.codecs())
			}
		}
		o.media = append(o.media, m)
	}
	if !taken["video"] {
		return nil, unsuitable("it offers to send no video of H.264, which IVS wants even with audio alone")
	}
	return o, o.transport(&sections[0])
}

// sends tells whether the client would send the medium.
func (s *section) sends() bool {
	return !slices.Contains(s.attributes, "recvonly") && !slices.Contains(s.attributes, "inactive")
}

// codecs lists what a medium offers, for people.
func (s *section) codecs() string {
	var names []string
	for value := range s.all("rtpmap") {
		_, name, _ := strings.Cut(value, " ")
		if name, _, _ = strings.Cut(name, "/"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// take chooses the format, the first in the client's order. H.264 in packets
// that hold one NAL unit each is second choice.
func (m *offered) take(kind string) bool {
	for _, single := range []bool{false, true} {
		for _, text := range m.media[3:] {
			payload, err := strconv.Atoi(text)
			if err != nil || payload < 0 || payload > 127 {
				continue
			}
			name, format := m.numbered("rtpmap", text), m.numbered("fmtp", text)
			if kind == "audio" && isOpus(name) || kind == "video" && isBaseline(name, format, single) {
				m.taken, m.payload, m.name, m.format = true, payload, name, format
				return true
			}
		}
	}
	return false
}

// numbered is an attribute that is about one format.
func (s *section) numbered(attribute, payload string) string {
	for value := range s.all(attribute) {
		if number, rest, _ := strings.Cut(value, " "); number == payload {
			return rest
		}
	}
	return ""
}

func isOpus(name string) bool { return strings.EqualFold(name, "opus/48000/2") }

// isBaseline tells H.264 of the baseline profile, constrained or not, which is
// also what is meant when nothing is said (RFC 6184, section 8.1).
func isBaseline(name, format string, single bool) bool {
	profile := parameter(format, "profile-level-id")
	if !strings.EqualFold(name, "H264/90000") || profile != "" && !strings.HasPrefix(profile, "42") {
		return false
	}
	mode := parameter(format, "packetization-mode")
	return mode == "1" || single && (mode == "" || mode == "0")
}

// parameter is one of a format's parameters; "" for none.
func parameter(format, name string) string {
	for part := range strings.SplitSeq(format, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// transport reads how the client wants to connect. All media share one
// connection (RFC 9725, section 4.4.1).
func (o *offer) transport(session *section) error {
	group, _ := session.get("group")
	bundle := strings.Fields(group)
	var video *offered
	for i := range o.media {
		m := &o.media[i]
		if !m.taken {
			continue
		}
		if len(bundle) == 0 || bundle[0] != "BUNDLE" || !slices.Contains(bundle, m.mid) {
			return unsuitable("its media do not share one connection; a=group:BUNDLE has them do so")
		}
		if m.media[0] == "video" {
			video = m
		}
	}
	find := func(name string) string {
		value, ok := video.get(name)
		if !ok {
			value, _ = session.get(name)
		}
		return value
	}
	o.ufrag, o.fingerprint = find("ice-ufrag"), find("fingerprint")
	switch setup := find("setup"); {
	case o.ufrag == "" || find("ice-pwd") == "":
		return malformed("it has no a=ice-ufrag or no a=ice-pwd")
	case o.fingerprint == "":
		return malformed("it has no a=fingerprint")
	case setup != "actpass" && setup != "active":
		return unsuitable("it has a=setup:%s, where IVS waits for the client to begin: actpass or active", setup)
	}
	o.parameters = video.parameterSets()
	return nil
}

// parameterSets are those that the format of H.264 carries.
func (m *offered) parameterSets() [][]byte {
	var sets [][]byte
	for part := range strings.SplitSeq(parameter(m.format, "sprop-parameter-sets"), ",") {
		nal, err := base64.StdEncoding.DecodeString(part)
		if t := h264.Type(nal); err == nil && (t == h264.TypeSPS || t == h264.TypePPS) {
			sets = append(sets, nal)
		}
	}
	return sets
}
