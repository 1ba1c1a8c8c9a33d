package ivsrealtime_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	bucket  = "recordings"
)

// begun is when every test begins.
var begun = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// world is IVS and S3 over one state, without a network and with a clock that
// stands still until it is set forward.
type world struct {
	t       *testing.T
	store   *store.Store
	objects *s3.Service
	ivs     *ivsrealtime.Service
	events  *[]ivsrealtime.Event
	struck  func() (status int) // of what IVS writes to S3; nil for no faults

	stage, storage, encoder string // ARNs
}

// newWorld has a bucket, a stage and the configurations that a recording of
// pictures of 320 by 180 needs.
func newWorld(t *testing.T, dir string) *world {
	t.Helper()
	w := openWorld(t, dir)
	w.s3(http.MethodPut, "/"+bucket, "")
	w.stage = w.ask("CreateStage", `{}`, "stage.arn")
	w.storage = w.ask("CreateStorageConfiguration", `{"s3":{"bucketName":"`+bucket+`"}}`, "storageConfiguration.arn")
	w.encoder = w.ask("CreateEncoderConfiguration", `{"video":{"width":320,"height":180}}`, "encoderConfiguration.arn")
	return w
}

// openWorld is over the state of a folder, of which there may be others.
func openWorld(t *testing.T, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	st.SetClock(func() time.Time { return begun })
	w := &world{t: t, store: st, objects: s3.New(st, dir), events: &[]ivsrealtime.Event{}}
	w.ivs = ivsrealtime.New(st, w.objects, ivsrealtime.Options{
		Emit: func(_ *store.Tx, e ivsrealtime.Event) { *w.events = append(*w.events, e) },
		Struck: func(string, string, string) int {
			if w.struck == nil {
				return 0
			}
			return w.struck()
		},
	})
	t.Cleanup(func() { _ = w.ivs.Close() })
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.t.Helper()
	now, err := w.store.Now()
	w.must(err)
	return now
}

// advance sets the clock forward, and has happen what is due.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	_, err := w.store.Advance(d)
	w.must(err)
	w.settle()
}

func (w *world) settle() {
	w.t.Helper()
	w.must(w.ivs.Settle(w.now()))
}

// serve has a service carry out a request, after what is due.
func (w *world) serve(service wire.Service, method, path, body string, headers ...string) (*wire.Response, error) {
	w.t.Helper()
	w.settle()
	request, err := http.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1:4566"+path, strings.NewReader(body))
	w.must(err)
	request.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	for n := 0; n < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	r := &wire.Request{Account: account, Region: region, HTTP: request, Body: []byte(body), Now: w.now()}
	r.Operation = service.Operation(r)
	return service.Serve(r)
}

// ask sends a request to IVS, and returns a member of the answer; "" for none.
func (w *world) ask(operation, body, member string) string {
	w.t.Helper()
	answer, err := w.serve(w.ivs, http.MethodPost, "/"+operation, body)
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	var value any
	w.must(json.Unmarshal(answer.Body, &value))
	for name := range strings.SplitSeq(member, ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[name]
		case []any:
			value = at[0].(map[string]any)[name]
		}
	}
	text, _ := value.(string)
	return text
}

// s3 sends a request to S3, and returns the answer's body.
func (w *world) s3(method, path, body string, headers ...string) string {
	w.t.Helper()
	answer, err := w.serve(w.objects, method, path, body, headers...)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if answer.Stream == nil {
		return string(answer.Body)
	}
	defer answer.Stream.Close()
	text, err := io.ReadAll(answer.Stream)
	w.must(err)
	return string(text)
}

// policy replaces the bucket's policy by statements.
func (w *world) policy(statements ...string) {
	w.t.Helper()
	w.s3(http.MethodPut, "/"+bucket+"?policy", `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)
}

// allows and denies are statements about IVS and what is below a path of the
// recording, or of the bucket.
func (w *world) allows() string { return w.statement("Allow", "*") }

func (w *world) denies(path string) string { return w.statement("Deny", path) }

func (w *world) statement(effect, path string) string {
	return `{"Effect":"` + effect + `","Principal":{"Service":"ivs-composite.` + region + `.amazonaws.com"},
		"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::` + bucket + `/` + path + `"}`
}

// composition is one that was started.
type composition struct {
	*world
	arn, prefix string
}

// compose starts a composition with further members of its destination, such as
// "recordingConfiguration":{…}; it is up when it returns.
func (w *world) compose(members ...string) *composition {
	w.t.Helper()
	answer, err := w.serve(w.ivs, http.MethodPost, "/StartComposition", `{"stageArn":"`+w.stage+`","destinations":[{"s3":{
		"storageConfigurationArn":"`+w.storage+`","encoderConfigurationArns":["`+w.encoder+`"]`+strings.Join(append([]string{""}, members...), ",")+`}}]}`)
	w.must(err)
	var made struct {
		Composition struct {
			ARN          string
			Destinations []struct {
				Detail struct {
					S3 struct{ RecordingPrefix string }
				}
			}
		}
	}
	w.must(json.Unmarshal(answer.Body, &made))
	w.advance(3 * time.Second)
	return &composition{w, made.Composition.ARN, made.Composition.Destinations[0].Detail.S3.RecordingPrefix}
}

// stop stops the composition, which is over when it returns.
func (c *composition) stop() {
	c.t.Helper()
	c.ask("StopComposition", `{"arn":"`+c.arn+`"}`, "")
	c.advance(2 * time.Second)
}

// states are the composition's and its destination's.
func (c *composition) states() string {
	c.t.Helper()
	in := `{"arn":"` + c.arn + `"}`
	return c.ask("GetComposition", in, "composition.state") + " " + c.ask("GetComposition", in, "composition.destinations.state")
}

// recording is all objects below the prefix, by path; the rendition's folder is
// called rendition.
func (c *composition) recording() map[string]string {
	c.t.Helper()
	all := map[string]string{}
	for _, part := range strings.Split(c.s3(http.MethodGet, "/"+bucket+"?list-type=2&prefix="+c.prefix, ""), "<Key>")[1:] {
		key, _, _ := strings.Cut(part, "</Key>")
		path := strings.TrimPrefix(key, c.prefix+"/")
		if folder, file, ok := strings.Cut(strings.TrimPrefix(path, "media/hls/"), "/"); ok && strings.HasPrefix(path, "media/hls/") && strings.Contains(folder, "p30-") {
			path = "rendition/" + file
		}
		all[path] = c.s3(http.MethodGet, "/"+bucket+"/"+key, "")
	}
	return all
}

// member is one of a metadata object, as text.
func member(t *testing.T, object, path string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(object), &value); err != nil {
		t.Fatalf("%v: %q", err, object)
	}
	for name := range strings.SplitSeq(path, ".") {
		m, _ := value.(map[string]any)
		value = m[name]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func paths(objects map[string]string) (all []string) {
	for path := range objects {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// publisher is somebody in a seat.
type publisher struct {
	*world
	*ivsrealtime.Seat
	id   string // of the participant
	film film.Film
	at   int64 // of the next picture
	// wanted is after how many pictures a key picture was wanted.
	wanted int
}

// token makes a participant token, with members such as "duration":1.
func (w *world) token(members ...string) (token, participantID string) {
	w.t.Helper()
	answer, err := w.serve(w.ivs, http.MethodPost, "/CreateParticipantToken", `{"stageArn":"`+w.stage+`"`+strings.Join(append([]string{""}, members...), ",")+`}`)
	w.must(err)
	var out struct {
		ParticipantToken struct{ Token, ParticipantID string }
	}
	w.must(json.Unmarshal(answer.Body, &out))
	return out.ParticipantToken.Token, out.ParticipantToken.ParticipantID
}

// publish has somebody new come onto the stage.
func (w *world) publish() *publisher {
	w.t.Helper()
	token, id := w.token(`"userId":"anna"`)
	return w.publishAs(token, id)
}

func (w *world) publishAs(token, id string) *publisher {
	w.t.Helper()
	admission, err := w.ivs.Admit(token, region, w.now())
	w.must(err)
	p := &publisher{world: w, Seat: w.ivs.Seat(admission, "connection-"+id), id: id, film: film.Film{Width: 320, Height: 180}}
	w.must(p.Join(true))
	return p
}

// roll sends so much film, at 30 pictures a second, until it is refused.
func (p *publisher) roll(d time.Duration) error {
	for range int(d.Seconds() * 30) {
		if err := p.Sound(media.Sound{At: p.at, Data: film.Silence()}); err != nil {
			return err
		}
		wantsKey, err := p.Picture(media.Picture{At: p.at, NALs: p.film.Next()})
		if err != nil {
			return err
		}
		if wantsKey {
			p.wanted++
		}
		p.at += media.Rate / 30
	}
	return nil
}

// leave ends the seat.
func (p *publisher) leave(why error) {
	p.t.Helper()
	p.must(p.Leave(why))
}

// told are the events so far, in a line each: seconds since the beginning, name,
// and what else tells them apart.
func (w *world) told() (lines []string) {
	for _, e := range *w.events {
		raw, err := json.Marshal(e.Detail)
		w.must(err)
		var d struct {
			Name string `json:"event_name"`
			Code string `json:"error_code"`
		}
		w.must(json.Unmarshal(raw, &d))
		line := fmt.Sprintf("%3.0f %s", e.Time.Sub(begun).Seconds(), d.Name)
		if d.Code != "" {
			line += " " + d.Code
		}
		lines = append(lines, line)
	}
	return lines
}

// pretty is JSON to be compared.
func pretty(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
