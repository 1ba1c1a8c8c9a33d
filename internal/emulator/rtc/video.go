package rtc

import (
	"github.com/pion/rtp"

	"github.com/yolo-live/yolo/internal/emulator/h264"
	"github.com/yolo-live/yolo/internal/emulator/media"
)

// clock puts the timestamps of one medium on the peer's line of time.
type clock struct {
	ticks, of int64 // so many of the peer's ticks are so many of the medium's
	begun     bool
	start     int64 // in the peer's ticks
	last      uint32
	elapsed   int64 // in the medium's ticks
}

// at is when a packet is for, the first one being for now. RTP's timestamps
// begin anywhere and wrap around.
func (c *clock) at(timestamp uint32, now int64) int64 {
	if !c.begun {
		c.begun, c.start, c.last = true, now, timestamp
	}
	c.elapsed += int64(int32(timestamp - c.last))
	c.last = timestamp
	return c.start + c.elapsed*c.ticks/c.of
}

// pictures makes pictures of the packets of a video.
type pictures struct {
	clock
	unpacker
	parameters [][]byte // sets that came outside of the stream, or last in it

	begun     bool
	next      uint16 // the sequence number that is awaited
	timestamp uint32
	under     media.Picture // under way
	size      int
	broken    bool // the picture that is under way lacks something
	lost      bool // something is lost, and no key picture came since
}

// push takes in a packet that came now, and returns the picture that it
// completes, if any. What comes after a loss is left out until the next key
// picture, since it cannot be decoded.
func (p *pictures) push(packet *rtp.Packet, now int64) (done media.Picture, ok bool) {
	if p.begun && int16(packet.SequenceNumber-p.next) < 0 {
		return done, false // late, or twice
	}
	gap := p.begun && packet.SequenceNumber != p.next
	p.next = packet.SequenceNumber + 1
	if gap {
		p.unpacker = unpacker{}
		p.broken, p.lost = true, true
	}
	if p.begun && packet.Timestamp != p.timestamp {
		done, ok = p.finish()
		p.broken = gap
	}
	p.begun, p.timestamp = true, packet.Timestamp
	p.under.At = p.at(packet.Timestamp, now)
	p.add(packet.Payload)
	if packet.Marker && !ok {
		return p.finish()
	}
	return done, ok
}

// add takes in a payload. One without bytes is padding.
func (p *pictures) add(payload []byte) {
	if len(payload) == 0 {
		return
	}
	nals, ok := p.unpack(payload)
	p.size += len(payload)
	if !ok || p.size > maxPicture {
		p.unpacker = unpacker{}
		p.broken, p.lost = true, true
		return
	}
	for _, nal := range nals {
		if h264.Type(nal) != h264.TypeDelimiter {
			p.under.NALs = append(p.under.NALs, nal)
		}
	}
}

// finish returns the picture that is under way, and begins the next one.
func (p *pictures) finish() (done media.Picture, ok bool) {
	done = p.under
	whole := !p.broken && p.fragments == nil && len(done.NALs) > 0
	p.under, p.size, p.broken = media.Picture{}, 0, false
	if !whole {
		p.unpacker = unpacker{}
		p.lost = p.lost || len(done.NALs) > 0
		return media.Picture{}, false
	}
	sets, begins := sorted(done)
	if sets != nil {
		p.parameters = sets
	} else if done.Key() {
		// A key picture that comes without its parameter sets.
		done.NALs = append(append([][]byte{}, p.parameters...), done.NALs...)
	}
	p.lost = p.lost && !done.Key() || p.parameters == nil
	return done, begins && !p.lost
}

// sorted finds the parameter sets of a picture, and tells whether its first
// slice is there: of what comes first nobody knows what came before.
func sorted(p media.Picture) (sets [][]byte, begins bool) {
	for _, nal := range p.NALs {
		if t := h264.Type(nal); t == h264.TypeSPS || t == h264.TypePPS {
			sets = append(sets, nal)
		}
		if _, first, ok := h264.Slice(nal); ok && first {
			begins = true
		}
	}
	return sets, begins
}
