// Package hls makes HTTP Live Streaming (RFC 8216) of what publishers send:
// segments of MPEG-TS that are cut at key pictures, and playlists. Nothing is
// encoded anew, the audio least of all: Opus goes into MPEG-TS as it is.
//
// It knows no bucket. Start at Cutter and Media.
package hls

import (
	"fmt"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// Entry is a segment in a playlist.
type Entry struct {
	Name   string
	Length int64 // in ticks
	Break  bool
}

// Media is a media playlist: of an event that goes on, or of a video on demand
// once it has ended.
type Media struct {
	Target  time.Duration // how long segments should be
	Entries []Entry
	Ended   bool
}

// String writes the playlist, in the version that all readers know.
func (m Media) String() string {
	var b strings.Builder
	kind := map[bool]string{false: "EVENT", true: "VOD"}[m.Ended]
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:%s\n", m.target(), kind)
	for _, e := range m.Entries {
		if e.Break {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		fmt.Fprintf(&b, "#EXTINF:%.6f,\n%s\n", media.Duration(e.Length).Seconds(), e.Name)
	}
	if m.Ended {
		b.WriteString("#EXT-X-ENDLIST\n")
	}
	return b.String()
}

// target is in seconds what no segment is longer than, rounded (section
// 4.3.3.1).
func (m Media) target() int {
	longest := m.Target
	for _, e := range m.Entries {
		longest = max(longest, media.Duration(e.Length))
	}
	return int(longest.Round(time.Second) / time.Second)
}

// Length is how long the playlist plays, in ticks.
func (m Media) Length() (ticks int64) {
	for _, e := range m.Entries {
		ticks += e.Length
	}
	return ticks
}

// Variant is the one rendition of a recording, as its multivariant playlist has
// it.
type Variant struct {
	Path          string // of the media playlist
	Codecs        string // as RFC 6381 has them
	Width, Height int
	Framerate     float64
	// Peak and Average are bits a second; 0 is not known.
	Peak, Average int
}

// String writes the multivariant playlist.
func (v Variant) String() string {
	attributes := []string{fmt.Sprintf("BANDWIDTH=%d", max(1, v.Peak))}
	if v.Average > 0 {
		attributes = append(attributes, fmt.Sprintf("AVERAGE-BANDWIDTH=%d", v.Average))
	}
	if v.Codecs != "" {
		attributes = append(attributes, fmt.Sprintf("CODECS=%q", v.Codecs))
	}
	attributes = append(attributes, fmt.Sprintf("RESOLUTION=%dx%d", v.Width, v.Height), fmt.Sprintf("FRAME-RATE=%.3f", v.Framerate))
	return "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:" + strings.Join(attributes, ",") + "\n" + v.Path + "\n"
}
