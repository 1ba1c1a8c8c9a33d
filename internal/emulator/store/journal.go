package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/tidwall/btree"
)

const (
	journalName = "journal.jsonl"
	lockName    = "lock"

	// A journal is rewritten on opening when it is past this size and holds
	// more than half history.
	compactAbove = 4 << 20
)

// journal is the file of transactions. Its methods need the Store's lock held
// for writing, but for stale.
type journal struct {
	path   string
	lock   *flock.Flock
	file   *os.File
	info   os.FileInfo // of file, to notice that another process replaced it
	offset int64       // up to here the journal is in the tree
}

func openJournal(dir string) (*journal, error) {
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	return &journal{
		path: filepath.Join(dir, journalName),
		lock: flock.New(filepath.Join(dir, lockName)),
	}, nil
}

// makeFolder makes the state's folder and has git ignore it. A folder that
// held something already is left as it is: what is in it is not ours to hide.
func makeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderError(dir, err)
	}
	if len(entries) > 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return folderError(dir, err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o644); err != nil {
		return folderError(dir, err)
	}
	return nil
}

// inFolder runs open, and once more in a new folder when somebody deleted the
// one there was, to begin anew.
func (j *journal) inFolder(open func() error) error {
	err := open()
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeFolder(filepath.Dir(j.path)); err != nil {
		return err
	}
	return open()
}

// locked runs fn while no other process writes.
func (j *journal) locked(fn func() error) (err error) {
	if err := ordinary(j.lock.Path()); err != nil {
		return err
	}
	if err := j.inFolder(j.lock.Lock); err != nil {
		return j.failed(err)
	}
	defer func() { err = errors.Join(err, j.lock.Unlock()) }()
	return fn()
}

// stale tells whether another process has written since the last read.
func (j *journal) stale() (bool, error) {
	info, err := os.Stat(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, j.failed(err)
	}
	return info.Size() != j.offset || !os.SameFile(info, j.info), nil
}

// read takes in the transactions after offset. A last line that is not whole
// is left for the writer that holds the lock.
func (j *journal) read(tree *btree.Map[string, []byte]) error {
	if err := j.reopen(tree); err != nil {
		return err
	}
	if _, err := j.file.Seek(j.offset, io.SeekStart); err != nil {
		return j.failed(err)
	}
	data, err := io.ReadAll(j.file)
	if err != nil {
		return j.failed(err)
	}
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return nil
		}
		ops, ok := decodeLine(data[:end])
		if !ok {
			return nil
		}
		for _, o := range ops {
			set(tree, o)
		}
		j.offset += int64(end) + 1
		data = data[end+1:]
	}
}

// reopen opens the journal anew when it is not the file at path any more, and
// then starts from an empty tree.
func (j *journal) reopen(tree *btree.Map[string, []byte]) error {
	info, err := os.Stat(j.path)
	if err == nil && j.file != nil && os.SameFile(info, j.info) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return j.failed(err)
	}
	if err := j.closeFile(); err != nil {
		return err
	}
	tree.Clear()
	j.offset = 0
	err = j.inFolder(func() (err error) {
		if err := ordinary(j.path); err != nil {
			return err
		}
		j.file, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o644)
		return err
	})
	if err != nil {
		return j.failed(err)
	}
	if j.info, err = j.file.Stat(); err != nil {
		return j.failed(err)
	}
	return nil
}

// append writes one transaction over whatever torn line is at the end.
func (j *journal) append(ops []op) error {
	line, err := encodeLine(ops)
	if err != nil {
		return err
	}
	if err := j.file.Truncate(j.offset); err != nil {
		return j.failed(err)
	}
	if _, err := j.file.WriteAt(line, j.offset); err != nil {
		return j.failed(err)
	}
	j.offset += int64(len(line))
	return nil
}

// failed says what of the folder an error is about.
func (j *journal) failed(err error) error { return folderError(filepath.Dir(j.path), err) }

func (j *journal) openAndCompact(tree *btree.Map[string, []byte]) error {
	if err := j.read(tree); err != nil {
		return err
	}
	if j.offset < compactAbove {
		return nil
	}
	var ops []op
	live := int64(0)
	tree.Scan(func(key string, value []byte) bool {
		ops = append(ops, op{Key: key, Value: value})
		live += int64(len(key) + len(value))
		return true
	})
	if 2*live > j.offset {
		return nil
	}
	return j.replace(ops, tree)
}

// replace writes a journal that holds just ops, and puts it in place.
func (j *journal) replace(ops []op, tree *btree.Map[string, []byte]) error {
	line, err := encodeLine(ops)
	if err != nil {
		return err
	}
	next := j.path + ".next"
	if err := writeNew(next, line); err != nil {
		return j.failed(err)
	}
	if err := os.Rename(next, j.path); err != nil {
		return j.failed(err)
	}
	return j.read(tree)
}

// writeNew writes a file in the place of whatever is there, and never to where
// a link leads.
func writeNew(path string, text []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

func (j *journal) close() error { return errors.Join(j.closeFile(), j.lock.Close()) }

func (j *journal) closeFile() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// A line is the checksum in eight hexadecimal digits, a space, the operations.
const checksumLen = 9

func encodeLine(ops []op) ([]byte, error) {
	body, err := json.Marshal(ops)
	if err != nil {
		return nil, fmt.Errorf("emulator state: encode: %w", err)
	}
	line := fmt.Appendf(make([]byte, 0, len(body)+checksumLen+1), "%08x ", crc32.ChecksumIEEE(body))
	return append(append(line, body...), '\n'), nil
}

func decodeLine(line []byte) ([]op, bool) {
	if len(line) < checksumLen {
		return nil, false
	}
	body := line[checksumLen:]
	if fmt.Sprintf("%08x ", crc32.ChecksumIEEE(body)) != string(line[:checksumLen]) {
		return nil, false
	}
	var ops []op
	if err := json.Unmarshal(body, &ops); err != nil {
		return nil, false
	}
	return ops, true
}
