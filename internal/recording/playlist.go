package recording

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Multivariant is a playlist of playlists (RFC 8216 4.3.4).
type Multivariant struct {
	Version  int // 1 when not told
	Variants []Variant
}

// Variant is one media playlist of a multivariant one.
type Variant struct {
	URI           string
	Bandwidth     int // bits a second
	Width, Height int // 0 when not told
	Codecs        string
}

// Playlist is a media playlist (RFC 8216 4.3.2 and 4.3.3).
type Playlist struct {
	Version int // 1 when not told
	// Type is "EVENT", "VOD" or "".
	Type   string
	Target time.Duration
	// Ended is that no segment will be added (EXT-X-ENDLIST).
	Ended     bool
	Segments  []Segment
	Encrypted bool
}

// Segment is a piece of media.
type Segment struct {
	URI      string
	Duration time.Duration
	// Map is the URI of the initialization section, "" for none.
	Map string
	// Discontinuity is that its times do not go on from the one before.
	Discontinuity bool
}

// Duration is the length of all segments.
func (p *Playlist) Duration() time.Duration {
	var sum time.Duration
	for _, s := range p.Segments {
		sum += s.Duration
	}
	return sum
}

// PlaylistError is what makes a text no playlist, and in which line, from 1 on.
type PlaylistError struct {
	Line   int
	Reason string
}

func (e *PlaylistError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// ParseMultivariant reads a multivariant playlist. Tags that are not known are
// passed over, as RFC 8216 6.3.1 asks. Errors are *PlaylistError.
func ParseMultivariant(text []byte) (*Multivariant, error) {
	m := &Multivariant{Version: 1}
	var next *Variant
	err := eachLine(text, func(tag, value, uri string) error {
		switch {
		case uri != "" && next == nil:
			return fmt.Errorf("%s without EXT-X-STREAM-INF before it", quoted(uri))
		case uri != "":
			if len(m.Variants) == maxVariants {
				return fmt.Errorf("more than %d variants", maxVariants)
			}
			next.URI = uri
			m.Variants = append(m.Variants, *next)
			next = nil
		case tag == "EXT-X-STREAM-INF":
			variant, err := parseVariant(value)
			next = variant
			return err
		case tag == "EXT-X-VERSION":
			return readInt(value, &m.Version)
		case tag == "EXTINF", tag == "EXT-X-TARGETDURATION":
			return fmt.Errorf("%s: this is a media playlist", tag)
		}
		return nil
	})
	if err == nil && next != nil {
		err = &PlaylistError{Line: 1 + strings.Count(string(text), "\n"), Reason: "EXT-X-STREAM-INF without a URI after it"}
	}
	if err == nil && len(m.Variants) == 0 {
		err = &PlaylistError{Line: 1, Reason: "it names no media playlist"}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func parseVariant(value string) (*Variant, error) {
	v := &Variant{}
	attributes, err := parseAttributes(value)
	if err != nil {
		return nil, err
	}
	if err := readInt(attributes["BANDWIDTH"], &v.Bandwidth); err != nil {
		return nil, fmt.Errorf("BANDWIDTH: %w", err)
	}
	v.Codecs = attributes["CODECS"]
	if size := attributes["RESOLUTION"]; size != "" {
		width, height, _ := strings.Cut(size, "x")
		if readInt(width, &v.Width) != nil || readInt(height, &v.Height) != nil {
			return nil, fmt.Errorf("RESOLUTION %s", quoted(size))
		}
	}
	return v, nil
}

// ParsePlaylist reads a media playlist. Errors are *PlaylistError.
func ParsePlaylist(text []byte) (*Playlist, error) {
	r := &playlistReader{playlist: Playlist{Version: 1}, target: -1}
	if err := eachLine(text, r.line); err != nil {
		return nil, err
	}
	last := 1 + strings.Count(string(text), "\n")
	switch {
	case r.target < 0:
		return nil, &PlaylistError{last, "there is no EXT-X-TARGETDURATION"}
	case r.announced:
		return nil, &PlaylistError{last, "EXTINF without a URI after it"}
	}
	for _, s := range r.playlist.Segments { // rounded (RFC 8216 4.3.3.1)
		if s.Duration.Round(time.Second) > r.playlist.Target {
			return nil, &PlaylistError{last, fmt.Sprintf("%s lasts %s, more than EXT-X-TARGETDURATION %d", quoted(s.URI), s.Duration, r.target)}
		}
	}
	return &r.playlist, nil
}

// playlistReader holds what counts for the segments to come.
type playlistReader struct {
	playlist  Playlist
	target    int // seconds, -1 before it came
	next      Segment
	announced bool // EXTINF of next came
}

func (r *playlistReader) line(tag, value, uri string) error {
	p := &r.playlist
	switch {
	case uri != "":
		return r.segment(uri)
	case p.Ended && tag == "EXTINF":
		return fmt.Errorf("a segment after EXT-X-ENDLIST")
	}
	switch tag {
	case "EXTINF":
		return r.announce(value)
	case "EXT-X-VERSION":
		return readInt(value, &p.Version)
	case "EXT-X-TARGETDURATION":
		if err := readInt(value, &r.target); err != nil {
			return err
		}
		p.Target = time.Duration(r.target) * time.Second
	case "EXT-X-PLAYLIST-TYPE":
		if value != "EVENT" && value != "VOD" {
			return fmt.Errorf("EXT-X-PLAYLIST-TYPE %s", quoted(value))
		}
		p.Type = value
	case "EXT-X-ENDLIST":
		p.Ended = true
	case "EXT-X-DISCONTINUITY":
		r.next.Discontinuity = true
	case "EXT-X-MAP", "EXT-X-KEY":
		return r.attributes(tag, value)
	case "EXT-X-BYTERANGE":
		return fmt.Errorf("EXT-X-BYTERANGE: segments that are parts of objects are not what IVS writes")
	case "EXT-X-STREAM-INF":
		return fmt.Errorf("EXT-X-STREAM-INF: this is a multivariant playlist")
	}
	return nil
}

// announce reads the length of the segment to come.
func (r *playlistReader) announce(value string) error {
	number, _, found := strings.Cut(value, ",")
	if !found {
		return fmt.Errorf("EXTINF %s: no comma", quoted(value))
	}
	length, err := strconv.ParseFloat(number, 64)
	if err != nil || strings.Trim(number, "0123456789.") != "" || length > 3600 {
		return fmt.Errorf("EXTINF %s: want seconds", quoted(value))
	}
	r.next.Duration = time.Duration(length * float64(time.Second))
	r.announced = true
	return nil
}

func (r *playlistReader) segment(uri string) error {
	if !r.announced {
		return fmt.Errorf("%s without EXTINF before it", quoted(uri))
	}
	if len(r.playlist.Segments) == maxSegments {
		return fmt.Errorf("more than %d segments", maxSegments)
	}
	r.next.URI = uri
	r.playlist.Segments = append(r.playlist.Segments, r.next)
	r.next = Segment{Map: r.next.Map}
	r.announced = false
	return nil
}

func (r *playlistReader) attributes(tag, value string) error {
	attributes, err := parseAttributes(value)
	if err != nil {
		return err
	}
	if tag == "EXT-X-KEY" {
		r.playlist.Encrypted = r.playlist.Encrypted || attributes["METHOD"] != "NONE"
		return nil
	}
	if attributes["URI"] == "" {
		return fmt.Errorf("EXT-X-MAP without a URI")
	}
	if _, part := attributes["BYTERANGE"]; part {
		return fmt.Errorf("EXT-X-MAP with a BYTERANGE is not what IVS writes")
	}
	r.next.Map = attributes["URI"]
	return nil
}

// eachLine calls line for every tag with its value and for every URI, and gives
// its errors their line.
func eachLine(text []byte, line func(tag, value, uri string) error) error {
	if !utf8.Valid(text) {
		return &PlaylistError{1, "it is not UTF-8"}
	}
	number := 0
	for one := range strings.Lines(string(text)) {
		number++
		one = strings.TrimSuffix(strings.TrimSuffix(one, "\n"), "\r")
		if number == 1 {
			if one != "#EXTM3U" {
				return &PlaylistError{1, "it does not begin with #EXTM3U"}
			}
			continue
		}
		var err error
		switch {
		case one == "":
		case strings.HasPrefix(one, "#EXT"):
			tag, value, _ := strings.Cut(one[1:], ":")
			err = line(tag, value, "")
		case one[0] != '#':
			err = line("", "", one)
		}
		if err != nil {
			return &PlaylistError{number, err.Error()}
		}
	}
	if number == 0 {
		return &PlaylistError{1, "it is empty"}
	}
	return nil
}

// parseAttributes reads an attribute list (RFC 8216 4.2).
func parseAttributes(list string) (map[string]string, error) {
	attributes := map[string]string{}
	for rest := list; rest != ""; {
		name, after, found := strings.Cut(rest, "=")
		if !found || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return nil, fmt.Errorf("attributes %s: no name at %s", quoted(list), quoted(rest))
		}
		if _, twice := attributes[name]; twice {
			return nil, fmt.Errorf("attribute %s twice", name)
		}
		var value string
		if strings.HasPrefix(after, `"`) {
			if value, after, found = strings.Cut(after[1:], `"`); !found {
				return nil, fmt.Errorf("attribute %s: no closing quote", name)
			}
			if after != "" && after[0] != ',' {
				return nil, fmt.Errorf("attribute %s: text after its quotes", name)
			}
			after = strings.TrimPrefix(after, ",")
		} else {
			value, after, _ = strings.Cut(after, ",")
		}
		attributes[name] = value
		rest = after
	}
	return attributes, nil
}

func readInt(text string, to *int) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return fmt.Errorf("%s is no whole number", quoted(text))
	}
	*to = int(n)
	return nil
}

// quoted quotes what was read, cut where it is long.
func quoted(text string) string {
	const longest = 80
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return strconv.Quote(text)
}
