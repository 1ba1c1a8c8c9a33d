package media

import (
	"errors"
	"fmt"
	"math"
)

// fragments reads the movie fragments of a segment.
type fragments struct {
	tracks  []*track
	segment []byte
	count   int
	// unread is how many bytes samples may still hold. Samples that overlap would
	// be read again and again.
	unread int
}

// read reads one fragment (ISO/IEC 14496-12 8.8.4).
func (r *fragments) read(moof box) error {
	parts, err := children(moof.body, "traf")
	if err != nil {
		return err
	}
	for _, one := range parts {
		if err := r.readTrack(one.body, moof.at); err != nil {
			return err
		}
	}
	return nil
}

// readTrack reads one track's part of the fragment that begins at base (8.8.6).
func (r *fragments) readTrack(b []byte, base int) error {
	header, err := child(b, "tfhd")
	if err != nil {
		return err
	}
	f := fields{b: header}
	flags, id := f.u32(), f.u32()
	var t *track
	for _, one := range r.tracks {
		if one.id == id {
			t = one
		}
	}
	if t == nil {
		return fmt.Errorf("track %d is not in the header", id)
	}
	if flags&0x01 != 0 {
		return errors.New("a data offset from the file's start, which a segment has not")
	}
	if flags&0x02 != 0 { // sample description
		f.skip(4)
	}
	d := t.defaults
	if flags&0x08 != 0 {
		d.duration = f.u32()
	}
	if flags&0x10 != 0 {
		d.size = f.u32()
	}
	if f.err != nil {
		return f.err
	}
	return r.readRuns(b, &run{fragments: r, track: t, defaults: d, base: base, at: int64(t.duration), offset: -1})
}

// readRuns reads where the track's time stands and its runs of samples.
func (r *fragments) readRuns(b []byte, samples *run) error {
	if decode, err := child(b, "tfdt"); err != nil {
		return err
	} else if decode != nil {
		f := fields{b: decode}
		samples.at = int64(min(f.number(f.u32()>>24), math.MaxInt64/2))
		if f.err != nil {
			return f.err
		}
	}
	runs, err := children(b, "trun")
	if err != nil {
		return err
	}
	for _, one := range runs {
		if err := samples.read(one.body); err != nil {
			return err
		}
	}
	return nil
}

// run reads runs of samples (8.8.8).
type run struct {
	*fragments
	*track
	defaults defaults
	base     int   // where data offsets count from
	at       int64 // decoding time of the next sample
	offset   int   // where it is, -1 when that is not told
}

func (r *run) read(b []byte) error {
	f := fields{b: b}
	flags, count := f.u32(), f.u32()
	if count > maxSamples || r.samples+int(count) > maxSamples {
		return fmt.Errorf("a run of %d samples", count)
	}
	if flags&0x01 != 0 {
		r.offset = r.base + int(int32(f.u32()))
	}
	if flags&0x04 != 0 { // flags of the first sample
		f.skip(4)
	}
	for range count {
		if err := r.sample(&f, flags); err != nil {
			return fmt.Errorf("sample %d: %w", r.samples+1, err)
		}
	}
	return f.err
}

func (r *run) sample(f *fields, flags uint32) error {
	duration, size, composition := r.defaults.duration, r.defaults.size, int64(0)
	if flags&0x100 != 0 {
		duration = f.u32()
	}
	if flags&0x200 != 0 {
		size = f.u32()
	}
	if flags&0x400 != 0 {
		f.skip(4)
	}
	if flags&0x800 != 0 {
		composition = int64(int32(f.u32()))
	}
	if f.err != nil {
		return f.err
	}
	if presented := r.at + composition; !r.begun || presented < r.start {
		r.start, r.begun = presented, true
	}
	r.at += int64(duration)
	r.duration += uint64(duration)
	r.samples++
	return r.data(size)
}

// data looks into the sample itself.
func (r *run) data(size uint32) error {
	if r.offset < 0 {
		return errors.New("it is not told where its data are")
	}
	if r.offset > len(r.segment) || uint64(size) > uint64(len(r.segment)-r.offset) {
		return fmt.Errorf("%d bytes at %d, beyond the segment's end", size, r.offset)
	}
	if r.unread -= int(size); r.unread < 0 {
		return errors.New("samples that overlap")
	}
	b := r.segment[r.offset : r.offset+int(size)]
	r.offset += int(size)
	if r.codec != "H.264" {
		return nil
	}
	for len(b) > 0 {
		if len(b) < r.nalLength {
			return errShort
		}
		length := 0
		for _, octet := range b[:r.nalLength] {
			length = length<<8 | int(octet)
		}
		b = b[r.nalLength:]
		if length > len(b) {
			return fmt.Errorf("a NAL unit of %d bytes, of which %d are there", length, len(b))
		}
		if err := r.h264.unit(b[:length]); err != nil {
			return err
		}
		b = b[length:]
	}
	return nil
}
