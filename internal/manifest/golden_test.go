package manifest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// TestBad reads every testdata/bad/*.yml and compares the whole text a person
// sees with the .txt beside it.
func TestBad(t *testing.T) {
	paths := corpus(t, "bad")
	if len(paths) < 100 {
		t.Errorf("only %d bad manifests: fewer than docs/reliability.md promises", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yml"), func(t *testing.T) {
			_, err := openSource(testSource(t, path))
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok {
				t.Fatalf("want an InvalidError, got %v", err)
			}
			golden(t, path, invalid.Error()+"\n")
		})
	}
}

// TestGood reads every testdata/good/*.yml and compares all that it wishes,
// and its warnings, with the .txt beside it.
func TestGood(t *testing.T) {
	for _, path := range corpus(t, "good") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yml"), func(t *testing.T) {
			m, err := openSource(testSource(t, path))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, name := range m.Environments {
				e, warnings, err := m.Environment(name)
				if err != nil {
					t.Fatal(err)
				}
				describeWish(&b, e)
				for _, w := range warnings {
					fmt.Fprintf(&b, "%s\n", w)
				}
			}
			golden(t, path, b.String())
		})
	}
}

func describeWish(b *strings.Builder, e *Environment) {
	fmt.Fprintf(b, "%s of %s, account %q, regions %q\n", e.Name, e.App, e.AccountID, e.Regions)
	fmt.Fprintf(b, "  logging %+v\n", e.Logging)
	fmt.Fprintf(b, "  recording %+v\n", e.Recording)
	fmt.Fprintf(b, "  bucket line %s\n", e.BucketLine())
	for _, region := range e.Regions {
		fmt.Fprintf(b, "  %s at %s, bucket %s\n", region, e.RegionLine(region), e.BucketName(region))
	}
}

func corpus(t testing.TB, kind string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", kind, "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in testdata/%s: %v", kind, err)
	}
	return paths
}

func testSource(t testing.TB, path string) *source {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return newSource("yolo.yml", string(data))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	path = strings.TrimSuffix(path, ".yml") + ".txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
