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

// reel is the recording of one show, of which every test makes a copy of its
// own to break.
type reel struct {
	account *account
	objects map[string]string // by key below the prefix
	stage   string
	length  time.Duration
}

// film puts a show on, and takes what was recorded out of the bucket. On the way
// it sees to it that the prefix is in the journal before anything else is asked
// of AWS.
func film(t *testing.T) *reel {
	a := start(t)
	var prefix atomic.Pointer[string]
	c := a.through(t, func(w http.ResponseWriter, r *http.Request) bool {
		if started := prefix.Swap(nil); started != nil && !a.journaled(*started) {
			t.Errorf("%s is asked for before %s is in the journal", r.URL.Path, *started)
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
	steps := a.verify(func(o *Options) {
		o.Cloud, o.viewer, o.Regions[0].Show.Picture = c, sees(recording.Pictures{Decoded: 1}, nil), 6*time.Second
	})
	if lines := unproven(steps); len(lines) > 0 {
		t.Fatalf("not proven: %q", lines)
	}
	tape := &reel{account: a, objects: map[string]string{}}
	for _, key := range a.objects() {
		below := key[strings.Index(key, "/composite/")+len("/composite/"):]
		tape.objects[below] = a.object(key)
	}
	m, err := recording.ParseMetadata([]byte(tape.objects["events/recording-ended.json"]))
	if err != nil {
		t.Fatal(err)
	}
	tape.stage, tape.length = m.StageARN, m.Duration()
	return tape
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

func (a *account) object(key string) string {
	a.t.Helper()
	out, err := a.clients().S3.GetObject(a.t.Context(), &s3.GetObjectInput{Bucket: aws.String(a.env.BucketName(testRegion)), Key: &key})
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = out.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(out.Body); err != nil {
		a.t.Fatal(err)
	}
	return body.String()
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
			Show:      proof.Show{Region: testRegion, Records: true, Width: 320, Height: 180},
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
		if start := strings.Index(packet, "\x00\x00\x01\xBD"); packet[1]&0x40 != 0 && start >= 0 {
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
