package recording

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/recording/media"
)

func (i *inspection) judgeOutcome() {
	o := i.report.Outcome
	switch o.State() {
	case Failed:
		m := o.Failed
		if m == nil {
			m = o.Ended
		}
		i.found(CheckOutcome, Fail, "IVS wrote %s: %s", quoted(m.Status), quoted(o.Message()))
		return
	case Unclear:
		i.troubled(CheckOutcome, &trouble{NotProven, "how it ended could not be read", o.Problem})
		return
	case Absent:
		i.found(CheckOutcome, Fail, "IVS wrote no metadata below %s/events/", i.prefix)
		return
	case Running:
		i.found(CheckOutcome, Fail, "there is %s and no %s: the recording has not ended", startedKey, endedKey)
		return
	case Ended:
	}
	if stage := i.want.StageARN; stage != "" && o.Ended.StageARN != stage {
		i.found(CheckOutcome, Fail, "%s is of the stage %s, not %s", endedKey, quoted(o.Ended.StageARN), stage)
		return
	}
	i.found(CheckOutcome, Pass, "%s: %s, %s; no %s", endedKey, o.Ended.Status, seconds(o.Ended.Duration()), failedKey)
}

func (i *inspection) judgePlaylist(name string, p *Playlist, variant Variant) {
	switch {
	case p.Type != "VOD":
		i.found(CheckPlaylists, Fail, "%s is of type %s, not VOD: IVS has not closed it", name, quoted(p.Type))
	case !p.Ended:
		i.found(CheckPlaylists, Fail, "%s has no EXT-X-ENDLIST", name)
	case len(p.Segments) == 0:
		i.found(CheckPlaylists, Fail, "%s names no segment", name)
	case p.Encrypted:
		i.found(CheckPlaylists, Fail, "%s names a key, and IVS encrypts nothing", name)
	default:
		size := ""
		if variant.Width > 0 {
			size = fmt.Sprintf(", %dx%d", variant.Width, variant.Height)
		}
		i.found(CheckPlaylists, Pass, "%s: version %d, VOD, ended, %s in %s of up to %s%s",
			name, p.Version, seconds(p.Duration()), count(len(p.Segments), "segment"), seconds(p.Target), size)
	}
}

// judgeDuration holds what was recorded against what was sent, by the metadata
// and by each playlist.
func (i *inspection) judgeDuration() {
	sent := i.want.Sent
	if sent == 0 {
		i.found(CheckDuration, NotProven, "how long was sent is not known")
		return
	}
	judge := func(what string, length time.Duration) {
		verdict, rolled := Pass, ""
		if length > sent+i.want.Tolerance && i.want.Rolled > sent {
			rolled = " within " + seconds(i.want.Rolled)
		}
		if length < sent-i.want.Tolerance || length > max(sent, i.want.Rolled)+i.want.Tolerance {
			verdict = Fail
		}
		i.found(CheckDuration, verdict, "%s %s, sent %s%s", what, seconds(length), seconds(sent), rolled)
	}
	if ended := i.report.Outcome.Ended; ended != nil {
		judge("the metadata say", ended.Duration())
	} else {
		i.found(CheckDuration, NotProven, "no metadata tell it")
	}
	for _, r := range i.renditions {
		judge(r.name+" has", r.playlist.Duration())
	}
}

// judgeSegments holds every segment of every playlist against the listing.
func (i *inspection) judgeSegments() {
	var there []Object
	var bytes int64
	for _, r := range i.renditions {
		var wrong []string
		for uri := range r.uris() {
			object, err := i.segment(r, uri)
			if err != nil {
				wrong = append(wrong, err.Error())
				continue
			}
			there = append(there, object)
			bytes += object.Size
		}
		if n := len(wrong); n > 0 {
			const told = 3
			more := ""
			if n > told {
				more = fmt.Sprintf(", and %d more", n-told)
			}
			i.found(CheckSegments, Fail, "%s: %s%s", r.name, strings.Join(wrong[:min(n, told)], ", "), more)
		}
	}
	i.judgeOwner(there)
	if len(there) == 0 {
		i.found(CheckSegments, Fail, "the playlists name no segment that is there")
		return
	}
	i.found(CheckSegments, Pass, "%s of the playlists, %d bytes, all there", count(len(there), "object"), bytes)
}

// uris are those of the segments and of what they begin with, each once.
func (r *rendition) uris() iter.Seq[string] {
	return func(yield func(string) bool) {
		done := map[string]bool{"": true}
		for _, s := range r.playlist.Segments {
			for _, uri := range []string{s.Map, s.URI} {
				if !done[uri] && !yield(uri) {
					return
				}
				done[uri] = true
			}
		}
	}
}

func (i *inspection) segment(r *rendition, uri string) (Object, error) {
	key, err := i.resolve(r.folder, uri)
	if err != nil {
		return Object{}, err
	}
	object, ok := i.objects[key]
	switch {
	case !ok:
		return object, fmt.Errorf("%s is not there", quoted(uri))
	case object.Size == 0:
		return object, fmt.Errorf("%s is empty", quoted(uri))
	}
	return object, nil
}

// judgeOwner tells the first object of another owner: where one is, many are.
func (i *inspection) judgeOwner(objects []Object) {
	foreign := slices.IndexFunc(objects, func(o Object) bool { return o.Owner != "" && o.Owner != i.want.Owner })
	untold := slices.IndexFunc(objects, func(o Object) bool { return o.Owner == "" })
	switch {
	case len(objects) == 0:
		i.found(CheckOwner, NotProven, "no segment is there")
	case i.want.Owner == "":
		i.found(CheckOwner, NotProven, "this account's canonical id is not known")
	case foreign >= 0:
		i.found(CheckOwner, Fail, "%s belongs to %s, another account", i.short(objects[foreign].Key), quoted(objects[foreign].Owner))
	case untold >= 0:
		i.found(CheckOwner, NotProven, "the listing does not tell whose %s is", i.short(objects[untold].Key))
	default:
		i.found(CheckOwner, Pass, "%s of the playlists, all this account's", count(len(objects), "object"))
	}
}

// judgeMedia judges what the opened segments hold.
func (i *inspection) judgeMedia() {
	for _, r := range i.renditions {
		for _, o := range r.opened {
			i.judgeContainer(o)
			i.judgeVideo(o)
			i.judgeFrames(o)
		}
		i.judgeAudio(r.opened)
		i.judgeTimes(r)
	}
	i.judgeSize()
}

func (i *inspection) judgeContainer(o *opened) {
	if len(o.media.Faults) > 0 {
		i.found(CheckContainer, Fail, "%s: %s: %s", o.URI, o.media.Container, strings.Join(o.media.Faults, ", "))
		return
	}
	kind := string(o.media.Container)
	if i.report.First != nil && o.media.Container != i.report.First.Container {
		i.found(CheckContainer, Fail, "%s is %s, the first segment %s", o.URI, kind, i.report.First.Container)
		return
	}
	notes := ""
	if len(o.media.Notes) > 0 {
		notes = " (" + strings.Join(o.media.Notes, ", ") + ")"
	}
	i.found(CheckContainer, Pass, "%s: %s%s", o.URI, kind, notes)
}

func (i *inspection) judgeVideo(o *opened) {
	v := o.media.Video
	switch {
	case v == nil:
		i.found(CheckVideo, Fail, "%s has no video track", o.URI)
	case v.Codec != "H.264":
		i.found(CheckVideo, Fail, "%s: %s, not H.264", o.URI, v.Codec)
	case v.Width == 0:
		i.found(CheckVideo, Fail, "%s: H.264 that does not tell its size", o.URI)
	case i.want.Width == 0 || i.want.Height == 0:
		i.found(CheckVideo, NotProven, "%s: %dx%d, and the encoder's size is not known", o.URI, v.Width, v.Height)
	case v.Width != i.want.Width || v.Height != i.want.Height:
		i.found(CheckVideo, Fail, "%s: %dx%d, not the encoder's %dx%d", o.URI, v.Width, v.Height, i.want.Width, i.want.Height)
	default:
		i.found(CheckVideo, Pass, "%s: H.264 %s %s, %dx%d", o.URI, v.Profile, v.Level, v.Width, v.Height)
	}
}

// judgeSize holds the size that the metadata tell against the encoder's.
func (i *inspection) judgeSize() {
	ended := i.report.Outcome.Ended
	if ended == nil || i.want.Width == 0 || len(i.findings[CheckVideo].Evidence) == 0 {
		return
	}
	for _, r := range ended.Media.HLS.Renditions {
		if r.Width != 0 && (r.Width != i.want.Width || r.Height != i.want.Height) {
			i.found(CheckVideo, Fail, "the metadata say %dx%d, not the encoder's %dx%d", r.Width, r.Height, i.want.Width, i.want.Height)
		}
	}
}

// judgeFrames wants as many frames as the rate makes of the segment's length, a
// tenth or two more or less.
func (i *inspection) judgeFrames(o *opened) {
	v := o.media.Video
	switch {
	case v == nil || v.Codec != "H.264":
		i.found(CheckFrames, NotProven, "%s: no H.264 to count", o.URI)
	case v.Frames == 0:
		i.found(CheckFrames, Fail, "%s has no frame", o.URI)
	case v.Keyframes == 0:
		i.found(CheckFrames, Fail, "%s has no keyframe among %s, so that no player can begin there", o.URI, count(v.Frames, "frame"))
	case i.want.Framerate == 0:
		i.found(CheckFrames, NotProven, "%s: %s, and the encoder's rate is not known", o.URI, count(v.Frames, "frame"))
	default:
		evidence := fmt.Sprintf("%s: %s, %s, in %s", o.URI, count(v.Frames, "frame"), count(v.Keyframes, "keyframe"), seconds(o.Duration))
		switch sent := i.want.SentFramerate; {
		case o.hasRate(i.want.Framerate):
			i.found(CheckFrames, Pass, "%s at %g a second", evidence, i.want.Framerate)
		case sent != 0 && o.hasRate(sent):
			i.found(CheckFrames, NotProven, "%s: %g a second as they were sent, not the encoder's %g", evidence, sent, i.want.Framerate)
		default:
			i.found(CheckFrames, Fail, "%s, not at %g a second", evidence, i.want.Framerate)
		}
	}
}

// hasRate tells whether a segment has about as many frames as a rate makes of
// its length.
func (o *opened) hasRate(rate float64) bool {
	wanted := o.Duration.Seconds() * rate
	return math.Abs(float64(o.media.Video.Frames)-wanted) <= max(2, wanted/10)
}

// judgeAudio wants sound for at least four fifths of what was opened. A last
// segment may be of a single picture, too short for a packet of sound, and so
// they are judged together. What it sounds like is not looked at.
func (i *inspection) judgeAudio(all []*opened) {
	const short = 500 * time.Millisecond
	var sound, length time.Duration
	var told []string
	for _, o := range all {
		a := o.media.Audio
		length += o.Duration
		switch {
		case a != nil && a.Frames > 0:
			sound += a.Lasts
			told = append(told, fmt.Sprintf("%s: %s, %d Hz, %s, %s", o.URI, a.Codec, a.SampleRate, count(a.Frames, "frame"), seconds(a.Lasts)))
		case o.Duration < short:
			told = append(told, fmt.Sprintf("%s: none in %s", o.URI, seconds(o.Duration)))
		case a == nil:
			i.found(CheckAudio, Fail, "%s has no audio track", o.URI)
		default:
			i.found(CheckAudio, Fail, "%s: an audio track (%s) without a frame", o.URI, a.Codec)
		}
	}
	switch evidence := strings.Join(told, "; "); {
	case len(told) == 0:
	case sound == 0:
		i.found(CheckAudio, Fail, "%s", evidence)
	case sound < length*4/5:
		i.found(CheckAudio, Fail, "%s; that is %s of %s", evidence, seconds(sound), seconds(length))
	default:
		i.found(CheckAudio, Pass, "%s", evidence)
	}
}

// judgeTimes holds the way from the first segment's pictures to the last one's
// against the lengths in between.
func (i *inspection) judgeTimes(r *rendition) {
	const tolerance = 500 * time.Millisecond
	segments := r.playlist.Segments
	if len(r.opened) == 0 || len(segments) == 0 {
		return
	}
	for _, o := range r.opened {
		if o.media.Video == nil || o.media.Video.Frames == 0 {
			i.found(CheckTimes, NotProven, "%s: no picture whose time could be read", o.URI)
			return
		}
	}
	if len(segments) == 1 {
		i.found(CheckTimes, Pass, "%s is the only segment, %s long", segments[0].URI, seconds(r.opened[0].media.Video.Lasts))
		return
	}
	if len(r.opened) < 2 {
		i.found(CheckTimes, NotProven, "%s: only one of the first and the last segment could be read", r.name)
		return
	}
	if slices.ContainsFunc(segments[1:], func(s Segment) bool { return s.Discontinuity }) {
		i.found(CheckTimes, NotProven, "%s has a discontinuity, where times begin anew", r.name)
		return
	}
	first, last := r.opened[0].media, r.opened[1].media
	got := elapsed(first, last)
	want := r.playlist.Duration() - segments[len(segments)-1].Duration
	verdict := Pass
	if difference := got - want; max(difference, -difference) > tolerance {
		verdict = Fail
	}
	i.found(CheckTimes, verdict, "%s after the first picture the last segment begins, by the playlist after %s", seconds(got), seconds(want))
}

// elapsed is the time between the first pictures of two segments. That of MPEG-TS
// counts to 2^33 and begins again.
func elapsed(first, last *media.Segment) time.Duration {
	between := last.Video.Start - first.Video.Start
	if first.Container == media.TS && between < 0 {
		between += (1 << 33) * time.Second / 90_000
	}
	return between
}
