package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func put(t *testing.T, s *store.Store, key, value string) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		store.Put(tx, "t", key, value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, s *store.Store, prefix, after string) []string {
	t.Helper()
	var got []string
	err := s.View(func(tx *store.Tx) error {
		for key, value := range store.Scan[string](tx, "t", prefix, after) {
			got = append(got, key+"="+value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestScanPagesInOrder(t *testing.T) {
	s := open(t, "")
	for _, key := range []string{"b2", "a", "b1", "c", "b3"} {
		put(t, s, key, "x")
	}
	tests := map[string]struct {
		prefix, after string
		want          []string
	}{
		"all":    {want: []string{"a=x", "b1=x", "b2=x", "b3=x", "c=x"}},
		"prefix": {prefix: "b", want: []string{"b1=x", "b2=x", "b3=x"}},
		"after":  {prefix: "b", after: "b1", want: []string{"b2=x", "b3=x"}},
		"end":    {prefix: "b", after: "b3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, contents(t, s, test.prefix, test.after)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFailedUpdateChangesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "kept", "1")
	boom := errors.New("boom")
	err := s.Update(func(tx *store.Tx) error {
		store.Put(tx, "t", "kept", "2")
		store.Put(tx, "t", "new", "3")
		tx.Delete("t", "kept")
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("Update: %v, want boom", err)
	}
	if diff := cmp.Diff([]string{"kept=1"}, contents(t, s, "", "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestViewCannotWrite(t *testing.T) {
	s := open(t, "")
	err := s.View(func(tx *store.Tx) error {
		store.Put(tx, "t", "k", "v")
		return nil
	})
	if err == nil {
		t.Fatal("a write in a view was taken")
	}
}

// Two stores over one folder stand for two processes.
func TestProcessesSeeEachOther(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	put(t, a, "from-a", "1")
	put(t, b, "from-b", "2")
	want := []string{"from-a=1", "from-b=2"}
	for name, s := range map[string]*store.Store{"a": a, "b": b, "later": open(t, dir)} {
		if diff := cmp.Diff(want, contents(t, s, "", "")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	dir := t.TempDir()
	const writers, each = 4, 50
	var wg sync.WaitGroup
	for w := range writers {
		s := open(t, dir)
		wg.Go(func() {
			for range each {
				err := s.Update(func(tx *store.Tx) error {
					n, _ := store.Get[int](tx, "n", "total")
					store.Put(tx, "n", "total", n+1)
					return nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wg.Wait()
	err := open(t, dir).View(func(tx *store.Tx) error {
		if n, _ := store.Get[int](tx, "n", "total"); n != writers*each {
			t.Errorf("total is %d, want %d", n, writers*each)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever part of the last line reached the disk, the transactions before it
// are whole and the next write takes its place.
func TestTornWrite(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	put(t, first, "a", "1")
	path := filepath.Join(dir, "journal.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, first, "b", "2")
	both, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(whole); cut < len(both); cut++ {
		if err := os.WriteFile(path, both[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		if diff := cmp.Diff([]string{"a=1"}, contents(t, s, "", "")); diff != "" {
			t.Fatalf("cut at %d: (-want +got)\n%s", cut, diff)
		}
		put(t, s, "c", "3")
		if diff := cmp.Diff([]string{"a=1", "c=3"}, contents(t, open(t, dir), "", "")); diff != "" {
			t.Fatalf("cut at %d, then a write: (-want +got)\n%s", cut, diff)
		}
	}
}

func TestJournalIsCompactedOnOpening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	big := strings.Repeat("x", 64<<10)
	for range 100 {
		put(t, s, "k", big)
	}
	before := size(t, dir)
	later := open(t, dir)
	if after := size(t, dir); after > before/10 {
		t.Errorf("the journal went from %d to %d bytes, want a tenth at most", before, after)
	}
	put(t, s, "from-the-older", "1")
	put(t, later, "from-the-later", "2")
	for i, s := range []*store.Store{s, later} {
		if got := len(contents(t, s, "", "")); got != 3 {
			t.Errorf("store %d has %d keys, want 3", i, got)
		}
	}
}

func size(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func BenchmarkUpdate(b *testing.B) {
	for _, keys := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("state=%d", keys), func(b *testing.B) {
			s, err := store.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			err = s.Update(func(tx *store.Tx) error {
				for i := range keys {
					store.Put(tx, "t", fmt.Sprint(i), "value")
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				err := s.Update(func(tx *store.Tx) error {
					store.Put(tx, "t", "7", "another")
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen takes in a journal of many transactions, as a start does.
func BenchmarkOpen(b *testing.B) {
	for _, lines := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("transactions=%d", lines), func(b *testing.B) {
			dir := b.TempDir()
			s, err := store.Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			for i := range lines {
				err := s.Update(func(tx *store.Tx) error {
					store.Put(tx, "t", fmt.Sprint(i), "value")
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s, err := store.Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/transaction")
		})
	}
}

func TestDeletedFolderIsABeginning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := open(t, dir)
	put(t, s, "old", "1")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, s, "", ""); got != nil {
		t.Errorf("the deleted state still holds %v", got)
	}
	put(t, s, "new", "2")
	if diff := cmp.Diff([]string{"new=2"}, contents(t, open(t, dir), "", "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, ".gitignore")); err != nil {
		t.Error(err)
	}
}

func TestCount(t *testing.T) {
	s := open(t, "")
	for _, key := range []string{"a", "b1", "b2", "c"} {
		put(t, s, key, "x")
	}
	for prefix, want := range map[string]int{"": 4, "b": 2, "c": 1, "d": 0} {
		err := s.View(func(tx *store.Tx) error {
			if got := tx.Count("t", prefix); got != want {
				t.Errorf("%q: %d, want %d", prefix, got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A fill is as good as its rows one by one, for whoever reads the journal, and
// costs it one row.
func TestFill(t *testing.T) {
	dir := t.TempDir()
	mine, theirs := open(t, dir), open(t, dir)
	fill := func(tx *store.Tx) {
		store.FillWith(tx, "t", store.Fill{Before: "a/", After: ".ts", Digits: 4, Count: 3000}, "v")
	}
	failed := errors.New("no")
	if err := mine.Update(func(tx *store.Tx) error { fill(tx); return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if n := count(t, mine); n != 0 {
		t.Errorf("%d rows after a fill that failed", n)
	}
	if err := mine.Update(func(tx *store.Tx) error { fill(tx); return nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "journal.jsonl")); err != nil || info.Size() > 200 {
		t.Errorf("the journal has %d bytes, %v", info.Size(), err)
	}
	for name, s := range map[string]*store.Store{"mine": mine, "theirs": theirs, "a new one": open(t, dir)} {
		if n := count(t, s); n != 3000 {
			t.Errorf("%s: %d rows", name, n)
		}
		err := s.View(func(tx *store.Tx) error {
			if v, ok := store.Get[string](tx, "t", "a/0042.ts"); v != "v" || !ok || !tx.Any("t", "a/") || tx.Any("t", "b") {
				t.Errorf("%s: %q, %t", name, v, ok)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Rows that share their bytes are as good as those that do not, whichever type
// they are read as.
func TestScanOfAFill(t *testing.T) {
	s := open(t, "")
	type named struct{ Name string }
	type sized struct{ Size int }
	err := s.Update(func(tx *store.Tx) error {
		store.FillWith(tx, "t", store.Fill{Before: "a", Digits: 1, Count: 4}, map[string]any{"Name": "all", "Size": 3})
		store.Put(tx, "t", "a1", named{"one"})
		store.Put(tx, "t", "a5", named{"five"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var sizes []int
	err = s.View(func(tx *store.Tx) error {
		for _, v := range store.Scan[named](tx, "t", "", "") {
			names = append(names, v.Name)
		}
		for _, v := range store.Scan[sized](tx, "t", "a2", "") {
			sizes = append(sizes, v.Size)
		}
		for _, v := range store.Scan[named](tx, "t", "a3", "") {
			names = append(names, v.Name)
		}
		for _, v := range store.Scan[sized](tx, "t", "a3", "") {
			sizes = append(sizes, v.Size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"all", "one", "all", "all", "five", "all"}, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]int{3, 3}, sizes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// count counts the rows of table t.
func count(t *testing.T, s *store.Store) (n int) {
	t.Helper()
	if err := s.View(func(tx *store.Tx) error { n = tx.Count("t", ""); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}
