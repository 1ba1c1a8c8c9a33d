package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAbandoned: a journal of a run that came to its end between the listing and
// the reading is neither left over nor one that cannot be read.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	folder := journalFolder(state)
	if err := makeFolder(state, folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "20200101T000000Z-00000000.json")
	if err := os.Symlink(filepath.Join(state, "gone"), path); err != nil {
		t.Skip(err) // a name that is listed and has no file
	}
	journals, errs := abandoned(state)
	if len(journals) > 0 || len(errs) > 0 {
		t.Errorf("%d journals, errors %v", len(journals), errs)
	}
	if _, err := os.Stat(path + ".lock"); err == nil {
		t.Error("its lock is left")
	}
}

// TestAbandonedLocked: a journal that cannot be locked, as one of another user, is
// told of.
func TestAbandonedLocked(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	path := filepath.Join(journalFolder(state), "20200101T000000Z-00000000.json")
	if err := os.MkdirAll(path+".lock", 0o755); err != nil { // which is no file to lock
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if journals, errs := abandoned(state); len(journals) > 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), path) {
		t.Errorf("%d journals, errors %v", len(journals), errs)
	}
}

// TestAbandonedOnce: what a killed run left, one run takes up, and others let it
// alone meanwhile, as they do a run that goes on.
func TestAbandonedOnce(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	j, err := openJournal(state, record{Run: "20200101T000000Z-00000000"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.intend(entry{Kind: kindStage}); err != nil {
		t.Fatal(err)
	}
	if journals, errs := abandoned(state); len(journals) > 0 || len(errs) > 0 {
		t.Errorf("while it goes on: %d journals, errors %v", len(journals), errs)
	}
	if err := j.lock.Unlock(); err != nil { // as a kill does
		t.Fatal(err)
	}
	journals, errs := abandoned(state)
	if len(journals) != 1 || len(errs) > 0 || len(journals[0].record.left()) != 1 {
		t.Fatalf("%d journals, errors %v", len(journals), errs)
	}
	if again, errs := abandoned(state); len(again) > 0 || len(errs) > 0 {
		t.Errorf("while another clears up: %d journals, errors %v", len(again), errs)
	}
	if err := journals[0].update(func(e *entry) { e.Gone = true }); err != nil {
		t.Fatal(err)
	}
	if err := journals[0].close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(journalFolder(state), "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
