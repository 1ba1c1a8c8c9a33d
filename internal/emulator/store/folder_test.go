package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWhatIsInTheWay(t *testing.T) {
	tests := map[string]struct {
		make func(root string) error
		at   string // below root
		says string
	}{
		"a file above": {func(root string) error { return os.WriteFile(root+"/.yolo", nil, 0o644) }, "/.yolo", "it is not a folder"},
		"a file": {func(root string) error {
			return errors.Join(os.Mkdir(root+"/.yolo", 0o755), os.WriteFile(root+"/.yolo/emulator", nil, 0o644))
		}, "/.yolo/emulator", "it is not a folder"},
		"a dangling link": {func(root string) error { return os.Symlink("nowhere", root+"/.yolo") }, "/.yolo", "it is not a folder"},
		"a journal elsewhere": {func(root string) error {
			return errors.Join(os.MkdirAll(root+"/.yolo/emulator", 0o755), os.Symlink(root+"/theirs", root+"/.yolo/emulator/journal.jsonl"))
		}, "/.yolo/emulator/journal.jsonl", "it is a symbolic link"},
		"a lock elsewhere": {func(root string) error {
			return errors.Join(os.MkdirAll(root+"/.yolo/emulator", 0o755), os.Symlink(root+"/nowhere", root+"/.yolo/emulator/lock"))
		}, "/.yolo/emulator/lock", "it is a symbolic link"},
		"a folder": {func(root string) error { return os.MkdirAll(root+"/.yolo/emulator/journal.jsonl", 0o755) }, "/.yolo/emulator/journal.jsonl", "it is a folder"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := tt.make(root); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(root+"/theirs", []byte("kept\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(filepath.Join(root, ".yolo", "emulator"))
			if theirs, err := os.ReadFile(root + "/theirs"); err != nil || string(theirs) != "kept\n" {
				t.Errorf("a file elsewhere became %q, %v", theirs, err)
			}
			if _, err := os.Lstat(root + "/nowhere"); err == nil {
				t.Error("a file was made elsewhere")
			}
			f, ok := errors.AsType[*FolderError](err)
			if !ok || !f.Blocked || f.Path != filepath.Clean(root+tt.at) || !strings.Contains(f.Error(), tt.says) {
				t.Fatalf("%v, want it to name %s", err, tt.at)
			}
			if !strings.Contains(f.Hint(), "delete or rename it") {
				t.Errorf("the hint is %q", f.Hint())
			}
		})
	}
}

func TestFolderErrorSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		err        error
		text, hint string
	}{
		"permission": {&fs.PathError{Op: "mkdir", Path: "/a/b", Err: syscall.EACCES}, `"/a/b": permission denied`, "make it writable"},
		"read only":  {&fs.PathError{Op: "open", Path: "/a", Err: syscall.EROFS}, `"/a": read-only file system`, "make it writable"},
		"full":       {&fs.PathError{Op: "write", Path: "/a/journal", Err: syscall.ENOSPC}, `"/a/journal": no space left on device`, "free some space"},
		"quota":      {&fs.PathError{Op: "write", Path: "/a", Err: syscall.EDQUOT}, `"/a": `, "free some space"},
		"other":      {errors.New("odd"), `"` + dir + `": odd`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, ok := errors.AsType[*FolderError](folderError(dir, tt.err))
			if !ok || f.Blocked || !strings.Contains(f.Error(), tt.text) {
				t.Fatalf("%v, want %q", f, tt.text)
			}
			if !strings.Contains(f.Hint(), tt.hint) || (tt.hint == "") != (f.Hint() == "") {
				t.Errorf("the hint is %q, want %q", f.Hint(), tt.hint)
			}
		})
	}
	if err := folderError(dir, nil); err != nil {
		t.Errorf("nothing went wrong, and yet: %v", err)
	}
}

// What goes wrong later is told as what goes wrong on opening is.
func TestFolderThatGoesBadLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func(func(*Tx) error) error{"View": s.View, "Update": s.Update} {
		err := use(func(tx *Tx) error { return nil })
		if f, ok := errors.AsType[*FolderError](err); !ok || f.Path != dir || !f.Blocked {
			t.Errorf("%s: %v, want it to name %s", name, err, dir)
		}
	}
}
