package media

import (
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/h264"
)

// What IVS takes (RealTimeUserGuide, Stream Ingest; Service Quotas).
const (
	minFramerate, maxFramerate = 10, 60
	minSide, maxSide           = 160, 720 // of the shorter side, in pixels
	maxLongSide                = 1280
	maxVideo                   = 8_500_000 // bits a second
	maxAudio                   = 160_000
)

// measured is over how much time rates are measured, so that one large picture
// is no high bitrate.
const measured = 2 * time.Second

// tolerance is by how much a measured rate may be past a limit: what is
// measured begins and ends between two pictures.
const tolerance = 1.05

// Codes of what IVS does not take (RealTimeAPIReference, Event: errorCode).
const (
	CodeBFrame     = "B_FRAME_PRESENT"
	CodeBitrate    = "BITRATE_EXCEEDED"
	CodeResolution = "RESOLUTION_EXCEEDED"
	CodeVideoCodec = "INVALID_VIDEO_CODEC"
	CodeInput      = "INVALID_INPUT"
)

// Refusal is why IVS does not take what a publisher sends.
type Refusal struct {
	Code   string
	Reason string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Reason }

func refuse(code, format string, args ...any) error {
	return &Refusal{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// Check looks at what one publisher sends. The zero value is for the beginning.
type Check struct {
	// SPS is that of the last key picture; the zero value before the first one.
	SPS h264.SPS

	begun      bool
	from, last int64 // of what is being measured
	pictures   int
	video      int // bytes
	audio      int
}

// Picture returns a Refusal for a picture that IVS does not take.
func (c *Check) Picture(p Picture) error {
	if sps := p.find(h264.TypeSPS); sps != nil {
		if err := c.parameters(sps); err != nil {
			return err
		}
	}
	for _, nal := range p.NALs {
		if sliceType, _, ok := h264.Slice(nal); ok && sliceType == h264.SliceB {
			return refuse(CodeBFrame, "the stream has B-frames")
		}
	}
	if p.Key() && c.SPS == (h264.SPS{}) {
		return refuse(CodeInput, "a key picture comes without a sequence parameter set")
	}
	return c.measure(p)
}

// Sound counts in a packet, whose bitrate is looked at with the next pictures'.
func (c *Check) Sound(s Sound) { c.audio += len(s.Data) }

func (c *Check) parameters(nal []byte) error {
	sps, err := h264.ParseSPS(nal)
	if err != nil {
		return refuse(CodeInput, "%v", err)
	}
	short, long := min(sps.Width, sps.Height), max(sps.Width, sps.Height)
	switch {
	case sps.Profile != h264.Baseline:
		return refuse(CodeVideoCodec, "H.264 of profile %d, where IVS takes the baseline profile", sps.Profile)
	case short > maxSide || long > maxLongSide:
		return refuse(CodeResolution, "%d by %d pixels, where IVS takes at most %d by %d", sps.Width, sps.Height, maxLongSide, maxSide)
	case short < minSide:
		return refuse(CodeInput, "%d by %d pixels, where IVS takes at least %dp", sps.Width, sps.Height, minSide)
	}
	c.SPS = sps
	return nil
}

// measure looks at the rates of each stretch of time. One in which nothing came
// for as long is no stretch, but a break.
func (c *Check) measure(p Picture) error {
	gap := p.At - c.last
	if !c.begun || gap < 0 || gap > Ticks(measured) {
		c.begin(p)
		return nil
	}
	var err error
	if length := p.At - c.from; length >= Ticks(measured) {
		err = c.rates(Duration(length).Seconds())
		c.begin(p)
		return err
	}
	c.count(p)
	return nil
}

func (c *Check) begin(p Picture) {
	c.begun, c.from, c.pictures, c.video, c.audio = true, p.At, 0, 0, 0
	c.count(p)
}

func (c *Check) count(p Picture) {
	c.last = p.At
	c.pictures++
	c.video += p.Size()
}

func (c *Check) rates(seconds float64) error {
	rate := float64(c.pictures) / seconds
	video, audio := float64(c.video)*8/seconds, float64(c.audio)*8/seconds
	switch {
	case rate > maxFramerate*tolerance, rate < minFramerate/tolerance:
		return refuse(CodeInput, "%.1f pictures a second, where IVS takes %d to %d", rate, minFramerate, maxFramerate)
	case video > maxVideo*tolerance:
		return refuse(CodeBitrate, "video of %.0f bits a second, where IVS takes at most %d", video, maxVideo)
	case audio > maxAudio*tolerance:
		return refuse(CodeBitrate, "audio of %.0f bits a second, where IVS takes at most %d", audio, maxAudio)
	}
	return nil
}
