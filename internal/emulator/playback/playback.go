// Package playback reads recordings back, for tests: segments of MPEG-TS, bit by
// bit and with no mercy. It shares no code with what writes them.
//
// Only tests import it. Start at Read.
package playback

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Unit is a picture, as NAL units, or a packet of sound, and when it is for in
// ticks of 90 kHz.
type Unit struct {
	At   int64
	NALs [][]byte // of a picture
	Data []byte   // of a sound
	Key  bool     // the packet says that one can begin here
}

// Stream is what segments hold, one after the other.
type Stream struct {
	Pictures, Sounds []Unit
	// Opus says that the second stream is registered as Opus.
	Opus bool

	counters map[int]int
	table    int // the packet id of the program's table
	video    int
	audio    int
	open     map[int]*packet
	clock    int64 // as it was last told
	ticking  bool  // it was told in this segment
}

// packet is a PES packet under way.
type packet struct {
	data []byte
	key  bool
}

const packetSize = 188

// Read reads the segments of one recording, each of which must begin with the
// tables and a picture to begin with.
func Read(segments ...[]byte) (*Stream, error) {
	s := &Stream{counters: map[int]int{}, open: map[int]*packet{}}
	for n, segment := range segments {
		before := len(s.Pictures)
		if err := s.segment(segment); err != nil {
			return s, fmt.Errorf("segment %d: %w", n, err)
		}
		if len(s.Pictures) == before || !s.Pictures[before].Key {
			return s, fmt.Errorf("segment %d: it does not begin with a key picture", n)
		}
	}
	return s, nil
}

func (s *Stream) segment(data []byte) error {
	if len(data)%packetSize != 0 || len(data) == 0 {
		return fmt.Errorf("%d bytes are no packets of %d", len(data), packetSize)
	}
	s.table, s.video, s.ticking = -1, -1, false
	for n := 0; len(data) > 0; n++ {
		if err := s.packet(data[:packetSize]); err != nil {
			return fmt.Errorf("packet %d: %w", n, err)
		}
		data = data[packetSize:]
	}
	for pid := range s.open {
		if err := s.finish(pid); err != nil {
			return err
		}
	}
	return nil
}

// packet reads one packet (ISO/IEC 13818-1, clause 2.4.3.2).
func (s *Stream) packet(p []byte) error {
	header := binary.BigEndian.Uint32(p)
	pid, starts := int(header>>8&0x1fff), header&0x400000 != 0
	field, payload := header&0x20 != 0, header&0x10 != 0
	switch {
	case p[0] != 0x47:
		return errors.New("no sync byte")
	case header&0x800000 != 0 || header&0xc0 != 0:
		return errors.New("an error or scrambled")
	case !payload:
		return errors.New("no payload")
	}
	if last, ok := s.counters[pid]; ok && int(header&15) != (last+1)%16 {
		return fmt.Errorf("stream %#x: counter %d after %d", pid, header&15, last)
	}
	s.counters[pid] = int(header & 15)
	rest, key := p[4:], false
	if field {
		length := int(rest[0])
		if length > 182 {
			return errors.New("an adaptation field without end")
		}
		if length > 0 {
			key = rest[1]&0x40 != 0
			if err := s.adapt(pid, rest[1:1+length]); err != nil {
				return err
			}
		}
		rest = rest[1+length:]
	}
	return s.payload(pid, starts, key, rest)
}

// longestStep is how far the clock may go on at once. It is told with each
// picture, and a publisher may send none for two seconds until that is a break.
const longestStep = 2 * 90000

// adapt reads the clock, which must not be behind what it was, nor jump.
func (s *Stream) adapt(pid int, field []byte) error {
	if field[0]&0x10 == 0 {
		return nil
	}
	if pid != s.video || len(field) < 7 {
		return fmt.Errorf("half a clock, or one in stream %#x", pid)
	}
	at := int64(binary.BigEndian.Uint32(field[1:]))<<1 | int64(field[5]>>7)
	if first := len(s.Pictures) == 0 && s.open[s.video] == nil; !first && (at < s.clock || at > s.clock+longestStep) {
		return fmt.Errorf("the clock says %d after %d", at, s.clock)
	}
	s.clock, s.ticking = at, true
	return nil
}

func (s *Stream) payload(pid int, starts, key bool, data []byte) error {
	switch {
	case pid == 0:
		return s.section(data, func(body []byte) error {
			s.table = int(binary.BigEndian.Uint16(body[2:])) & 0x1fff
			return nil
		})
	case pid == s.table:
		return s.section(data, s.program)
	case s.video < 0:
		return errors.New("media come before the tables")
	case pid != s.video && pid != s.audio:
		return fmt.Errorf("stream %#x is in no table", pid)
	}
	if starts {
		if err := s.finish(pid); err != nil {
			return err
		}
		if pid == s.video && !s.ticking {
			return errors.New("a picture without a clock")
		}
		s.open[pid] = &packet{key: key}
	}
	if s.open[pid] == nil {
		return fmt.Errorf("stream %#x begins in the middle", pid)
	}
	s.open[pid].data = append(s.open[pid].data, data...)
	return nil
}

// section reads a table of one section (clause 2.4.4).
func (s *Stream) section(data []byte, read func(body []byte) error) error {
	data = data[1+data[0]:]
	length := int(binary.BigEndian.Uint16(data[1:])) & 0xfff
	if length < 9 || 3+length > len(data) {
		return errors.New("a section without end")
	}
	whole := data[:3+length]
	if crc(whole) != 0 {
		return errors.New("a section with a wrong checksum")
	}
	return read(whole[8 : len(whole)-4])
}

// program reads which streams there are (clause 2.4.4.8).
func (s *Stream) program(body []byte) error {
	clock := int(binary.BigEndian.Uint16(body)) & 0x1fff
	s.video, s.audio = -1, -1
	rest := body[4+int(binary.BigEndian.Uint16(body[2:]))&0xfff:]
	for len(rest) >= 5 {
		pid, length := int(binary.BigEndian.Uint16(rest[1:]))&0x1fff, int(binary.BigEndian.Uint16(rest[3:]))&0xfff
		descriptors := rest[5 : 5+length]
		switch rest[0] {
		case 0x1b:
			s.video = pid
		case 0x06:
			s.audio = pid
			s.Opus = bytes.Equal(descriptors, []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, 2})
		default:
			return fmt.Errorf("a stream of type %#x", rest[0])
		}
		rest = rest[5+length:]
	}
	if clock != s.video || len(rest) > 0 {
		return errors.New("the program's table is not whole")
	}
	return nil
}

// finish reads the PES packet that is under way (clause 2.4.3.6).
func (s *Stream) finish(pid int) error {
	p := s.open[pid]
	if p == nil {
		return nil
	}
	delete(s.open, pid)
	d := p.data
	if len(d) < 14 || !bytes.Equal(d[:3], []byte{0, 0, 1}) || d[6]&0xc0 != 0x80 || d[7]&0xc0 != 0x80 {
		return fmt.Errorf("stream %#x: no PES packet with a time", pid)
	}
	if of := map[bool]byte{true: 0xe0, false: 0xbd}[pid == s.video]; d[3] != of {
		return fmt.Errorf("stream %#x: a PES packet of %#x, not %#x", pid, d[3], of)
	}
	if length := int(binary.BigEndian.Uint16(d[4:])); length != 0 && length != len(d)-6 {
		return fmt.Errorf("stream %#x: a PES packet of %d bytes says that it has %d", pid, len(d)-6, length)
	}
	at := int64(d[9]>>1&7)<<30 | int64(binary.BigEndian.Uint16(d[10:])>>1)<<15 | int64(binary.BigEndian.Uint16(d[12:])>>1)
	unit := Unit{At: at, Key: p.key}
	var err error
	if pid == s.video {
		if at < s.clock {
			return fmt.Errorf("a picture for %d is there at %d", at, s.clock)
		}
		if n := len(s.Pictures); n > 0 && at <= s.Pictures[n-1].At {
			return fmt.Errorf("a picture for %d after that for %d", at, s.Pictures[n-1].At)
		}
		unit.NALs, err = nals(d[9+d[8]:])
		s.Pictures = append(s.Pictures, unit)
	} else {
		unit.Data, err = opus(d[9+d[8]:])
		s.Sounds = append(s.Sounds, unit)
	}
	return err
}

// nals takes an access unit apart (ITU-T H.264, Annex B); it begins with a
// delimiter, which is left out.
func nals(data []byte) ([][]byte, error) {
	if !bytes.HasPrefix(data, []byte{0, 0, 0, 1, 9}) {
		return nil, errors.New("an access unit without a delimiter")
	}
	var all [][]byte
	for _, nal := range bytes.Split(data, []byte{0, 0, 1})[2:] {
		all = append(all, bytes.TrimSuffix(nal, []byte{0}))
	}
	return all, nil
}

// opus takes the header off a packet.
func opus(data []byte) ([]byte, error) {
	if len(data) < 3 || data[0] != 0x7f || data[1]&0xe0 != 0xe0 {
		return nil, errors.New("no header of Opus")
	}
	size, rest := 0, data[2:]
	for len(rest) > 0 {
		b := rest[0]
		size, rest = size+int(b), rest[1:]
		if b != 255 {
			break
		}
	}
	if size != len(rest) {
		return nil, fmt.Errorf("a packet of Opus of %d bytes says that it has %d", len(rest), size)
	}
	return rest, nil
}

// crc is 0 over a section with its checksum (Annex A).
func crc(data []byte) uint32 {
	sum := uint32(0xffffffff)
	for _, b := range data {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum & 0x80000000
			if sum <<= 1; carry != 0 {
				sum ^= 0x04c11db7
			}
		}
	}
	return sum
}
