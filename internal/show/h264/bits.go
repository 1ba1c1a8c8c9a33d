package h264

import "math/bits"

// bitWriter collects the bits of one NAL unit's payload.
type bitWriter struct {
	bytes []byte
	held  uint64 // the last count bits, not yet in bytes
	count uint
}

// put appends the lowest n bits of v, n at most 32.
func (w *bitWriter) put(n uint, v uint32) {
	w.held = w.held<<n | uint64(v)&(1<<n-1)
	w.count += n
	for w.count >= 8 {
		w.count -= 8
		w.bytes = append(w.bytes, byte(w.held>>w.count))
	}
}

func (w *bitWriter) flag(set bool) {
	if set {
		w.put(1, 1)
		return
	}
	w.put(1, 0)
}

// ue appends an unsigned Exp-Golomb code (clause 9.1).
func (w *bitWriter) ue(v uint32) {
	length := uint(bits.Len32(v + 1))
	w.put(length-1, 0)
	w.put(length, v+1)
}

// se appends a signed Exp-Golomb code (clause 9.1.1).
func (w *bitWriter) se(v int32) {
	if v > 0 {
		w.ue(uint32(2*v - 1))
		return
	}
	w.ue(uint32(-2 * v))
}

// end appends the stop bit and fills the last byte.
func (w *bitWriter) end() {
	w.put(1, 1)
	if w.count > 0 {
		w.put(8-w.count, 0)
	}
}

func (w *bitWriter) reset() {
	w.bytes, w.held, w.count = w.bytes[:0], 0, 0
}

// NAL unit types (Table 7-1).
const (
	nalSlice = 1
	nalIDR   = 5
	nalSPS   = 7
	nalPPS   = 8
)

// appendNAL appends a start code and a NAL unit, with the bytes that keep a start
// code from occurring in the payload (clause 7.4.1). Everything written here is
// referred to, so nal_ref_idc is never 0.
func appendNAL(to []byte, kind byte, payload []byte) []byte {
	to = append(to, 0, 0, 0, 1, 3<<5|kind)
	zeros := 0
	for _, b := range payload {
		if zeros == 2 && b <= 3 {
			to = append(to, 3)
			zeros = 0
		}
		to = append(to, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return to
}
