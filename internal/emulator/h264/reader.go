package h264

// reader reads the bits of a NAL unit, past the bytes that keep start codes out
// of it (clause 7.4.1: emulation_prevention_three_byte). Past the end, or of
// what cannot be, it reads zeros and has failed.
type reader struct {
	data   []byte
	at     int // in bits
	zeros  int // bytes before the one that is read
	failed bool
}

func newReader(data []byte) *reader { return &reader{data: data} }

func (r *reader) bit() uint32 {
	if r.at%8 == 0 {
		r.skipPrevention()
	}
	if r.at/8 >= len(r.data) {
		r.failed = true
		return 0
	}
	bit := uint32(r.data[r.at/8]>>(7-r.at%8)) & 1
	r.at++
	return bit
}

// skipPrevention is for the beginning of a byte.
func (r *reader) skipPrevention() {
	at := r.at / 8
	if r.zeros >= 2 && at < len(r.data) && r.data[at] == 3 {
		r.at += 8
		r.zeros = 0
		at++
	}
	if at < len(r.data) && r.data[at] == 0 {
		r.zeros++
	} else {
		r.zeros = 0
	}
}

func (r *reader) bits(n int) (value uint32) {
	for range n {
		value = value<<1 | r.bit()
	}
	return value
}

// ue reads an unsigned Exp-Golomb code (clause 9.1).
func (r *reader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; zeros > 31 || r.failed {
			r.failed = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// se reads a signed one (clause 9.1.1).
func (r *reader) se() int32 {
	code := r.ue()
	if code%2 == 0 {
		return -int32(code / 2)
	}
	return int32(code/2) + 1
}

// order reads how the order of pictures is told.
func (r *reader) order() {
	switch r.ue() { // pic_order_cnt_type
	case 0:
		r.ue() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		r.bit() // delta_pic_order_always_zero_flag
		r.se()  // offset_for_non_ref_pic
		r.se()  // offset_for_top_to_bottom_field
		for range r.ue() {
			if r.se(); r.failed {
				return
			}
		}
	}
}

// scalingMatrix reads over the scaling lists (clause 7.3.2.1.1.1).
func (r *reader) scalingMatrix(chroma uint32) {
	lists := 8
	if chroma == 3 {
		lists = 12
	}
	for list := range lists {
		if r.bit() == 0 {
			continue
		}
		size := 16
		if list >= 6 {
			size = 64
		}
		last, next := int32(8), int32(8)
		for range size {
			if next != 0 {
				next = (last + r.se() + 256) % 256
			}
			if next != 0 {
				last = next
			}
		}
	}
}
