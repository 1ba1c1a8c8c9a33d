package s3

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A state that somebody else made may name bodies, and hold links, that lead
// out of its folder.
func TestBodiesStayInTheirFolder(t *testing.T) {
	root := t.TempDir()
	outside := filepath.Join(root, "outside")
	if err := os.WriteFile(outside, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := folder{filepath.Join(root, "state")}
	name, err := f.write(strings.NewReader("ours"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(f.path, bodyFolder, "link")); err != nil {
		t.Skip(err) // not every system lets everybody make links
	}
	for _, hostile := range []string{"../../outside", outside, "link", "../" + name + "/../../../outside", "", ".", "..", `..\..\outside`} {
		if file, err := f.open(hostile); err == nil {
			content, _ := io.ReadAll(file)
			_ = file.Close()
			if strings.Contains(string(content), "theirs") {
				t.Errorf("%q is read as %q", hostile, content)
			}
		}
		f.remove(hostile)
		if content, err := os.ReadFile(outside); err != nil || string(content) != "theirs" {
			t.Fatalf("removing %q took what is outside: %v", hostile, err)
		}
	}
	if _, err := f.open(name); err != nil {
		t.Errorf("what is inside is gone too: %v", err)
	}
}

// A folder of bodies that is a link to another folder is not written to.
func TestBodiesFollowNoLink(t *testing.T) {
	root := t.TempDir()
	state, elsewhere := filepath.Join(root, "state"), filepath.Join(root, "elsewhere")
	for _, folder := range []string{state, elsewhere} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, filepath.Join(state, bodyFolder)); err != nil {
		t.Skip(err)
	}
	if _, err := (folder{state}).write(strings.NewReader("ours")); err == nil {
		t.Error("a body was written")
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("elsewhere there is now %v, %v", entries, err)
	}
}
