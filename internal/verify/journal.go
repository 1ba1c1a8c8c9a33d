package verify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/yolo-live/yolo/internal/manifest"
)

// The kinds of what a run makes.
const (
	kindStage       = "stage"
	kindComposition = "composition"
	kindRule        = "rule"
)

// entry is one thing that a run makes. It is written down before it is made,
// and marked when it is gone.
type entry struct {
	Region string `json:"region"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	// ARN is "" as long as AWS has not answered with one.
	ARN string `json:"arn"`
	// Prefix and Bucket are where a composition records to.
	Prefix string `json:"prefix,omitempty"`
	Bucket string `json:"bucket,omitempty"`
	Gone   bool   `json:"gone"`
}

// record is a journal as it is on disk. It holds no secrets.
type record struct {
	Version int       `json:"version"`
	Run     string    `json:"run"`
	Begun   time.Time `json:"begun"`
	Account string    `json:"account"`
	// Place is the AWS that the run was on; see Options.
	Place       string  `json:"place,omitempty"`
	Environment string  `json:"environment"`
	App         string  `json:"app"`
	Entries     []entry `json:"entries"`
}

// recordVersion changes when older journals cannot be read any more.
const recordVersion = 1

// left are the entries that may still be there.
func (r record) left() []entry {
	var left []entry
	for _, e := range r.Entries {
		if !e.Gone {
			left = append(left, e)
		}
	}
	return left
}

// journal is what a run has made, on disk before it is made. It is safe for
// concurrent use.
type journal struct {
	path string
	lock *flock.Flock

	mu     sync.Mutex
	record record
}

// journalFolder is where journals are, in the folder of a manifest's state.
func journalFolder(state string) string { return filepath.Join(state, "verify") }

// openJournal makes the journal of a run. As long as it is open, no other run
// takes what is in it for left over.
func openJournal(state string, r record) (*journal, error) {
	folder := journalFolder(state)
	if err := makeFolder(state, folder); err != nil {
		return nil, &stateError{state, err}
	}
	j := &journal{path: filepath.Join(folder, r.Run+".json"), record: r}
	j.record.Version = recordVersion
	j.lock = flock.New(j.path + ".lock")
	if held, err := j.lock.TryLock(); err != nil || !held {
		return nil, &stateError{state, cmp.Or(err, errHeld)}
	}
	if err := j.write(); err != nil {
		_ = j.lock.Unlock()
		_ = os.Remove(j.path + ".lock")
		return nil, &stateError{state, err}
	}
	return j, nil
}

// stateError is why nothing can be written down, and so nothing be made.
type stateError struct {
	state string
	err   error
}

func (e *stateError) Error() string {
	return fmt.Sprintf("make the journal of this run: %v; nothing was made", e.err)
}

func (e *stateError) Unwrap() error { return e.err }

// Hint says what to do next.
func (e *stateError) Hint() string {
	return "make " + e.state + " a folder that can be written to: it is where a run writes down what it is about to make"
}

var errHeld = errors.New("another run has it open")

// intend writes down what is about to be made, and returns what to call when
// more of it is known.
func (j *journal) intend(e entry) (update func(change func(*entry)) error, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := len(j.record.Entries)
	j.record.Entries = append(j.record.Entries, e)
	return func(change func(*entry)) error {
		j.mu.Lock()
		defer j.mu.Unlock()
		change(&j.record.Entries[at])
		return j.write()
	}, j.write()
}

// write puts the journal on disk, whole or not at all.
func (j *journal) write() error {
	text, err := json.MarshalIndent(j.record, "", "  ")
	if err == nil {
		err = writeSynced(j.path, j.path+temporarily, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the journal of this run: %w", err)
	}
	return nil
}

// close removes the journal if nothing is left of its run, and lets others look
// after what is.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if len(j.record.left()) == 0 {
		_ = os.Remove(j.path + temporarily)
		err = os.Remove(j.path)
	}
	err = errors.Join(err, j.lock.Unlock())
	if len(j.record.left()) == 0 {
		_ = os.Remove(j.path + ".lock")
	}
	return err
}

// abandoned opens the journals of runs that are over and left something. One
// that cannot be read is told of in errs, and stays.
func abandoned(state string) (all []*journal, errs []error) {
	paths, err := filepath.Glob(filepath.Join(journalFolder(state), "*.json"))
	if err != nil {
		return nil, []error{err}
	}
	for _, path := range paths {
		if err := ordinary(path + ".lock"); err != nil {
			errs = append(errs, fmt.Errorf("lock the journal %s: %w", path, err))
			continue
		}
		j := &journal{path: path, lock: flock.New(path + ".lock")}
		held, err := j.lock.TryLock()
		if err != nil {
			errs = append(errs, fmt.Errorf("lock the journal %s: %w", path, err))
			continue
		}
		if !held {
			continue // its run goes on
		}
		err = j.read()
		if err == nil {
			all = append(all, j)
			continue
		}
		_ = j.lock.Unlock()
		if errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(path + ".lock") // its run came to its end since it was listed
			continue
		}
		errs = append(errs, err)
	}
	return all, append(errs, sweepFiles(state)...)
}

// beginning is longer than a run takes to write its journal for the first time.
const beginning = time.Minute

// sweepFiles removes what runs left that were killed while they wrote a journal
// for the first time: they had made nothing by then.
func sweepFiles(state string) (errs []error) {
	locks, err := filepath.Glob(filepath.Join(journalFolder(state), "*.json.lock"))
	if err != nil {
		return []error{err}
	}
	for _, path := range locks {
		written := strings.TrimSuffix(path, ".lock")
		at, ok := manifest.ProofBegun(filepath.Base(written))
		if ordinary(path) != nil {
			continue
		}
		if _, err := os.Stat(written); !ok || time.Since(at) < beginning || !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		lock := flock.New(path)
		if held, err := lock.TryLock(); err != nil || !held {
			continue // its run goes on
		}
		_ = os.Remove(written + temporarily)
		errs = append(errs, lock.Unlock(), os.Remove(path))
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (j *journal) read() error {
	text, err := readState(j.path)
	if err == nil {
		err = json.Unmarshal(text, &j.record)
	}
	if err == nil && j.record.Version != recordVersion {
		err = fmt.Errorf("it is of version %d, not %d", j.record.Version, recordVersion)
	}
	if err != nil {
		return fmt.Errorf("read the journal %s: %w", j.path, err)
	}
	return nil
}

// update changes the entries of a journal that was read.
func (j *journal) update(change func(*entry)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.record.Entries {
		change(&j.record.Entries[i])
	}
	return j.write()
}
