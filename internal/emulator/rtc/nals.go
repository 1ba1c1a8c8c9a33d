package rtc

import "encoding/binary"

// Types of payloads beside single NAL units (RFC 6184, section 5.2).
const (
	typeAggregate = 24 // STAP-A
	typeFragment  = 28 // FU-A
)

// maxPicture bounds what is kept of one picture, in bytes. At 8.5 Mbps a second
// of video is a megabyte.
const maxPicture = 8 << 20

// unpacker takes NAL units out of the payloads of RTP packets that come one
// after the other without a gap. After one it is to be begun anew.
type unpacker struct {
	fragments []byte // of the NAL unit that is under way; nil for none
}

// unpack returns the NAL units that a payload completes; not ok for a payload
// that is none.
func (u *unpacker) unpack(payload []byte) (nals [][]byte, ok bool) {
	if len(payload) == 0 {
		return nil, false
	}
	switch nalType := payload[0] & 0x1f; {
	case nalType == typeFragment:
		return u.fragment(payload)
	case u.fragments != nil:
		return nil, false
	case nalType == typeAggregate:
		return split(payload[1:])
	case nalType > 0 && nalType < typeAggregate:
		return [][]byte{payload}, true
	}
	return nil, false
}

// split takes an aggregate apart (section 5.7.1).
func split(rest []byte) (nals [][]byte, ok bool) {
	for len(rest) > 0 {
		if len(rest) < 2 {
			return nil, false
		}
		size := int(binary.BigEndian.Uint16(rest))
		if rest = rest[2:]; size == 0 || size > len(rest) {
			return nil, false
		}
		nals = append(nals, rest[:size:size])
		rest = rest[size:]
	}
	return nals, len(nals) > 0
}

// fragment takes in a part of a NAL unit (section 5.8).
func (u *unpacker) fragment(payload []byte) (nals [][]byte, ok bool) {
	if len(payload) < 3 {
		return nil, false
	}
	start, end := payload[1]&0x80 != 0, payload[1]&0x40 != 0
	if start != (u.fragments == nil) || start && end || len(u.fragments)+len(payload) > maxPicture {
		return nil, false
	}
	if start {
		u.fragments = []byte{payload[0]&0xe0 | payload[1]&0x1f}
	}
	u.fragments = append(u.fragments, payload[2:]...)
	if !end {
		return nil, true
	}
	whole := u.fragments
	u.fragments = nil
	return [][]byte{whole}, true
}
