// Package media is what a publisher sends to a stage, taken out of its packets:
// pictures of H.264 and packets of Opus, on one line of time. Check holds it
// against what IVS takes.
//
// It decodes nothing and knows no network, no stage and no bucket.
package media

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/h264"
)

// Rate is in how many ticks a second times are counted: those of video in RTP
// and of MPEG-TS.
const Rate = 90_000

// Ticks is a duration in ticks.
func Ticks(d time.Duration) int64 { return int64(d) * Rate / int64(time.Second) }

// Duration is how long some ticks last.
func Duration(ticks int64) time.Duration { return time.Duration(ticks) * time.Second / Rate }

// Picture is one access unit of H.264.
type Picture struct {
	At   int64    // when it is shown, in ticks from the publisher's beginning
	NALs [][]byte // without start codes
}

// Key tells whether decoding can begin with the picture.
func (p Picture) Key() bool { return p.find(h264.TypeIDR) != nil }

// find is the first NAL unit of a type; nil for none.
func (p Picture) find(nalType int) []byte {
	for _, nal := range p.NALs {
		if h264.Type(nal) == nalType {
			return nal
		}
	}
	return nil
}

// Size is the size in bytes.
func (p Picture) Size() int {
	size := 0
	for _, nal := range p.NALs {
		size += len(nal)
	}
	return size
}

// Sound is one packet of Opus.
type Sound struct {
	At   int64 // when it is heard, in ticks from the publisher's beginning
	Data []byte
}
