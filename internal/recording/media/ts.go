package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

const (
	packetSize = 188
	syncByte   = 0x47
	// patID is the packet identifier of the program association table.
	patID = 0
	// maxStreams bounds the tracks that are looked at.
	maxStreams = 32
)

// Stream types (ISO/IEC 13818-1 Table 2-34).
const (
	typePrivate = 0x06
	typeADTS    = 0x0F
	typeLATM    = 0x11
	typeH264    = 0x1B
	typeH265    = 0x24
)

// transport reads a transport stream (ISO/IEC 13818-1 2.4).
type transport struct {
	pmtID    int // 0 before the program association table came
	sections map[int][]byte
	streams  []*stream
	mapped   bool
	early    int // packets that came before the program map
	gaps     int // between packets of a track
}

// stream is an elementary stream.
type stream struct {
	id, kind   int
	opus       bool
	pes        []byte // what came of the packet that is not whole yet
	begun      bool
	elementary []byte // of AAC, whose frames may cross packets
	counter    int    // the last continuity_counter, -1 before the first
	clock      clock
	video      *Video
	h264       h264
	audio      *Audio
}

func openTS(b []byte) (*Segment, error) {
	if len(b)%packetSize != 0 {
		return nil, fmt.Errorf("MPEG-TS: %d bytes: not a whole number of packets of %d", len(b), packetSize)
	}
	t := &transport{sections: map[int][]byte{}}
	for at := 0; at < len(b); at += packetSize {
		if err := t.packet(b[at : at+packetSize]); err != nil {
			return nil, fmt.Errorf("MPEG-TS packet %d: %w", at/packetSize, err)
		}
	}
	if !t.mapped {
		return nil, errors.New("MPEG-TS: it has no program map, so that no player finds a track")
	}
	return t.conclude()
}

// packet takes one transport packet.
func (t *transport) packet(p []byte) error {
	if p[0] != syncByte {
		return errors.New("it does not begin with the sync byte")
	}
	if p[1]&0x80 != 0 {
		return errors.New("it is marked as damaged")
	}
	id := int(p[1]&0x1F)<<8 | int(p[2])
	begins := p[1]&0x40 != 0
	payload := p[4:]
	if p[3]&0x20 != 0 { // an adaptation field
		length := int(p[4])
		if length > len(payload)-1 {
			return errors.New("an adaptation field that is longer than the packet")
		}
		payload = payload[1+length:]
	}
	if p[3]&0x10 == 0 || id == 0x1FFF { // no payload, or padding
		return nil
	}
	if p[3]&0xC0 != 0 {
		return errors.New("it is scrambled")
	}
	if id == patID || id == t.pmtID {
		return t.section(id, begins, payload)
	}
	const service = 0x11 // the service description table, which players do not need
	if !t.mapped && id != service {
		t.early++
	}
	for _, s := range t.streams {
		if s.id == id {
			t.count(s, int(p[3]&0xF))
			return s.take(begins, payload)
		}
	}
	return nil
}

// count notices packets that are missing.
func (t *transport) count(s *stream, counter int) {
	if s.counter >= 0 && counter != (s.counter+1)%16 && counter != s.counter {
		t.gaps++
	}
	s.counter = counter
}

// maxSection is the longest section of a table (2.4.4).
const maxSection = 1024

// section collects a table and reads it when it is whole.
func (t *transport) section(id int, begins bool, payload []byte) error {
	if begins {
		if len(payload) == 0 || int(payload[0]) >= len(payload) {
			return errors.New("a table that begins beyond its packet")
		}
		t.sections[id] = append([]byte(nil), payload[1+int(payload[0]):]...)
	} else if held := t.sections[id]; held != nil {
		t.sections[id] = append(held, payload...)
	}
	table := t.sections[id]
	if len(table) < 3 {
		return nil
	}
	length := 3 + (int(table[1]&0x0F)<<8 | int(table[2]))
	if length > maxSection || length < 12 {
		return fmt.Errorf("a table of %d bytes", length)
	}
	if len(table) < length {
		return nil
	}
	delete(t.sections, id)
	table = table[:length]
	if crc32(table) != 0 {
		return errors.New("a table whose checksum is wrong")
	}
	if id == patID {
		return t.association(table[8 : length-4])
	}
	return t.programMap(table[8 : length-4])
}

// crc32 is MPEG's, 0 for a table that ends with its own.
func crc32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, octet := range b {
		crc ^= uint32(octet) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04C11DB7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// association finds the first program's map.
func (t *transport) association(entries []byte) error {
	for ; len(entries) >= 4; entries = entries[4:] {
		if program := binary.BigEndian.Uint16(entries); program == 0 { // the network's own table
			continue
		}
		if id := int(binary.BigEndian.Uint16(entries[2:]) & 0x1FFF); t.pmtID == 0 && id != patID {
			t.pmtID = id
		}
	}
	if t.pmtID == 0 {
		return errors.New("a program association table without a program")
	}
	return nil
}

// programMap finds the streams, as the first map tells them.
func (t *transport) programMap(table []byte) error {
	if t.mapped {
		return nil
	}
	if len(table) < 4 {
		return errors.New("a program map that is too short")
	}
	skip := 4 + (int(table[2]&0x0F)<<8 | int(table[3]))
	if skip > len(table) {
		return errors.New("a program map that ends too early")
	}
	for table = table[skip:]; len(table) >= 5; {
		length := int(table[3]&0x0F)<<8 | int(table[4])
		if len(table) < 5+length {
			return errors.New("a program map that ends too early")
		}
		if len(t.streams) == maxStreams {
			return fmt.Errorf("more than %d tracks", maxStreams)
		}
		s := &stream{kind: int(table[0]), id: int(binary.BigEndian.Uint16(table[1:]) & 0x1FFF), counter: -1}
		s.opus = s.kind == typePrivate && registered(table[5:5+length], "Opus")
		t.streams = append(t.streams, s)
		table = table[5+length:]
	}
	t.mapped = true
	return nil
}

// registered looks for a registration descriptor (2.6.8) of that format.
func registered(descriptors []byte, format string) bool {
	const registration = 5
	for len(descriptors) >= 2 {
		length := int(descriptors[1])
		if len(descriptors) < 2+length {
			return false
		}
		if descriptors[0] == registration && length >= 4 && string(descriptors[2:6]) == format {
			return true
		}
		descriptors = descriptors[2+length:]
	}
	return false
}

// conclude reads what is left of the streams and takes the first track of each
// kind.
func (t *transport) conclude() (*Segment, error) {
	segment := &Segment{Container: TS}
	for _, s := range t.streams {
		if err := s.flush(); err != nil {
			return nil, err
		}
		if err := s.conclude(segment); err != nil {
			return nil, err
		}
	}
	if t.early > 0 {
		segment.Faults = append(segment.Faults, fmt.Sprintf("%d packets before the program map", t.early))
	}
	if t.gaps > 0 {
		segment.Faults = append(segment.Faults, fmt.Sprintf("%d gaps between packets", t.gaps))
	}
	return segment, nil
}

// clock follows the presentation times of a stream, in units of 1/90000 s from
// the first one on. They count to 2^33 and begin again.
type clock struct {
	first          int64
	earliest, last int64 // since first
	count          int
}

func (c *clock) at(pts int64) {
	const wrap = 1 << 33
	if c.count == 0 {
		c.first = pts
	}
	since := (pts - c.first + wrap + wrap/2) % wrap
	since -= wrap / 2
	c.earliest, c.last = min(c.earliest, since), max(c.last, since)
	c.count++
}

func (c *clock) start() time.Duration { return ticks(c.first + c.earliest) }

func ticks(n int64) time.Duration { return time.Duration(n) * time.Second / 90_000 }
