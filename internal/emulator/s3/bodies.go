package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// bodies keeps the bodies of bodyFolder, by names that it makes itself: an
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
	return folder{dir}
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

// folder keeps each body as a file in a folder below its own. Names come from
// the state, which may be somebody else's: neither they nor links lead out of it.
type folder struct{ path string }

const bodyFolder = "objects"

// write writes a temporary file and renames it, so that a body whose name is
// known is whole.
func (f folder) write(source io.Reader) (name string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("object's body: %w", err)
		}
	}()
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return "", err
	}
	defer root.Close()
	if err := root.MkdirAll(bodyFolder, 0o755); err != nil {
		return "", err
	}
	name = newBodyName()
	part := path.Join(bodyFolder, name+".part")
	file, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, source)
	if err = errors.Join(err, file.Close()); err == nil {
		err = root.Rename(part, path.Join(bodyFolder, name))
	}
	if err != nil {
		return "", errors.Join(err, root.Remove(part))
	}
	return name, nil
}

func (f folder) open(name string) (io.ReadSeekCloser, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(path.Join(bodyFolder, path.Base(name)))
}

func (f folder) remove(names ...string) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return
	}
	defer root.Close()
	for _, name := range names {
		_ = root.Remove(path.Join(bodyFolder, path.Base(name)))
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
