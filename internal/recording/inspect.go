package recording

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
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
	for _, check := range want.checks() {
		finding, ok := i.findings[check]
		if !ok {
			finding = Finding{Check: check, Verdict: NotProven, Evidence: "not looked at: " + i.stopped, Behind: true}
		}
		if finding.Verdict == Pass {
			finding.Short = i.inShort(check)
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
	// bytes are for the Viewer: with the initialization section, if it has one. Of
	// another rendition than the first, at which it does not look, they are nil.
	bytes []byte
}

// trouble is why something could not be read.
type trouble struct {
	verdict  Verdict
	evidence string
	err      error
}

// found notes a finding. Of several for one check the worst stays; evidence of
// the same verdict is put together.
func (i *inspection) found(check Check, verdict Verdict, format string, args ...any) {
	i.note(Finding{Check: check, Verdict: verdict, Evidence: plain(fmt.Sprintf(format, args...))})
}

// troubled notes that something could not be read for a check.
func (i *inspection) troubled(check Check, t *trouble) {
	i.note(Finding{Check: check, Verdict: t.verdict, Evidence: plain(t.evidence), Err: t.err})
}

func (i *inspection) note(finding Finding) {
	if before, ok := i.findings[finding.Check]; ok {
		if worse(before.Verdict, finding.Verdict) != finding.Verdict {
			return
		}
		if before.Verdict == finding.Verdict {
			finding.Evidence = plain(before.Evidence + "; " + finding.Evidence)
			if before.Err != nil {
				finding.Err = before.Err
			}
		}
	}
	i.findings[finding.Check] = finding
}

func (i *inspection) run(ctx context.Context) {
	var objects []Object
	var err error
	var listing sync.WaitGroup
	listing.Go(func() { objects, err = i.store.List(ctx, i.prefix+"/") })
	i.report.Outcome = ReadOutcome(ctx, i.store, i.prefix)
	listing.Wait()
	i.judgeOutcome()
	if !i.listed(objects, err) || !i.readPlaylists(ctx) {
		return
	}
	i.judgeDuration()
	i.judgeSegments()
	i.stopped = "no segment could be opened"
	for _, r := range i.renditions {
		i.open(ctx, r)
	}
	i.judgeMedia()
	i.judgePicture(ctx)
}

// listed takes what the listing of all below the prefix gave.
func (i *inspection) listed(objects []Object, err error) bool {
	if err != nil {
		i.stopped = i.prefix + "/ could not be listed"
		i.troubled(CheckSegments, &trouble{NotProven, i.stopped, err})
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

// get reads an object. That it is missing or too large is a failure, anything
// else not proven.
func (i *inspection) get(ctx context.Context, key string, limit int64) ([]byte, *trouble) {
	b, err := i.store.Get(ctx, key, limit)
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, ErrNotFound):
		return nil, &trouble{verdict: Fail, evidence: i.short(key) + " is not there"}
	case errors.Is(err, ErrTooLarge):
		return nil, &trouble{verdict: Fail, evidence: fmt.Sprintf("%s is larger than the %d bytes that it can be", i.short(key), limit)}
	}
	return nil, &trouble{NotProven, i.short(key) + " could not be read", err}
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
	text, t := i.get(ctx, key, maxPlaylist)
	if t != nil {
		i.troubled(CheckPlaylists, t)
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
	text, t := i.get(ctx, key, maxPlaylist)
	if t != nil {
		i.troubled(CheckPlaylists, t)
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

// open opens the first and the last segment of a rendition, both at once.
func (i *inspection) open(ctx context.Context, r *rendition) {
	ends := r.playlist.Segments
	if len(ends) > 2 {
		ends = []Segment{ends[0], ends[len(ends)-1]}
	}
	all := make([]*opened, len(ends))
	troubles := make([]*trouble, len(ends))
	var reads sync.WaitGroup
	for at, s := range ends {
		reads.Go(func() { all[at], troubles[at] = i.openSegment(ctx, r, s) })
	}
	reads.Wait()
	for at, o := range all {
		if troubles[at] != nil {
			i.troubled(CheckContainer, troubles[at])
			continue
		}
		r.opened = append(r.opened, o)
		if r == i.renditions[0] && at == 0 {
			i.report.First = o.media
		}
		if r == i.renditions[0] && at == len(all)-1 {
			i.report.Last = o.media
		}
	}
}

func (i *inspection) openSegment(ctx context.Context, r *rendition, s Segment) (*opened, *trouble) {
	key, err := i.resolve(r.folder, s.URI)
	if err != nil {
		return nil, &trouble{verdict: Fail, evidence: err.Error()}
	}
	var init []byte
	if s.Map != "" {
		mapKey, err := i.resolve(r.folder, s.Map)
		if err != nil {
			return nil, &trouble{verdict: Fail, evidence: "EXT-X-MAP: " + err.Error()}
		}
		var t *trouble
		if init, t = i.get(ctx, mapKey, maxInit); t != nil {
			return nil, t
		}
	}
	body, t := i.get(ctx, key, maxSegment)
	if t != nil {
		return nil, t
	}
	m, err := media.Open(body, init)
	if err != nil {
		return nil, &trouble{verdict: Fail, evidence: i.short(key) + ": " + err.Error()}
	}
	o := &opened{Segment: s, media: m}
	if i.want.Viewer != nil && r == i.renditions[0] {
		o.bytes = slices.Concat(init, body)
	}
	return o, nil
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
