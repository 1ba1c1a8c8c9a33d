package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder of state that somebody else made may hold links; nothing is written
// to where they lead.
func TestJournalFollowsNoLink(t *testing.T) {
	root := t.TempDir()
	outside, nowhere := filepath.Join(root, "outside"), filepath.Join(root, "nowhere")
	if err := os.WriteFile(outside, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(root, ".yolo")
	folder := journalFolder(state)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(folder, "run.json")
	for link, to := range map[string]string{filepath.Join(state, ".gitignore"): nowhere, journal + temporarily: outside} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err) // not every system lets everybody make links
		}
	}
	if err := makeFolder(state, folder); err != nil {
		t.Error(err)
	}
	if err := writeSynced(journal, journal+temporarily, []byte("ours")); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(nowhere); err == nil {
		t.Error("a file was made where a link leads")
	}
	if theirs, err := os.ReadFile(outside); err != nil || string(theirs) != "theirs" {
		t.Errorf("what is outside is now %q, %v", theirs, err)
	}
	if ours, err := os.ReadFile(journal); err != nil || string(ours) != "ours" {
		t.Errorf("the journal is %q, %v", ours, err)
	}
}

// Nor is a lock made there, or anything read that has no end, or none in sight.
func TestStateIsOrdinary(t *testing.T) {
	state := filepath.Join(t.TempDir(), ".yolo")
	folder := journalFolder(state)
	if err := makeFolder(state, folder); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(state, "nowhere")
	if err := os.WriteFile(filepath.Join(folder, "long.json"), []byte(strings.Repeat(" ", maxState+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"endless.json": os.DevNull, "locked.json": os.DevNull, "locked.json.lock": nowhere} {
		if err := os.Symlink(to, filepath.Join(folder, link)); err != nil {
			t.Skip(err)
		}
	}
	all, errs := abandoned(state)
	if len(all) != 0 || len(errs) != 3 {
		t.Errorf("%d journals were read, and %v", len(all), errs)
	}
	if _, err := os.Lstat(nowhere); err == nil {
		t.Error("a lock was made where a link leads")
	}
}
