// Package h264 reads of an H.264 stream what one has to know to pass it on
// without decoding it: how large its pictures are, which of them can be begun
// with, and which are B-frames (ITU-T H.264, Annex B and clause 7.3).
//
// It reads what strangers send, so every function takes any bytes. Start at
// Type, ParseSPS and Slice.
package h264

import (
	"errors"
	"fmt"
)

// Types of NAL units (clause 7.4.1, table 7-1).
const (
	TypeSlice     = 1
	TypePartition = 2 // of slices in three parts, which no baseline encoder of WebRTC sends
	TypeIDR       = 5
	TypeSPS       = 7
	TypePPS       = 8
	TypeDelimiter = 9 // of access units
)

// Type is the type of a NAL unit; 0, which is none, for one without bytes.
func Type(nal []byte) int {
	if len(nal) == 0 {
		return 0
	}
	return int(nal[0] & 0x1f)
}

// Baseline is the profile_idc of the baseline profile and the constrained one.
const Baseline = 66

// SPS is what is read of a sequence parameter set. The size is that of the
// pictures as they are shown, in pixels.
type SPS struct {
	Profile, Constraints, Level byte
	Width, Height               int
}

// Codec names the stream as RFC 6381 has it, such as avc1.42C01F.
func (s SPS) Codec() string {
	return fmt.Sprintf("avc1.%02X%02X%02X", s.Profile, s.Constraints, s.Level)
}

// maxSide bounds both sides of a picture, so that no size overflows: level 6.2
// has no longer side (table A-1: √(MaxFS × 8) macroblocks).
const maxSide = 16880

var errSize = errors.New("sequence parameter set: pictures of an impossible size")

// ParseSPS reads a NAL unit of TypeSPS (clause 7.3.2.1.1).
func ParseSPS(nal []byte) (SPS, error) {
	if Type(nal) != TypeSPS || len(nal) < 4 {
		return SPS{}, errors.New("not a sequence parameter set")
	}
	s := SPS{Profile: nal[1], Constraints: nal[2], Level: nal[3]}
	r := newReader(nal[4:])
	r.ue() // seq_parameter_set_id
	chroma, separate := uint32(1), false
	if hasChroma(s.Profile) {
		if chroma = r.ue(); chroma == 3 {
			separate = r.bit() == 1
		}
		r.ue()  // bit_depth_luma_minus8
		r.ue()  // bit_depth_chroma_minus8
		r.bit() // qpprime_y_zero_transform_bypass_flag
		if r.bit() == 1 {
			r.scalingMatrix(chroma)
		}
	}
	r.ue() // log2_max_frame_num_minus4
	r.order()
	r.ue()  // max_num_ref_frames
	r.bit() // gaps_in_frame_num_value_allowed_flag
	width, height := int(r.ue())+1, int(r.ue())+1
	frames := int(r.bit())
	if frames == 0 {
		r.bit() // mb_adaptive_frame_field_flag
	}
	r.bit()         // direct_8x8_inference_flag
	var crop [4]int // left, right, top, bottom
	if r.bit() == 1 {
		for i := range crop {
			crop[i] = int(r.ue())
		}
	}
	if r.failed {
		return SPS{}, errors.New("sequence parameter set: it is cut off")
	}
	return s.sized(width, height, frames, crop, unitsOf(chroma, separate))
}

// sized works out the size from macroblocks, or pairs of them, and what is cut
// off in units.
func (s SPS) sized(width, height, frames int, crop [4]int, units [2]int) (SPS, error) {
	if width > maxSide/16 || height > maxSide/16 {
		return SPS{}, errSize
	}
	for _, c := range crop {
		if c > maxSide {
			return SPS{}, errSize
		}
	}
	fields := 2 - frames
	s.Width = width*16 - (crop[0]+crop[1])*units[0]
	s.Height = height*fields*16 - (crop[2]+crop[3])*units[1]*fields
	if s.Width <= 0 || s.Height <= 0 {
		return SPS{}, errSize
	}
	return s, nil
}

// hasChroma tells the profiles whose parameter sets say how colour is sampled.
func hasChroma(profile byte) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// unitsOf are CropUnitX and, for frames, CropUnitY (table 6-1).
func unitsOf(chroma uint32, separate bool) [2]int {
	switch {
	case separate || chroma == 0 || chroma == 3:
		return [2]int{1, 1}
	case chroma == 2:
		return [2]int{2, 1}
	}
	return [2]int{2, 2}
}

// Slices are as their headers say (table 7-6), modulo 5.
const (
	SliceP = 0
	SliceB = 1
	SliceI = 2
)

// Slice tells whether a NAL unit begins with a slice header, whether that is
// the first of its picture, and of which type it is.
func Slice(nal []byte) (sliceType int, first, ok bool) {
	switch Type(nal) {
	case TypeSlice, TypePartition, TypeIDR:
	default:
		return 0, false, false
	}
	r := newReader(nal[1:])
	first = r.ue() == 0
	sliceType = int(r.ue() % 5)
	return sliceType, first, !r.failed
}
