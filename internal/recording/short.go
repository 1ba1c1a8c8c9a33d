package recording

import (
	"fmt"
	"strings"
)

// inShort is what a check that passed has found in a few words, which make a
// sentence together with those of the other checks.
func (i *inspection) inShort(check Check) string {
	r := i.report
	switch check {
	case CheckOutcome:
		return "ended well"
	case CheckDuration:
		return "as long as it was sent"
	case CheckPlaylists:
		return "playlists closed"
	case CheckSegments:
		return "every segment there"
	case CheckOwner:
		return "and this account's"
	case CheckContainer:
		return r.shortContainer()
	case CheckVideo:
		return fmt.Sprintf("H.264 %dx%d", i.want.Width, i.want.Height)
	case CheckFrames:
		return fmt.Sprintf("%g pictures a second", i.want.Framerate)
	case CheckAudio:
		return r.shortAudio()
	case CheckTimes:
		return "without a gap"
	case CheckPicture:
		return "not black"
	}
	return ""
}

// Extent is how much was recorded: seconds and segments.
func (r *Report) Extent() string {
	return fmt.Sprintf("%s in %s", seconds(r.Duration), count(r.Segments, "segment"))
}

func (r *Report) shortContainer() string {
	takes, _ := r.MediaConvert()
	switch {
	case r.First == nil:
		return ""
	case takes:
		return string(r.First.Container) + " (MediaConvert takes it)"
	}
	return string(r.First.Container) + " (MediaConvert does not take it)"
}

// shortAudio says of a codec that MediaConvert is not documented to take that it
// is not, as long as it takes the rest.
func (r *Report) shortAudio() string {
	if r.First == nil || r.First.Audio == nil {
		return "sound"
	}
	codec := r.First.Audio.Codec
	if takes, _ := r.MediaConvert(); takes && !strings.HasPrefix(codec, "AAC") {
		return codec + " (maybe not for MediaConvert)"
	}
	return codec
}
