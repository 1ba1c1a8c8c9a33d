package store

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/tidwall/btree"
)

// Fill is many rows that share one value: those with the keys Before, a number
// from 0 to Count-1 in Digits digits, After.
type Fill struct {
	Before, After string
	Digits, Count int
}

// fill is the part of a Fill that an operation does not have already.
type fill struct {
	After  string `json:"a,omitempty"`
	Digits int    `json:"d"`
	Count  int    `json:"n"`
}

// FillWith sets the rows of table that f describes to value. It costs no more
// in the journal than one row, and in memory little more than the keys. None of
// the rows may be there before.
func FillWith(tx *Tx, table string, f Fill, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		tx.fail(fmt.Errorf("store: encode %s: %w", table, err))
		return
	}
	o := op{Key: Key(table, f.Before), Value: raw, Fill: &fill{f.After, f.Digits, f.Count}}
	tx.undo = append(tx.undo, op{Key: o.Key, Fill: o.Fill})
	tx.redo = append(tx.redo, o)
	set(tx.tree, o)
}

// each is the operation on every row of a fill.
func (o op) each(tree *btree.Map[string, []byte]) {
	for n := range o.Fill.Count {
		set(tree, op{Key: fmt.Sprintf("%s%0*d%s", o.Key, o.Fill.Digits, n, o.Fill.After), Value: o.Value})
	}
}

// shared is the value that was decoded last, if several rows had it: those of a
// Fill have the same bytes.
type shared struct {
	raw   *byte         // the first of the bytes that were decoded last
	value reflect.Value // invalid until they come again
}

// decodeShared is decode, but decodes the bytes that rows share once.
func (tx *Tx) decodeShared(raw []byte, into any) {
	to := reflect.ValueOf(into).Elem()
	last := &tx.shared
	if len(raw) == 0 || last.raw != &raw[0] {
		tx.decode(raw, into)
		if *last = (shared{}); len(raw) > 0 {
			last.raw = &raw[0]
		}
		return
	}
	if last.value.IsValid() && last.value.Type() == to.Type() {
		to.Set(last.value)
		return
	}
	tx.decode(raw, into)
	last.value = reflect.New(to.Type()).Elem()
	last.value.Set(to)
}
