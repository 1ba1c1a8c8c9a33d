package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// take takes a payload of the stream's.
func (s *stream) take(begins bool, payload []byte) error {
	if begins {
		if err := s.flush(); err != nil {
			return err
		}
		s.begun = true
	}
	if s.begun {
		s.pes = append(s.pes, payload...)
	}
	return nil
}

// flush reads the PES packet that was collected (2.4.3.6).
func (s *stream) flush() error {
	pes := s.pes
	s.pes = s.pes[:0]
	if len(pes) == 0 {
		return nil
	}
	if len(pes) < 9 || pes[0] != 0 || pes[1] != 0 || pes[2] != 1 {
		return errors.New("a PES packet without its start code")
	}
	header := 9 + int(pes[8])
	if header > len(pes) {
		return errors.New("a PES header that is longer than its packet")
	}
	if pes[7]&0x80 != 0 {
		if pes[8] < 5 {
			return errors.New("a PES header that is too short for its time")
		}
		s.clock.at(timestamp(pes[9:]))
	}
	end := len(pes)
	if length := int(binary.BigEndian.Uint16(pes[4:])); length > 0 { // 0: until the next begins
		if 6+length > end || 6+length < header {
			return fmt.Errorf("a PES packet of %d bytes of which %d came", 6+length, end)
		}
		end = 6 + length
	}
	return s.payload(pes[header:end])
}

// timestamp reads a time of 33 bits, spread over five bytes.
func timestamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}

// payload takes a part of the elementary stream.
func (s *stream) payload(part []byte) error {
	switch {
	case s.kind == typeH264:
		if s.video == nil {
			s.video = &Video{Codec: "H.264"}
			s.h264.video = s.video
		}
		return s.h264.stream(part)
	case s.kind == typeADTS:
		s.elementary = append(s.elementary, part...)
	case s.opus:
		if s.audio == nil {
			s.audio = &Audio{Codec: "Opus", SampleRate: 48_000}
		}
		return readOpusUnits(part, s.audio)
	}
	return nil
}

// conclude adds the stream to what the segment holds.
func (s *stream) conclude(segment *Segment) error {
	switch {
	case s.kind == typeH264:
		return s.concludeVideo(segment)
	case s.kind == typeH265:
		if segment.Video == nil {
			segment.Video = &Video{Codec: "H.265"}
		}
	case s.kind == typeLATM:
		if segment.Audio == nil {
			segment.Audio = &Audio{Codec: "AAC (LATM)", Frames: s.clock.count, Times: s.times()}
		}
	case s.kind == typeADTS:
		return s.concludeADTS(segment)
	case s.opus:
		if s.audio != nil && segment.Audio == nil {
			s.audio.Start = s.clock.start()
			segment.Audio = s.audio
		}
	default:
		segment.Notes = append(segment.Notes, fmt.Sprintf("a track of type %#02x", s.kind))
	}
	return nil
}

func (s *stream) concludeVideo(segment *Segment) error {
	if segment.Video != nil {
		return nil
	}
	if s.video == nil {
		s.video = &Video{Codec: "H.264"}
	}
	if s.h264.changed {
		segment.Notes = append(segment.Notes, "the picture's size changes")
	}
	s.video.Times = s.times()
	segment.Video = s.video
	return nil
}

func (s *stream) concludeADTS(segment *Segment) error {
	if segment.Audio != nil {
		return nil
	}
	if len(s.elementary) == 0 {
		segment.Audio = &Audio{Codec: "AAC"}
		return nil
	}
	audio, rest, err := readADTS(s.elementary)
	if err != nil {
		return err
	}
	if rest > 0 {
		segment.Notes = append(segment.Notes, fmt.Sprintf("%d bytes of an AAC frame that is not whole", rest))
	}
	audio.Start = s.clock.start()
	segment.Audio = audio
	return nil
}

// times are the first time, and the way to the last one with as much again as
// lies between two.
func (s *stream) times() Times {
	t := Times{Start: s.clock.start()}
	if n := s.clock.count; n > 1 {
		between := s.clock.last - s.clock.earliest
		t.Lasts = ticks(between + (between+int64(n)/2)/int64(n-1))
	}
	if t.Lasts < 0 {
		t.Lasts = 0
	}
	return t
}
