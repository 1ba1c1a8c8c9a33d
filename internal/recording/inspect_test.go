package recording_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/media"
)

const (
	prefix = "stage/composition/destination/composite"
	owner  = "canonical-id"
	stage  = "arn:aws:ivs:us-east-1:123456789012:stage/abc"
)

// bucket is a store in memory.
type bucket struct {
	objects map[string][]byte
	owners  map[string]string // of those that are not owner's
	broken  map[string]error  // what Get answers for a key, List for ""
}

func (b *bucket) Get(_ context.Context, key string, limit int64) ([]byte, error) {
	if err := b.broken[key]; err != nil {
		return nil, err
	}
	body, ok := b.objects[key]
	switch {
	case !ok:
		return nil, recording.ErrNotFound
	case int64(len(body)) > limit:
		return nil, recording.ErrTooLarge
	}
	return body, nil
}

func (b *bucket) List(_ context.Context, under string) ([]recording.Object, error) {
	if err := b.broken[""]; err != nil {
		return nil, err
	}
	var all []recording.Object
	for key, body := range b.objects {
		if !strings.HasPrefix(key, under) {
			continue
		}
		object := recording.Object{Key: key, Size: int64(len(body)), Owner: owner}
		if other, ok := b.owners[key]; ok {
			object.Owner = other
		}
		all = append(all, object)
	}
	return all, nil
}

// put and replace change an object; its key is below the prefix.
func (b *bucket) put(key, body string) { b.objects[prefix+"/"+key] = []byte(body) }

func (b *bucket) replace(key, from, to string) {
	body := b.objects[prefix+"/"+key]
	if !bytes.Contains(body, []byte(from)) {
		panic(key + " does not hold " + from)
	}
	b.objects[prefix+"/"+key] = bytes.ReplaceAll(body, []byte(from), []byte(to))
}

// oneSegment leaves only the first segment in the playlist.
func (b *bucket) oneSegment() { b.replace(playlist, "#EXTINF:2.000,\n1.ts\n", "") }

func (b *bucket) drop(key string) { delete(b.objects, prefix+"/"+key) }

const (
	started      = "events/recording-started.json"
	ended        = "events/recording-ended.json"
	failed       = "events/recording-failed.json"
	multivariant = "media/hls/multivariant.m3u8"
	playlist     = "media/hls/720p30-abc/playlist.m3u8"
	folder       = "media/hls/720p30-abc/"
)

// sample reads a segment that ffmpeg made.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("media", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tsRecording is a whole recording in MPEG-TS: two segments of 2 s.
func tsRecording(t testing.TB) *bucket {
	b := &bucket{objects: map[string][]byte{}, owners: map[string]string{}, broken: map[string]error{}}
	b.put(started, `{"version":"v1","stage_arn":"`+stage+`","recording_status":"RECORDING_STARTED","recording_started_at":"2026-11-01T10:00:00Z"}`)
	b.put(ended, `{"version":"v1","stage_arn":"`+stage+`","recording_status":"RECORDING_ENDED",
		"recording_started_at":"2026-11-01T10:00:00Z","recording_ended_at":"2026-11-01T10:00:04Z","recording_status_message":"",
		"media":{"hls":{"path":"media/hls","playlist":"multivariant.m3u8","duration_ms":4000,
			"renditions":[{"path":"720p30-abc","playlist":"playlist.m3u8","resolution_width":284,"resolution_height":160}]}}}`)
	b.put(multivariant, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=2500000,RESOLUTION=284x160,CODECS=\"avc1.42e01f,mp4a.40.2\"\n720p30-abc/playlist.m3u8\n")
	b.put(playlist, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:2.000,\n0.ts\n#EXTINF:2.000,\n1.ts\n#EXT-X-ENDLIST\n")
	b.put(folder+"0.ts", sample(t, "show.ts"))
	b.put(folder+"1.ts", later(sample(t, "show.ts"), 2*time.Second))
	return b
}

// later moves all times of a transport stream.
func later(stream string, by time.Duration) string {
	b := []byte(stream)
	for at := 0; at < len(b); at += 188 {
		packet := b[at : at+188]
		start := bytes.Index(packet, []byte{0, 0, 1})
		if packet[1]&0x40 == 0 || start < 0 || start > 150 || packet[start+3] < 0xC0 {
			continue
		}
		pes := packet[start:]
		for i, mask := range []byte{0x80, 0x40} {
			if pes[7]&mask == 0 {
				continue
			}
			f := pes[9+5*i:]
			pts := int64(f[0]>>1&7)<<30 | int64(f[1])<<22 | int64(f[2]>>1)<<15 | int64(f[3])<<7 | int64(f[4]>>1)
			pts = (pts + int64(by)*90_000/int64(time.Second)) % (1 << 33)
			f[0] = f[0]&0xF1 | byte(pts>>29)&0x0E
			f[1], f[2], f[3], f[4] = byte(pts>>22), byte(pts>>14)|1, byte(pts>>7), byte(pts<<1)|1
		}
	}
	return string(b)
}

// mp4Recording is one in fMP4, of one segment.
func mp4Recording(t testing.TB) *bucket {
	b := tsRecording(t)
	b.replace(ended, "284", "96")
	b.replace(ended, "160", "64")
	b.replace(ended, "4000", "1000")
	b.put(playlist, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.0,\n0.mp4\n#EXT-X-ENDLIST\n")
	b.put(folder+"init.mp4", sample(t, "init.mp4"))
	b.put(folder+"0.mp4", sample(t, "segment.mp4"))
	return b
}

func tsExpected() recording.Expected {
	return recording.Expected{StageARN: stage, Width: 284, Height: 160, Framerate: 30, Sent: 5 * time.Second, Owner: owner}
}

func verdicts(r *recording.Report) map[recording.Check]recording.Verdict {
	all := map[recording.Check]recording.Verdict{}
	for _, f := range r.Findings {
		all[f.Check] = f.Verdict
	}
	return all
}

// TestWhole: a recording as it should be passes every check, and the report says
// what it is.
func TestWhole(t *testing.T) {
	for name, c := range map[string]struct {
		bucket    *bucket
		want      recording.Expected
		container media.Container
		convert   bool
		segments  int
	}{
		"MPEG-TS": {tsRecording(t), tsExpected(), media.TS, true, 2},
		"fMP4": {mp4Recording(t), recording.Expected{
			StageARN: stage, Width: 96, Height: 64, Framerate: 10, Sent: time.Second, Owner: owner,
		}, media.MP4, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := recording.Inspect(t.Context(), c.bucket, prefix+"/", c.want)
			if len(r.Findings) != 10 {
				t.Errorf("%d findings", len(r.Findings))
			}
			for _, f := range r.Findings {
				if f.Verdict != recording.Pass || f.Evidence == "" {
					t.Errorf("%s %s: %s", f.Check, f.Verdict, f.Evidence)
				}
			}
			if r.Verdict() != recording.Pass || r.Outcome.State() != recording.Ended || r.Segments != c.segments {
				t.Errorf("%+v", r)
			}
			if r.First == nil || r.Last == nil || r.First.Container != c.container {
				t.Errorf("first %+v, last %+v", r.First, r.Last)
			}
			if takes, reason := r.MediaConvert(); takes != c.convert || reason == "" {
				t.Errorf("MediaConvert takes it: %t, %s", takes, reason)
			}
		})
	}
}

// TestSlowPublisher: what records goes on while the publisher falls behind.
func TestSlowPublisher(t *testing.T) {
	want := tsExpected()
	want.Sent, want.Rolled = 500*time.Millisecond, 2*time.Second
	if r := recording.Inspect(t.Context(), tsRecording(t), prefix, want); r.Verdict() != recording.Pass {
		t.Errorf("%s: %+v", r.Verdict(), r.Findings)
	}
}

// said is all that a finding says.
func said(f recording.Finding) string {
	if f.Err != nil {
		return f.Evidence + ": " + f.Err.Error()
	}
	return f.Evidence
}

// TestBroken breaks one thing at a time. Each has its own verdict at its own
// check, and none passes.
func TestBroken(t *testing.T) {
	broken := errors.New("AccessDenied")
	const fail, open = recording.Fail, recording.NotProven
	for name, c := range map[string]struct {
		change  func(*bucket, *recording.Expected)
		check   recording.Check
		verdict recording.Verdict
		says    string
	}{
		"nothing there": {func(b *bucket, _ *recording.Expected) { clear(b.objects) }, recording.CheckSegments, fail, "nothing below"},
		"no metadata":   {func(b *bucket, _ *recording.Expected) { b.drop(started); b.drop(ended) }, recording.CheckOutcome, fail, "no metadata"},
		"still running": {func(b *bucket, _ *recording.Expected) { b.drop(ended) }, recording.CheckOutcome, fail, "has not ended"},
		"failed": {func(b *bucket, _ *recording.Expected) {
			b.put(failed, `{"recording_status":"RECORDING_START_FAILED","recording_status_message":"S3 bucket not found."}`)
		}, recording.CheckOutcome, fail, `"RECORDING_START_FAILED": "S3 bucket not found."`},
		"ended badly": {func(b *bucket, _ *recording.Expected) {
			b.replace(ended, "RECORDING_ENDED", "RECORDING_ENDED_WITH_FAILURE")
		}, recording.CheckOutcome, fail, "ENDED_WITH_FAILURE"},
		"no JSON":         {func(b *bucket, _ *recording.Expected) { b.put(ended, "<Error>") }, recording.CheckOutcome, open, "not IVS's metadata"},
		"other JSON":      {func(b *bucket, _ *recording.Expected) { b.put(ended, "{}") }, recording.CheckOutcome, open, "no recording_status"},
		"metadata denied": {func(b *bucket, _ *recording.Expected) { b.broken[prefix+"/"+failed] = broken }, recording.CheckOutcome, open, "AccessDenied"},
		"another stage":   {func(_ *bucket, e *recording.Expected) { e.StageARN = "arn:x" }, recording.CheckOutcome, fail, "not arn:x"},
		"too short":       {func(_ *bucket, e *recording.Expected) { e.Sent = 8 * time.Second }, recording.CheckDuration, fail, "say 4.0 s, sent 8.0 s"},
		"too long":        {func(_ *bucket, e *recording.Expected) { e.Sent = 500 * time.Millisecond }, recording.CheckDuration, fail, "sent 0.5 s"},
		"too long however slow": {func(_ *bucket, e *recording.Expected) {
			e.Sent, e.Rolled = 500*time.Millisecond, 900*time.Millisecond
		}, recording.CheckDuration, fail, "say 4.0 s, sent 0.5 s within 0.9 s"},
		"a short playlist": {func(b *bucket, e *recording.Expected) {
			e.Sent = 4 * time.Second
			b.replace(playlist, "2.000", "0.100")
		}, recording.CheckDuration, fail, "playlist.m3u8 has 0.2 s"},
		"length unknown":     {func(_ *bucket, e *recording.Expected) { e.Sent = 0 }, recording.CheckDuration, open, "not known"},
		"no multivariant":    {func(b *bucket, _ *recording.Expected) { b.drop(multivariant) }, recording.CheckPlaylists, fail, "multivariant.m3u8 is not there"},
		"no playlist":        {func(b *bucket, _ *recording.Expected) { b.drop(playlist) }, recording.CheckPlaylists, fail, "playlist.m3u8 is not there"},
		"playlist denied":    {func(b *bucket, _ *recording.Expected) { b.broken[prefix+"/"+playlist] = broken }, recording.CheckPlaylists, open, "AccessDenied"},
		"a huge playlist":    {func(b *bucket, _ *recording.Expected) { b.put(playlist, strings.Repeat("#\n", 5<<20)) }, recording.CheckPlaylists, fail, "larger than"},
		"no playlist at all": {func(b *bucket, _ *recording.Expected) { b.put(playlist, "<html>") }, recording.CheckPlaylists, fail, "line 1"},
		"a playlist astray":  {func(b *bucket, _ *recording.Expected) { b.replace(multivariant, "720p30-abc", "../../../../../other") }, recording.CheckPlaylists, fail, "leads out"},
		"metadata astray":    {func(b *bucket, _ *recording.Expected) { b.replace(ended, `"media/hls"`, `"../../x"`) }, recording.CheckPlaylists, fail, "leads out"},
		"still EVENT":        {func(b *bucket, _ *recording.Expected) { b.replace(playlist, "VOD", "EVENT") }, recording.CheckPlaylists, fail, "not VOD"},
		"not ended":          {func(b *bucket, _ *recording.Expected) { b.replace(playlist, "#EXT-X-ENDLIST\n", "") }, recording.CheckPlaylists, fail, "no EXT-X-ENDLIST"},
		"no segment": {func(b *bucket, _ *recording.Expected) {
			b.put(playlist, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n")
		}, recording.CheckPlaylists, fail, "names no segment"},
		"encrypted": {func(b *bucket, _ *recording.Expected) {
			b.replace(playlist, "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF")
		}, recording.CheckPlaylists, fail, "names a key"},
		"a segment missing": {func(b *bucket, _ *recording.Expected) { b.drop(folder + "1.ts") }, recording.CheckSegments, fail, `"1.ts" is not there`},
		"an empty segment":  {func(b *bucket, _ *recording.Expected) { b.put(folder+"1.ts", "") }, recording.CheckSegments, fail, `"1.ts" is empty`},
		"a segment astray":  {func(b *bucket, _ *recording.Expected) { b.replace(playlist, "1.ts", "https://evil.example/1.ts") }, recording.CheckSegments, fail, "no relative path"},
		"listing denied":    {func(b *bucket, _ *recording.Expected) { b.broken[""] = broken }, recording.CheckSegments, open, "AccessDenied"},
		"another owner":     {func(b *bucket, _ *recording.Expected) { b.owners[prefix+"/"+folder+"1.ts"] = "other" }, recording.CheckOwner, fail, `1.ts belongs to "other"`},
		"owner not told":    {func(b *bucket, _ *recording.Expected) { b.owners[prefix+"/"+folder+"1.ts"] = "" }, recording.CheckOwner, open, "whose"},
		"owner unknown":     {func(_ *bucket, e *recording.Expected) { e.Owner = "" }, recording.CheckOwner, open, "not known"},
		"cut segment":       {func(b *bucket, _ *recording.Expected) { b.put(folder+"1.ts", sample(t, "show.ts")[:1000]) }, recording.CheckContainer, fail, "whole number of packets"},
		"no segment's form": {func(b *bucket, _ *recording.Expected) { b.put(folder+"0.ts", "<Error>AccessDenied</Error>") }, recording.CheckContainer, fail, "neither MPEG-TS nor fMP4"},
		"segment denied":    {func(b *bucket, _ *recording.Expected) { b.broken[prefix+"/"+folder+"0.ts"] = broken }, recording.CheckContainer, open, "AccessDenied"},
		"packets missing": {func(b *bucket, _ *recording.Expected) {
			s := sample(t, "show.ts")
			b.put(folder+"0.ts", s[:60*188]+s[61*188:])
		}, recording.CheckContainer, fail, "gaps between packets"},
		"mixed containers":  {func(b *bucket, _ *recording.Expected) { b.put(folder+"1.ts", sample(t, "opus.mp4")) }, recording.CheckContainer, fail, "1.ts is fMP4, the first segment MPEG-TS"},
		"another size":      {func(_ *bucket, e *recording.Expected) { e.Width, e.Height = 1280, 720 }, recording.CheckVideo, fail, "284x160, not the encoder's 1280x720"},
		"metadata's size":   {func(b *bucket, _ *recording.Expected) { b.replace(ended, "284", "640") }, recording.CheckVideo, fail, "say 640x160"},
		"size unknown":      {func(_ *bucket, e *recording.Expected) { e.Width = 0 }, recording.CheckVideo, open, "not known"},
		"another codec":     {func(b *bucket, _ *recording.Expected) { b.put(folder+"0.ts", sample(t, "hevc.ts")) }, recording.CheckVideo, fail, "H.265, not H.264"},
		"no video":          {func(b *bucket, _ *recording.Expected) { b.put(folder+"0.ts", sample(t, "sound.ts")) }, recording.CheckVideo, fail, "no video track"},
		"half the rate":     {func(_ *bucket, e *recording.Expected) { e.Framerate = 60 }, recording.CheckFrames, fail, "60 frames, 1 keyframe, in 2.0 s, not at 60 a second"},
		"the rate as sent":  {func(_ *bucket, e *recording.Expected) { e.Framerate, e.SentFramerate = 60, 30 }, recording.CheckFrames, open, "30 a second as they were sent, not the encoder's 60"},
		"rate unknown":      {func(_ *bucket, e *recording.Expected) { e.Framerate = 0 }, recording.CheckFrames, open, "not known"},
		"no audio":          {func(b *bucket, _ *recording.Expected) { b.put(folder+"0.ts", sample(t, "hevc.ts")) }, recording.CheckAudio, fail, "no audio track"},
		"short audio":       {func(b *bucket, _ *recording.Expected) { b.put(folder+"0.ts", sample(t, "opus.ts")); b.oneSegment() }, recording.CheckAudio, fail, "that is 1.0 s of 2.0 s"},
		"times that jump":   {func(b *bucket, _ *recording.Expected) { b.put(folder+"1.ts", later(sample(t, "show.ts"), time.Minute)) }, recording.CheckTimes, fail, "60.0 s after the first"},
		"times that repeat": {func(b *bucket, _ *recording.Expected) { b.put(folder+"1.ts", sample(t, "show.ts")) }, recording.CheckTimes, fail, "0.0 s after the first"},
		"discontinuity": {func(b *bucket, _ *recording.Expected) {
			b.replace(playlist, "#EXTINF:2.000,\n1", "#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n1")
		}, recording.CheckTimes, open, "discontinuity"},
	} {
		t.Run(name, func(t *testing.T) {
			b, want := tsRecording(t), tsExpected()
			c.change(b, &want)
			r := recording.Inspect(t.Context(), b, prefix, want)
			if len(r.Findings) != 10 || r.Verdict() == recording.Pass {
				t.Errorf("%d findings, %s", len(r.Findings), r.Verdict())
			}
			for _, f := range r.Findings {
				if f.Check == c.check && (f.Verdict != c.verdict || !strings.Contains(said(f), c.says)) {
					t.Errorf("%s %s: %s, want %s, %q", f.Check, f.Verdict, said(f), c.verdict, c.says)
				}
			}
		})
	}
}

// TestBrokenMP4: what fMP4 needs beside its segments.
func TestBrokenMP4(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bucket)
		says   string
	}{
		"no init section":   {func(b *bucket) { b.drop(folder + "init.mp4") }, "init.mp4 is not there"},
		"none named":        {func(b *bucket) { b.replace(playlist, "#EXT-X-MAP:URI=\"init.mp4\"\n", "") }, "EXT-X-MAP"},
		"init section away": {func(b *bucket) { b.replace(playlist, "init.mp4", "/init.mp4") }, "no relative path"},
		"an empty one":      {func(b *bucket) { b.put(folder+"init.mp4", "") }, "moov"},
		"another's":         {func(b *bucket) { b.put(folder+"init.mp4", sample(t, "hevc.mp4")) }, "not in the header"},
	} {
		b := mp4Recording(t)
		c.change(b)
		r := recording.Inspect(t.Context(), b, prefix, recording.Expected{Width: 96, Height: 64, Framerate: 10})
		for _, f := range r.Findings {
			if f.Check == recording.CheckContainer && (f.Verdict != recording.Fail || !strings.Contains(f.Evidence, c.says)) {
				t.Errorf("%s: %s %s, want %q", name, f.Verdict, f.Evidence, c.says)
			}
		}
	}
}

// TestNothingKnown: of a recording of which nothing is expected, what can be seen
// is told, and it is not proven.
func TestNothingKnown(t *testing.T) {
	r := recording.Inspect(t.Context(), tsRecording(t), prefix, recording.Expected{})
	if r.Verdict() != recording.NotProven {
		t.Error(r.Verdict())
	}
	got := verdicts(r)
	for _, check := range []recording.Check{recording.CheckOutcome, recording.CheckPlaylists, recording.CheckSegments, recording.CheckContainer, recording.CheckAudio} {
		if got[check] != recording.Pass {
			t.Errorf("%s: %s", check, got[check])
		}
	}
	if (&recording.Report{}).Verdict() != recording.NotProven {
		t.Error("an empty report")
	}
	if takes, _ := (&recording.Report{}).MediaConvert(); takes {
		t.Error("MediaConvert takes what was not read")
	}
}

// TestManyMissing: a recording of which most is gone is told in a line.
func TestManyMissing(t *testing.T) {
	b := tsRecording(t)
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n" + strings.Repeat("#EXTINF:2,\nx\x1b[31m.ts\n", 1)
	for i := range 1000 {
		text += "#EXTINF:2,\n" + strings.Repeat("n", i%9+1) + ".ts\n"
	}
	b.put(playlist, text+"#EXT-X-ENDLIST\n")
	for _, f := range recording.Inspect(t.Context(), b, prefix, tsExpected()).Findings {
		if len(f.Evidence) > 500 || strings.ContainsFunc(f.Evidence, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%s: %q", f.Check, f.Evidence)
		}
		if f.Check == recording.CheckSegments && !strings.Contains(f.Evidence, "and 7 more") {
			t.Errorf("%q", f.Evidence)
		}
	}
}

// TestState: doctor and status ask for the outcome alone.
func TestState(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bucket)
		want   recording.State
	}{
		"ended":   {func(*bucket) {}, recording.Ended},
		"running": {func(b *bucket) { b.drop(ended) }, recording.Running},
		"absent":  {func(b *bucket) { clear(b.objects) }, recording.Absent},
		"failed":  {func(b *bucket) { b.put(failed, `{"recording_status":"RECORDING_ENDED_WITH_FAILURE"}`) }, recording.Failed},
		"unclear": {func(b *bucket) { b.broken[prefix+"/"+ended] = errors.New("x") }, recording.Unclear},
	} {
		b := tsRecording(t)
		c.change(b)
		o := recording.ReadOutcome(t.Context(), b, prefix)
		if got := o.State(); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	o := recording.ReadOutcome(t.Context(), tsRecording(t), prefix)
	if o.Ended.Duration() != 4*time.Second || o.Ended.StartedAt.IsZero() || len(o.Ended.Media.HLS.Renditions) != 1 {
		t.Errorf("%+v", o.Ended)
	}
}
