package media

import (
	"bytes"
	"errors"
	"fmt"
)

// sps is what is wanted of an H.264 sequence parameter set.
type sps struct {
	profile, level string
	width, height  int
}

// maxSide bounds a picture's width and height: level 6.2 ends at 16,880 (H.264
// Table A-1).
const maxSide = 16_880

// readSPS reads a sequence parameter set (H.264 clause 7.3.2.1.1), without its
// NAL header.
func readSPS(payload []byte) (*sps, error) {
	b := &bits{bytes: unescape(payload)}
	idc, constraints, level := b.read(8), b.read(8), b.read(8)
	s := &sps{profile: profileName(idc, constraints), level: levelName(level, constraints)}
	b.ue()
	chroma := uint32(1)
	if hasChroma(idc) {
		chroma = readChroma(b)
	}
	b.ue() // log2_max_frame_num_minus4
	if err := skipOrder(b); err != nil {
		return nil, err
	}
	b.ue() // max_num_ref_frames
	b.bit()
	columns, rows := uint64(b.ue())+1, uint64(b.ue())+1
	fields := uint64(1)
	if !b.flag() { // frame_mbs_only_flag
		fields = 2
		b.bit()
	}
	b.bit() // direct_8x8_inference_flag
	width, height := 16*columns, 16*rows*fields
	if width > maxSide || height > maxSide {
		return nil, fmt.Errorf("a picture of %dx%d", width, height)
	}
	if b.flag() {
		x, y := cropUnits(chroma, fields)
		width -= min(x*(uint64(b.ue())+uint64(b.ue())), width)
		height -= min(y*(uint64(b.ue())+uint64(b.ue())), height)
	}
	if b.err != nil {
		return nil, b.err
	}
	if width == 0 || height == 0 {
		return nil, errors.New("a picture that is cropped away")
	}
	s.width, s.height = int(width), int(height)
	return s, nil
}

// unescape removes the bytes that keep start codes apart (clause 7.4.1).
func unescape(payload []byte) []byte {
	return bytes.ReplaceAll(payload, []byte{0, 0, 3}, []byte{0, 0})
}

func profileName(idc, constraints uint32) string {
	switch idc {
	case 66:
		if constraints&0x40 != 0 {
			return "Constrained Baseline"
		}
		return "Baseline"
	case 77:
		return "Main"
	case 88:
		return "Extended"
	case 100:
		return "High"
	case 110:
		return "High 10"
	case 122:
		return "High 4:2:2"
	case 244:
		return "High 4:4:4"
	}
	return fmt.Sprintf("profile %d", idc)
}

func levelName(level, constraints uint32) string {
	if level == 11 && constraints&0x10 != 0 {
		return "1b"
	}
	return fmt.Sprintf("%d.%d", level/10, level%10)
}

// hasChroma tells the profiles whose parameter sets describe colour sampling.
func hasChroma(idc uint32) bool {
	switch idc {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// readChroma reads chroma_format_idc and what comes with it.
func readChroma(b *bits) uint32 {
	format := b.ue()
	lists := 8
	if format == 3 {
		b.bit()
		lists = 12
	}
	b.ue()
	b.ue()
	b.bit()
	if b.flag() { // seq_scaling_matrix_present_flag
		for i := range lists {
			if b.flag() {
				skipScalingList(b, i)
			}
		}
	}
	return format
}

// skipScalingList skips list i: the first six have 16 entries, the others 64
// (clause 7.3.2.1.1.1).
func skipScalingList(b *bits, i int) {
	size := 16
	if i >= 6 {
		size = 64
	}
	last, next := int32(8), int32(8)
	for range size {
		if next != 0 {
			next = (last + b.se()%256 + 256) % 256
		}
		if next != 0 {
			last = next
		}
	}
}

// skipOrder skips what orders pictures.
func skipOrder(b *bits) error {
	switch kind := b.ue(); kind {
	case 0:
		b.ue()
	case 1:
		b.bit()
		b.se()
		b.se()
		count := b.ue()
		if count > 255 {
			return fmt.Errorf("a cycle of %d pictures", count)
		}
		for range count {
			b.se()
		}
	case 2:
	default:
		return fmt.Errorf("pic_order_cnt_type %d", kind)
	}
	return nil
}

// cropUnits are the samples of one step of cropping (clause 7.4.2.1.1).
func cropUnits(chroma uint32, fields uint64) (x, y uint64) {
	switch chroma {
	case 1:
		return 2, 2 * fields
	case 2:
		return 2, fields
	}
	return 1, fields
}
