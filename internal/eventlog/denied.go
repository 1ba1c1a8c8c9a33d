package eventlog

import (
	"errors"
	"slices"
	"sync"

	"github.com/yolo-live/yolo/internal/cloud"
)

// denied are the reads that somebody may not make and that the log is told
// without. They are safe for concurrent use.
type denied struct {
	mu   sync.Mutex
	errs []*cloud.Error
}

// note keeps the first refusal of each operation.
func (d *denied) note(err error) {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || !e.Denied() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.errs, func(known *cloud.Error) bool { return known.Operation == e.Operation }) {
		d.errs = append(d.errs, e)
	}
}

// Denied are the optional reads that were refused: of the stages' names, and of
// what destinations are.
func (l *Log) Denied() []*cloud.Error {
	l.denied.mu.Lock()
	defer l.denied.mu.Unlock()
	return slices.Clone(l.denied.errs)
}
