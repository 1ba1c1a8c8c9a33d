package media

import "errors"

var errShort = errors.New("it ends too early")

// bits reads a payload bit by bit. After the end it reads zeros, and err is set.
type bits struct {
	bytes []byte
	at    int
	err   error
}

func (b *bits) bit() uint32 {
	if b.at >= 8*len(b.bytes) {
		b.err = errShort
		return 0
	}
	v := b.bytes[b.at/8] >> (7 - b.at%8) & 1
	b.at++
	return uint32(v)
}

// read reads n bits, at most 32.
func (b *bits) read(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

func (b *bits) flag() bool { return b.bit() == 1 }

// ue reads an unsigned Exp-Golomb code (H.264 clause 9.1).
func (b *bits) ue() uint32 {
	zeros := 0
	for b.bit() == 0 {
		if zeros++; zeros > 31 || b.err != nil {
			b.err = errShort
			return 0
		}
	}
	return 1<<zeros - 1 + b.read(zeros)
}

func (b *bits) se() int32 {
	v := b.ue()
	if v%2 == 1 {
		return int32(v/2) + 1
	}
	return -int32(v / 2)
}
