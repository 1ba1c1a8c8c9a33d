package rtc_test

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/rtc"
)

// firstTimestamp wraps around soon.
const firstTimestamp = uint32(0xffffff00)

func encode(nal []byte) string { return base64.StdEncoding.EncodeToString(nal) }

// packets are a film in packets, with numbers and timestamps that wrap around.
func packets(f *film.Film, pictures int) []*rtp.Packet {
	packer := rtp.NewPacketizer(200, 102, 1, &codecs.H264Payloader{}, rtp.NewFixedSequencer(65530), media.Rate)
	var all []*rtp.Packet
	for n := range pictures {
		var stream []byte
		for _, nal := range f.Next() {
			stream = append(append(stream, 0, 0, 1), nal...)
		}
		for _, p := range packer.Packetize(stream, 0) {
			p.Timestamp = firstTimestamp + uint32(n)*3000
			all = append(all, p)
		}
	}
	return all
}

// shown are the numbers of the pictures that come out.
func shown(p *rtc.Pictures, all []*rtp.Packet) (numbers []int64) {
	for _, packet := range all {
		if picture, ok := p.Push(packet); ok {
			numbers = append(numbers, picture.At/3000)
		}
	}
	return numbers
}

func TestPicturesOfPackets(t *testing.T) {
	// A key picture of 160 by 160 pixels comes in several packets, others in one.
	all := func() []*rtp.Packet { return packets(&film.Film{Width: 320, Height: 320, Key: 4}, 8) }
	second := slices.IndexFunc(all(), func(p *rtp.Packet) bool { return p.Timestamp-firstTimestamp == 3000 })
	fifth := slices.IndexFunc(all(), func(p *rtp.Packet) bool { return p.Timestamp-firstTimestamp == 4*3000 })
	without := func(n ...int) []*rtp.Packet {
		left := all()
		for i, at := range n {
			left = slices.Delete(left, at-i, at-i+1)
		}
		return left
	}
	unmarked := all()
	for _, p := range unmarked {
		p.Marker = false
	}
	doubled, late := all(), all()
	doubled = slices.Insert(doubled, second, doubled[second-1], doubled[second-1])
	late[second], late[second+1] = late[second+1], late[second]
	padded := all()
	for _, p := range padded[second:] {
		p.SequenceNumber++
	}
	padding := rtp.Packet{Header: rtp.Header{SequenceNumber: padded[second].SequenceNumber - 1, Timestamp: padded[second-1].Timestamp}}
	padded = slices.Insert(padded, second, &padding)
	for name, test := range map[string]struct {
		packets []*rtp.Packet
		want    []int64
	}{
		"all":                              {all(), []int64{0, 1, 2, 3, 4, 5, 6, 7}},
		"no marks":                         {unmarked, []int64{0, 1, 2, 3, 4, 5, 6}},
		"one comes three times":            {doubled, []int64{0, 1, 2, 3, 4, 5, 6, 7}},
		"padding":                          {padded, []int64{0, 1, 2, 3, 4, 5, 6, 7}},
		"a picture comes late":             {late, []int64{0, 4, 5, 6, 7}},
		"a picture is lost":                {without(second), []int64{0, 4, 5, 6, 7}},
		"the first packet":                 {without(0), []int64{4, 5, 6, 7}},
		"a part of the first picture":      {without(3), []int64{4, 5, 6, 7}},
		"the end of the first picture":     {without(second - 1), []int64{4, 5, 6, 7}},
		"a part of the second key picture": {without(fifth + 2), []int64{0, 1, 2, 3}},
		"two":                              {without(second, second+1), []int64{0, 4, 5, 6, 7}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, shown(rtc.NewPictures(nil), test.packets)); diff != "" {
				t.Errorf("pictures (-want +got)\n%s", diff)
			}
		})
	}
}

// Whatever gets lost, what comes out was sent, and can be decoded.
func TestPicturesAreWholeWhateverIsLost(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		f := film.Film{Width: 320, Height: 320, Key: 5, Filler: 300}
		sent := [][][]byte{}
		for range 20 {
			sent = append(sent, f.Next())
		}
		left := slices.DeleteFunc(packets(&film.Film{Width: 320, Height: 320, Key: 5, Filler: 300}, 20), func(*rtp.Packet) bool { return random.IntN(12) == 0 })
		p, last := rtc.NewPictures(nil), int64(-2)
		for _, packet := range left {
			picture, ok := p.Push(packet)
			if !ok {
				continue
			}
			// The first packet that came is where time begins.
			n := picture.At/3000 + int64(left[0].Timestamp-firstTimestamp)/3000
			if !slices.EqualFunc(picture.NALs, sent[n], slices.Equal) {
				t.Fatalf("picture %d is not what was sent", n)
			}
			if n != last+1 && !picture.Key() {
				t.Fatalf("picture %d comes after picture %d", n, last)
			}
			last = n
		}
	}
}

func TestParameterSetsArePutBeforeKeyPictures(t *testing.T) {
	f := film.Film{Width: 320, Height: 320, Key: 2, Bare: true}
	p := rtc.NewPictures(nil)
	keys := 0
	for _, packet := range packets(&f, 6) {
		if picture, ok := p.Push(packet); ok && picture.Key() {
			keys++
			if !slices.Equal(picture.NALs[0], f.SPS()) || !slices.Equal(picture.NALs[1], f.PPS()) {
				t.Errorf("the key picture %d comes without them", keys)
			}
		}
	}
	if keys != 3 {
		t.Errorf("%d key pictures, want 3", keys)
	}
}

func FuzzPictures(f *testing.F) {
	for _, p := range packets(&film.Film{Width: 320, Height: 320}, 2) {
		f.Add(p.Payload, []byte{28 | 0x60, 0x85, 1, 2}, []byte{24, 0, 2, 0x67, 0x42}, true)
	}
	f.Add([]byte{0x7c, 0xc5, 1}, []byte{0x7c, 0x45, 1}, []byte{24, 0, 9, 1}, false)
	f.Fuzz(func(t *testing.T, first, second, third []byte, marker bool) {
		p := rtc.NewPictures([][]byte{{0x67}, {0x68}})
		for n, payload := range [][]byte{first, second, third, first} {
			picture, ok := p.Push(&rtp.Packet{
				Header:  rtp.Header{SequenceNumber: uint16(n), Timestamp: uint32(n/2) * 3000, Marker: marker},
				Payload: payload,
			})
			if ok && len(picture.NALs) == 0 {
				t.Errorf("%x %x %x: %d NAL units", first, second, third, len(picture.NALs))
			}
			for _, nal := range picture.NALs {
				if len(nal) == 0 {
					t.Errorf("%x %x %x: a NAL unit without bytes", first, second, third)
				}
			}
		}
	})
}
