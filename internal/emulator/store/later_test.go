package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// clock is a wall clock that stands still.
func clock() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

type row struct {
	Policy, Tags string `json:",omitempty"`
}

// write is one transaction of a test.
type write struct {
	delay  time.Duration // 0: seen at once
	edit   func(*row)    // nil deletes the row
	passes time.Duration // afterwards
}

func policy(s string) func(*row) { return func(r *row) { r.Policy = s } }
func tags(s string) func(*row)   { return func(r *row) { r.Tags = s } }

func (w write) do(t *testing.T, s *store.Store) {
	t.Helper()
	if w.delay > 0 {
		s = s.Delayed(w.delay)
	}
	err := s.Update(func(tx *store.Tx) error {
		if w.edit == nil {
			tx.Delete("rows", "k")
			return nil
		}
		r, _ := store.Get[row](tx, "rows", "k")
		w.edit(&r)
		store.Put(tx, "rows", "k", r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.passes > 0 {
		if _, err := s.Advance(w.passes); err != nil {
			t.Fatal(err)
		}
	}
}

// seen is the row, nil for none.
func seen(t *testing.T, s *store.Store) (r *row) {
	t.Helper()
	err := s.View(func(tx *store.Tx) error {
		if found, ok := store.Get[row](tx, "rows", "k"); ok {
			r = &found
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDelayed(t *testing.T) {
	const second, minute = time.Second, time.Minute
	tests := map[string]struct {
		writes []write
		want   *row
	}{
		"not yet":            {[]write{{delay: minute, edit: tags("a"), passes: minute - 1}}, nil},
		"due":                {[]write{{delay: minute, edit: tags("a"), passes: minute}}, &row{Tags: "a"}},
		"change of a member": {[]write{{edit: tags("a")}, {delay: minute, edit: tags("b"), passes: second}}, &row{Tags: "a"}},
		"other members changed meanwhile": {
			[]write{{edit: tags("a")}, {delay: minute, edit: policy("p")}, {edit: tags("b"), passes: minute}},
			&row{Policy: "p", Tags: "b"},
		},
		"the same member changed meanwhile": {
			[]write{{edit: tags("a")}, {delay: minute, edit: tags("old")}, {edit: tags("new"), passes: minute}},
			&row{Tags: "new"},
		},
		"made meanwhile": {
			[]write{{delay: minute, edit: tags("old")}, {edit: tags("new"), passes: minute}},
			&row{Tags: "new"},
		},
		"a member removed": {
			[]write{{edit: func(r *row) { *r = row{"p", "a"} }}, {delay: minute, edit: policy(""), passes: minute}},
			&row{Tags: "a"},
		},
		"deletion":             {[]write{{edit: tags("a")}, {delay: minute, passes: minute}}, nil},
		"deleted meanwhile":    {[]write{{edit: tags("a")}, {delay: minute, edit: tags("b")}, {passes: minute}}, nil},
		"deletion not yet due": {[]write{{edit: tags("a")}, {delay: minute, passes: second}}, &row{Tags: "a"}},
		"in the order of being made": {
			[]write{{edit: tags("a")}, {delay: second, edit: tags("first")}, {delay: minute, edit: tags("second"), passes: minute}},
			&row{Tags: "second"},
		},
		"the later one is due earlier": {
			[]write{{edit: tags("a")}, {delay: minute, edit: tags("first")}, {delay: second, edit: tags("second"), passes: minute}},
			&row{Tags: "second"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, other := open(t, dir), open(t, dir)
			s.SetClock(clock)
			other.SetClock(clock)
			for _, w := range test.writes {
				w.do(t, s)
			}
			later := open(t, dir)
			later.SetClock(clock)
			for name, s := range map[string]*store.Store{"itself": s, "another process": other, "a later process": later} {
				if diff := cmp.Diff(test.want, seen(t, s)); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", name, diff)
				}
			}
		})
	}
}

func TestDelayedUpdateThatFails(t *testing.T) {
	s := open(t, "")
	boom := errors.New("boom")
	err := s.Delayed(time.Minute).Update(func(tx *store.Tx) error {
		store.Put(tx, "rows", "k", row{Tags: "a"})
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("%v, want boom", err)
	}
	if _, err := s.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if r := seen(t, s); r != nil {
		t.Errorf("what failed is seen: %v", r)
	}
}

func TestClockIsOneForAllProcesses(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	a.SetClock(clock)
	b.SetClock(clock)
	for range 2 {
		if _, err := a.Advance(time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range map[string]*store.Store{"a": a, "b": b} {
		if now, err := s.Now(); err != nil || !now.Equal(clock().Add(2*time.Hour)) {
			t.Errorf("%s says %v, %v", name, now, err)
		}
	}
}

func TestPanicLeavesTheStoreUsable(t *testing.T) {
	s := open(t, t.TempDir())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.Update(func(tx *store.Tx) error {
			store.Put(tx, "t", "half", "x")
			panic("defect")
		})
	}()
	put(t, s, "whole", "1")
	if diff := cmp.Diff([]string{"whole=1"}, contents(t, s, "", "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
