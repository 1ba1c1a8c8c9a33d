package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// What boxes can claim is bounded.
const (
	maxTracks  = 32
	maxSamples = 1 << 20
	maxBoxes   = 10_000 // beside each other
)

// track is one of fMP4: as its header describes it, and what the fragments add.
type track struct {
	id, timescale uint32
	handler       string // "vide" or "soun"
	codec         string // of the first sample entry
	nalLength     int    // bytes of a length in H.264 samples
	video         Video
	audio         Audio
	defaults      defaults
	h264          h264

	samples  int
	duration uint64
	start    int64 // the earliest time, like duration in the track's timescale
	begun    bool
}

// defaults are of samples whose own are not given.
type defaults struct{ duration, size uint32 }

// box is one of ISO/IEC 14496-12 4.2.
type box struct {
	kind string
	at   int // where its header begins, in what was read
	body []byte
}

// boxes splits into boxes. What they claim beyond the end is refused.
func boxes(b []byte, from int) ([]box, error) {
	var all []box
	for at := 0; at < len(b); {
		if len(b)-at < 8 {
			return nil, fmt.Errorf("%d bytes that are no box", len(b)-at)
		}
		size, header := uint64(binary.BigEndian.Uint32(b[at:])), 8
		kind := string(b[at+4 : at+8])
		switch size {
		case 0: // up to the end
			size = uint64(len(b) - at)
		case 1:
			if len(b)-at < 16 {
				return nil, fmt.Errorf("box %q ends too early", kind)
			}
			size, header = binary.BigEndian.Uint64(b[at+8:]), 16
		}
		if size < uint64(header) || size > uint64(len(b)-at) {
			return nil, fmt.Errorf("box %q of %d bytes, of which %d are there", kind, size, len(b)-at)
		}
		if len(all) == maxBoxes {
			return nil, fmt.Errorf("more than %d boxes", maxBoxes)
		}
		all = append(all, box{kind: kind, at: from + at, body: b[at+header : at+int(size)]})
		at += int(size)
	}
	return all, nil
}

// children returns the boxes in b with those kinds, in their order.
func children(b []byte, kinds ...string) ([]box, error) {
	all, err := boxes(b, 0)
	if err != nil {
		return nil, err
	}
	var some []box
	for _, one := range all {
		for _, kind := range kinds {
			if one.kind == kind {
				some = append(some, one)
			}
		}
	}
	return some, nil
}

// child returns the first box of a path of kinds, nil when there is none.
func child(b []byte, path ...string) ([]byte, error) {
	for _, kind := range path {
		found, err := children(b, kind)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		b = found[0].body
	}
	return b, nil
}

// fields reads numbers from the start of a box. After the end they are 0, and err
// is set.
type fields struct {
	b   []byte
	err error
}

func (f *fields) skip(n int) {
	if n > len(f.b) {
		f.b, f.err = nil, errShort
		return
	}
	f.b = f.b[n:]
}

func (f *fields) u32() uint32 {
	if len(f.b) < 4 {
		f.b, f.err = nil, errShort
		return 0
	}
	v := binary.BigEndian.Uint32(f.b)
	f.b = f.b[4:]
	return v
}

func (f *fields) u64() uint64 {
	high := f.u32()
	return uint64(high)<<32 | uint64(f.u32())
}

// number reads 32 bits in version 0 of a box, 64 in others.
func (f *fields) number(version uint32) uint64 {
	if version == 0 {
		return uint64(f.u32())
	}
	return f.u64()
}

func openMP4(segment, init []byte) (*Segment, error) {
	header := init
	if header == nil {
		header = segment // a segment may carry its own
	}
	tracks, err := readMovie(header)
	if err != nil {
		return nil, fmt.Errorf("fMP4 header: %w", err)
	}
	all, err := boxes(segment, 0)
	if err != nil {
		return nil, fmt.Errorf("fMP4: %w", err)
	}
	r := &fragments{tracks: tracks, segment: segment, unread: len(segment)}
	for _, one := range all {
		if one.kind != "moof" {
			continue
		}
		r.count++
		if err := r.read(one); err != nil {
			return nil, fmt.Errorf("fMP4 fragment %d: %w", r.count, err)
		}
	}
	if r.count == 0 {
		return nil, errors.New("fMP4: no fragment (moof): a whole MP4 file is not a segment of HLS")
	}
	return concludeMP4(tracks), nil
}

func concludeMP4(tracks []*track) *Segment {
	s := &Segment{Container: MP4}
	for _, t := range tracks {
		times := Times{Start: t.time(t.start), Lasts: t.time(int64(t.duration))}
		switch {
		case t.handler == "vide" && s.Video == nil:
			t.video.Times = times
			if t.codec != "H.264" {
				t.video.Frames = t.samples
			}
			if t.h264.changed {
				s.Notes = append(s.Notes, "the picture's size changes")
			}
			s.Video = &t.video
		case t.handler == "soun" && s.Audio == nil:
			t.audio.Times, t.audio.Frames = times, t.samples
			s.Audio = &t.audio
		}
	}
	return s
}

// time converts from the track's timescale, without overflowing.
func (t *track) time(v int64) time.Duration {
	scale := int64(t.timescale)
	const longest = int64(1) << 33 // seconds
	whole := min(max(v/scale, -longest), longest)
	return time.Duration(whole)*time.Second + time.Duration(v%scale)*time.Second/time.Duration(scale)
}
