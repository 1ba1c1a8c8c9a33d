// Package h264test decodes, for tests, the little of H.264 that a test show
// consists of, and says so when it meets anything else. It is written from the
// standard alone (Rec. ITU-T H.264) and shares nothing with the writer, so that
// what it shows was really written.
//
// Start at Decode.
package h264test

import (
	"bytes"
	"fmt"
)

// Frame is a decoded picture, cropped to its size. Cb and Cr have half the width
// and height.
type Frame struct {
	Width, Height int
	Key           bool // needs no other frame
	Y, Cb, Cr     []byte
}

// At is the colour of the sample at x, y.
func (f Frame) At(x, y int) (luma, cb, cr byte) {
	at := y/2*(f.Width/2) + x/2
	return f.Y[y*f.Width+x], f.Cb[at], f.Cr[at]
}

// Decode returns the frames of a byte stream (Annex B). It knows progressive
// CAVLC pictures of one slice, whose macroblocks are skipped or of type
// Intra_16x16 with DC prediction and no AC coefficients, without deblocking.
func Decode(stream []byte) ([]Frame, error) {
	d := &decoder{}
	for i, unit := range units(stream) {
		if err := d.unit(unit); err != nil {
			return d.frames, fmt.Errorf("NAL unit %d, type %d, frame %d: %w", i, unit[0]&31, len(d.frames), err)
		}
	}
	return d.frames, nil
}

// units splits at start codes. Zeros before a start code belong to it.
func units(stream []byte) [][]byte {
	var all [][]byte
	for _, part := range bytes.Split(stream, []byte{0, 0, 1})[1:] {
		if part = bytes.TrimRight(part, "\x00"); len(part) > 0 {
			all = append(all, part)
		}
	}
	return all
}

type decoder struct {
	sps    *sps
	pps    *pps
	last   *planes
	number uint32 // frame_num of the last picture
	frames []Frame
}

func (d *decoder) unit(unit []byte) (err error) {
	r := &reader{bytes: bytes.ReplaceAll(unit[1:], []byte{0, 0, 3}, []byte{0, 0})}
	defer func() {
		if r.failed != nil {
			err = r.failed
		}
	}()
	switch kind := unit[0] & 31; kind {
	case 7:
		d.sps, err = readSPS(r)
	case 8:
		d.pps, err = readPPS(r)
	case 1, 5:
		err = d.slice(r, kind == 5)
	case 6, 9, 12: // SEI, access unit delimiter, filler: nothing to show
	default:
		err = fmt.Errorf("not of a test show")
	}
	return err
}

type sps struct {
	profile, constraints, level      uint32
	numberBits                       int
	columns, rows                    int
	cropLeft, cropRight, cropTop     int
	cropBottom                       int
	unitsInTick, timeScale, reorders uint32
}

func readSPS(r *reader) (*sps, error) {
	s := &sps{profile: r.bits(8), constraints: r.bits(8), level: r.bits(8)}
	if s.profile != 66 || s.constraints&0x40 == 0 {
		return nil, fmt.Errorf("profile %d, constraints %#x: not constrained baseline", s.profile, s.constraints)
	}
	r.ue()
	s.numberBits = int(r.ue()) + 4
	if order := r.ue(); order != 2 {
		return nil, fmt.Errorf("pic_order_cnt_type %d", order)
	}
	r.ue()
	r.bits(1)
	s.columns, s.rows = int(r.ue())+1, int(r.ue())+1
	if r.bits(1) == 0 {
		return nil, fmt.Errorf("interlaced")
	}
	r.bits(1)
	if r.bits(1) == 1 {
		s.cropLeft, s.cropRight = 2*int(r.ue()), 2*int(r.ue())
		s.cropTop, s.cropBottom = 2*int(r.ue()), 2*int(r.ue())
	}
	if r.bits(1) == 1 {
		if err := s.readVUI(r); err != nil {
			return nil, err
		}
	}
	return s, r.ended()
}

func (s *sps) readVUI(r *reader) error {
	if r.bits(2) != 0 {
		return fmt.Errorf("an aspect ratio or overscan")
	}
	if r.bits(1) == 1 {
		r.bits(4)
		if r.bits(1) == 1 {
			r.bits(24)
		}
	}
	if r.bits(1) == 1 {
		r.ue()
		r.ue()
	}
	if r.bits(1) == 1 {
		s.unitsInTick, s.timeScale = r.bits(32), r.bits(32)
		r.bits(1)
	}
	if r.bits(2) != 0 {
		return fmt.Errorf("HRD parameters")
	}
	r.bits(1)
	if r.bits(1) == 1 {
		r.bits(1)
		for range 4 {
			r.ue()
		}
		s.reorders = r.ue()
		r.ue()
	}
	return nil
}

type pps struct {
	qp, chromaOffset int
	deblocking       bool // slices say whether
}

func readPPS(r *reader) (*pps, error) {
	p := &pps{}
	r.ue()
	r.ue()
	if r.bits(2) != 0 || r.ue() != 0 {
		return nil, fmt.Errorf("CABAC, field order or slice groups")
	}
	r.ue()
	r.ue()
	if r.bits(3) != 0 {
		return nil, fmt.Errorf("weighted prediction")
	}
	p.qp = 26 + int(r.se())
	r.se()
	p.chromaOffset = int(r.se())
	p.deblocking = r.bits(1) == 1
	if r.bits(2) != 0 {
		return nil, fmt.Errorf("constrained intra prediction or redundant pictures")
	}
	return p, r.ended()
}
