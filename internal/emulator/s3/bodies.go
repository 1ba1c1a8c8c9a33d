package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// bodies keeps the bodies of objects, by names that it makes itself: an
// object's key has no part in where its body is.
type bodies interface {
	// write keeps what source holds, or nothing when reading it fails.
	write(source io.Reader) (name string, err error)
	// writeIn keeps the content from within a transaction. When that has no
	// effect the body may have to be removed.
	writeIn(tx *store.Tx, content []byte) (name string, err error)
	// open returns fs.ErrNotExist when the body was removed meanwhile.
	open(name string) (io.ReadSeekCloser, error)
	// remove removes bodies; one that is gone already is passed over.
	remove(names ...string)
}

func newBodies(st *store.Store, dir string) bodies {
	if dir == "" {
		return rows{st}
	}
	return folder{filepath.Join(dir, "objects")}
}

// leftover is a body that nobody needs once its row is gone.
type leftover struct{ table, row, body string }

// discard removes the bodies of rows that are gone. A row is still there when
// the state shows the transaction only later; its body is then left for good,
// so that it can be read until that time.
func (s *Service) discard(leftovers []leftover) {
	var unneeded []string
	err := s.store.View(func(tx *store.Tx) error {
		for _, l := range leftovers {
			row, there := store.Get[struct{ Body string }](tx, l.table, l.row)
			if l.body != "" && !(there && row.Body == l.body) {
				unneeded = append(unneeded, l.body)
			}
		}
		return nil
	})
	if err == nil {
		s.bodies.remove(unneeded...)
	}
}

func newBodyName() string { return rand.Text() }

// folder keeps each body as a file.
type folder struct{ path string }

// write writes a temporary file and renames it, so that a body whose name is
// known is whole.
func (f folder) write(source io.Reader) (string, error) {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return "", fmt.Errorf("object's body: %w", err)
	}
	file, err := os.CreateTemp(f.path, "*.part")
	if err != nil {
		return "", fmt.Errorf("object's body: %w", err)
	}
	name := newBodyName()
	_, err = io.Copy(file, source)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(f.path, name))
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return name, nil
}

func (f folder) open(name string) (io.ReadSeekCloser, error) {
	return os.Open(filepath.Join(f.path, name))
}

func (f folder) remove(names ...string) {
	for _, name := range names {
		_ = os.Remove(filepath.Join(f.path, name))
	}
}

// rows keeps each body as a row of the state, for a state in memory.
type rows struct{ store *store.Store }

const tableBodies = "s3.body"

func (r rows) write(source io.Reader) (string, error) {
	body, err := io.ReadAll(source)
	if err != nil {
		return "", err
	}
	name := newBodyName()
	return name, r.store.Update(func(tx *store.Tx) error {
		store.Put(tx, tableBodies, name, body)
		return nil
	})
}

func (r rows) open(name string) (io.ReadSeekCloser, error) {
	var body []byte
	err := r.store.View(func(tx *store.Tx) error {
		var ok bool
		if body, ok = store.Get[[]byte](tx, tableBodies, name); !ok {
			return fs.ErrNotExist
		}
		return nil
	})
	return nopCloser{bytes.NewReader(body)}, err
}

func (r rows) remove(names ...string) {
	_ = r.store.Update(func(tx *store.Tx) error {
		for _, name := range names {
			tx.Delete(tableBodies, name)
		}
		return nil
	})
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }
