package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// readMovie reads the tracks of an initialization section (ISO/IEC 14496-12 8.2).
func readMovie(b []byte) ([]*track, error) {
	movie, err := child(b, "moov")
	if err != nil {
		return nil, err
	}
	if movie == nil {
		return nil, errors.New("no movie box (moov): the playlist must name an initialization section (EXT-X-MAP)")
	}
	found, err := children(movie, "trak")
	if err != nil {
		return nil, err
	}
	if len(found) > maxTracks {
		return nil, fmt.Errorf("more than %d tracks", maxTracks)
	}
	var tracks []*track
	for i, one := range found {
		t, err := readTrack(one.body)
		if err != nil {
			return nil, fmt.Errorf("track %d: %w", i+1, err)
		}
		tracks = append(tracks, t)
	}
	return tracks, readDefaults(movie, tracks)
}

func readTrack(b []byte) (*track, error) {
	t := &track{}
	header, err := child(b, "tkhd")
	if err != nil {
		return nil, err
	}
	f := fields{b: header}
	if f.u32()>>24 == 0 {
		f.skip(8)
	} else {
		f.skip(16)
	}
	t.id = f.u32()
	media, err := child(b, "mdia")
	if err != nil || media == nil || f.err != nil {
		return nil, errors.Join(err, f.err, missing(media, "mdia"))
	}
	times, err := child(media, "mdhd")
	if err != nil {
		return nil, err
	}
	f = fields{b: times}
	if f.u32()>>24 == 0 {
		f.skip(8)
	} else {
		f.skip(16)
	}
	if t.timescale = f.u32(); t.timescale == 0 {
		return nil, errors.New("no timescale")
	}
	handler, err := child(media, "hdlr")
	if err != nil || len(handler) < 12 {
		return nil, errors.Join(err, missing(nil, "hdlr"))
	}
	t.handler = string(handler[8:12])
	descriptions, err := child(media, "minf", "stbl", "stsd")
	if err != nil || len(descriptions) < 8 {
		return nil, errors.Join(err, missing(nil, "stsd"))
	}
	return t, t.readEntries(descriptions[8:])
}

func missing(b []byte, kind string) error {
	if b != nil {
		return nil
	}
	return fmt.Errorf("no box %q", kind)
}

// readEntries reads the first sample entry (8.5.2).
func (t *track) readEntries(b []byte) error {
	entries, err := boxes(b, 0)
	if err != nil || len(entries) == 0 {
		return errors.Join(err, errors.New("no sample entry"))
	}
	entry := entries[0]
	switch t.handler {
	case "vide":
		return t.readVideoEntry(entry)
	case "soun":
		return t.readAudioEntry(entry)
	}
	return nil
}

// readVideoEntry reads a VisualSampleEntry (12.1.3).
func (t *track) readVideoEntry(entry box) error {
	const fixed = 78
	if len(entry.body) < fixed {
		return errShort
	}
	t.codec = entry.kind
	switch entry.kind {
	case "avc1", "avc3":
		t.codec = "H.264"
	case "hvc1", "hev1":
		t.codec = "H.265"
	case "av01":
		t.codec = "AV1"
	case "encv":
		t.codec = "encrypted"
	}
	t.video.Codec = t.codec
	t.h264.video = &t.video
	if t.codec != "H.264" {
		t.video.Width = int(binary.BigEndian.Uint16(entry.body[24:]))
		t.video.Height = int(binary.BigEndian.Uint16(entry.body[26:]))
		return nil
	}
	configuration, err := child(entry.body[fixed:], "avcC")
	if err != nil || configuration == nil {
		return errors.Join(err, missing(configuration, "avcC"))
	}
	return t.readAVCConfiguration(configuration)
}

// readAVCConfiguration reads the parameter sets (ISO/IEC 14496-15 5.3.3).
func (t *track) readAVCConfiguration(b []byte) error {
	if len(b) < 6 {
		return errShort
	}
	t.nalLength = int(b[4]&3) + 1
	count := int(b[5] & 0x1F)
	b = b[6:]
	for range count {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return errShort
		}
		size := int(binary.BigEndian.Uint16(b))
		if err := t.h264.unit(b[2 : 2+size]); err != nil {
			return err
		}
		b = b[2+size:]
	}
	return nil
}

// readAudioEntry reads an AudioSampleEntry (12.2.3).
func (t *track) readAudioEntry(entry box) error {
	const fixed = 28
	if len(entry.body) < fixed {
		return errShort
	}
	t.audio = Audio{
		Codec:      entry.kind,
		Channels:   int(binary.BigEndian.Uint16(entry.body[16:])),
		SampleRate: int(binary.BigEndian.Uint16(entry.body[24:])),
	}
	if entry.kind != "mp4a" {
		return nil
	}
	descriptor, err := child(entry.body[fixed:], "esds")
	if err != nil || len(descriptor) < 4 {
		return errors.Join(err, missing(nil, "esds"))
	}
	config, err := audioConfig(descriptor[4:])
	if err != nil {
		return err
	}
	audio, err := readAudioConfig(config)
	if err != nil {
		return err
	}
	t.audio = *audio
	return nil
}

// audioConfig finds the AudioSpecificConfig in an elementary stream descriptor
// (ISO/IEC 14496-1 7.2.6).
func audioConfig(b []byte) ([]byte, error) {
	const elementaryStream, decoderConfig, decoderSpecific = 3, 4, 5
	for _, level := range []struct {
		tag  byte
		skip int
	}{{elementaryStream, 3}, {decoderConfig, 13}, {decoderSpecific, 0}} {
		if len(b) < 2 || b[0] != level.tag {
			return nil, fmt.Errorf("no descriptor %d in esds", level.tag)
		}
		b = b[1:]
		size := 0
		for i := 0; ; i++ {
			if len(b) == 0 || i == 4 {
				return nil, errShort
			}
			octet := b[0]
			size, b = size<<7|int(octet&0x7F), b[1:]
			if octet&0x80 == 0 {
				break
			}
		}
		if size > len(b) || size < level.skip {
			return nil, errShort
		}
		b = b[level.skip:size]
	}
	return b, nil
}

// readDefaults reads what fragments need not repeat (8.8.3).
func readDefaults(movie []byte, tracks []*track) error {
	extends, err := child(movie, "mvex")
	if err != nil || extends == nil {
		return err
	}
	found, err := children(extends, "trex")
	if err != nil {
		return err
	}
	for _, one := range found {
		f := fields{b: one.body}
		f.skip(4)
		id := f.u32()
		f.skip(4)
		d := defaults{duration: f.u32(), size: f.u32()}
		if f.err != nil {
			return f.err
		}
		for _, t := range tracks {
			if t.id == id {
				t.defaults = d
			}
		}
	}
	return nil
}
