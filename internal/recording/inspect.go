package recording

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/yolo-live/yolo/internal/recording/media"
)

// Inspect judges the recording at prefix, which is what StartComposition
// returned. What could not be read, because the store failed or ctx was done, is
// not proven, and the finding says why.
func Inspect(ctx context.Context, store Store, prefix string, want Expected) *Report {
	if want.Tolerance == 0 {
		want.Tolerance = defaultTolerance
	}
	i := &inspection{
		store: store, prefix: strings.TrimSuffix(prefix, "/"), want: want,
		report: &Report{}, findings: map[Check]Finding{},
	}
	i.run(ctx)
	for _, check := range checks() {
		finding, ok := i.findings[check]
		if !ok {
			finding = Finding{check, NotProven, "not looked at: " + i.stopped}
		}
		i.report.Findings = append(i.report.Findings, finding)
	}
	return i.report
}

// inspection is an inspection that is going on.
type inspection struct {
	store      Store
	prefix     string
	want       Expected
	report     *Report
	findings   map[Check]Finding
	stopped    string // why nothing more is looked at
	objects    map[string]Object
	renditions []*rendition
}

// rendition is a media playlist and what was opened of it.
type rendition struct {
	name     string // for evidence
	folder   string // the playlist's, as a key
	playlist *Playlist
	opened   []*opened // the first segment, and the last one if it is another
}

// opened is a segment that was read.
type opened struct {
	Segment
	media *media.Segment
}

// found notes a finding. Of several for one check the worst stays; evidence of
// the same verdict is put together.
func (i *inspection) found(check Check, verdict Verdict, format string, args ...any) {
	finding := Finding{check, verdict, plain(fmt.Sprintf(format, args...))}
	if before, ok := i.findings[check]; ok {
		if worse(before.Verdict, verdict) != verdict {
			return
		}
		if before.Verdict == verdict {
			finding.Evidence = before.Evidence + "; " + finding.Evidence
		}
	}
	i.findings[check] = finding
}

func (i *inspection) run(ctx context.Context) {
	i.report.Outcome = ReadOutcome(ctx, i.store, i.prefix)
	i.judgeOutcome()
	if !i.list(ctx) || !i.readPlaylists(ctx) {
		return
	}
	i.judgeDuration()
	i.judgeSegments()
	i.stopped = "no segment could be opened"
	for _, r := range i.renditions {
		i.open(ctx, r)
	}
	i.judgeMedia()
}

// list lists what is below the prefix.
func (i *inspection) list(ctx context.Context) bool {
	objects, err := i.store.List(ctx, i.prefix+"/")
	if err != nil {
		i.stopped = fmt.Sprintf("%s/ could not be listed: %v", i.prefix, err)
		return false
	}
	i.objects = map[string]Object{}
	for _, object := range objects {
		i.objects[object.Key] = object
		i.report.Bytes += object.Size
	}
	i.report.Objects = len(i.objects)
	if len(i.objects) == 0 {
		i.stopped = "there is nothing below " + i.prefix + "/"
		i.found(CheckSegments, Fail, "%s", i.stopped)
		return false
	}
	return true
}

// read reads an object for a check. That it is missing or too large is a failure,
// anything else not proven.
func (i *inspection) read(ctx context.Context, check Check, key string, limit int64) ([]byte, bool) {
	b, err := i.store.Get(ctx, key, limit)
	switch {
	case err == nil:
		return b, true
	case errors.Is(err, ErrNotFound):
		i.found(check, Fail, "%s is not there", i.short(key))
	case errors.Is(err, ErrTooLarge):
		i.found(check, Fail, "%s is larger than the %d bytes that it can be", i.short(key), limit)
	default:
		i.found(check, NotProven, "%s could not be read: %v", i.short(key), err)
	}
	return nil, false
}

// short is a key without the prefix, which is the same for all.
func (i *inspection) short(key string) string { return strings.TrimPrefix(key, i.prefix+"/") }

// resolve is the key that a URI of an object in folder names. It must be below
// the recording's prefix: whatever else a playlist names is not the recording.
func (i *inspection) resolve(folder, uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") {
		return "", fmt.Errorf("%s is no relative path", quoted(uri))
	}
	key := path.Join(folder, u.Path)
	if !strings.HasPrefix(key, i.prefix+"/") {
		return "", fmt.Errorf("%s leads out of the recording", quoted(uri))
	}
	return key, nil
}

// readPlaylists reads the multivariant playlist and those it names.
func (i *inspection) readPlaylists(ctx context.Context) bool {
	i.stopped = "no playlist could be read"
	key, err := i.resolve(i.prefix, i.report.Outcome.multivariantPath())
	if err != nil {
		i.found(CheckPlaylists, Fail, "the metadata's playlist: %v", err)
		return false
	}
	text, ok := i.read(ctx, CheckPlaylists, key, maxPlaylist)
	if !ok {
		return false
	}
	m, err := ParseMultivariant(text)
	if err != nil {
		i.found(CheckPlaylists, Fail, "%s: %v", i.short(key), err)
		return false
	}
	for _, variant := range m.Variants {
		i.readPlaylist(ctx, path.Dir(key), variant)
	}
	if len(i.renditions) == 0 {
		return false
	}
	first := i.renditions[0].playlist
	i.report.Version, i.report.Ended, i.report.Encrypted = max(first.Version, m.Version), first.Ended, first.Encrypted
	i.report.Duration, i.report.Segments = first.Duration(), len(first.Segments)
	return true
}

func (i *inspection) readPlaylist(ctx context.Context, folder string, variant Variant) {
	key, err := i.resolve(folder, variant.URI)
	if err != nil {
		i.found(CheckPlaylists, Fail, "the variant %v", err)
		return
	}
	text, ok := i.read(ctx, CheckPlaylists, key, maxPlaylist)
	if !ok {
		return
	}
	p, err := ParsePlaylist(text)
	if err != nil {
		i.found(CheckPlaylists, Fail, "%s: %v", i.short(key), err)
		return
	}
	i.renditions = append(i.renditions, &rendition{name: i.short(key), folder: path.Dir(key), playlist: p})
	i.judgePlaylist(i.short(key), p, variant)
}

// open opens the first and the last segment of a rendition.
func (i *inspection) open(ctx context.Context, r *rendition) {
	segments := r.playlist.Segments
	for at, s := range segments {
		if at != 0 && at != len(segments)-1 {
			continue
		}
		m, ok := i.openSegment(ctx, r, s)
		if !ok {
			continue
		}
		r.opened = append(r.opened, &opened{s, m})
		if r == i.renditions[0] {
			if at == 0 {
				i.report.First = m
			}
			if at == len(segments)-1 {
				i.report.Last = m
			}
		}
	}
}

func (i *inspection) openSegment(ctx context.Context, r *rendition, s Segment) (*media.Segment, bool) {
	key, err := i.resolve(r.folder, s.URI)
	if err != nil {
		return nil, false // judgeSegments says so
	}
	body, ok := i.read(ctx, CheckContainer, key, maxSegment)
	if !ok {
		return nil, false
	}
	var init []byte
	if s.Map != "" {
		mapKey, err := i.resolve(r.folder, s.Map)
		if err != nil {
			i.found(CheckContainer, Fail, "EXT-X-MAP: %v", err)
			return nil, false
		}
		if init, ok = i.read(ctx, CheckContainer, mapKey, maxInit); !ok {
			return nil, false
		}
	}
	m, err := media.Open(body, init)
	if err != nil {
		i.found(CheckContainer, Fail, "%s: %v", i.short(key), err)
		return nil, false
	}
	return m, true
}

// plain makes what others wrote fit for a line of a terminal.
func plain(text string) string {
	const longest = 400
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// seconds spells a length.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// count spells a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
