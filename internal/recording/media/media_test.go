package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/recording/media"
)

// sample reads a segment that ffmpeg made.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// TestSamples holds what is read against what ffprobe reads.
func TestSamples(t *testing.T) {
	for name, c := range map[string]struct {
		init string
		want media.Segment
	}{
		"show.ts": {"", media.Segment{
			Container: media.TS,
			Video: &media.Video{
				Codec: "H.264", Profile: "Constrained Baseline", Level: "1.2", Width: 284, Height: 160,
				Frames: 60, Keyframes: 1, Times: media.Times{Start: ms(21), Lasts: ms(2000)},
			},
			Audio: &media.Audio{Codec: "AAC-LC", SampleRate: 48_000, Channels: 1, Frames: 95, Times: media.Times{Lasts: ms(2027)}},
		}},
		"high.ts": {"", media.Segment{
			Container: media.TS,
			Video: &media.Video{
				Codec: "H.264", Profile: "High", Level: "1.1", Width: 202, Height: 114,
				Frames: 25, Keyframes: 1, Times: media.Times{Start: ms(1480), Lasts: ms(1000)},
			},
			Audio: &media.Audio{Codec: "AAC-LC", SampleRate: 44_100, Channels: 2, Frames: 45, Times: media.Times{Start: ms(1457), Lasts: ms(1045)}},
		}},
		"opus.ts": {"", media.Segment{
			Container: media.TS,
			Video: &media.Video{
				Codec: "H.264", Profile: "Main", Level: "1.1", Width: 96, Height: 64,
				Frames: 10, Keyframes: 1, Times: media.Times{Start: ms(1600), Lasts: ms(1000)},
			},
			Audio: &media.Audio{Codec: "Opus", SampleRate: 48_000, Frames: 51, Times: media.Times{Start: ms(1594), Lasts: ms(1020)}},
		}},
		"hevc.ts":  {"", media.Segment{Container: media.TS, Video: &media.Video{Codec: "H.265"}}},
		"sound.ts": {"", media.Segment{Container: media.TS, Audio: &media.Audio{Codec: "AAC-LC", SampleRate: 48_000, Channels: 1, Frames: 48, Times: media.Times{Start: ms(1400), Lasts: ms(1024)}}}},
		"segment.mp4": {"init.mp4", media.Segment{
			Container: media.MP4,
			Video: &media.Video{
				Codec: "H.264", Profile: "Constrained Baseline", Level: "1.0", Width: 96, Height: 64,
				Frames: 10, Keyframes: 2, Times: media.Times{Lasts: ms(1000)},
			},
			Audio: &media.Audio{Codec: "AAC-LC", SampleRate: 48_000, Channels: 1, Frames: 48, Times: media.Times{Lasts: ms(1021)}},
		}},
		"opus.mp4": {"", media.Segment{
			Container: media.MP4,
			Video: &media.Video{
				Codec: "H.264", Profile: "High", Level: "1.0", Width: 96, Height: 64,
				Frames: 10, Keyframes: 1, Times: media.Times{Start: ms(200), Lasts: ms(1000)},
			},
			Audio: &media.Audio{Codec: "Opus", SampleRate: 48_000, Channels: 1, Frames: 51, Times: media.Times{Lasts: ms(1200)}},
		}},
		"hevc.mp4": {"", media.Segment{Container: media.MP4, Video: &media.Video{
			Codec: "H.265", Width: 96, Height: 64, Frames: 10, Times: media.Times{Start: ms(200), Lasts: ms(1000)},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			var init []byte
			if c.init != "" {
				init = sample(t, c.init)
			}
			got, err := media.Open(sample(t, name), init)
			if err != nil {
				t.Fatal(err)
			}
			if got.Video != nil {
				got.Video.Times = rounded(got.Video.Times)
			}
			if got.Audio != nil {
				got.Audio.Times = rounded(got.Audio.Times)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func rounded(t media.Times) media.Times {
	return media.Times{Start: t.Start.Round(time.Millisecond), Lasts: t.Lasts.Round(time.Millisecond)}
}

// TestBroken: each way of being broken is told by its own words.
func TestBroken(t *testing.T) {
	show, segment, init := sample(t, "show.ts"), sample(t, "segment.mp4"), sample(t, "init.mp4")
	changed := func(b []byte, at int, with ...byte) []byte {
		return append(append(append([]byte(nil), b[:at]...), with...), b[at+len(with):]...)
	}
	for name, c := range map[string]struct {
		segment, init []byte
		says          string
	}{
		"empty":              {nil, nil, "empty"},
		"text":               {[]byte("<html>not a segment</html>"), nil, "neither MPEG-TS nor fMP4"},
		"cut":                {show[:5000], nil, "not a whole number of packets"},
		"no sync":            {changed(show, 10*188, 0), nil, "packet 10: it does not begin with the sync byte"},
		"damaged":            {changed(show, 10*188+1, 0x80), nil, "packet 10: it is marked as damaged"},
		"scrambled":          {changed(show, 10*188+3, show[10*188+3]|0x80), nil, "packet 10: it is scrambled"},
		"checksum":           {changed(show, bytes.Index(show, []byte{0x00, 0x01, 0xF0, 0x00}), 9), nil, "checksum"},
		"no map":             {without(show, 0, 0x1000), nil, "no program map"},
		"no header":          {segment, nil, "EXT-X-MAP"},
		"another header":     {segment, sample(t, "hevc.mp4"), "track 2 is not in the header"},
		"whole file":         {sample(t, "whole.mp4"), nil, "no fragment"},
		"cut fMP4":           {segment[:len(segment)-10], init, `box "mdat" of`},
		"cut header":         {segment, init[:len(init)-10], `box "moov" of`},
		"data that are away": {changed(segment, bytes.Index(segment, []byte("trun"))+12, 0x7F), init, "beyond the segment's end"},
		"many samples":       {changed(segment, bytes.Index(segment, []byte("trun"))+8, 0x7F), init, "a run of 2130706"},
		"no box":             {append(append([]byte(nil), segment...), 1, 2, 3), init, "3 bytes that are no box"},
	} {
		_, err := media.Open(c.segment, c.init)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := media.Open([]byte("<html>"), nil); !errors.Is(err, media.ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// without drops the packets with those identifiers from a transport stream.
func without(stream []byte, ids ...int) []byte {
	var rest []byte
	for packet := range slices.Chunk(stream, 188) {
		if !slices.Contains(ids, int(packet[1]&0x1F)<<8|int(packet[2])) {
			rest = append(rest, packet...)
		}
	}
	return rest
}

// TestNoticed: what a player may stumble over is told, and the rest is read.
func TestNoticed(t *testing.T) {
	show := sample(t, "show.ts")
	for name, c := range map[string]struct {
		segment []byte
		says    string
		fault   bool
	}{
		"a packet is missing": {slices.Concat(show[:60*188], show[61*188:]), "1 gaps between packets", true},
		"a late map":          {slices.Concat(show[3*188:6*188], show), "3 packets before the program map", true},
		"another track":       {sample(t, "other.ts"), "a track of type 0x81", false},
	} {
		got, err := media.Open(c.segment, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if said := slices.Concat(got.Faults, got.Notes); !slices.Contains(said, c.says) || (len(got.Faults) > 0) != c.fault {
			t.Errorf("%s: faults %q, notes %q, want %q", name, got.Faults, got.Notes, c.says)
		}
	}
}

// TestOverlap: fragments whose samples are the same bytes again and again are
// refused, or reading them would take for ever.
func TestOverlap(t *testing.T) {
	sound := sample(t, "sound.mp4")
	begin := bytes.Index(sound, []byte("moof")) - 4
	fragment := sound[begin : begin+int(binary.BigEndian.Uint32(sound[begin:]))]
	offset := bytes.Index(fragment, []byte("trun")) + 12
	segment := slices.Clone(sound)
	for range 20 {
		again := slices.Clone(fragment)
		binary.BigEndian.PutUint32(again[offset:], uint32(-len(segment))) // the segment's start
		segment = append(segment, again...)
	}
	if _, err := media.Open(segment, nil); err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Error(err)
	}
	if _, err := media.Open(sound, nil); err != nil {
		t.Error(err)
	}
}

// FuzzOpen: whatever is opened, it is read or refused, in time, and without a
// panic.
func FuzzOpen(f *testing.F) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) < 9 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		b := sample(f, filepath.Base(name))
		f.Add(b, []byte(nil))
		if len(b) > 2000 {
			f.Add(b[:10*188], []byte(nil))
		}
	}
	f.Add(sample(f, "segment.mp4"), sample(f, "init.mp4"))
	f.Fuzz(func(t *testing.T, segment, init []byte) {
		s, err := media.Open(segment, init)
		if err != nil {
			return
		}
		if v := s.Video; v != nil && (v.Width < 0 || v.Height < 0 || v.Frames < v.Keyframes || v.Lasts < 0) {
			t.Fatalf("%+v", *v)
		}
		if a := s.Audio; a != nil && (a.Lasts < 0 || a.Frames < 0) {
			t.Fatalf("%+v", *a)
		}
	})
}
