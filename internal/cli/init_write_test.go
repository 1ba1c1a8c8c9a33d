package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// holds compares a folder's only file with the text that it is to have.
func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("want %q, got %q, %v", want, got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("want no file beside it, got %v, %v", entries, err)
	}
}

func TestMakeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yolo.yml")
	if err := makeFile(path, "one"); err != nil {
		t.Fatal(err)
	}
	if err := makeFile(path, "two"); !errors.Is(err, errChanged) {
		t.Errorf("a file that is there: want %v, got %v", errChanged, err)
	}
	holds(t, path, "one")
	nowhere := filepath.Join(filepath.Dir(path), "nowhere", "yolo.yml")
	if err := makeFile(nowhere, ""); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "nowhere") != 1 {
		t.Errorf("no folder: got %v", err)
	}
}

func TestReplaceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yolo.yml")
	if err := replaceFile(path, "", "one"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if err := os.WriteFile(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, "none", "two"); !errors.Is(err, errChanged) {
		t.Errorf("another file than was read: want %v, got %v", errChanged, err)
	}
	holds(t, path, "one")
	if err := replaceFile(path, "one", "two"); err != nil {
		t.Error(err)
	}
	holds(t, path, "two")
}

func TestReplaceFileKeepsToPermissions(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is forbidden here")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "yolo.yml")
	if err := os.WriteFile(path, []byte("one"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, "one", "two"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a file that may not be written: got %v", err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.Chmod(folder, 0o500)); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, "one", "two"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a folder that may not be written: got %v", err)
	}
	if err := os.Chmod(folder, 0o700); err != nil { // or the test cannot clean up
		t.Fatal(err)
	}
	holds(t, path, "one")
}
