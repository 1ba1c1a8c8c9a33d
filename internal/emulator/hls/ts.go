package hls

import (
	"bytes"
	"context"
	"fmt"

	"github.com/asticode/go-astits"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// Packet ids of the two streams. That of the table is astits' own.
const (
	videoPID = 0x100
	audioPID = 0x101
)

// privateStream is the stream id of packets whose meaning their stream's
// descriptors tell (ISO/IEC 13818-1, table 2-22).
const privateStream = 0xbd

// lead is how much later than its time in the recording everything is shown, so
// that the clock, which is behind, begins above zero.
const lead = media.Rate

// writer writes an MPEG-TS stream (ISO/IEC 13818-1) of one H.264 video and, if
// need be, one Opus audio. It can be taken apart before each key picture.
type writer struct {
	buffer bytes.Buffer
	muxer  *astits.Muxer
}

func newWriter(audio bool) (*writer, error) {
	w := &writer{}
	// The tables go before each key picture, and not in between.
	w.muxer = astits.NewMuxer(context.Background(), &w.buffer, astits.MuxerOptTablesRetransmitPeriod(1<<30))
	err := w.muxer.AddElementaryStream(astits.PMTElementaryStream{ElementaryPID: videoPID, StreamType: astits.StreamTypeH264Video})
	if err == nil && audio {
		err = w.muxer.AddElementaryStream(opusStream())
	}
	if err != nil {
		return nil, fmt.Errorf("MPEG-TS: %w", err)
	}
	w.muxer.SetPCRPID(videoPID)
	return w, nil
}

// opusStream is how Opus is told in MPEG-TS: private data that is registered as
// Opus, with a descriptor of how many channels it has (Opus in MPEG-TS, as in
// the registration authority's list and FFmpeg).
func opusStream() astits.PMTElementaryStream {
	const stereo, opusDescriptor = 2, 0x80
	return astits.PMTElementaryStream{
		ElementaryPID: audioPID, StreamType: astits.StreamTypePrivateData,
		ElementaryStreamDescriptors: []*astits.Descriptor{
			{
				Tag: astits.DescriptorTagRegistration, Length: 4,
				Registration: &astits.DescriptorRegistration{FormatIdentifier: 'O'<<24 | 'p'<<16 | 'u'<<8 | 's'},
			},
			{
				Tag: astits.DescriptorTagExtension, Length: 2,
				Extension: &astits.DescriptorExtension{Tag: opusDescriptor, Unknown: &[]byte{stereo}},
			},
		},
	}
}

// delimiter begins an access unit, which MPEG-TS wants to be told (clause
// 2.14.1); any kind of slices may follow.
var delimiter = []byte{9, 0xf0}

// picture writes a picture that is shown at a time of the recording.
func (w *writer) picture(p media.Picture, at int64) error {
	var data []byte
	for _, nal := range append([][]byte{delimiter}, p.NALs...) {
		data = append(append(data, 0, 0, 0, 1), nal...)
	}
	return w.write(&astits.MuxerData{
		PID: videoPID,
		AdaptationField: &astits.PacketAdaptationField{
			RandomAccessIndicator: p.Key(),
			HasPCR:                true, PCR: &astits.ClockReference{Base: wrap(at)},
		},
		PES: packet(at, 0, data),
	})
}

// sound writes a packet of Opus behind the header that tells its size, after a
// prefix of eleven bits and five flags that are not set.
func (w *writer) sound(s media.Sound, at int64) error {
	data := []byte{0x7f, 0xe0}
	size := len(s.Data)
	for ; size >= 255; size -= 255 {
		data = append(data, 255)
	}
	data = append(append(data, byte(size)), s.Data...)
	return w.write(&astits.MuxerData{PID: audioPID, PES: packet(at, privateStream, data)})
}

func (w *writer) write(data *astits.MuxerData) error {
	if _, err := w.muxer.WriteData(data); err != nil {
		return fmt.Errorf("MPEG-TS: %w", err)
	}
	return nil
}

// take is what was written since it was last called.
func (w *writer) take() []byte {
	data := bytes.Clone(w.buffer.Bytes())
	w.buffer.Reset()
	return data
}

// packet is a PES packet. A stream id of 0 is that of the stream's type.
func packet(at int64, stream uint8, data []byte) *astits.PESData {
	return &astits.PESData{
		Header: &astits.PESHeader{
			StreamID: stream,
			OptionalHeader: &astits.PESOptionalHeader{
				MarkerBits: 2, DataAlignmentIndicator: true,
				PTSDTSIndicator: astits.PTSDTSIndicatorOnlyPTS, PTS: &astits.ClockReference{Base: wrap(at + lead)},
			},
		},
		Data: data,
	}
}

// wrap keeps a time within the 33 bits that there are for it.
func wrap(at int64) int64 { return at & (1<<33 - 1) }
