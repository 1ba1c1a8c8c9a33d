package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/ui"
)

// roundTrip is what each request takes, in virtual time, in which computing
// takes none: a run takes its longest chain of requests that wait for each
// other, times this. No pause that a run makes is a multiple of it, so one that
// is made shows as what is left over. It is long enough for no request to wait
// for AWS's rates.
const roundTrip = 997 * time.Millisecond

// ride is one command of a story, told on a row of the table.
type ride struct {
	row  string
	args string // the manifest's name comes behind
	code int
	// sharper has it read the manifest that wants another encoder.
	sharper bool
	// shown has its requests shown one after the other.
	shown bool
	// holds has an object be in each bucket.
	holds bool
	// asked has it find a terminal, on which somebody says yes.
	asked bool
}

// story is what is done in each account, one after the other. An environment has
// names of its own, so each finds its part of the account empty.
var story = []ride{
	{row: "`sync --dry-run`, nothing there", args: "sync whole --dry-run"},
	{row: "`sync`, nothing there", shown: true, args: "sync whole"},
	{row: "`sync`, all there", shown: true, args: "sync whole"},
	{row: "the same without `account-id`: dry run", args: "sync anyones --dry-run"},
	{row: "first run", args: "sync anyones"},
	{row: "second run", args: "sync anyones"},
	{row: "`sync` on a terminal, nothing there", args: "sync asked", asked: true},
	{row: "`sync:recording`, nothing there", args: "sync:recording parts"},
	{row: "`sync:recording`, all there", args: "sync:recording parts"},
	{row: "`sync:logging`, nothing there", shown: true, args: "sync:logging parts"},
	{row: "`sync:logging`, all there", args: "sync:logging parts"},
	{row: "`env`", shown: true, args: "env whole"},
	{row: "`status`", shown: true, args: "status whole"},
	{row: "`doctor`, no shows", args: "doctor whole", code: exitUnproven},
	{row: "`events`", args: "events whole"},
	{row: "`sync`, another encoder", args: "sync whole", sharper: true},
	{row: "`prune --replaced`, of the encoder before", args: "prune whole --replaced --confirm whole", sharper: true},
	{row: "`prune`, nothing left over", args: "prune whole --confirm whole", sharper: true},
	{row: "`destroy --dry-run`", args: "destroy whole --dry-run"},
	{row: "`destroy`, the bucket stays", args: "destroy whole --confirm whole"},
	{row: "`destroy`, nothing there but that", args: "destroy whole --confirm whole"},
	{row: "`sync`, the bucket is there", args: "sync whole"},
	{row: "`destroy --delete-recordings`", shown: true, holds: true, args: "destroy whole --confirm whole --delete-recordings"},
	{row: "`destroy:recording --delete-recordings`, of none", args: "destroy:recording parts --confirm parts --delete-recordings"},
	{row: "`destroy:logging`", args: "destroy:logging parts --confirm parts"},
}

// layout is a column of the table: what the manifests have in common.
type layout struct {
	column, bucket string
	regions        []string
}

var layouts = []layout{
	{"1 region", "shared", seven[:1]},
	{"us-east-1", "shared", []string{"us-east-1"}},
	{"2, shared", "shared", seven[:2]},
	{"4, shared", "shared", seven[:4]},
	{"7, shared", "shared", seven},
	{"2, regional", "regional", seven[:2]},
	{"4, regional", "regional", seven[:4]},
	{"7, regional", "regional", seven},
}

// seven are the regions of IVS Real-Time; us-east-1, whose S3 is another, is in
// the first four.
var seven = []string{"eu-west-1", "us-west-2", "us-east-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2"}

// manifest writes the manifest of all environments.
func (l layout) manifest(t *testing.T, dir, name, encoder string) (path string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("name: app\nenvironments:\n")
	for _, environment := range []string{"whole", "anyones", "asked", "parts"} {
		account := "account-id: \"" + emulator.DefaultAccount + "\"\n      "
		if environment == "anyones" {
			account = ""
		}
		fmt.Fprintf(&b, "  %s:\n    aws:\n      %sregion: %s\n      ivs:\n        logging: true\n        regions: [%s]\n        recording: {real_time: true, bucket: %s%s}\n",
			environment, account, l.regions[0], strings.Join(l.regions, ", "), l.bucket, encoder)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// direct is a transport that takes every request to a handler, on a way that
// takes its time.
type direct struct {
	http.Handler
	mu     sync.Mutex
	asking map[string]string // what a request is, to the letter, by the ID in its answer
}

func (d *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(roundTrip / 2)
	in := r.Clone(r.Context())
	in.Host, in.RequestURI = r.URL.Host, r.URL.RequestURI()
	var body []byte
	if in.Body != nil {
		body, _ = io.ReadAll(in.Body)
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, in)
	id := cmp.Or(answer.Header().Get("X-Amz-Request-Id"), answer.Header().Get("X-Amzn-Requestid"))
	d.mu.Lock()
	d.asking[id] = fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("X-Amz-Target"), body)
	d.mu.Unlock()
	time.Sleep(roundTrip - roundTrip/2)
	return answer.Result(), nil
}

// taken is what a run took.
type taken struct {
	begun  time.Time
	time   time.Duration
	calls  []emulator.Call
	asking map[string]string // of direct
}

// String is the chain and the requests, as in "6 / 29".
func (r taken) String() string {
	chain, pauses := r.time/roundTrip, ""
	if rest := r.time % roundTrip; rest > 0 {
		pauses = fmt.Sprintf(" + %v", rest)
	}
	return fmt.Sprintf("%d%s / %d", chain, pauses, len(r.calls))
}

// travel tells the story in one account, a column of the table.
func (l layout) travel(t *testing.T) (all []taken) {
	dir := t.TempDir()
	plain := l.manifest(t, dir, "yolo.yml", "")
	sharper := l.manifest(t, dir, "sharper.yml", ", encoder: {bitrate: 3000000}")
	synctest.Test(t, func(t *testing.T) {
		server, err := emulator.Open(emulator.Options{EnforceRates: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range story {
			path := plain
			if one.sharper {
				path = sharper
			}
			if one.holds {
				l.record(t, server)
			}
			server.ResetCalls()
			way, begun := &direct{Handler: server, asking: map[string]string{}}, time.Now()
			one.take(t, way, dir, path)
			all = append(all, taken{begun, time.Since(begun), server.Calls().Calls, way.asking})
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return all
}

// record puts an object into each bucket of the environment whole.
func (l layout) record(t *testing.T, server http.Handler) {
	t.Helper()
	for _, region := range l.regions {
		name := "yolo-whole-app-ivs-recordings-" + region
		if l.bucket == "shared" {
			region, name = l.regions[0], "yolo-whole-app-ivs-realtime-recordings"
		}
		r := httptest.NewRequest(http.MethodPut, "http://127.0.0.1:4566/"+name+"/a/b/composite/media/hls/multivariant.m3u8", strings.NewReader("#EXTM3U"))
		now := time.Now().UTC()
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
		r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0",
			emulator.DefaultAccount, now.Format("20060102"), region))
		answer := httptest.NewRecorder()
		if server.ServeHTTP(answer, r); answer.Code != http.StatusOK {
			t.Fatalf("put an object into %s: %d %s", name, answer.Code, answer.Body)
		}
	}
}

// take runs the command as a process does, but for the wire.
func (r ride) take(t *testing.T, way http.RoundTripper, dir, manifest string) {
	t.Helper()
	open := func(name string) *os.File {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	out, said := open("stdout"), open("stderr")
	none := func(string) string { return "" }
	a := &app{streams: ui.NewStreams(nil, out, said, none), getenv: none, dir: dir, quit: make(chan func(), 1)}
	if r.asked {
		a.streams.InTerminal, a.streams.ErrTerminal, a.streams.In = true, true, strings.NewReader("yes\n")
	}
	a.direct = func(o *cloud.Options) {
		o.Endpoint, o.AccessKey = "http://127.0.0.1:4566", emulator.DefaultAccount
		o.Transport = func(http.RoundTripper) http.RoundTripper { return way }
	}
	code := a.execute(append(strings.Fields(r.args), "--file", manifest))
	if err := errors.Join(out.Close(), said.Close()); err != nil {
		t.Error(err)
	}
	if code != r.code {
		text, _ := os.ReadFile(said.Name())
		t.Errorf("yolo %s: exit code %d\n%s", r.args, code, text)
	}
}
