// Package examples tests the manifests beside it: each must load without a
// complaint, and each of its environments must be synced by one run, so that a
// second has nothing to do.
package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/cli"
	"github.com/yolo-live/yolo/internal/manifest"
)

// result is what the tests look at of yolo's JSON document.
type result struct {
	Result   string
	Changed  bool
	Requests struct{ Mutating int }
}

var (
	untouched = result{Result: "SYNCED"}
	skipped   = result{Result: "SKIPPED"}
)

func TestExamples(t *testing.T) {
	files, err := filepath.Glob("*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d examples: %v", len(files), err)
	}
	for _, file := range files {
		environments, err := manifest.Names(file)
		if err != nil || len(environments) == 0 {
			t.Errorf("%s: %d environments: %v", file, len(environments), err)
		}
		for _, environment := range environments {
			t.Run(file+"/"+environment, func(t *testing.T) {
				t.Parallel()
				env, findings, err := manifest.Load(file, environment)
				if err != nil || len(findings) > 0 {
					t.Fatalf("findings %v, error %v", findings, err)
				}
				asked := env.Logging.SkipReason == "" || env.Recording.SkipReason == ""
				checkSyncs(t, file, environment, asked)
			})
		}
	}
}

// checkSyncs syncs a copy of the example, which thus has a fresh account.
func checkSyncs(t *testing.T, file, environment string, asked bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "yolo.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"sync", environment, "--emulator", "--json", "--file", path}

	first := yolo(t, args...)
	second := yolo(t, args...)
	dry := yolo(t, append(args, "--dry-run", "--detailed-exitcode")...)

	want := skipped
	if !asked {
		if diff := cmp.Diff(skipped, first); diff != "" {
			t.Errorf("the first run (-want +got):\n%s", diff)
		}
	} else {
		want = untouched
		if first.Result != "CREATED" || !first.Changed || first.Requests.Mutating == 0 {
			t.Errorf("the first run: %+v, want something CREATED", first)
		}
	}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("the second run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, dry); diff != "" {
		t.Errorf("the dry run (-want +got):\n%s", diff)
	}
}

// yolo runs a command that is to end with exit code 0, and reads its document.
func yolo(t *testing.T, args ...string) result {
	t.Helper()
	var files []*os.File
	for _, name := range []string{"in", "out", "err"} {
		file, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		files = append(files, file)
	}
	code := cli.Main(args, files[0], files[1], files[2])
	out, errOut := read(t, files[1]), read(t, files[2])
	if code != 0 {
		t.Fatalf("yolo %q: exit code %d\n%s", args, code, errOut)
	}
	var r result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("yolo %q: %v\n%s", args, err, out)
	}
	return r
}

func read(t *testing.T, file *os.File) string {
	t.Helper()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
