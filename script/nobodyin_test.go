package script

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// watcher stands between a program and its AWS. It notes requests for buckets
// that do not say whose the bucket must be, and the secrets that AWS gives out.
type watcher struct {
	aws *emulatortest.Instance

	mu       sync.Mutex
	buckets  map[string]bool // what was asked of buckets, with an owner
	anybodys []string        // without
	secrets  []string
}

func (w *watcher) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	w.aws.Server.ServeHTTP(answer, r)
	w.mu.Lock()
	authorization := r.Header.Get("Authorization")
	_, signature, _ := strings.Cut(authorization, "Signature=")
	w.secrets = append(w.secrets, signature)
	if strings.Contains(authorization, "/s3/aws4_request") {
		w.note(r)
	}
	if path.Base(r.URL.Path) == "CreateStage" {
		w.secrets = append(w.secrets, tokensIn(answer.Body.Bytes())...)
	}
	w.mu.Unlock()
	for name, values := range answer.Header() {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes())
}

// note files a request for S3. A bucket that is only made now has no owner yet,
// and the list of buckets is of one's own.
func (w *watcher) note(r *http.Request) {
	query := make([]string, 0, 1)
	for name := range r.URL.Query() {
		if name != "x-id" {
			query = append(query, name)
		}
	}
	slices.Sort(query)
	bucket := strings.Trim(r.URL.Path, "/")
	creates := r.Method == http.MethodPut && !strings.Contains(bucket, "/") && len(query) == 0
	if bucket == "" || creates {
		return
	}
	what := r.Method + " " + strings.Join(query, "&")
	if r.Header.Get("X-Amz-Expected-Bucket-Owner") == emulator.DefaultAccount {
		w.buckets[what] = true
	} else {
		w.anybodys = append(w.anybodys, r.Method+" "+r.URL.RequestURI())
	}
}

func tokensIn(body []byte) []string {
	var stage struct {
		ParticipantTokens []struct{ Token string } `json:"participantTokens"`
	}
	if json.Unmarshal(body, &stage) != nil {
		return nil
	}
	var tokens []string
	for _, t := range stage.ParticipantTokens {
		tokens = append(tokens, t.Token)
	}
	return tokens
}

// TestNobodyIsLetIn has a whole life of an environment go by, with all told that
// --debug tells. Each request for a bucket says whose it must be, and no secret
// is in what is written, to whatever place.
func TestNobodyIsLetIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "yolo.yml"), []byte(benchManifest), 0o644); err != nil {
		t.Fatal(err)
	}
	w := &watcher{aws: emulatortest.Start(t, emulator.Options{}), buckets: map[string]bool{}}
	const key, session = "wJalrXUtnFEMIsecret", "FwoGZXIvYXdzEsession"
	w.secrets = []string{key, session}
	server := httptest.NewServer(w)
	defer server.Close()
	for _, command := range []string{
		"sync production --dry-run", "sync production", "env production --write=.env", "status production",
		"verify production --yes --seconds 5", "doctor production", "events production", "prune production --yes --confirm production",
		"destroy production --yes --confirm production --delete-recordings",
	} {
		cmd := yolo(t.Context(), dir, server.URL, append(strings.Fields(command), "--debug")...)
		cmd.Env = append(cmd.Env, "AWS_SECRET_ACCESS_KEY="+key, "AWS_SESSION_TOKEN="+session)
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("yolo %s: %v\n%s", command, err, said)
		}
		w.hides(t, command, string(said))
	}
	w.hidesInFiles(t, dir)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, request := range w.anybodys {
		t.Errorf("this would be done to a bucket whosever it is: %s", request)
	}
	if len(w.buckets) < 12 {
		t.Errorf("too little was asked of buckets to prove anything: %v", w.buckets)
	}
	if !slices.ContainsFunc(w.secrets, func(secret string) bool { return len(secret) > 100 }) {
		t.Error("no token was given out, so none could be told")
	}
}

// hides fails when a secret is in what was written.
func (w *watcher) hides(t *testing.T, where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, secret := range w.secrets {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("%s tells a secret: %q", where, secret)
		}
	}
}

// hidesInFiles fails when a secret is in a file of the folder.
func (w *watcher) hidesInFiles(t *testing.T, dir string) {
	files := 0
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(name)
		w.hides(t, name, string(text))
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
