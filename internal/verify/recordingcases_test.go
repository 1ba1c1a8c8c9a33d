package verify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
)

// TestRecording: what IVS recorded is judged in all its parts. Each thing that is
// broken has its own named verdict and a remedy, and nothing passes.
func TestRecording(t *testing.T) {
	t.Parallel()
	tape := film(t)
	if whole := tape.look(t, "whole", nil); len(whole.lines()) != 11 || (proof.Step{Findings: whole.findings()}).Verdict() != proof.Pass {
		t.Errorf("the recording as it is: %q", whole.lines())
	}
	for name, c := range tape.broken() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := tape.look(t, strings.ReplaceAll(name, " ", "-"), c.change)
			head, part, _ := strings.Cut(c.want, ": ")
			seen := 0
			for _, f := range one.findings() {
				if !strings.HasPrefix(head, f.ID+" ") {
					continue
				}
				seen++
				if text := line(f); !strings.HasPrefix(text, head+": ") || !strings.Contains(text, part) {
					t.Errorf("%s\nwant %s", text, c.want)
				}
				if f.Verdict == proof.Pass || f.Behind || f.Fix == "" || !strings.Contains(f.Fix, c.fix) {
					t.Errorf("%s: fix %q, behind %t; want %q", f.ID, f.Fix, f.Behind, c.fix)
				}
			}
			if seen != 1 {
				t.Errorf("%d findings of %s: %q", seen, head, one.lines())
			}
			if (proof.Step{Findings: one.findings()}).Verdict() == proof.Pass {
				t.Error("PASS")
			}
		})
	}
	t.Run("others", tape.others)
}

// look judges a copy.
func (r *reel) look(t *testing.T, name string, change func(*take)) *take {
	one := r.copied(t, "cases/"+name+"/composite", change)
	one.g.lookAtRecording(t.Context())
	return one
}

func (k *take) findings() []proof.Finding { return k.g.steps[proof.StepRecording] }

func (k *take) lines() []string {
	var all []string
	for _, f := range k.findings() {
		all = append(all, line(f))
	}
	return all
}

// line is a finding in one line.
func line(f proof.Finding) string {
	text := f.ID + " " + f.Verdict.String() + ": " + f.Evidence
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// brokenCase is one thing that is wrong with a recording: want is the ID, the
// verdict and after the colon a part of the evidence, fix one of the remedy.
type brokenCase struct {
	change    func(*take)
	want, fix string
}

func (r *reel) broken() map[string]brokenCase {
	return map[string]brokenCase{
		"nothing there": {func(k *take) { clear(k.objects) }, "segments FAIL: there is nothing below cases/", "lifecycle"},
		"never ended":   {func(k *take) { k.drop("ended.json") }, "ended FAIL: there is events/recording-started.json and no events/recording-ended.json", "yolo doctor production --region us-east-1 --prefix cases/never-ended/composite"},
		"failed beside ended": {func(k *take) {
			k.objects["events/recording-failed.json"] = `{"recording_status":"RECORDING_ENDED_WITH_FAILURE","recording_status_message":"it broke"}`
		}, `ended FAIL: IVS wrote "RECORDING_ENDED_WITH_FAILURE": "it broke"`, "yolo doctor"},
		"ended badly":          {func(k *take) { k.replace("ended.json", "RECORDING_ENDED", "RECORDING_ENDED_WITH_FAILURE") }, `ended FAIL: IVS wrote "RECORDING_ENDED_WITH_FAILURE"`, "yolo doctor"},
		"no metadata's form":   {func(k *take) { k.set("ended.json", "<html>") }, "ended NOT_PROVEN: how it ended could not be read", "yolo doctor"},
		"another stage":        {func(k *take) { k.g.stage.arn = "arn:of:another" }, "ended FAIL: not arn:of:another", "yolo doctor"},
		"metadata denied":      {func(k *take) { k.answer = denies("recording-failed.json") }, "ended NOT_PROVEN: AccessDenied", "allow s3:GetObject"},
		"too short":            {func(k *take) { k.g.sent += 4 * time.Second }, "duration FAIL: the metadata say ", "yolo events production"},
		"too long":             {func(k *take) { k.g.sent -= 4 * time.Second }, "duration FAIL: the metadata say ", "yolo events production"},
		"playlist too short":   {func(k *take) { k.replace("/playlist.m3u8", "#EXTINF:2.0", "#EXTINF:0.1") }, "duration FAIL: /playlist.m3u8 has ", "yolo events production"},
		"no multivariant":      {func(k *take) { k.drop("multivariant.m3u8") }, "playlists FAIL: multivariant.m3u8 is not there", "run it again"},
		"multivariant broken":  {func(k *take) { k.set("multivariant.m3u8", "<html>") }, "playlists FAIL: line 1: it does not begin with #EXTM3U", "run it again"},
		"no playlist":          {func(k *take) { k.drop("/playlist.m3u8") }, "playlists FAIL: playlist.m3u8 is not there", "run it again"},
		"playlist broken":      {func(k *take) { k.set("/playlist.m3u8", "#EXTM3U\n#EXTINF:nothing,\n0.ts\n") }, "playlists FAIL: playlist.m3u8: line 2", "run it again"},
		"still EVENT":          {func(k *take) { k.replace("/playlist.m3u8", "VOD", "EVENT") }, `playlists FAIL: is of type "EVENT", not VOD`, "run it again"},
		"no ENDLIST":           {func(k *take) { k.replace("/playlist.m3u8", "#EXT-X-ENDLIST", "") }, "playlists FAIL: has no EXT-X-ENDLIST", "run it again"},
		"encrypted":            {func(k *take) { k.replace("/playlist.m3u8", "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF") }, "playlists FAIL: names a key", "run it again"},
		"a segment missing":    {func(k *take) { k.drop("/1.ts") }, `segments FAIL: "1.ts" is not there`, "lifecycle rule of " + r.account.env.BucketName(testRegion)},
		"an empty segment":     {func(k *take) { k.set("/1.ts", "") }, `segments FAIL: "1.ts" is empty`, "lifecycle"},
		"listing denied":       {func(k *take) { k.answer = denies("list-type=2") }, "segments NOT_PROVEN: could not be listed", "allow s3:ListBucket"},
		"foreign owner":        {func(k *take) { k.answer = r.rewrites("list-type=2", foreign) }, `owner FAIL: belongs to "somebody-else", another account`, "yolo sync:recording production"},
		"owner not to be told": {func(k *take) { k.answer = denies("?acl") }, "owner NOT_PROVEN: this account's canonical id could not be read", "allow s3:GetBucketAcl"},
		"no segment's form":    {func(k *take) { k.set("/0.ts", "<Error/>") }, "container FAIL: neither MPEG-TS nor fMP4", "run it again"},
		"a cut segment":        {func(k *take) { k.set("/0.ts", k.objects[k.named("/0.ts")][:1000]) }, "container FAIL: whole number of packets", "run it again"},
		"fMP4 for MPEG-TS":     {func(k *take) { k.set("/0.ts", sampled("segment.mp4")) }, "container FAIL: EXT-X-MAP", "run it again"},
		"two containers":       {func(k *take) { k.set(k.last(), sampled("opus.mp4")) }, "container FAIL: is fMP4, the first segment MPEG-TS", "run it again"},
		"another size":         {func(k *take) { k.g.Show.Width, k.g.Show.Height = 640, 360 }, "video FAIL: 284x160, not the encoder's 640x360", "compare the encoder configuration arn:of:encoder"},
		"another codec":        {func(k *take) { k.set("/0.ts", sampled("hevc.ts")) }, "video FAIL: H.265, not H.264", "compare the encoder"},
		"no video":             {func(k *take) { k.set("/0.ts", sampled("sound.ts")) }, "video FAIL: no video track", "compare the encoder"},
		"half of the frames":   {func(k *take) { k.g.Env.Recording.Encoder.Framerate = 15 }, "frames NOT_PROVEN: 30 a second as they were sent, not the encoder's 15", "run it again"},
		"too few frames":       {func(k *take) { k.set("/0.ts", sampled("other.ts")) }, "frames FAIL: not at 30 a second", "compare the encoder"},
		"no audio": {func(k *take) {
			for _, end := range []string{"/0.ts", k.last()} {
				k.set(end, silent(k.objects[k.named(end)]))
			}
		}, "audio FAIL: an audio track (AAC) without a frame", "run it again"},
		"a gap":          {func(k *take) { k.cutOut(1) }, "times FAIL: after the first picture the last segment begins", "run it again"},
		"black":          {func(k *take) { k.g.viewer = sees(recording.Pictures{Decoded: 60, Empty: 60}, nil) }, "picture FAIL: 60 pictures, black or of one shade", "play s3://"},
		"ffmpeg broken":  {func(k *take) { k.g.viewer = sees(recording.Pictures{}, errors.New("exit status 1")) }, "picture NOT_PROVEN: could not be decoded", "an ffmpeg on the PATH that works"},
		"segment denied": {func(k *take) { k.answer = denies("/0.ts") }, "container NOT_PROVEN: could not be read", "allow s3:GetObject"},
	}
}

// foreign has a listing tell that the segments belong to somebody else.
func foreign(listing string) string {
	return regexp.MustCompile(`<Owner><ID>[^<]*`).ReplaceAllString(listing, "<Owner><ID>somebody-else")
}

// last is the end of the key of the last segment.
func (k *take) last() string {
	all := regexp.MustCompile(`\d+\.ts`).FindAllString(k.objects[k.named("/playlist.m3u8")], -1)
	return "/" + all[len(all)-1]
}

// cutOut takes a segment out of the playlist, as if it had never been.
func (k *take) cutOut(n int) {
	key := k.named("/playlist.m3u8")
	entries := regexp.MustCompile(`#EXTINF:[^\n]*\n[^\n]*\n`).FindAllString(k.objects[key], -1)
	k.objects[key] = strings.Replace(k.objects[key], entries[n], "", 1)
}

// others are what does not fit the table.
func (r *reel) others(t *testing.T) {
	t.Run("fMP4", r.mp4)
	t.Run("late", r.late)
	t.Run("interrupted", r.interrupted)
	t.Run("larger encoder", r.larger)
	t.Run("no ffmpeg", r.unseen)
	t.Run("purge", r.purges)
}

// mp4: whether composite recordings are MPEG-TS or fMP4 is not documented, so
// both pass, and the evidence says which, and what MediaConvert makes of it.
func (r *reel) mp4(t *testing.T) {
	t.Parallel()
	one := r.look(t, "mp4", func(k *take) {
		folder := strings.TrimSuffix(k.named("/0.ts"), "0.ts")
		k.set("/playlist.m3u8", "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.0,\n0.mp4\n#EXT-X-ENDLIST\n")
		k.objects[folder+"init.mp4"], k.objects[folder+"0.mp4"] = sampled("init.mp4"), sampled("segment.mp4")
		k.g.Show.Width, k.g.Show.Height, k.g.Env.Recording.Encoder.Framerate, k.g.sent = 96, 64, 10, 2500*time.Millisecond
		k.rewriteMetadata(func(m *recording.Metadata) {
			m.Media.HLS.DurationMS, m.Media.HLS.Renditions[0].Width, m.Media.HLS.Renditions[0].Height = 1000, 96, 64
		})
	})
	for _, f := range one.findings() {
		if f.Verdict != proof.Pass || f.Fix != "" {
			t.Errorf("%s, fix %q", line(f), f.Fix)
		}
		if f.ID == "container" && f.Evidence != "0.mp4: fMP4; MediaConvert does not take it: its HLS input takes MPEG-TS only" {
			t.Error(f.Evidence)
		}
	}
}

func (k *take) rewriteMetadata(change func(*recording.Metadata)) {
	key := k.named("ended.json")
	m, err := recording.ParseMetadata([]byte(k.objects[key]))
	if err != nil {
		panic(err)
	}
	change(m)
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	k.objects[key] = string(text)
}

// late: what IVS writes after its metadata is waited for.
func (r *reel) late(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	one := r.look(t, "late", func(k *take) {
		k.g.waits.ended, k.g.waits.look = time.Minute, time.Millisecond
		k.answer = r.rewrites("/playlist.m3u8", func(text string) string {
			if asked.Add(1) < 3 {
				return strings.Replace(text, "VOD", "EVENT", 1)
			}
			return text
		})
	})
	if (proof.Step{Findings: one.findings()}).Verdict() != proof.Pass || asked.Load() != 3 {
		t.Errorf("asked %d times: %q", asked.Load(), one.lines())
	}
}

// interrupted: a look that is broken off proves nothing, and says so once.
func (r *reel) interrupted(t *testing.T) {
	t.Parallel()
	one := r.copied(t, "cases/interrupted/composite", func(k *take) {
		ctx, interrupt := context.WithCancel(t.Context())
		k.g.Stop = ctx
		k.drop("ended.json")
		k.g.waits.ended = time.Hour
		k.answer = func(_ http.ResponseWriter, request *http.Request) bool {
			if strings.HasSuffix(request.URL.Path, "ended.json") {
				interrupt()
			}
			return false
		}
	})
	live, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer context.AfterFunc(one.g.Stop, cancel)()
	one.g.lookAtRecording(live)
	if diff := cmp.Diff([]string{"recording NOT_PROVEN: the recording was not looked at to the end: interrupted"}, one.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// larger: a composition makes what the encoder says of what may be smaller, and
// the evidence tells both.
func (r *reel) larger(t *testing.T) {
	t.Parallel()
	one := r.copied(t, "cases/larger/composite", nil)
	one.g.Show.Width, one.g.Show.Height = 1080, 1920
	var f proof.Finding
	one.g.tellPicture(&f, &recording.Report{Findings: []recording.Finding{{Check: recording.CheckPicture}}})
	if want := "; 720x1280 was sent for an encoder of 1080x1920, since IVS takes no more than 720p"; f.Evidence != want || f.Short != "" {
		t.Errorf("%q and %q, want %q", f.Evidence, f.Short, want)
	}
}

// unseen: without an ffmpeg nothing is claimed of the picture, and that is said.
func (r *reel) unseen(t *testing.T) {
	t.Parallel()
	one := r.copied(t, "cases/unseen/composite", nil)
	var f proof.Finding
	one.g.tellPicture(&f, &recording.Report{})
	if want := "; what the picture shows was not looked at, as there is no ffmpeg on the PATH"; f.Evidence != want {
		t.Errorf("%q, want %q", f.Evidence, want)
	}
	if want := " (what it shows was not looked at: no ffmpeg)"; f.Short != want {
		t.Errorf("in short %q, want %q", f.Short, want)
	}
}
