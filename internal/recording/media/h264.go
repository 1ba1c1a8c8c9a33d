package media

import (
	"bytes"
	"fmt"
)

// NAL unit types (H.264 Table 7-1).
const (
	nalSlice     = 1
	nalPartition = 2
	nalKey       = 5
	nalSPS       = 7
)

// h264 collects what the NAL units of a stream tell.
type h264 struct {
	video   *Video
	changed bool // a second parameter set tells another size
}

// unit takes one NAL unit.
func (h *h264) unit(unit []byte) error {
	if len(unit) < 2 {
		return nil
	}
	switch kind := unit[0] & 0x1F; kind {
	case nalSPS:
		s, err := readSPS(unit[1:])
		if err != nil {
			return fmt.Errorf("H.264 parameter set: %w", err)
		}
		v := h.video
		h.changed = h.changed || v.Width != 0 && (v.Width != s.width || v.Height != s.height)
		v.Profile, v.Level, v.Width, v.Height = s.profile, s.level, s.width, s.height
	case nalSlice, nalPartition, nalKey:
		// The first macroblock of a slice that begins a picture is number 0,
		// whose code is a single 1.
		if unit[1]&0x80 == 0 {
			return nil
		}
		h.video.Frames++
		if kind == nalKey {
			h.video.Keyframes++
		}
	}
	return nil
}

// stream takes a byte stream with start codes (Annex B).
func (h *h264) stream(stream []byte) error {
	startCode := []byte{0, 0, 1}
	at := bytes.Index(stream, startCode)
	for at >= 0 {
		stream = stream[at+len(startCode):]
		unit := stream
		if at = bytes.Index(stream, startCode); at >= 0 {
			unit = stream[:at]
		}
		if err := h.unit(bytes.TrimRight(unit, "\x00")); err != nil {
			return err
		}
	}
	return nil
}
