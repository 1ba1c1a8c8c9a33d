package dotenv

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var wanted = []Variable{{"B", "b1"}, {"C", "c1"}}

// put makes a file whose last change was long ago.
func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// The umask has no say in this.
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
}

// holds checks a file, and that its folder has nothing else but links.
func holds(t *testing.T, path, text string) fs.FileInfo {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Errorf("%s has %q, %v; want %q", path, got, err, text)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "yolo") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestMergeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	put(t, path, "A=1\r\nB=0", 0o640)
	written, err := MergeFile(path, wanted)
	if err != nil || len(written.Changes) != 2 || written.Created || written.Lost != "" {
		t.Fatalf("%+v, %v", written, err)
	}
	if info := holds(t, path, "A=1\r\nB=b1\r\nC=c1"); info.Mode().Perm() != 0o640 && os.PathSeparator == '/' {
		t.Errorf("its mode is %v", info.Mode())
	}
}

func TestMergeFileMakesOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.env")
	written, err := MergeFile(path, wanted)
	if err != nil || len(written.Changes) != 2 || !written.Created {
		t.Fatalf("%+v, %v", written, err)
	}
	if info := holds(t, path, "B=b1\nC=c1\n"); info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("its mode is %v", info.Mode())
	}
}

func TestMergeFileTouchesNothingThatIsRight(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	put(t, path, "C='c1'\nB=b1", 0o400)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	written, err := MergeFile(path, wanted)
	if err != nil || len(written.Changes) != 0 || written.Created {
		t.Fatalf("%+v, %v", written, err)
	}
	after := holds(t, path, "C='c1'\nB=b1")
	if !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Error("the file was touched")
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
}

func TestMergeFileFollowsLinks(t *testing.T) {
	for name, there := range map[string]bool{"a file": true, "nothing": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "shared"), 0o700); err != nil {
				t.Fatal(err)
			}
			target, path := filepath.Join(dir, "shared", "env"), filepath.Join(dir, ".env")
			link(t, filepath.Join("shared", "second"), path)
			link(t, target, filepath.Join(dir, "shared", "second"))
			want := "B=b1\nC=c1\n"
			if there {
				put(t, target, "A=1\nB=0\n", 0o600)
				want = "A=1\n" + want
			}
			if _, err := MergeFile(path, wanted); err != nil {
				t.Fatal(err)
			}
			holds(t, target, want)
			if info := holds(t, path, want); info.Mode().Type() != fs.ModeSymlink {
				t.Errorf("the link became %v", info.Mode())
			}
		})
	}
}

// What somebody else writes while the new content is made is kept.
func TestMergeFileNoticesOthers(t *testing.T) {
	for name, c := range map[string]struct{ before, meanwhile, want string }{
		"another line":  {"B=0\n", "A=1\nB=0\n", "A=1\nB=b1\nC=c1\n"},
		"a new file":    {"", "A=1\n", "A=1\nB=b1\nC=c1\n"},
		"the same":      {"B=0\n", "B=0\n", "B=b1\nC=c1\n"},
		"all of it":     {"B=0\n", "B=b1\nC=c1\n", "B=b1\nC=c1\n"},
		"its end again": {"B=0\n", "", "B=b1\nC=c1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), ".env")
			if c.before != "" {
				put(t, path, c.before, 0o600)
			}
			once := false
			_, err := mergeFile(path, wanted, func() {
				if !once {
					put(t, path, c.meanwhile, 0o600)
				}
				once = true
			})
			if err != nil {
				t.Fatal(err)
			}
			holds(t, path, c.want)
		})
	}
}

func TestMergeFileGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	put(t, path, "A=\n", 0o600)
	text := "A="
	_, err := mergeFile(path, wanted, func() {
		text += "x"
		put(t, path, text, 0o600)
	})
	if err == nil || !strings.Contains(err.Error(), "keeps changing it") {
		t.Errorf("error %v", err)
	}
	holds(t, path, text)
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"utf-16": "\xff\xfeA\x00=\x00", "latin": "A=1\nB=\xe9\n", "binary": "A=1\n\x00", "long": strings.Repeat("A=1\n", MaxSize/4) + "B",
	} {
		put(t, at(name), text, 0o600)
	}
	link(t, "there", at("here"))
	link(t, "here", at("there"))
	for path, want := range map[string]string{
		dir:               " is a folder",
		at("utf-16"):      " is UTF-16",
		at("latin"):       " is not UTF-8: see line 2",
		at("binary"):      " is no text: line 2 has a byte that is 0",
		at("long"):        " has more than 1048576 bytes",
		at("here"):        " is a symbolic link that leads to nothing but others",
		at("none/env"):    " cannot be found: there is no folder " + at("none"),
		at("latin/env"):   " cannot be found: there is no folder " + at("latin"),
		"/dev/null":       " is no ordinary file",
		at("long") + "\a": "",
	} {
		if path == "/dev/null" && os.PathSeparator != '/' {
			continue
		}
		file, err := Load(path)
		var refused *FileError
		switch {
		case want == "" && (err != nil || !file.Missing):
			t.Errorf("%q: %+v, %v", path, file, err)
		case want != "" && (!errors.As(err, &refused) || !strings.HasPrefix(err.Error(), path+want) || refused.Hint() == ""):
			t.Errorf("%q: error %v, want %q and a hint", path, err, want)
		}
		if _, err := MergeFile(path, wanted); want != "" && err == nil {
			t.Errorf("%q: it was merged into", path)
		}
	}
}

func TestMergeFileObeysPermissions(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is forbidden here")
	}
	for name, c := range map[string]struct {
		file, folder fs.FileMode
		want         string
	}{
		"unreadable":         {0o200, 0o700, " cannot be read: permission denied"},
		"write-protected":    {0o400, 0o700, " may not be written: permission denied"},
		"a read-only folder": {0o600, 0o500, " cannot be written, because no new file can be made in the folder "},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "folder")
			path := filepath.Join(folder, ".env")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, path, "B=0\n", c.file)
			if err := os.Chmod(folder, c.folder); err != nil {
				t.Fatal(err)
			}
			_, err := MergeFile(path, wanted)
			if err == nil || !strings.HasPrefix(err.Error(), path+c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err := errors.Join(os.Chmod(folder, 0o700), os.Chmod(path, 0o600)); err != nil {
				t.Fatal(err)
			}
			holds(t, path, "B=0\n")
		})
	}
}
