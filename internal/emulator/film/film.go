// Package film makes what publishers send, for tests: a grey picture as H.264,
// frame after frame, and silence as Opus. It is the least of an encoder that a
// decoder takes, and shares nothing with what it is to test.
//
// Only tests import it. Start at Film.Next.
package film

import (
	"bytes"
	"slices"
)

// Film is a stream of pictures of one size. The zero value of each member but
// Width and Height has a meaning.
type Film struct {
	Width, Height int // even
	// Profile is the profile_idc; 0 is baseline.
	Profile byte
	// Key is how many pictures there are from one key picture to the next; 0 is
	// 60.
	Key int
	// Filler is how many bytes each picture has besides, of no use to anybody.
	Filler int
	// Bare leaves the parameter sets out of all key pictures but the first.
	Bare bool
	// B makes every picture after the third that is no key picture a B-frame, to
	// go by its header.
	B bool

	made int
}

// Next is the next picture, as NAL units without start codes.
func (f *Film) Next() [][]byte {
	every := f.Key
	if every == 0 {
		every = 60
	}
	n := f.made
	f.made++
	var nals [][]byte
	if at := n % every; at == 0 {
		if n == 0 || !f.Bare {
			nals = append(nals, f.SPS(), f.PPS())
		}
		nals = append(nals, f.key(n/every))
	} else {
		nals = append(nals, f.skipped(at))
	}
	if f.Filler > 0 {
		nals = slices.Insert(nals, len(nals)-1, note(f.Filler))
	}
	return nals
}

// note is a message of no meaning (ITU-T H.264, clause D.1.7: user data), before
// whose bytes there is a mark of whose it is.
func note(size int) []byte {
	const mark = "nobody's meaning"
	nal := []byte{6, 5}
	for size += len(mark); size >= 255; size -= 255 {
		nal = append(nal, 255)
	}
	left := bytes.Repeat([]byte{0xee}, (len(nal)-2)*255+size-len(mark))
	return append(append(append(append(nal, byte(size)), mark...), left...), 0x80)
}

// Silence is a packet of 20 ms of Opus in stereo.
func Silence() []byte { return []byte{0xfc, 0xff, 0xfe} }

func (f *Film) macroblocks() (across, down int) { return (f.Width + 15) / 16, (f.Height + 15) / 16 }

// SPS is the sequence parameter set.
func (f *Film) SPS() []byte {
	profile := f.Profile
	if profile == 0 {
		profile = 66
	}
	across, down := f.macroblocks()
	var b bits
	b.u(8, uint(profile)).u(8, 0xc0).u(8, 31).ue(0)
	if profile == 100 {
		b.ue(1).ue(0).ue(0).u(2, 0) // 4:2:0 in eight bits
	}
	b.ue(4).ue(2).ue(1).u(1, 0)
	b.ue(uint(across-1)).ue(uint(down-1)).u(2, 3)
	b.u(1, 1).ue(0).ue(uint(across*16-f.Width) / 2).ue(0).ue(uint(down*16-f.Height) / 2)
	return b.u(1, 0).nal(0x67)
}

// PPS is the picture parameter set.
func (f *Film) PPS() []byte {
	var b bits
	return b.ue(0).ue(0).u(2, 0).ue(0).ue(0).ue(0).u(3, 0).ue(0).ue(0).ue(0).u(3, 4).nal(0x68)
}

// key is a grey picture: each macroblock is predicted as the mean of what is
// not there yet, which is grey.
func (f *Film) key(n int) []byte {
	var b bits
	b.ue(0).ue(7).ue(0).u(8, 0).ue(uint(n%2)).u(2, 0).ue(0).ue(1)
	across, down := f.macroblocks()
	for range across * down {
		b.ue(3).ue(0).ue(0).u(1, 1)
	}
	return b.nal(0x65)
}

// skipped is the same picture once more.
func (f *Film) skipped(at int) []byte {
	sliceType := uint(5)
	if f.B && f.made > 4 {
		sliceType = 6
	}
	across, down := f.macroblocks()
	var b bits
	return b.ue(0).ue(sliceType).ue(0).u(8, uint(at%256)).u(3, 0).ue(0).ue(1).ue(uint(across * down)).nal(0x41)
}

// bits are written one after the other (ITU-T H.264, clause 7.2).
type bits struct{ all []byte }

func (b *bits) u(n int, value uint) *bits {
	for i := n - 1; i >= 0; i-- {
		b.all = append(b.all, byte(value>>i)&1)
	}
	return b
}

func (b *bits) ue(value uint) *bits {
	length := 0
	for (value+1)>>(length+1) != 0 {
		length++
	}
	return b.u(length, 0).u(length+1, value+1)
}

// nal ends a NAL unit, and keeps start codes out of it.
func (b *bits) nal(header byte) []byte {
	b.u(1, 1)
	for len(b.all)%8 != 0 {
		b.u(1, 0)
	}
	out, zeros := []byte{header}, 0
	for i := 0; i < len(b.all); i += 8 {
		var value byte
		for _, bit := range b.all[i : i+8] {
			value = value<<1 | bit
		}
		if zeros >= 2 && value <= 3 {
			out, zeros = append(out, 3), 0
		}
		zeros++
		if value != 0 {
			zeros = 0
		}
		out = append(out, value)
	}
	return out
}
