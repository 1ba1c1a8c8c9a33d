package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

const hostileManifest = `name: liveplatforms
environments:
  production:
    aws:
      account-id: "123456789012"
      ivs:
        logging: true
        regions: [us-east-1]
        recording:
          real_time: true
          bucket: regional
`

// distortions are what becomes of an answer on its way. Each leaves the status,
// which is that of a success.
var distortions = []struct {
	name   string
	change func(header http.Header, body []byte) []byte
}{
	{"cut", func(_ http.Header, body []byte) []byte { return body[:len(body)/2] }},
	{"empty", func(http.Header, []byte) []byte { return nil }},
	{"no members", func(header http.Header, _ []byte) []byte {
		if strings.Contains(header.Get("Content-Type"), "xml") {
			return []byte("<Nothing/>")
		}
		return []byte("{}")
	}},
	{"nulls", func(_ http.Header, body []byte) []byte { return rewritten(body, func(any) any { return nil }) }},
	{"numbers", func(_ http.Header, body []byte) []byte { return rewritten(body, func(any) any { return 7 }) }},
	{"empty lists", func(_ http.Header, body []byte) []byte { return rewritten(body, func(any) any { return []any{} }) }},
	{"empty texts", func(_ http.Header, body []byte) []byte { return rewritten(body, func(any) any { return "" }) }},
	{"a page", func(header http.Header, _ []byte) []byte {
		header.Set("Content-Type", "text/html")
		return []byte("<html>Please log in to the network")
	}},
	{"rubbish", func(http.Header, []byte) []byte { return []byte("\x00\x1b[31m\xff\xfe]]}>") }},
}

// rewritten is JSON with each text, number and list in it, but not the objects
// that hold them, replaced; what is not JSON loses all between its tags.
func rewritten(body []byte, replace func(any) any) []byte {
	var document any
	if json.Unmarshal(body, &document) != nil {
		text := fmt.Sprint(replace(""))
		var b bytes.Buffer
		for part := range strings.SplitSeq(string(body), "<") {
			if tag, _, found := strings.Cut(part, ">"); found {
				b.WriteString("<" + tag + ">" + strings.Trim(text, "[]<nil>"))
			}
		}
		return b.Bytes()
	}
	changed, err := json.Marshal(replaced(document, replace))
	if err != nil {
		return nil
	}
	return changed
}

func replaced(value any, replace func(any) any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = replaced(member, replace)
		}
		return value
	case []any:
		if len(value) == 0 {
			return replace(value)
		}
		for i, one := range value {
			value[i] = replaced(one, replace)
		}
		return value
	}
	return replace(value)
}

// distorter stands between a program and its AWS, and distorts one answer.
type distorter struct {
	aws    *emulatortest.Instance
	change func(http.Header, []byte) []byte
	at     int // the number of the answer, from 1; all after it are of AWS again

	mu     sync.Mutex
	passed int
	struck string // what was distorted
}

func (d *distorter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	d.aws.Server.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	d.mu.Lock()
	d.passed++
	if d.passed == d.at {
		d.struck = r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("X-Amz-Target")
		body = d.change(answer.Header(), body)
		answer.Header().Del("Content-Length")
	}
	d.mu.Unlock()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}

// TestHostileAnswers has one answer of AWS's after the other distorted in each
// way. Whatever comes, a command ends by itself, with one of its exit codes and
// words for people, and a sync that follows brings all to its end. A fixed
// sample of all pairs is taken without -every.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"first run":  {"sync", "production", "--no-progress", "--json"},
		"second run": {"sync", "production", "--no-progress"},
		"status":     {"status", "production", "--json"},
		"destroy":    {"destroy", "production", "--yes", "--confirm", "production", "--no-progress"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := hostile(t, name, command, 0, 0)
			if count < 8 {
				t.Fatalf("there are only %d answers", count)
			}
			stride := 1 + count/10
			for at := 1; at <= count; at++ {
				for kind, distortion := range distortions {
					if sampled := at%stride == 0 && kind == at/stride%len(distortions); !sampled && !*everyPoint {
						continue
					}
					t.Run(fmt.Sprint(distortion.name, " ", at, " of ", count), func(t *testing.T) {
						t.Parallel()
						hostile(t, name, command, at, kind)
					})
				}
			}
		})
	}
}

// hostile runs a command with one answer distorted, and returns how many there
// were. At 0 none is.
func hostile(t *testing.T, name string, args []string, at, kind int) (answers int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "yolo.yml"), []byte(hostileManifest), 0o644); err != nil {
		t.Fatal(err)
	}
	aws := emulatortest.Start(t, emulator.Options{})
	if name != "first run" {
		if _, complaint, code := outcomeOf(t, dir, aws.URL, "sync", "production", "--no-progress"); code != 0 {
			t.Fatalf("exit code %d: %s", code, complaint)
		}
	}
	d := &distorter{aws: aws, at: at, change: distortions[kind].change}
	server := httptest.NewServer(d)
	defer server.Close()
	out, complaint, code := outcomeOf(t, dir, server.URL, args...)
	what := fmt.Sprintf("%s, answer %d (%s), %s: exit code %d\n%s%s", name, at, d.struck, distortions[kind].name, code, complaint, out)
	switch {
	case code != 0 && code != 1 && code != 3 && code != 4 && code != 5:
		t.Error(what)
	case code != 0 && strings.TrimSpace(complaint+out) == "":
		t.Errorf("nothing is told: %s", what)
	case at == 0 && code != 0:
		t.Error(what)
	}
	for _, bad := range []string{"panic", "goroutine ", "runtime error", "%!", "\x1b", "\x00", "<nil>"} {
		if strings.Contains(out+complaint, bad) {
			t.Errorf("it says %q: %s", bad, what)
		}
	}
	if name == "destroy" {
		return d.passed
	}
	if _, complaint, code := outcomeOf(t, dir, aws.URL, "sync", "production", "--no-progress"); code != 0 {
		t.Errorf("a sync after it ends with %d: %s\nafter %s", code, complaint, what)
	}
	return d.passed
}

// outcomeOf is what a command wrote, and its exit code once it ended by itself.
func outcomeOf(t *testing.T, dir, url string, args ...string) (out, complaint string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := yolo(ctx, dir, url, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || ctx.Err() != nil {
		t.Fatalf("%q: %v, %v %+v", args, err, ctx.Err(), exit)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}
