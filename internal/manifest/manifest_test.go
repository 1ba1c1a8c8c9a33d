package manifest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
)

// write puts text into a new file of a new folder and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	e, warnings, err := Load(filepath.Join("testdata", "good", "contract.yml"), "production")
	if err != nil || len(warnings) > 0 {
		t.Fatalf("want no error and no warning, got %v and %v", err, warnings)
	}
	want := &Environment{
		App: "liveplatforms", Name: "production", AccountID: "123456789012",
		Regions: []string{"us-east-1", "eu-west-1"},
		Logging: Logging{Enabled: true, RetentionDays: 30, RetentionExplicit: true},
		Recording: Recording{
			Enabled: true, Layout: Shared, BucketName: "my-archive",
			Encoder: Encoder{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2500000},
		},
	}
	if diff := cmp.Diff(want, e, cmpopts.IgnoreUnexported(Environment{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLoadWarnsOfTheEnvironmentAlone(t *testing.T) {
	path := filepath.Join("testdata", "good", "warnings.yml")
	for environment, want := range map[string][]string{
		"ohio":       {CodeUnknownRegion},
		"unused":     nil,
		"overridden": nil,
	} {
		_, warnings, err := Load(path, environment)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range warnings {
			got = append(got, w.Code)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", environment, diff)
		}
	}
}

func TestLoadReportsErrorsOfOtherEnvironments(t *testing.T) {
	path := write(t, "yolo.yml", "name: shop\nenvironments:\n  a: {}\n  b: {ivs: true}\n")
	_, _, err := Load(path, "a")
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok {
		t.Fatalf("want an InvalidError, got %v", err)
	}
	want := []Finding{{
		Severity: SeverityError, Position: Position{File: path, Line: 4, Column: 7},
		Path: "environments.b.ivs", Code: CodeMisplacedKey,
		Message: "does not belong here, where nothing reads it",
		Excerpt: "  b: {ivs: true}", Caret: 6, Width: 3,
		Fix: "move it to environments.b.aws.ivs", Environments: []string{"b"},
	}}
	if diff := cmp.Diff(want, invalid.Findings); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEnvironmentError(t *testing.T) {
	path := write(t, "yolo.yml", "name: shop\nenvironments: {production: {}, staging: {}}\n")
	for name, hint := range map[string]string{
		"prodution": `did you mean "production"? the manifest has "production" and "staging"`,
		"Staging":   `did you mean "staging"? the manifest has "production" and "staging"`,
		"live":      `the manifest has "production" and "staging"`,
		"":          `the manifest has "production" and "staging"`,
	} {
		_, _, err := Load(path, name)
		missing, ok := errors.AsType[*EnvironmentError](err)
		if !ok {
			t.Fatalf("want an EnvironmentError, got %v", err)
		}
		if want := path + ": environment " + strconv.Quote(name) + " is not in the manifest"; missing.Error() != want {
			t.Errorf("want %s, got %s", want, missing)
		}
		if got := missing.Hint(); got != hint {
			t.Errorf("hint for %q: want %q, got %q", name, hint, got)
		}
		if !slices.Equal(missing.Environments, []string{"production", "staging"}) {
			t.Errorf("want both environments, got %q", missing.Environments)
		}
	}
}

func TestFileErrors(t *testing.T) {
	folder := t.TempDir()
	empty := t.TempDir()
	misnamed := write(t, "yolo.yaml", "name: shop\n")
	large := write(t, "yolo.yml", strings.Repeat("#", maxFile+1))
	for name, test := range map[string]struct{ path, reason, hint string }{
		"missing":   {filepath.Join(empty, "yolo.yml"), "no such file", "check the path"},
		"folder":    {folder, "is a folder", "--file " + filepath.Join(folder, "yolo.yml")},
		"yolo.yaml": {filepath.Join(filepath.Dir(misnamed), "yolo.yml"), "no such file", "there is " + misnamed},
		"large":     {large, "larger than 1 MiB", "right file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(test.path)
			failed, ok := errors.AsType[*FileError](err)
			if !ok {
				t.Fatalf("want a FileError, got %v", err)
			}
			if !strings.Contains(failed.Error(), test.path+": "+test.reason) || !strings.Contains(failed.Hint(), test.hint) {
				t.Errorf("want %q and %q, got %q and %q", test.reason, test.hint, failed.Error(), failed.Hint())
			}
			if _, err := Names(test.path); err == nil {
				t.Error("Names: want an error")
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for name, test := range map[string]struct {
		err          error
		reason, hint string
	}{
		"permission": {&fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, "permission denied", "chmod u+r x"},
		"other":      {&fs.PathError{Op: "read", Path: "x", Err: errors.New("input/output error")}, "read: input/output error", ""},
		"bare":       {errors.New("closed"), "read: closed", ""},
	} {
		got := unreadable("x", test.err)
		if got.Reason != test.reason || !strings.Contains(got.Hint(), test.hint) || !errors.Is(got, test.err) {
			t.Errorf("%s: got %q with hint %q", name, got, got.Hint())
		}
	}
}

func TestLargestFile(t *testing.T) {
	text := "name: shop\nenvironments: {production: {}}\n"
	path := write(t, "yolo.yml", text+strings.Repeat("#", maxFile-len(text)))
	if _, err := Open(path); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Find(deep)
	missing, ok := errors.AsType[*FileError](err)
	if !ok || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), deep) {
		t.Fatalf("want a FileError that names %s, got %v", deep, err)
	}
	if want := "yolo init makes one"; !strings.Contains(missing.Hint(), want) {
		t.Errorf("want a hint %q, got %q", want, missing.Hint())
	}

	other := filepath.Join(root, "a", "yolo.yaml")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Find(deep)
	if missing, ok := errors.AsType[*FileError](err); !ok || !strings.Contains(missing.Hint(), "there is "+other) {
		t.Errorf("want a hint at %s, got %v", other, err)
	}

	for _, folder := range []string{root, deep} {
		want := filepath.Join(folder, "yolo.yml")
		if err := os.WriteFile(want, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Find(deep)
		if err != nil || got != want {
			t.Errorf("want %s, got %s, %v", want, got, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"valid":         {"name: a\nenvironments: {b: {}, a: {}}\n", []string{"b", "a"}},
		"with mistakes": {"environments: {b: {ivs: true}, a: 3, [x]: {}}\nivs: true\n", []string{"b", "a"}},
		"merged":        {"x: &x {c: {}}\nenvironments: {b: {}, <<: *x}\n", []string{"b", "c"}},
		"none":          {"name: a\n", nil},
		"list":          {"environments: [a]\n", nil},
	} {
		got, err := Names(write(t, "yolo.yml", test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if _, err := Names(write(t, "yolo.yml", "a: [\n")); err == nil {
		t.Error("want an error for what is not YAML")
	}
}

func TestWhere(t *testing.T) {
	e, _, err := Load(filepath.Join("testdata", "good", "contract.yml"), "production")
	if err != nil {
		t.Fatal(err)
	}
	for key, line := range map[string]int{
		"aws.ivs.recording.bucket":          14,
		"aws.ivs.recording.encoder.bitrate": 16,
		"aws.ivs.recording.other":           12,
		"aws.account-id":                    5,
		"aws.other.key":                     4,
		"other":                             3,
	} {
		if got := e.Where(key).Line; got != line {
			t.Errorf("%s: want line %d, got %d", key, line, got)
		}
	}
	if got := e.RegionLine("ap-south-1"); got.Line != 11 {
		t.Errorf("a region that is not named: want line 11, got %v", got)
	}
}

func TestWhereOfAnEnvironmentMadeByHand(t *testing.T) {
	e := &Environment{App: "shop", Name: "production"}
	for _, got := range []Position{e.BucketLine(), e.RegionLine("us-east-1")} {
		if diff := cmp.Diff(Position{}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestEnvironmentIsACopy(t *testing.T) {
	m, err := Open(filepath.Join("testdata", "good", "contract.yml"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := m.Environment("production")
	first.Regions[0] = "changed"
	second, _, _ := m.Environment("production")
	if second.Regions[0] != "us-east-1" {
		t.Errorf("want us-east-1, got %s", second.Regions[0])
	}
}

func TestGuarded(t *testing.T) {
	_, err := guarded(func() ([]*yaml.Node, error) { panic("unexpected event") })
	if err == nil || !strings.Contains(err.Error(), "unexpected event") {
		t.Fatalf("want the parser's words, got %v", err)
	}
	r := newReader(newSource("yolo.yml", "name: shop\n"))
	r.syntax(err)
	if got := r.settle(); len(got) != 1 || got[0].Code != CodeSyntax || got[0].Position.Line != 1 {
		t.Errorf("want a finding in line 1, got %v", got)
	}
}
