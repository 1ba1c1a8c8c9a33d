package h264_test

import (
	"encoding/hex"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator/h264"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The parameter sets that are right were made by x264.
func TestParseSPS(t *testing.T) {
	for name, test := range map[string]struct {
		nal  string
		want h264.SPS // the zero value is an error
	}{
		"baseline, 720p":            {"6742c01fd9005005bb0110000003001000000303c0f18324", h264.SPS{66, 0xc0, 31, 1280, 720}},
		"high, 1080p, cut to size":  {"67640028acd940780227e5c044000003000400000300f03c60c658", h264.SPS{100, 0, 40, 1920, 1080}},
		"baseline, 160p, both cut":  {"6742c00cd901215efc0440000003004000000f03c50a92", h264.SPS{66, 0xc0, 12, 284, 160}},
		"4:4:4":                     {"67f4001e919b281405ff138088000003000800000301e078b16cb0", h264.SPS{244, 0, 30, 640, 360}},
		"interlaced":                {"67640015acd941b10f24b80880000003008000001e0f8a14cb", h264.SPS{100, 0, 21, 426, 240}},
		"cut off":                   {"6742c01fd900", h264.SPS{}},
		"another NAL unit":          {"6842c01fd9005005bb0110", h264.SPS{}},
		"nothing":                   {"", h264.SPS{}},
		"more macroblocks than any": {"6742c01f" + "f4" + "00020000" + "00080000ff", h264.SPS{}},
		"a side past the largest":   {"6742c01f" + "fa" + "0008001f" + "ff", h264.SPS{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h264.ParseSPS(unhex(t, test.nal))
			if got != test.want || (err != nil) != (test.want == h264.SPS{}) {
				t.Errorf("%+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestCodec(t *testing.T) {
	if got := (h264.SPS{Profile: 66, Constraints: 0xc0, Level: 31}).Codec(); got != "avc1.42C01F" {
		t.Errorf("%s, want avc1.42C01F", got)
	}
}

// writer writes what a parameter set is made of, for those that no encoder at
// hand makes.
type writer struct{ bits []byte }

func (w *writer) u(n int, value uint32) *writer {
	for i := n - 1; i >= 0; i-- {
		w.bits = append(w.bits, byte(value>>i&1))
	}
	return w
}

func (w *writer) ue(value uint32) *writer {
	length := 0
	for (value+1)>>(length+1) != 0 {
		length++
	}
	return w.u(length, 0).u(length+1, value+1)
}

// nal is the NAL unit, with what keeps start codes out of it.
func (w *writer) nal(header ...byte) []byte {
	bits := append(w.bits, 1)
	for len(bits)%8 != 0 {
		bits = append(bits, 0)
	}
	out, zeros := header, 0
	for i := 0; i < len(bits); i += 8 {
		var b byte
		for _, bit := range bits[i : i+8] {
			b = b<<1 | bit
		}
		if zeros >= 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		zeros++
		if b != 0 {
			zeros = 0
		}
		out = append(out, b)
	}
	return out
}

// rest is what follows on the order of pictures: 160 by 90 macroblocks.
func (w *writer) rest() *writer {
	return w.ue(4).u(1, 0).ue(159).ue(89).u(1, 1).u(1, 1).u(1, 0).u(1, 0)
}

func TestParseSPSInOtherWords(t *testing.T) {
	high := func() *writer { return (&writer{}).ue(0).ue(1).ue(0).ue(0).u(1, 0) }
	for name, w := range map[string]*writer{
		// The first list has the values 8, 9, 10 and so on, the second one ends early.
		"with scaling lists": func() *writer {
			w := high().u(1, 1).u(1, 1)
			w.ue(0)
			for range 15 {
				w.ue(1)
			}
			w.u(1, 1).ue(16) // a delta of -8
			return w.u(6, 0).ue(0).ue(0).ue(4).rest()
		}(),
		"order of the second kind": high().u(1, 0).ue(0).ue(1).u(1, 0).ue(3).ue(4).ue(2).ue(1).ue(1).rest(),
		"order of the third kind":  high().u(1, 0).ue(0).ue(2).rest(),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h264.ParseSPS(w.nal(0x67, 100, 0, 40))
			if want := (h264.SPS{100, 0, 40, 2560, 1440}); got != want || err != nil {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestSlice(t *testing.T) {
	for name, test := range map[string]struct {
		nal       string
		sliceType int
		first, ok bool
	}{
		"IDR":                       {"658884002bff", h264.SliceI, true, true},
		"P":                         {"419a236c42bf", h264.SliceP, true, true},
		"B, which others refer to":  {"419e4178857f", h264.SliceB, true, true},
		"B":                         {"019e626a427f", h264.SliceB, true, true},
		"a P of a picture's middle": {"41" + "42" + "c0", h264.SliceP, false, true},
		"a parameter set":           {"6742c01fd9005005bb", 0, false, false},
		"cut off":                   {"41", 0, false, false},
		"nothing":                   {"", 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			sliceType, first, ok := h264.Slice(unhex(t, test.nal))
			if ok != test.ok || ok && (sliceType != test.sliceType || first != test.first) {
				t.Errorf("type %d, first %t, %t, want %+v", sliceType, first, ok, test)
			}
		})
	}
}

// Whatever comes over the wire, reading it ends, and a size is one.
func FuzzRead(f *testing.F) {
	f.Add(unhex(f, "6742c01fd9005005bb0110000003001000000303c0f18324"))
	f.Add(unhex(f, "67f4001e919b281405ff138088000003000800000301e078b16cb0"))
	f.Add(unhex(f, "67640015acd941b10f24b80880000003008000001e0f8a14cb"))
	f.Add(unhex(f, "019e626a427f"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, nal []byte) {
		s, err := h264.ParseSPS(nal)
		if err == nil && (s.Width <= 0 || s.Height <= 0 || s.Width > 1<<15 || s.Height > 1<<16) {
			t.Errorf("%x: %d by %d", nal, s.Width, s.Height)
		}
		if sliceType, _, ok := h264.Slice(nal); ok && (sliceType < 0 || sliceType > 4) {
			t.Errorf("%x: a slice of type %d", nal, sliceType)
		}
	})
}
