package verify

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/media"
	"github.com/yolo-live/yolo/internal/resource"
)

// reel is a recording, of which every test makes a copy of its own to break.
type reel struct {
	account *account
	objects map[string]string // by key below the prefix
	stage   string
	length  time.Duration
}

// film is a recording of three segments, which ffmpeg made: what it is judged by
// shares nothing with it.
func film(t *testing.T) *reel {
	const folder = "media/hls/160p30-abc/"
	tape := &reel{account: start(t), stage: "arn:aws:ivs:us-east-1:123456789012:stage/abc", length: 6 * time.Second}
	show := sampled("show.ts")
	tape.objects = map[string]string{
		"events/recording-started.json": `{"version":"v1","stage_arn":"` + tape.stage + `","recording_status":"RECORDING_STARTED"}`,
		"events/recording-ended.json": `{"version":"v1","stage_arn":"` + tape.stage + `","recording_status":"RECORDING_ENDED","media":{"hls":{
			"path":"media/hls","playlist":"multivariant.m3u8","duration_ms":6000,
			"renditions":[{"path":"160p30-abc","playlist":"playlist.m3u8","resolution_width":284,"resolution_height":160}]}}}`,
		"media/hls/multivariant.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2500000,RESOLUTION=284x160\n160p30-abc/playlist.m3u8\n",
		folder + "playlist.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n" +
			"#EXTINF:2.000,\n0.ts\n#EXTINF:2.000,\n1.ts\n#EXTINF:2.000,\n2.ts\n#EXT-X-ENDLIST\n",
		folder + "0.ts": show, folder + "1.ts": later(show, 2*time.Second), folder + "2.ts": later(show, 4*time.Second),
	}
	return tape
}

// later moves all times of a transport stream (ISO/IEC 13818-1 2.4.3.7).
func later(stream string, by time.Duration) string {
	b := []byte(stream)
	for at := 0; at < len(b); at += 188 {
		packet := b[at : at+188]
		start := bytes.Index(packet, []byte{0, 0, 1})
		if packet[1]&0x40 == 0 || start < 0 || start > 150 || packet[start+3] < 0xC0 {
			continue
		}
		pes := packet[start:]
		for i, told := range []byte{0x80, 0x40} { // PTS and DTS
			if pes[7]&told == 0 {
				continue
			}
			f := pes[9+5*i:]
			pts := int64(f[0]>>1&7)<<30 | int64(f[1])<<22 | int64(f[2]>>1)<<15 | int64(f[3])<<7 | int64(f[4]>>1)
			pts = (pts + int64(by)*90_000/int64(time.Second)) % (1 << 33)
			f[0], f[1], f[2] = f[0]&0xF1|byte(pts>>29)&0x0E, byte(pts>>22), byte(pts>>14)|1
			f[3], f[4] = byte(pts>>7), byte(pts<<1)|1
		}
	}
	return string(b)
}

// TestPrefix: where IVS records to is in the journal before anything else is
// asked of AWS.
func TestPrefix(t *testing.T) {
	t.Parallel()
	a := start(t)
	var prefix atomic.Pointer[string]
	var after atomic.Int64
	c := a.through(t, func(w http.ResponseWriter, r *http.Request) bool {
		if started := prefix.Swap(nil); started != nil {
			after.Add(1)
			if !a.journaled(*started) {
				t.Errorf("%s is asked for before %s is in the journal", r.URL.Path, *started)
			}
		}
		if r.URL.Path != "/StartComposition" {
			return false
		}
		answer := httptest.NewRecorder()
		a.server.ServeHTTP(answer, r)
		if found := regexp.MustCompile(`"recordingPrefix":"([^"]+)"`).FindStringSubmatch(answer.Body.String()); found != nil {
			prefix.Store(&found[1])
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return true
	})
	a.verify(func(o *Options) {
		o.Cloud, o.Regions[0].Show.Logs = c, false
		o.waits.active, o.waits.reason = 0, 0
		o.publish = func(context.Context, publication) (airing, error) { return &dummy{}, nil }
	})
	if after.Load() != 1 {
		t.Errorf("%d requests were seen right after StartComposition", after.Load())
	}
}

// journaled tells whether a prefix is in the journal of the run that is on.
func (a *account) journaled(prefix string) bool {
	paths, _ := filepath.Glob(filepath.Join(journalFolder(a.state), "*.json"))
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), `"prefix": "`+prefix+`"`) {
			return true
		}
	}
	return false
}

// through is a cloud whose requests meet answer first, which tells whether it
// has answered.
func (a *account) through(t *testing.T, answer func(http.ResponseWriter, *http.Request) bool) *cloud.Cloud {
	t.Helper()
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer == nil || !answer(w, r) {
			a.server.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(listener.Close)
	c, err := cloud.Load(t.Context(), cloud.Options{Region: testRegion, Endpoint: listener.URL, AccessKey: "123456789012"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (a *account) put(t *testing.T, key, body string) {
	t.Helper()
	_, err := a.clients().S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(a.env.BucketName(testRegion)), Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
}

// sees is a viewer that sees the same in every segment.
func sees(p recording.Pictures, err error) recording.Viewer {
	return func(context.Context, media.Container, []byte) (recording.Pictures, error) { return p, err }
}

// take is a copy of the recording, what a run knows of it, and what is wrong with
// both.
type take struct {
	objects map[string]string
	g       *regionRun
	answer  func(w http.ResponseWriter, r *http.Request) bool
}

// copied is a copy below a prefix of its own.
func (r *reel) copied(t *testing.T, prefix string, change func(*take)) *take {
	a := r.account
	env := *a.env
	waits := quick()
	waits.ended = 0 // one look
	one := &take{objects: map[string]string{}, g: &regionRun{
		run: &run{
			Options: Options{Env: &env, Account: "123456789012", viewer: sees(recording.Pictures{Decoded: 60}, nil)},
			waits:   *waits, steps: map[string][]proof.Finding{}, took: map[string]time.Duration{},
		},
		Region: Region{
			Show:      proof.Show{Region: testRegion, Records: true, Width: 284, Height: 160},
			Recording: resource.Chain{Feature: resource.FeatureRecording, Bucket: a.env.BucketName(testRegion), Encoder: "arn:of:encoder"},
		},
		region: testRegion, stage: &stage{arn: r.stage}, composition: &composition{arn: "arn:of:composition", prefix: prefix}, sent: r.length,
	}}
	for key, body := range r.objects {
		one.objects[key] = body
	}
	if change != nil {
		change(one)
	}
	for key, body := range one.objects {
		a.put(t, prefix+"/"+key, body)
	}
	one.g.Cloud = a.through(t, one.answer)
	return one
}

// named is the key of the one object whose key ends so.
func (k *take) named(end string) string {
	for key := range k.objects {
		if strings.HasSuffix(key, end) {
			return key
		}
	}
	panic("no object is called " + end)
}

func (k *take) replace(end, from, to string) {
	key := k.named(end)
	if !strings.Contains(k.objects[key], from) {
		panic(key + " does not hold " + from)
	}
	k.objects[key] = strings.ReplaceAll(k.objects[key], from, to)
}

func (k *take) set(end, body string) { k.objects[k.named(end)] = body }
func (k *take) drop(end string)      { delete(k.objects, k.named(end)) }

// denies answers requests with a part in their path or query as S3 does where
// the identity lacks the right.
func denies(part string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.RequestURI(), part) {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`<Error><Code>AccessDenied</Code><Message>no</Message></Error>`))
		return true
	}
}

// rewrites changes a part of the answers to requests.
func (r *reel) rewrites(part string, change func(string) string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, request *http.Request) bool {
		if !strings.Contains(request.URL.RequestURI(), part) {
			return false
		}
		answer := httptest.NewRecorder()
		r.account.server.ServeHTTP(answer, request)
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte(change(answer.Body.String())))
		return true
	}
}

// silent drops the audio packets of a transport stream.
func silent(stream string) string {
	audio := map[string]bool{}
	var kept strings.Builder
	for at := 0; at < len(stream); at += 188 {
		packet := stream[at : at+188]
		pid := string([]byte{packet[1] & 0x1F, packet[2]})
		if start := strings.Index(packet, "\x00\x00\x01\xC0"); packet[1]&0x40 != 0 && start >= 0 {
			audio[pid] = true
		}
		if !audio[pid] {
			kept.WriteString(packet)
		}
	}
	return kept.String()
}

func sampled(name string) string {
	text, err := os.ReadFile(filepath.Join("..", "recording", "media", "testdata", name))
	if err != nil {
		panic(err)
	}
	return string(text)
}
