package media

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWrap: times count on where 33 bits end, and pictures that are shown in
// another order than they are sent do not change the length.
func TestWrap(t *testing.T) {
	const wrap = 1 << 33
	for name, times := range map[string][]int64{
		"in order":  {0, 3000, 6000, 9000},
		"reordered": {3000, 9000, 6000, 0},
		"wrapping":  {wrap - 6000, wrap - 3000, 0, 3000},
		"backwards": {0, wrap - 3000, 6000, 3000},
	} {
		s := &stream{}
		for _, at := range times {
			s.clock.at(at)
		}
		if got := s.times().Lasts; got != time.Second*4/30 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := (&stream{}).times(); got != (Times{}) {
		t.Errorf("no time: %v", got)
	}
}

// TestOpusLasts holds lengths against RFC 6716 Table 2.
func TestOpusLasts(t *testing.T) {
	for packet, want := range map[string]time.Duration{
		"\xF8":     20 * time.Millisecond,
		"\xF9":     40 * time.Millisecond,
		"\xFB\x03": 60 * time.Millisecond,
		"\x80":     2500 * time.Microsecond,
		"\x08":     20 * time.Millisecond,
		"\x18":     60 * time.Millisecond,
		"\x60":     10 * time.Millisecond,
		"\x68":     20 * time.Millisecond,
		"":         -1,
		"\xFB":     -1,
	} {
		got, err := opusLasts([]byte(packet))
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("% x: %v, want %v", packet, got, want)
		}
	}
}

// TestSPS holds parameter sets that x264 wrote against the sizes it was given,
// and others, spelt by hand, against clause 7.3.2.1.1.
func TestSPS(t *testing.T) {
	for name, c := range map[string]struct {
		payload                string
		profile, width, height string
	}{
		"interlaced":                         {"640028acd94078044fde022000000300200000030143e2c5b2c0", "High", "1920", "1080"},
		"4:2:2":                              {"7a0028bcd940780227e270110000030001000003000a0f183196", "High 4:2:2", "1920", "1080"},
		"4:4:4":                              {"f40028919b280b4044fc4e022000000300200000030141e30632c0", "High 4:4:4", "1440", "1080"},
		"a height that is no multiple of 16": {"640016acd940a02ff930110000030001000003000a0f162d96", "High", "640", "362"},
	} {
		payload, err := hex.DecodeString(c.payload)
		if err != nil {
			t.Fatal(err)
		}
		s, err := readSPS(payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(s.profile, s.width, "x", s.height); got != c.profile+c.width+"x"+c.height {
			t.Errorf("%s: %s", name, got)
		}
	}
	const (
		high    = "01100100 00000000 00011111 1 010 1 1 0" // profile, level, id, 4:2:0, 8 bits, no bypass
		base    = "01000010 01000000 00001011 1"           // with constraint_set1, level 1.1
		lists   = "1 1 1111111111111111 1 000010001 000000"
		order   = "1 011 010 0"                 // frame_num of 4 bits, order type 2, one reference
		cycle   = "1 010 1 1 1 011 1 010 010 0" // order type 1, a cycle of two
		vga     = "00000101000 000011110 1 1"
		cropped = "1 1 1 1 0001010 0"
	)
	for name, c := range map[string]struct {
		bits, want string
	}{
		"scaling lists":      {high + lists + order + vga + "0 0 1", "High 3.1 640x480"},
		"no lists":           {high + "0" + order + vga + "0 0 1", "High 3.1 640x480"},
		"order type 1":       {base + cycle + vga + "0 0 1", "Constrained Baseline 1.1 640x480"},
		"cropped":            {base + order + vga + cropped + "1", "Constrained Baseline 1.1 640x462"},
		"cropped away":       {base + order + "1 1 1 1 1 1 1 0001001 1 0 1", ""},
		"order type 3":       {base + "1 00100", ""},
		"an endless cycle":   {base + "1 010 1 1 1 00000000100000001 1", ""},
		"too large":          {base + order + "00000000000000010000000000000001 1", ""},
		"too short":          {base + order, ""},
		"nothing":            {"", ""},
		"a code without end": {base + "00000000 00000000 00000000 00000000 00000000 00000000", ""},
	} {
		s, err := readSPS(fromBits(c.bits))
		got := ""
		if err == nil {
			got = fmt.Sprintf("%s %s %dx%d", s.profile, s.level, s.width, s.height)
		}
		if got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

// fromBits packs a text of zeros and ones.
func fromBits(text string) []byte {
	text = strings.ReplaceAll(text, " ", "")
	packed := make([]byte, (len(text)+7)/8)
	for i, c := range text {
		if c == '1' {
			packed[i/8] |= 0x80 >> (i % 8)
		}
	}
	return packed
}
