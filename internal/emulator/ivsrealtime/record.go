package ivsrealtime

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/hls"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// tableSegments holds the segments of recordings by account, region,
// composition, destination and number.
const tableSegments = "ivs.segment"

// segment is one that is in its bucket.
type segment struct {
	Number int
	Length int64 // in ticks
	Bytes  int
	Break  bool   `json:",omitempty"` // it does not go on from the one before
	Codecs string // of what is in it
}

func (g segment) name() string { return fmt.Sprintf("%d.ts", g.Number) }

// below begins the keys of a recording's segments.
func (d *destination) below(c *composition) string { return store.Key(c.id().key(), d.ID, "") }

func (d *destination) segments(tx *store.Tx, c *composition) (all []segment) {
	for _, g := range store.Scan[segment](tx, tableSegments, d.below(c), "") {
		all = append(all, g)
	}
	return all
}

// forget removes what was kept to write the playlists.
func (d *destination) forget(tx *store.Tx, c *composition) {
	for _, g := range d.segments(tx, c) {
		tx.Delete(tableSegments, d.segmentKey(c, g.Number))
	}
}

func (d *destination) segmentKey(c *composition, number int) string {
	return d.below(c) + fmt.Sprintf("%08d", number)
}

// Where a recording's objects are below its prefix, and of which type they are
// (RealTimeUserGuide, Composite Recording).
const (
	startedObject      = "events/recording-started.json"
	endedObject        = "events/recording-ended.json"
	failedObject       = "events/recording-failed.json"
	mediaFolder        = "media/hls"
	multivariantObject = "multivariant.m3u8"
	playlistObject     = "playlist.m3u8"

	typeJSON     = "application/json"
	typePlaylist = "application/vnd.apple.mpegurl"
	typeSegment  = "video/mp2t"
)

// What becomes of a recording, in the words of its metadata.
const (
	statusStarted     = "RECORDING_STARTED"
	statusEnded       = "RECORDING_ENDED"
	statusStartFailed = "RECORDING_START_FAILED"
	statusFailed      = "RECORDING_ENDED_WITH_FAILURE"
)

// metadata is what a recording tells of itself (RealTimeUserGuide, Composite
// Recording: JSON Metadata Files). Times are in UTC.
type metadata struct {
	Version  string    `json:"version"`
	StageARN string    `json:"stage_arn"`
	Status   string    `json:"recording_status"`
	Message  string    `json:"recording_status_message,omitempty"`
	Started  time.Time `json:"recording_started_at"`
	Ended    time.Time `json:"recording_ended_at,omitzero"`
	Media    struct {
		HLS struct {
			Duration   int64       `json:"duration_ms"`
			Path       string      `json:"path"`
			Playlist   string      `json:"playlist"`
			Renditions []rendition `json:"renditions"`
		} `json:"hls"`
	} `json:"media"`
}

type rendition struct {
	Path     string `json:"path"`
	Playlist string `json:"playlist"`
	Height   int    `json:"resolution_height"`
	Width    int    `json:"resolution_width"`
}

// metadata is the object at a path.
func (d *destination) metadata(c *composition, path, status, message string, ended time.Time, length int64) object {
	m := metadata{
		Version: "v1", StageARN: c.StageARN, Status: status, Message: message,
		Started: c.active().UTC().Truncate(time.Second), Ended: ended.UTC().Truncate(time.Second),
	}
	m.Media.HLS.Duration = media.Duration(length).Milliseconds()
	m.Media.HLS.Path, m.Media.HLS.Playlist = mediaFolder, multivariantObject
	m.Media.HLS.Renditions = []rendition{{Path: d.Rendition, Playlist: playlistObject, Height: d.Video.Height, Width: d.Video.Width}}
	body, err := json.Marshal(m)
	if err != nil {
		panic(err) // texts, times and numbers always encode
	}
	return object{path, typeJSON, body}
}

func (d *destination) playlistPath() string {
	return mediaFolder + "/" + d.Rendition + "/" + playlistObject
}

// playlists are the media playlist of all segments so far, and the multivariant
// one.
func (d *destination) playlists(all []segment, ended bool) (media, multivariant object) {
	list := hls.Media{Target: time.Duration(d.Configuration.S3.Recording.HLS.Segment) * time.Second, Ended: ended}
	v := hls.Variant{Path: d.Rendition + "/" + playlistObject, Width: d.Video.Width, Height: d.Video.Height, Framerate: d.Video.Framerate}
	bytes := 0
	for _, g := range all {
		list.Entries = append(list.Entries, hls.Entry{Name: g.name(), Length: g.Length, Break: g.Break})
		v.Peak, v.Codecs = max(v.Peak, bitrate(g.Bytes, g.Length)), g.Codecs
		bytes += g.Bytes
	}
	v.Average = bitrate(bytes, list.Length())
	return object{d.playlistPath(), typePlaylist, []byte(list.String())},
		object{mediaFolder + "/" + multivariantObject, typePlaylist, []byte(v.String())}
}

func bitrate(bytes int, length int64) int {
	if length == 0 {
		return 0
	}
	return int(int64(bytes) * 8 * media.Rate / length)
}

// unbegun tells whether a recording is to begin.
func (c *composition) unbegun(now time.Time) bool {
	for i := range c.Destinations {
		if c.unbegunAt(&c.Destinations[i], now) {
			return true
		}
	}
	return false
}

func (c *composition) unbegunAt(d *destination, now time.Time) bool {
	return d.Configuration.S3 != nil && d.Failure == nil && !d.Begun && c.begins(now)
}

// beginRecordings writes the first object of each recording that begins by now.
func (s *Service) beginRecordings(tx *store.Tx, batch *s3.Batch, c *composition, now time.Time) error {
	for i := range c.Destinations {
		d := &c.Destinations[i]
		if !c.unbegunAt(d, now) {
			continue
		}
		if len(d.Configuration.S3.Thumbnails) > 0 {
			d.Failure = &failure{At: c.active(), Code: wire.CodeNotImplemented, Reason: reasonThumbnails}
			continue
		}
		code, err := s.putAll(tx, batch, c, d, []object{d.metadata(c, startedObject, statusStarted, "", time.Time{}, 0)}, now)
		switch {
		case err != nil:
			return err
		case code == codeUnavailable && !c.over(now):
			d.lapse(now)
		case code != "":
			d.Failure = &failure{At: c.active(), Code: told(code)}
		default:
			d.Begun = true
		}
	}
	return nil
}

// told is the code that is told of what was worth another try until there is
// none.
func told(code string) string {
	if code == codeUnavailable {
		return codeInternal
	}
	return code
}

// Why a recording is not made although IVS would make it: the emulator encodes
// nothing.
const (
	reasonThumbnails = "The emulator makes no thumbnails: it does not decode video. Leave thumbnailConfigurations out."
	reasonSeveral    = "The emulator records one publisher without encoding the video anew, and several publish to the stage."
	reasonSize       = "The emulator records one publisher without encoding the video anew: the publisher sends %dx%d, the encoder configuration wants %dx%d."
)

// unclosed tells whether a recording has ended or failed and does not say so yet.
func (c *composition) unclosed(now time.Time) bool {
	for i := range c.Destinations {
		if c.unclosedAt(&c.Destinations[i], now) {
			return true
		}
	}
	return false
}

func (c *composition) unclosedAt(d *destination, now time.Time) bool {
	return d.Configuration.S3 != nil && !d.Closed && (d.failed(now) || c.over(now))
}

// closeRecordings writes the last objects of each recording that has ended or
// failed by now. One whose last segment is to come is closed after it.
func (s *Service) closeRecordings(tx *store.Tx, batch *s3.Batch, c *composition, now time.Time) error {
	for i := range c.Destinations {
		d := &c.Destinations[i]
		if !c.unclosedAt(d, now) || d.Failure == nil && s.rolling(d) {
			continue
		}
		d.Closed = true
		if d.Failure == nil && d.Begun {
			code, err := s.endRecording(tx, batch, c, d, now)
			if err != nil {
				return err
			}
			if code == codeUnavailable && !c.forgotten(now) {
				d.lapse(now)
				d.Closed = false
				continue
			}
			if code != "" {
				d.Failure = &failure{At: c.End.At, Code: told(code)}
			}
		}
		if d.Failure != nil {
			if err := s.failRecording(tx, batch, c, d, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) endRecording(tx *store.Tx, batch *s3.Batch, c *composition, d *destination, now time.Time) (code string, err error) {
	all := d.segments(tx, c)
	media, multivariant := d.playlists(all, true)
	message := ""
	if len(all) == 0 {
		message = "Nobody published a video."
	}
	return s.putAll(tx, batch, c, d, []object{
		media, multivariant, d.metadata(c, endedObject, statusEnded, message, c.finish(), lengthOf(all)),
	}, now)
}

// failRecording writes what may still be written.
func (s *Service) failRecording(tx *store.Tx, batch *s3.Batch, c *composition, d *destination, now time.Time) error {
	all, status := d.segments(tx, c), statusFailed
	if !d.Begun {
		status = statusStartFailed
	}
	last := []object{d.metadata(c, failedObject, status, d.Failure.reason(), d.Failure.At, lengthOf(all))}
	if len(all) > 0 {
		media, _ := d.playlists(all, true)
		last = append(last, media)
	}
	for _, o := range last {
		if _, err := s.put(tx, batch, c, d, o, now); err != nil {
			return err
		}
	}
	return nil
}

func lengthOf(all []segment) (ticks int64) {
	for _, g := range all {
		ticks += g.Length
	}
	return ticks
}
