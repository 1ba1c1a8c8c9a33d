package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// tableLater holds the transactions that are done but cannot be seen yet, by
// the time they are due. Being rows themselves they reach other processes, and
// survive this one.
const tableLater = "store.later"

// laterBase begins the whole keys of its rows.
const laterBase = tableLater + separator

// Delayed returns the same state, but what is changed through it can be seen
// only when delay has passed by the state's clock. Of two changes of one row's
// member the one that was made later wins, whenever it comes to be seen.
func (s *Store) Delayed(delay time.Duration) *Store { return &Store{state: s.state, delay: delay} }

// later is one transaction that cannot be seen yet.
type later struct {
	Seq   int // the order in which they were made
	Edits []edit
}

// edit is what a transaction did to one row.
type edit struct {
	Key string
	// Whole says that the row was made, replaced or, with a null Value, deleted.
	Whole bool            `json:",omitempty"`
	Value json.RawMessage `json:",omitempty"`
	// Members are those that changed, when the row is the same object before
	// and after; null means it was removed.
	Members map[string]json.RawMessage `json:",omitempty"`
}

// laterKey keeps the rows in the order of time.
func laterKey(due time.Time, seq int) string {
	return Key(fmt.Sprintf("%020d", due.UnixNano()), fmt.Sprintf("%010d", seq))
}

// dueBy is past all rows that are due by now, and before the others.
func dueBy(now time.Time) string { return fmt.Sprintf("%020d", now.UnixNano()) + "\x01" }

// anyDue needs the lock.
func (s *state) anyDue() bool {
	due := false
	s.tree.Ascend(laterBase, func(key string, _ []byte) bool {
		if at, ok := strings.CutPrefix(key, laterBase); ok {
			due = at < dueBy(s.now())
		}
		return false
	})
	return due
}

// postponed is fn, but its changes are put aside until due.
func postponed(due time.Time, fn func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		edits := tx.edits()
		tx.rollback()
		if len(edits) == 0 {
			return nil
		}
		seq := 1
		for _, other := range Scan[later](tx, tableLater, "", "") {
			seq = max(seq, other.Seq+1)
		}
		Put(tx, tableLater, laterKey(due, seq), later{Seq: seq, Edits: edits})
		return nil
	}
}

// settleDue makes seen what is due by now.
func settleDue(now time.Time) func(*Tx) error {
	return func(tx *Tx) error {
		for {
			key, next, ok := firstLater(tx)
			if !ok || key > dueBy(now) {
				return nil
			}
			tx.Delete(tableLater, key)
			for _, e := range next.Edits {
				e.settle(tx)
			}
			supersede(tx, next.Edits, func(other later) bool { return other.Seq < next.Seq })
		}
	}
}

func firstLater(tx *Tx) (key string, first later, ok bool) {
	for key, first := range Scan[later](tx, tableLater, "", "") {
		return key, first, true
	}
	return "", later{}, false
}

// settle applies the edit to the row as it is by now.
func (e edit) settle(tx *Tx) {
	if e.Whole {
		tx.change(op{Key: e.Key, Value: e.Value})
		return
	}
	row := map[string]json.RawMessage{}
	raw, ok := tx.tree.Get(e.Key)
	if !ok || json.Unmarshal(raw, &row) != nil {
		return
	}
	for name, value := range e.Members {
		if isNull(value) {
			delete(row, name)
			continue
		}
		row[name] = value
	}
	merged, err := json.Marshal(row)
	if err != nil {
		tx.fail(fmt.Errorf("store: merge: %w", err))
		return
	}
	tx.change(op{Key: e.Key, Value: merged})
}

// anyLater tells whether there are transactions that cannot be seen yet.
func anyLater(tx *Tx) bool { return tx.Any(tableLater, "") }

// supersede takes out of the transactions that cannot be seen yet what the
// newer edits changed as well. A nil older means all of them.
func supersede(tx *Tx, newer []edit, older func(later) bool) {
	byKey := map[string]edit{}
	for _, e := range newer {
		byKey[e.Key] = e
	}
	left := map[string]later{}
	for key, l := range Scan[later](tx, tableLater, "", "") {
		if older == nil || older(l) {
			left[key] = later{Seq: l.Seq, Edits: without(l.Edits, byKey)}
		}
	}
	for key, l := range left {
		if len(l.Edits) == 0 {
			tx.Delete(tableLater, key)
			continue
		}
		Put(tx, tableLater, key, l)
	}
}

// without drops from edits what newer, by key, overrides.
func without(edits []edit, newer map[string]edit) []edit {
	var left []edit
	for _, e := range edits {
		by, touched := newer[e.Key]
		if touched && (by.Whole || e.Whole) {
			continue
		}
		for name := range by.Members {
			delete(e.Members, name)
		}
		if e.Whole || len(e.Members) > 0 {
			left = append(left, e)
		}
	}
	return left
}

// edits tells what the transaction changed so far, row by row.
func (tx *Tx) edits() []edit {
	var edits []edit
	seen := map[string]bool{}
	for _, before := range tx.undo {
		if seen[before.Key] || before.Fill != nil {
			continue
		}
		seen[before.Key] = true
		after, _ := tx.tree.Get(before.Key)
		edits = append(edits, compare(before, after))
	}
	return edits
}

func compare(before op, after []byte) edit {
	whole := edit{Key: before.Key, Whole: true, Value: after}
	was, is := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if before.Value == nil || after == nil ||
		json.Unmarshal(before.Value, &was) != nil || json.Unmarshal(after, &is) != nil {
		return whole
	}
	members := map[string]json.RawMessage{}
	for name, value := range is {
		if !bytes.Equal(was[name], value) {
			members[name] = value
		}
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			members[name] = json.RawMessage("null")
		}
	}
	return edit{Key: before.Key, Members: members}
}

func isNull(value json.RawMessage) bool { return value == nil || string(value) == "null" }
