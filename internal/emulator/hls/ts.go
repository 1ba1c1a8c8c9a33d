package hls

import (
	"bytes"
	"encoding/binary"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// Packet ids: of the list of programs, of the program, and of its streams.
const (
	listPID    = 0
	programPID = 0x1000
	videoPID   = 0x100
	audioPID   = 0x101
)

// Stream ids of packets: that of video, and that of packets whose meaning their
// stream's descriptors tell (ISO/IEC 13818-1, table 2-22).
const (
	videoStream   = 0xe0
	privateStream = 0xbd
)

// lead is how much later than its time in the recording everything is shown, so
// that the clock, which is behind, begins above zero.
const lead = media.Rate

const packetSize = 188

// writer writes an MPEG-TS stream (ISO/IEC 13818-1) of one H.264 video and, if
// need be, one Opus audio. It can be taken apart before each key picture. It is
// of our own since a library's is a tenth of a megabyte in the program.
type writer struct {
	buffer   []byte
	counters map[int]byte
	list     []byte
	program  []byte
}

func newWriter(audio bool) *writer {
	streams := []byte{0x1b, 0xe0 | videoPID>>8, videoPID & 0xff, 0xf0, 0}
	if audio {
		streams = append(streams, opusStream()...)
	}
	return &writer{
		counters: map[int]byte{},
		list:     section(0, []byte{0, 1, 0xe0 | programPID>>8, programPID & 0xff}),
		program:  section(2, append([]byte{0xe0 | videoPID>>8, videoPID & 0xff, 0xf0, 0}, streams...)),
	}
}

// opusStream is how Opus is told in MPEG-TS: private data that is registered as
// Opus, with a descriptor of how many channels it has (Opus in MPEG-TS, as in
// the registration authority's list and FFmpeg).
func opusStream() []byte {
	const stereo = 2
	descriptors := []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, stereo}
	return append([]byte{6, 0xe0 | audioPID>>8, audioPID & 0xff, 0xf0, byte(len(descriptors))}, descriptors...)
}

// section is a table of one section (clause 2.4.4), the first version of the
// first of its kind.
func section(table byte, body []byte) []byte {
	length := 5 + len(body) + 4
	s := append([]byte{table, 0xb0 | byte(length>>8), byte(length), 0, 1, 0xc1, 0, 0}, body...)
	return binary.BigEndian.AppendUint32(s, checksum(s))
}

// checksum is the CRC of sections (Annex A).
func checksum(data []byte) uint32 {
	sum := ^uint32(0)
	for _, b := range data {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
	}
	return sum
}

// delimiter begins an access unit, which MPEG-TS wants to be told (clause
// 2.14.1); any kind of slices may follow.
var delimiter = []byte{9, 0xf0}

// picture writes a picture that is shown at a time of the recording. The tables
// go before each key picture.
func (w *writer) picture(p media.Picture, at int64) {
	flags := byte(0x10) // there is a clock
	if p.Key() {
		flags |= 0x40 // and one can begin here
		w.table(listPID, w.list)
		w.table(programPID, w.program)
	}
	var data []byte
	for _, nal := range append([][]byte{delimiter}, p.NALs...) {
		data = append(append(data, 0, 0, 0, 1), nal...)
	}
	base := uint64(wrap(at))
	clock := binary.BigEndian.AppendUint64(nil, base<<15|0x7e00)
	w.send(videoPID, append([]byte{flags}, clock[2:]...), packet(at, videoStream, data))
}

// sound writes a packet of Opus behind the header that tells its size, after a
// prefix of eleven bits and five flags that are not set.
func (w *writer) sound(s media.Sound, at int64) {
	data := []byte{0x7f, 0xe0}
	size := len(s.Data)
	for ; size >= 255; size -= 255 {
		data = append(data, 255)
	}
	data = append(append(data, byte(size)), s.Data...)
	w.send(audioPID, nil, packet(at, privateStream, data))
}

// take is what was written since it was last called.
func (w *writer) take() []byte {
	data := w.buffer
	w.buffer = nil
	return data
}

// packet is a PES packet with a time (clause 2.4.3.6). That of a video says no
// length, since it may be longer than can be said.
func packet(at int64, stream byte, data []byte) []byte {
	length := 8 + len(data)
	if stream == videoStream {
		length = 0
	}
	at = wrap(at + lead)
	return append([]byte{
		0, 0, 1, stream, byte(length >> 8), byte(length), 0x84, 0x80, 5,
		0x21 | byte(at>>29)&0x0e, byte(at >> 22), byte(at>>14) | 1, byte(at >> 7), byte(at<<1) | 1,
	}, data...)
}

// wrap keeps a time within the 33 bits that there are for it.
func wrap(at int64) int64 { return at & (1<<33 - 1) }

// table sends a section, which is filled up behind its end.
func (w *writer) table(pid int, section []byte) {
	data := append([]byte{0}, section...)
	w.send(pid, nil, append(data, bytes.Repeat([]byte{0xff}, packetSize-4-len(data))...))
}

// send sends data in packets (clause 2.4.3.2), the first one with an adaptation
// field unless that is nil. The last one is filled up by such a field.
func (w *writer) send(pid int, field, data []byte) {
	for starts := byte(0x40); len(data) > 0; starts = 0 {
		field = filled(field, len(data))
		control := byte(0x10)
		room := packetSize - 4
		if field != nil {
			control |= 0x20
			room -= 1 + len(field)
		}
		w.buffer = append(w.buffer, 0x47, starts|byte(pid>>8), byte(pid), control|w.counters[pid])
		if field != nil {
			w.buffer = append(append(w.buffer, byte(len(field))), field...)
		}
		w.buffer = append(w.buffer, data[:room]...)
		w.counters[pid] = (w.counters[pid] + 1) % 16
		data, field = data[room:], nil
	}
}

// filled is an adaptation field that leaves as much room in its packet as data
// of some length need, at most; nil for none.
func filled(field []byte, length int) []byte {
	left := packetSize - 4 - length
	if field != nil {
		left -= 1 + len(field)
	}
	switch {
	case left <= 0:
		return field
	case field == nil && left == 1:
		return []byte{}
	case field == nil:
		field, left = []byte{0}, left-2
	}
	return append(field, bytes.Repeat([]byte{0xff}, left)...)
}
