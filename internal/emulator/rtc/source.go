package rtc

import (
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// source is one medium of a peer, and what came of it (RFC 3550, appendix A).
// Sequence numbers are told with how often they wrapped around.
type source struct {
	payload int // its number; -1 for none
	ssrc    uint32
	came    bool
	first   uint32 // sequence number
	last    uint32
	packets uint32

	// expected and received are as of the last report.
	expected, received uint32
}

// note counts in a packet.
func (s *source) note(packet *rtp.Packet) {
	if !s.came || s.ssrc != packet.SSRC {
		number := uint32(packet.SequenceNumber)
		*s = source{payload: s.payload, ssrc: packet.SSRC, came: true, first: number, last: number}
	}
	s.packets++
	if ahead := int16(packet.SequenceNumber - uint16(s.last)); ahead > 0 {
		s.last += uint32(ahead)
	}
}

// report tells the sender what came.
func (s *source) report() rtcp.ReceptionReport {
	expected := s.last - s.first + 1
	lost := max(0, int64(expected)-int64(s.packets))
	since := int64(expected - s.expected)
	lostSince := max(0, since-int64(s.packets-s.received))
	s.expected, s.received = expected, s.packets
	report := rtcp.ReceptionReport{SSRC: s.ssrc, LastSequenceNumber: s.last, TotalLost: uint32(min(lost, 1<<23-1))}
	if since > 0 {
		report.FractionLost = uint8(lostSince * 255 / since)
	}
	return report
}
