// Package store keeps the emulator's state: one sorted map of JSON values in
// memory, and beside it a journal on disk that several processes share.
//
// A transaction is one line of the journal, written under a file lock and
// guarded by a checksum, so a process that dies while writing leaves a line
// that nobody reads. Every transaction first takes in what other processes
// appended. A write costs its own size, whatever the state's size is.
//
// Start at Open; Get, Put and Scan are what the services use.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/btree"
)

// separator divides the parts of a key. AWS names never hold it.
const separator = "\x00"

// Key joins the parts of a key, outermost first: Key(account, region, name).
func Key(parts ...string) string { return strings.Join(parts, separator) }

// Split returns the parts that Key joined.
func Split(key string) []string { return strings.Split(key, separator) }

// Store is the state. It is safe for concurrent use, and several processes may
// hold one over the same folder.
type Store struct {
	*state
	delay time.Duration // until what Update changes can be seen
}

type state struct {
	mu      sync.RWMutex
	tree    btree.Map[string, []byte]
	journal *journal         // nil: memory only
	wall    func() time.Time // the clock that the state's own one is set against
}

// Open opens the state in the folder dir, which it makes if need be. With an
// empty dir the state lives in memory and ends with the process.
func Open(dir string) (*Store, error) {
	s := &Store{state: &state{wall: time.Now}}
	if dir == "" {
		return s, nil
	}
	j, err := openJournal(dir)
	if err != nil {
		return nil, err
	}
	s.journal = j
	if err := j.locked(func() error { return j.openAndCompact(&s.tree) }); err != nil {
		return nil, errors.Join(err, j.close())
	}
	return s, nil
}

// Close releases the files. The state on disk stays.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
}

// Tx is one transaction. It must not outlive the function it was given to.
type Tx struct {
	tree     *btree.Map[string, []byte]
	undo     []op
	redo     []op
	readOnly bool
	err      error
	shared   shared
}

// op sets a key, or deletes it when Value is null; with a Fill, many keys that
// begin with Key.
type op struct {
	Key   string          `json:"k"`
	Value json.RawMessage `json:"v,omitempty"`
	Fill  *fill           `json:"f,omitempty"`
}

// View runs fn over the state as it is now, other processes' changes included.
func (s *Store) View(fn func(*Tx) error) error {
	if err := s.catchUp(); err != nil {
		return err
	}
	return s.Peek(fn)
}

// Peek is View over the state as this process has last seen it, which saves the
// look for other processes' changes right after another one.
func (s *Store) Peek(fn func(*Tx) error) error {
	s.mu.RLock()
	if s.anyDue() {
		s.mu.RUnlock()
		if err := s.update(0, func(*Tx) error { return nil }); err != nil {
			return err
		}
		s.mu.RLock()
	}
	defer s.mu.RUnlock()
	tx := &Tx{tree: &s.tree, readOnly: true}
	return errors.Join(fn(tx), tx.err)
}

// Update runs fn and keeps what it changed, durably and at once, or nothing of
// it when fn returns an error.
func (s *Store) Update(fn func(*Tx) error) error { return s.update(s.delay, fn) }

func (s *state) update(delay time.Duration, fn func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return s.run(delay, fn, func([]op) error { return nil })
	}
	return s.journal.locked(func() error {
		if err := s.journal.read(&s.tree); err != nil {
			return err
		}
		return s.run(delay, fn, s.journal.append)
	})
}

// run carries out what is due before fn, so that fn sees it.
func (s *state) run(delay time.Duration, fn func(*Tx) error, commit func([]op) error) error {
	if s.anyDue() {
		if err := s.apply(settleDue(s.now()), commit); err != nil {
			return err
		}
	}
	if delay > 0 {
		return s.apply(postponed(s.now().Add(delay), fn), commit)
	}
	return s.apply(func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if anyLater(tx) {
			supersede(tx, tx.edits(), nil)
		}
		return nil
	}, commit)
}

// apply rolls back when fn panics, too: the state outlives a service's defect.
func (s *state) apply(fn func(*Tx) error, commit func([]op) error) error {
	tx := &Tx{tree: &s.tree}
	kept := false
	defer func() {
		if !kept {
			tx.rollback()
		}
	}()
	if err := errors.Join(fn(tx), tx.err); err != nil {
		return err
	}
	if len(tx.redo) > 0 {
		if err := commit(tx.redo); err != nil {
			return err
		}
	}
	kept = true
	return nil
}

// catchUp takes in what other processes appended since the last look.
func (s *state) catchUp() error {
	if s.journal == nil {
		return nil
	}
	s.mu.RLock()
	stale, err := s.journal.stale()
	s.mu.RUnlock()
	if err != nil || !stale {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.read(&s.tree)
}

func set(tree *btree.Map[string, []byte], o op) {
	if o.Fill != nil {
		o.each(tree)
		return
	}
	if o.Value == nil {
		tree.Delete(o.Key)
		return
	}
	tree.Set(o.Key, o.Value)
}

// Get returns the value under key in table, and whether there is one.
func Get[T any](tx *Tx, table, key string) (value T, ok bool) {
	ok = tx.get(Key(table, key), &value)
	return value, ok
}

// get reads the value under a whole key into what into points to.
func (tx *Tx) get(full string, into any) bool {
	raw, ok := tx.tree.Get(full)
	if ok {
		tx.decode(raw, into)
	}
	return ok
}

// Put sets the value under key in table.
func Put(tx *Tx, table, key string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		tx.fail(fmt.Errorf("store: encode %s: %w", table, err))
		return
	}
	tx.change(op{Key: Key(table, key), Value: raw})
}

// Delete removes the value under key in table, and tells whether there was one.
func (tx *Tx) Delete(table, key string) bool {
	full := Key(table, key)
	if _, ok := tx.tree.Get(full); !ok {
		return false
	}
	tx.change(op{Key: full})
	return true
}

// Scan yields, in order, the keys of table that begin with prefix and come
// after the key after ("" for all), with their values. To page, give the last
// key of the page before. The table must not be changed while it is scanned, nor
// what a value's pointers and maps lead to: rows of one Fill may share them.
func Scan[T any](tx *Tx, table, prefix, after string) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		tx.scan(table, prefix, after, func(key string, raw []byte) bool {
			var value T
			tx.decodeShared(raw, &value)
			return yield(key, value)
		})
	}
}

func (tx *Tx) scan(table, prefix, after string, yield func(key string, raw []byte) bool) {
	base := Key(table, "")
	tx.tree.Ascend(base+max(prefix, after), func(full string, raw []byte) bool {
		key, ok := strings.CutPrefix(full, base)
		if !ok || !strings.HasPrefix(key, prefix) {
			return false
		}
		if after != "" && key == after {
			return true
		}
		return yield(key, raw)
	})
}

// Any tells whether there are keys of table that begin with prefix.
func (tx *Tx) Any(table, prefix string) (any bool) {
	base := Key(table, prefix)
	tx.tree.Ascend(base, func(key string, _ []byte) bool {
		any = strings.HasPrefix(key, base)
		return false
	})
	return any
}

// Count counts the keys of table that begin with prefix.
func (tx *Tx) Count(table, prefix string) (n int) {
	base := Key(table, prefix)
	tx.tree.Ascend(base, func(key string, _ []byte) bool {
		if !strings.HasPrefix(key, base) {
			return false
		}
		n++
		return true
	})
	return n
}

func (tx *Tx) change(o op) {
	if tx.readOnly {
		tx.fail(errors.New("store: a view cannot change the state"))
		return
	}
	before := op{Key: o.Key}
	if raw, ok := tx.tree.Get(o.Key); ok {
		before.Value = raw
	}
	tx.undo = append(tx.undo, before)
	tx.redo = append(tx.redo, o)
	set(tx.tree, o)
}

// rollback undoes what the transaction changed, and forgets it.
func (tx *Tx) rollback() {
	for i := len(tx.undo) - 1; i >= 0; i-- {
		set(tx.tree, tx.undo[i])
	}
	tx.undo, tx.redo = nil, nil
}

func (tx *Tx) fail(err error) { tx.err = errors.Join(tx.err, err) }

func (tx *Tx) decode(raw []byte, into any) {
	if err := json.Unmarshal(raw, into); err != nil {
		tx.fail(fmt.Errorf("store: decode: %w", err))
	}
}
