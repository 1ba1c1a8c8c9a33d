// Package media opens one segment of a recording and tells what is in it: the
// container, the codecs, the picture's size, how many frames and how much sound.
// It reads headers and counts; it decodes no picture and no sound, so it cannot
// tell what they show.
//
// What it reads was written by somebody else and may be anything: it neither
// panics nor needs more memory than a small multiple of the segment. Start at
// Open.
package media

import (
	"errors"
	"fmt"
	"time"
)

// Container is how a segment holds its tracks.
type Container string

// The containers that HLS knows.
const (
	TS  Container = "MPEG-TS"
	MP4 Container = "fMP4"
)

// Segment is what a segment holds.
type Segment struct {
	Container Container
	// Video and Audio are the first track of each kind, nil when there is none.
	Video *Video
	Audio *Audio
	// Faults are what a player stumbles over, Notes what else was noticed, both in
	// words.
	Faults, Notes []string
}

// Video is a track of pictures.
type Video struct {
	// Codec is "H.264", or the name by which the container calls another, of
	// which nothing else is read.
	Codec string
	// Profile is H.264's, such as "Constrained Baseline" or "High"; Level is "3.1".
	Profile, Level string
	// Width and Height are in samples, after cropping; 0 when no parameter set
	// tells.
	Width, Height int
	// Frames counts pictures, Keyframes those that need no other.
	Frames, Keyframes int
	Times
}

// Audio is a track of sound.
type Audio struct {
	// Codec is "AAC-LC" or another AAC, "Opus", or the container's name of another.
	Codec string
	// SampleRate is in Hz, Channels their number; both 0 when not told.
	SampleRate, Channels int
	// Frames counts coded frames or packets.
	Frames int
	Times
}

// Times are those at which a track is presented.
type Times struct {
	// Start is the earliest presentation time, as the container counts. What an
	// edit list of fMP4 would shift is not shifted.
	Start time.Duration
	// Lasts is the length of what is presented.
	Lasts time.Duration
}

// ErrUnknown is that a segment is of neither container.
var ErrUnknown = errors.New("neither MPEG-TS nor fMP4")

// Open reads a segment. init is the initialization section of fMP4, nil when the
// playlist names none. An error says what is wrong and, for MPEG-TS and fMP4,
// where.
func Open(segment, init []byte) (*Segment, error) {
	switch {
	case len(segment) == 0:
		return nil, errors.New("empty")
	case looksLikeTS(segment):
		return openTS(segment)
	case looksLikeMP4(segment):
		return openMP4(segment, init)
	}
	return nil, fmt.Errorf("%w: it begins with % x", ErrUnknown, segment[:min(len(segment), 8)])
}

func looksLikeTS(b []byte) bool {
	return b[0] == syncByte && (len(b) <= packetSize || b[packetSize] == syncByte)
}

// looksLikeMP4 wants a box that a segment may begin with (ISO/IEC 14496-12 8.16).
func looksLikeMP4(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	switch string(b[4:8]) {
	case "styp", "ftyp", "sidx", "moof", "moov", "prft", "emsg", "free":
		return true
	}
	return false
}
