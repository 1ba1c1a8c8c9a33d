// Package recording judges a composite recording by what is in the bucket: the
// metadata that IVS wrote, the playlists, whether every segment is there, and
// what the first and the last one hold.
//
// It knows no AWS client: a Store gives it bytes. Whatever it reads may be
// anything, since others can write to a bucket too; it is bounded and never
// trusted. What was not looked at is never taken for good. Start at Inspect.
package recording

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/recording/media"
)

// Store reads the objects of one bucket.
type Store interface {
	// Get returns an object. The error matches ErrNotFound when there is none, and
	// ErrTooLarge when it has more than limit bytes, which then need not be read.
	Get(ctx context.Context, key string, limit int64) ([]byte, error)
	// List returns all objects whose keys begin with prefix.
	List(ctx context.Context, prefix string) ([]Object, error)
}

// Object is an object of a listing.
type Object struct {
	Key  string
	Size int64 // bytes
	// Owner is the canonical id of the account that owns it, "" when not told.
	Owner string
}

var (
	// ErrNotFound is that there is no such object.
	ErrNotFound = errors.New("no such object")
	// ErrTooLarge is that an object is larger than anything it should be.
	ErrTooLarge = errors.New("larger than it can be")
)

// Limits on what is read, in bytes or as numbers. A day of 2 s segments are
// 43,200 (IVS ends a composition after 24 h); 10 s at 8.5 Mbit/s are 11 MB.
const (
	maxMetadata = 256 << 10
	maxPlaylist = 8 << 20
	maxInit     = 1 << 20
	maxSegment  = 64 << 20
	maxSegments = 100_000
	maxVariants = 16
)

// Verdict is what is known of a thing that was asked for.
type Verdict string

// The verdicts, from the best to the worst.
const (
	Pass      Verdict = "PASS"
	NotProven Verdict = "NOT_PROVEN"
	Fail      Verdict = "FAIL"
)

// worse returns the worse of two verdicts. None is like NOT_PROVEN.
func worse(a, b Verdict) Verdict {
	rank := map[Verdict]int{Pass: 0, "": 1, NotProven: 1, Fail: 2}
	if rank[b] > rank[a] {
		a = b
	}
	if a == "" {
		return NotProven
	}
	return a
}

// Check names what a finding is about.
type Check string

// The checks. Every report has a finding for each, in this order.
const (
	CheckOutcome   Check = "outcome"   // recording-ended.json, and no recording-failed.json
	CheckDuration  Check = "duration"  // as long as what was sent
	CheckPlaylists Check = "playlists" // they can be read, and have ended
	CheckSegments  Check = "segments"  // every one is there and not empty
	CheckOwner     Check = "owner"     // every one belongs to this account
	CheckContainer Check = "container" // MPEG-TS or fMP4, whole
	CheckVideo     Check = "video"     // H.264 of the encoder's size
	CheckFrames    Check = "frames"    // as many as the encoder's rate makes
	CheckAudio     Check = "audio"     // there is some, for the whole time
	CheckTimes     Check = "times"     // from the first segment to the last
	CheckPicture   Check = "picture"   // not black; only with a Viewer
)

func (e *Expected) checks() []Check {
	all := []Check{
		CheckOutcome, CheckDuration, CheckPlaylists, CheckSegments, CheckOwner,
		CheckContainer, CheckVideo, CheckFrames, CheckAudio, CheckTimes,
	}
	if e.Viewer != nil {
		all = append(all, CheckPicture)
	}
	return all
}

// Finding is what a check found.
type Finding struct {
	Check   Check
	Verdict Verdict
	// Evidence is what was seen, or why nothing was.
	Evidence string
	// Short is the evidence of a check that passed, in a few words; "" otherwise.
	Short string
	// Err is why it could not be looked at, which Evidence does not repeat; nil
	// otherwise.
	Err error
	// Behind tells that it was not looked at, since something before it stands in
	// the way.
	Behind bool
}

// Expected is what a recording should be. A zero field is not known, and what
// depends on it not proven.
type Expected struct {
	StageARN string
	// Width, Height and Framerate are the encoder's.
	Width, Height int
	Framerate     float64
	// SentFramerate is the publisher's. Whether IVS repeats or drops pictures where
	// it is not the encoder's is not documented, so that rate is not proven then.
	SentFramerate float64
	// Sent is how long was sent while it was recorded.
	Sent time.Duration
	// Rolled is how long it can have recorded, by the clock, if that is longer: a
	// publisher who falls behind sends less in that time, and what records it goes
	// on.
	Rolled time.Duration
	// Tolerance is how much shorter than Sent, or longer than Rolled, the recording
	// may be; 0 is 3 s.
	Tolerance time.Duration
	// Owner is the canonical id of the account to which the objects should belong.
	Owner string
	// Viewer looks at the pictures; nil when nobody can. There is no finding on
	// what they show then.
	Viewer Viewer
}

// Viewer decodes the first pictures of a segment, which in fMP4 has its
// initialization section before it.
type Viewer func(ctx context.Context, container media.Container, segment []byte) (Pictures, error)

// Pictures are those that a Viewer saw.
type Pictures struct {
	Decoded int
	// Empty are those of them that are black, or all of one shade.
	Empty int
}

const defaultTolerance = 3 * time.Second

// Report is what is known of a recording.
type Report struct {
	// Findings has one for each check, in the order of the constants. That on the
	// picture is there only if there was a Viewer.
	Findings []Finding
	// Outcome is the metadata, as far as it could be read.
	Outcome Outcome
	// Version and Ended are the first media playlist's, Duration the length of its
	// segments, Segments their number.
	Version  int
	Ended    bool
	Duration time.Duration
	Segments int
	// Encrypted is whether a player needs a key.
	Encrypted bool
	// Bytes is the size of all objects below the prefix, Objects their number.
	Bytes   int64
	Objects int
	// First and Last are the segments that were opened, nil if they were not.
	First, Last *media.Segment
}

// Verdict is the worst of the findings; NOT_PROVEN without any.
func (r *Report) Verdict() Verdict {
	if len(r.Findings) == 0 {
		return NotProven
	}
	verdict := Pass
	for _, f := range r.Findings {
		verdict = worse(verdict, f.Verdict)
	}
	return verdict
}

// MediaConvert reports whether MediaConvert takes the recording as HLS input,
// and why: MPEG-TS of a playlist version up to 4 that has ended and needs no key
// (MediaConvert "Using HLS inputs").
func (r *Report) MediaConvert() (takes bool, reason string) {
	switch {
	case r.First == nil:
		return false, "no segment could be read"
	case r.First.Container != media.TS:
		return false, "its HLS input takes MPEG-TS only"
	case r.Version > 4:
		return false, "its HLS input takes playlists up to version 4"
	case !r.Ended:
		return false, "its HLS input takes playlists that have ended"
	case r.Encrypted:
		return false, "its HLS input takes no encrypted segments"
	}
	if a := r.First.Audio; a != nil && !strings.HasPrefix(a.Codec, "AAC") {
		return true, "as it is; whether its HLS input takes " + a.Codec + " for sound is not documented"
	}
	return true, "as it is"
}
