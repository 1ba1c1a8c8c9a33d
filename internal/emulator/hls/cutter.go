package hls

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// longestBreak is how long nothing may come until what comes next is put behind
// a discontinuity. The time between is then not in the recording.
const longestBreak = 2 * time.Second

// Segment is a part of a recording that can be decoded by itself.
type Segment struct {
	Data   []byte
	Length int64 // in ticks
	// Break says that it does not go on from the segment before.
	Break bool
}

// Cutter makes segments of what one publisher sends. Segments are at least as
// long as they should be, and begin with a key picture; so what comes before the
// first one is left out.
type Cutter struct {
	target  int64 // in ticks
	writer  *writer
	begun   bool  // a segment is under way
	any     bool  // there was one before
	broken  bool  // the next segment is behind a break
	first   int64 // time of the first picture in the segment
	last    int64 // and of the last one
	step    int64 // from one picture to the next
	shifted int64 // how much of the publisher's time is not in the recording
}

// NewCutter begins a recording of segments of that length, with audio or
// without.
func NewCutter(length time.Duration, audio bool) *Cutter {
	return &Cutter{target: media.Ticks(length), writer: newWriter(audio)}
}

// Picture takes in a picture, and returns the segment that it completes; nil for
// none.
func (c *Cutter) Picture(p media.Picture) (done *Segment) {
	gap := p.At - c.last
	switch {
	case !c.begun:
	case gap <= 0 || gap > media.Ticks(longestBreak):
		done = c.Flush()
	case p.Key() && p.At-c.first >= c.target:
		done = c.cut(p.At - c.first)
	default:
		c.step = gap
	}
	if !c.begun {
		if !p.Key() {
			return done
		}
		c.begin(p.At)
	}
	c.last = p.At
	c.writer.picture(p, p.At-c.shifted)
	return done
}

// begin begins a segment. After a break it goes on where the one before ended.
func (c *Cutter) begin(at int64) {
	switch {
	case !c.any:
		c.shifted = at
	case c.broken:
		c.shifted += at - c.last - c.step
	}
	c.begun, c.any, c.first = true, true, at
}

// Waits tells whether nothing is recorded until a key picture comes.
func (c *Cutter) Waits() bool { return !c.begun }

// Sound takes in a packet of sound. What comes outside of segments is left out.
func (c *Cutter) Sound(s media.Sound) {
	if c.begun {
		c.writer.sound(s, s.At-c.shifted)
	}
}

// Flush ends the segment that is under way, as when nothing more comes, and
// returns it; nil for none. The last picture is taken to be shown as long as
// the one before.
func (c *Cutter) Flush() *Segment {
	if !c.begun {
		return nil
	}
	if c.step == 0 {
		c.step = media.Rate / 30
	}
	done := c.cut(c.last - c.first + c.step)
	c.broken = true
	return done
}

func (c *Cutter) cut(length int64) *Segment {
	done := &Segment{Data: c.writer.take(), Length: length, Break: c.broken}
	c.begun, c.broken = false, false
	return done
}
