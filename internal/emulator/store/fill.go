package store

import (
	"encoding/json"
	"fmt"

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
