package recording

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	multivariantText = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
# a comment
#EXT-X-STREAM-INF:BANDWIDTH=2758800,AVERAGE-BANDWIDTH=1,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000
720p30-abc/playlist.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=1
low.m3u8
`
	playlistText = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-NEW-TAG:1
#EXT-X-MAP:URI="init-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-01T10:00:00.000Z
#EXTINF:3.4,
0.mp4
#EXTINF:2,a title, with a comma
1.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1.mp4"
#EXTINF:0.125,
2.mp4
#EXT-X-ENDLIST
`
)

func TestParseMultivariant(t *testing.T) {
	want := &Multivariant{Version: 7, Variants: []Variant{
		{URI: "720p30-abc/playlist.m3u8", Bandwidth: 2_758_800, Width: 1280, Height: 720, Codecs: "avc1.4d401f,mp4a.40.2"},
		{URI: "low.m3u8", Bandwidth: 1},
	}}
	for name, text := range map[string]string{"LF": multivariantText, "CRLF": strings.ReplaceAll(multivariantText, "\n", "\r\n"), "no end": strings.TrimSuffix(multivariantText, "\n")} {
		got, err := ParseMultivariant([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestParsePlaylist(t *testing.T) {
	want := &Playlist{Version: 7, Type: "VOD", Target: 3 * time.Second, Ended: true, Segments: []Segment{
		{URI: "0.mp4", Duration: 3400 * time.Millisecond, Map: "init-0.mp4"},
		{URI: "1.mp4", Duration: 2 * time.Second, Map: "init-0.mp4"},
		{URI: "2.mp4", Duration: 125 * time.Millisecond, Map: "init-1.mp4", Discontinuity: true},
	}}
	got, err := ParsePlaylist([]byte(playlistText))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Duration() != 5525*time.Millisecond {
		t.Error(got.Duration())
	}
}

func TestWrongPlaylists(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		line     int
		says     string
	}{
		"no head":            {"#EXTM3U\n", "", 1, "#EXTM3U"},
		"not UTF-8":          {"0.mp4", "\xff.mp4", 1, "UTF-8"},
		"version":            {"VERSION:7", "VERSION:x", 2, `"x" is no whole number`},
		"no target":          {"#EXT-X-TARGETDURATION:3\n", "", 17, "no EXT-X-TARGETDURATION"},
		"a negative target":  {"TARGETDURATION:3", "TARGETDURATION:-3", 3, "no whole number"},
		"a type":             {"TYPE:VOD", "TYPE:LIVE", 5, `"LIVE"`},
		"a length":           {"EXTINF:3.4,", "EXTINF:NaN,", 9, "want seconds"},
		"an endless length":  {"EXTINF:3.4,", "EXTINF:1e300,", 9, "want seconds"},
		"a hex length":       {"EXTINF:3.4,", "EXTINF:0x1p-2,", 9, "want seconds"},
		"a negative length":  {"EXTINF:3.4,", "EXTINF:-1,", 9, "want seconds"},
		"no comma":           {"EXTINF:3.4,", "EXTINF:3.4", 9, "no comma"},
		"too long a segment": {"EXTINF:3.4,", "EXTINF:3.6,", 18, "more than EXT-X-TARGETDURATION 3"},
		"no length":          {"#EXTINF:3.4,\n", "", 9, "without EXTINF"},
		"no URI":             {"2.mp4\n", "", 17, "without a URI"},
		"a byte range":       {"#EXTINF:2", "#EXT-X-BYTERANGE:1@0\n#EXTINF:2", 11, "BYTERANGE"},
		"a map without URI":  {`MAP:URI="init-0.mp4"`, `MAP:X=1`, 7, "without a URI"},
		"a map in parts":     {`"init-0.mp4"`, `"init-0.mp4",BYTERANGE="1@0"`, 7, "BYTERANGE"},
		"a quote left open":  {`"init-0.mp4"`, `"init-0.mp4`, 7, "no closing quote"},
		"text after quotes":  {`"init-0.mp4"`, `"init-0.mp4"x`, 7, "after its quotes"},
		"twice":              {`"init-0.mp4"`, `"a",URI="b"`, 7, "twice"},
		"no attribute":       {`URI="init-0.mp4"`, `init`, 7, "no name"},
		"after the end":      {"#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST\n#EXTINF:1,\n3.mp4\n", 18, "after EXT-X-ENDLIST"},
		"the other kind":     {"#EXT-X-ENDLIST", "#EXT-X-STREAM-INF:BANDWIDTH=1", 17, "multivariant"},
	} {
		if !strings.Contains(playlistText, c.from) {
			t.Fatalf("%s: nothing to replace", name)
		}
		_, err := ParsePlaylist([]byte(strings.Replace(playlistText, c.from, c.to, 1)))
		checkPlaylistError(t, name, err, c.line, c.says)
	}
	for name, c := range map[string]struct {
		text string
		line int
		says string
	}{
		"empty":          {"", 1, "empty"},
		"no variant":     {"#EXTM3U\n", 1, "names no media playlist"},
		"no bandwidth":   {"#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"x\"\na\n", 2, "BANDWIDTH"},
		"a resolution":   {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=big\na\n", 2, `RESOLUTION "big"`},
		"no URI":         {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", 3, "without a URI"},
		"no stream":      {"#EXTM3U\na.m3u8\n", 2, "without EXT-X-STREAM-INF"},
		"the other kind": {playlistText, 3, "media playlist"},
		"many":           {"#EXTM3U\n" + strings.Repeat("#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", 17), 35, "more than 16"},
	} {
		_, err := ParseMultivariant([]byte(c.text))
		checkPlaylistError(t, name, err, c.line, c.says)
	}
}

func checkPlaylistError(t *testing.T, name string, err error, line int, says string) {
	t.Helper()
	problem, ok := errors.AsType[*PlaylistError](err)
	if !ok || problem.Line != line || !strings.Contains(problem.Reason, says) {
		t.Errorf("%s: %v, want line %d, %q", name, err, line, says)
	}
}

// FuzzPlaylists: whatever is read is read or refused, and what is read can be
// used.
func FuzzPlaylists(f *testing.F) {
	f.Add([]byte(multivariantText))
	f.Add([]byte(playlistText))
	f.Add([]byte("#EXTM3U\n#EXT-X-MAP:=\n#EXT"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := ParseMultivariant(text); err == nil && (len(m.Variants) == 0 || m.Variants[0].URI == "") {
			t.Fatalf("%+v", m)
		}
		p, err := ParsePlaylist(text)
		if err != nil {
			return
		}
		for _, s := range p.Segments {
			if s.URI == "" || s.Duration < 0 || s.Duration > p.Target+time.Second {
				t.Fatalf("%+v", s)
			}
		}
		i := &inspection{prefix: "a/b"}
		for _, s := range p.Segments {
			if key, err := i.resolve("a/b/c", s.URI); err == nil && (!strings.HasPrefix(key, "a/b/") || strings.Contains(key, "..") && strings.Contains(key, "/../")) {
				t.Fatalf("%q leads to %q", s.URI, key)
			}
		}
	})
}

// FuzzMetadata: whatever is read is read or refused.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"version":"v1","recording_status":"RECORDING_ENDED","recording_ended_at":"2026-11-01T10:00:04Z","media":{"hls":{"duration_ms":9223372036854775807}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMetadata(text)
		if err == nil && (m.Status == "" || m.Duration() < 0) {
			t.Fatalf("%+v", m)
		}
	})
}
