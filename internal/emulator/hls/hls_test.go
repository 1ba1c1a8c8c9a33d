package hls_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/hls"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/playback"
	"github.com/yolo-live/yolo/internal/h264test"
)

// second is in ticks.
const second = media.Rate

// cut records pictures at some times, in pictures of 1/30 of a second, and sound
// all the time.
func cut(f film.Film, length time.Duration, audio bool, pictures ...int) []*hls.Segment {
	c := hls.NewCutter(length, audio)
	var all []*hls.Segment
	keep := func(s *hls.Segment) {
		if s != nil {
			all = append(all, s)
		}
	}
	for _, n := range pictures {
		at := int64(n)*3000 + 1_000_000
		keep(c.Picture(media.Picture{At: at, NALs: f.Next()}))
		if audio {
			c.Sound(media.Sound{At: at + 100, Data: slices.Concat(film.Silence(), make([]byte, n%600))})
		}
	}
	keep(c.Flush())
	keep(c.Flush())
	return all
}

// steady are so many pictures without a break.
func steady(from, to int) (all []int) {
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}

func TestWhereItIsCut(t *testing.T) {
	for name, test := range map[string]struct {
		key      int
		length   time.Duration
		pictures []int
		want     []string // length in pictures, and whether it is behind a break
	}{
		"a key picture every two seconds": {60, 2 * time.Second, steady(0, 150), []string{"60", "60", "30"}},
		"every second":                    {30, 2 * time.Second, steady(0, 150), []string{"60", "60", "30"}},
		"every three seconds":             {90, 2 * time.Second, steady(0, 150), []string{"90", "60"}},
		"segments of four seconds":        {60, 4 * time.Second, steady(0, 150), []string{"120", "30"}},
		"one picture":                     {60, 2 * time.Second, steady(0, 1), []string{"1"}},
		"none":                            {60, 2 * time.Second, nil, nil},
		"a break, then a key picture":     {60, 2 * time.Second, append(steady(0, 60), steady(200, 260)...), []string{"60", "break 60"}},
		"a break within, until the next":  {60, 2 * time.Second, append(steady(0, 45), steady(200, 245)...), []string{"45", "break 30"}},
		"time goes back":                  {60, 2 * time.Second, append(steady(500, 560), steady(0, 60)...), []string{"60", "break 60"}},
		"a stop of a second":              {60, 2 * time.Second, append(steady(0, 30), steady(60, 120)...), []string{"90", "30"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range cut(film.Film{Width: 320, Height: 180, Key: test.key}, test.length, false, test.pictures...) {
				text := fmt.Sprint(s.Length / 3000)
				if s.Break {
					text = "break " + text
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What was recorded is what came, at its time, whoever reads it.
func TestRecordingIsReadBack(t *testing.T) {
	for name, f := range map[string]film.Film{
		"large":             {Width: 1280, Height: 720, Filler: 20_000},
		"small":             {Width: 284, Height: 160},
		"sizes of all kind": {Width: 320, Height: 180, Key: 7, Filler: 131},
	} {
		for _, audio := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, audio %t", name, audio), func(t *testing.T) {
				var segments [][]byte
				for _, s := range cut(f, 2*time.Second, audio, append(steady(0, 200), steady(600, 700)...)...) {
					segments = append(segments, s.Data)
				}
				stream, err := playback.Read(segments...)
				if err != nil {
					t.Fatal(err)
				}
				checkStream(t, stream, f, audio)
			})
		}
	}
}

// Each segment is decoded by itself, by a decoder that knows neither the writer of
// the segments nor that of the pictures.
func TestSegmentsAreDecoded(t *testing.T) {
	for _, f := range []film.Film{{Width: 284, Height: 160}, {Width: 320, Height: 180, Filler: 131}} {
		var pictures []int
		for _, s := range cut(f, 2*time.Second, true, steady(0, 150)...) {
			stream, err := h264test.FromTS(s.Data)
			if err != nil {
				t.Fatal(err)
			}
			frames, err := h264test.Decode(stream)
			if err != nil {
				t.Fatal(err)
			}
			for _, frame := range frames {
				if y, cb, cr := frame.At(f.Width-1, f.Height-1); frame.Width != f.Width || frame.Height != f.Height || y != 128 || cb != 128 || cr != 128 {
					t.Fatalf("%dx%d, %d %d %d", frame.Width, frame.Height, y, cb, cr)
				}
			}
			pictures = append(pictures, len(frames))
		}
		if want := []int{60, 60, 30}; !slices.Equal(pictures, want) {
			t.Errorf("%d pictures, want %d", pictures, want)
		}
	}
}

func checkStream(t *testing.T, stream *playback.Stream, sent film.Film, audio bool) {
	t.Helper()
	var all [][][]byte
	for range 300 {
		all = append(all, sent.Next())
	}
	// After the break the recording goes on with the next key picture.
	every := max(sent.Key, 1)
	if sent.Key == 0 {
		every = 60
	}
	resumed := (200 + every - 1) / every * every
	want := append(slices.Clone(all[:200]), all[resumed:]...)
	if len(stream.Pictures) != len(want) {
		t.Fatalf("%d pictures, want %d", len(stream.Pictures), len(want))
	}
	for n, p := range stream.Pictures {
		if p.At != second+int64(n)*3000 {
			t.Fatalf("picture %d is for %d, want %d", n, p.At, second+n*3000)
		}
		if !slices.EqualFunc(p.NALs, want[n], slices.Equal) {
			t.Fatalf("picture %d is another one", n)
		}
	}
	if stream.Opus != audio || audio != (len(stream.Sounds) == len(want)) {
		t.Errorf("Opus: %t, %d sounds for %d pictures, want audio: %t", stream.Opus, len(stream.Sounds), len(want), audio)
	}
	for n, s := range stream.Sounds {
		if s.At != stream.Pictures[n].At+100 || !slices.Equal(s.Data[:3], film.Silence()) {
			t.Fatalf("sound %d is for %d, want %d", n, s.At, stream.Pictures[n].At+100)
		}
	}
}

func TestPlaylists(t *testing.T) {
	entries := []hls.Entry{{Name: "0.ts", Length: 2 * second}, {Name: "1.ts", Length: second * 7 / 3}, {Name: "2.ts", Length: second / 4, Break: true}}
	const body = "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:%s\n#EXTINF:2.000000,\n0.ts\n#EXTINF:2.333333,\n1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:0.250000,\n2.ts\n%s"
	for name, test := range map[string]struct {
		playlist fmt.Stringer
		want     string
	}{
		"while it goes on": {
			hls.Media{Target: 2 * time.Second, Entries: entries},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n" + fmt.Sprintf(body, "EVENT", ""),
		},
		"once it has ended": {
			hls.Media{Target: 2 * time.Second, Entries: entries, Ended: true},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n" + fmt.Sprintf(body, "VOD", "#EXT-X-ENDLIST\n"),
		},
		"segments that are too long": {
			hls.Media{Target: 2 * time.Second, Entries: []hls.Entry{{Name: "0.ts", Length: second * 7 / 2}}},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:3.500000,\n0.ts\n",
		},
		"nothing": {
			hls.Media{Target: 6 * time.Second, Ended: true},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n",
		},
		"the rendition": {
			hls.Variant{Path: "720p30-x/playlist.m3u8", Codecs: "avc1.42C01F,opus", Width: 1280, Height: 720, Framerate: 30, Peak: 2_600_000, Average: 2_500_000},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=2600000,AVERAGE-BANDWIDTH=2500000,CODECS=\"avc1.42C01F,opus\",RESOLUTION=1280x720,FRAME-RATE=30.000\n720p30-x/playlist.m3u8\n",
		},
		"a rendition of nothing yet": {
			hls.Variant{Path: "p", Width: 2, Height: 2, Framerate: 12.5},
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=2x2,FRAME-RATE=12.500\np\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.playlist.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if got := (hls.Media{Entries: entries}).Length(); got != second*55/12 {
		t.Errorf("it plays %d ticks, want %d", got, second*55/12)
	}
}

// Where there is another player, it finds nothing to complain of.
func TestRecordingIsPlayed(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg here")
	}
	dir, playlist := t.TempDir(), hls.Media{Target: 2 * time.Second, Ended: true}
	for n, s := range cut(film.Film{Width: 640, Height: 360}, 2*time.Second, true, steady(0, 150)...) {
		playlist.Entries = append(playlist.Entries, hls.Entry{Name: fmt.Sprintf("%d.ts", n), Length: s.Length})
		if err := os.WriteFile(filepath.Join(dir, playlist.Entries[n].Name), s.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	index := filepath.Join(dir, "playlist.m3u8")
	if err := os.WriteFile(index, []byte(playlist.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-xerror", "-i", index, "-map", "0:v", "-map", "0:a", "-f", "framecrc", filepath.Join(dir, "frames")).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Fatalf("%v: %s", err, said)
	}
	frames, err := os.ReadFile(filepath.Join(dir, "frames"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(frames), "\n0,"); n != 150 {
		t.Errorf("%d pictures, want 150", n)
	}
}

// The reader that vouches for the segments takes none of what players stumble
// over.
func TestDamageIsFound(t *testing.T) {
	const packet = 188
	whole := cut(film.Film{Width: 320, Height: 180, Filler: 500}, 2*time.Second, true, steady(0, 150)...)
	// first is where the first packet of a stream is that begins something.
	first := func(data []byte, pid int) int {
		for at := 0; at < len(data); at += packet {
			if int(data[at+1]&0x1f)<<8|int(data[at+2]) == pid && data[at+1]&0x40 != 0 {
				return at
			}
		}
		t.Fatalf("there is no stream %#x", pid)
		return 0
	}
	in := func(pid, offset int, bits byte) func(data []byte) []byte {
		return func(data []byte) []byte {
			data[first(data, pid)+offset] ^= bits
			return data
		}
	}
	inside := func(pid, offset int, bits byte) func(data []byte) []byte {
		return func(data []byte) []byte {
			at := first(data, pid) + 4
			if data[at-1]&0x20 != 0 {
				at += 1 + int(data[at])
			}
			data[at+offset] ^= bits
			return data
		}
	}
	for name, damage := range map[string]func(data []byte) []byte{
		"a packet is missing":     func(data []byte) []byte { return slices.Delete(data, 4*packet, 5*packet) },
		"a packet is there twice": func(data []byte) []byte { return slices.Insert(data, packet, data[:packet]...) },
		"half a packet":           func(data []byte) []byte { return data[:len(data)-1] },
		"no tables":               func(data []byte) []byte { return data[2*packet:] },
		"a bit of the programs":   inside(0, 11, 1),
		"a bit of the program":    inside(0x1000, 16, 1),
		"no sync":                 in(0x100, 0, 1),
		"no key picture":          in(0x100, 5, 0x40),
		"no clock":                in(0x100, 5, 0x10),
		"a clock that jumps":      in(0x100, 6, 0x40),
		"a picture's time":        inside(0x100, 9, 0x08),
		"no start of a picture":   inside(0x100, 2, 1),
		"a picture of sound":      inside(0x100, 3, 0x5d),
		"no delimiter":            inside(0x100, 14+4, 9),
		"a sound's length":        inside(0x101, 5, 1),
		"nothing":                 func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			segments := [][]byte{whole[0].Data, damage(slices.Clone(whole[1].Data)), whole[2].Data}
			if _, err := playback.Read(segments...); err == nil {
				t.Error("it is taken for whole")
			}
		})
	}
	if _, err := playback.Read(whole[1].Data, whole[0].Data); err == nil {
		t.Error("segments in another order are taken for whole")
	}
}
