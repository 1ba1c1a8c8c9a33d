package h264test

import "fmt"

// reader reads bits. The first failure stays, and everything after it reads 0.
type reader struct {
	bytes  []byte
	at     int // in bits
	failed error
}

func (r *reader) fail(format string, args ...any) {
	if r.failed == nil {
		r.failed = fmt.Errorf("bit %d: "+format, append([]any{r.at}, args...)...)
	}
}

func (r *reader) bit() uint32 {
	if r.failed != nil {
		return 0
	}
	if r.at/8 >= len(r.bytes) {
		r.fail("ended too early")
		return 0
	}
	bit := r.bytes[r.at/8] >> (7 - r.at%8) & 1
	r.at++
	return uint32(bit)
}

func (r *reader) bits(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue and se read Exp-Golomb codes (clause 9.1).
func (r *reader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; zeros > 31 || r.failed != nil {
			r.fail("an Exp-Golomb code too long")
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

func (r *reader) se() int32 {
	v := int32(r.ue())
	if v%2 == 1 {
		return v/2 + 1
	}
	return -v / 2
}

// more reports whether anything comes before the stop bit (more_rbsp_data).
func (r *reader) more() bool {
	if r.failed != nil {
		return false
	}
	rest := reader{bytes: r.bytes, at: r.at}
	if rest.bit() == 0 {
		return true
	}
	for rest.at < 8*len(r.bytes) {
		if rest.bit() == 1 {
			return true
		}
	}
	return false
}

// ended reports what is wrong with the end of a payload.
func (r *reader) ended() error {
	if r.failed == nil && r.more() {
		r.fail("%d bits are left", 8*len(r.bytes)-r.at)
	}
	return r.failed
}

// word reads a code word of a table whose keys are words as the standard prints
// them.
func (r *reader) word(table map[string]int, what string) int {
	var word []byte
	for len(word) < 16 {
		word = append(word, '0'+byte(r.bit()))
		if v, ok := table[string(word)]; ok {
			return v
		}
	}
	r.fail("no %s begins with %s", what, word)
	return 0
}
