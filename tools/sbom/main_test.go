package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

// A test is a Go binary like any other.
func TestTheListIsWhatIsInTheBinary(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := run([]string{self}, &first); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{self}, &second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("the same binary has two lists")
	}
	var got document
	if err := json.Unmarshal(first.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if hashes := got.Metadata.Component.Hashes; len(hashes) != 1 || len(hashes[0].Content) != 64 {
		t.Errorf("the binary's checksum is %v", hashes)
	}
	info, _ := debug.ReadBuildInfo()
	if want := 1 + len(info.Deps); len(got.Components) != want || len(got.Dependencies[0].DependsOn) != want {
		t.Errorf("%d parts, want %d: %s", len(got.Components), want, &first)
	}
	if std := got.Components[len(got.Components)-1]; std.Name != "std" || strings.HasPrefix(std.Version, "go") || std.Version == "" {
		t.Errorf("Go itself is %+v", std)
	}
}

func TestReplacedModules(t *testing.T) {
	got := documentOf("yolo", "00", &debug.BuildInfo{
		GoVersion: "go1.26.8 X:none",
		Main:      debug.Module{Path: "example.com/yolo"},
		Deps: []*debug.Module{
			{Path: "example.com/b", Version: "v1.0.0", Sum: "h1:b="},
			{Path: "example.com/a", Version: "v2.0.0+incompatible", Replace: &debug.Module{Path: "example.com/fork", Version: "v3.0.0"}},
		},
	})
	var refs []string
	for _, part := range got.Components {
		refs = append(refs, part.Ref)
	}
	want := "pkg:golang/example.com/b@v1.0.0 pkg:golang/example.com/fork@v3.0.0 pkg:golang/std@1.26.8"
	if strings.Join(refs, " ") != want {
		t.Errorf("%q, want %q", refs, want)
	}
	if main := got.Metadata.Component.Ref; main != "pkg:golang/example.com/yolo@%28devel%29" {
		t.Errorf("the product is %q", main)
	}
}

func TestWhatIsNoBinary(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"main.go"}, {"nowhere"}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
