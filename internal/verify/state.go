package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// makeFolder makes the folder of the journals, kept out of version control.
func makeFolder(state, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	// One that is there stays, and a link to nowhere makes no file there.
	ignore, err := os.OpenFile(filepath.Join(state, ".gitignore"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = ignore.WriteString("*\n")
	return errors.Join(err, ignore.Close())
}

// temporarily ends the name of a file that is being written.
const temporarily = ".new"

// writeSynced replaces a file by way of a temporary one, which nobody else
// writes, and returns when it will survive a crash. What an earlier run has left
// is taken away first, since a link there would be followed.
func writeSynced(path, temporary string, text []byte) error {
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last. A system that has no such call, as Windows,
// does it by itself.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}

// maxState is more than a journal or a receipt has.
const maxState = 1 << 20

// readState reads a file of the state's, which somebody else may have put there:
// not without end, and not from what has none.
func readState(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotOrdinary
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if len(text) > maxState {
		err = fmt.Errorf("it has more than %d bytes", maxState)
	}
	return text, err
}

var errNotOrdinary = errors.New("it is no ordinary file")

// ordinary refuses a link where a lock would be made, and what opening it would
// wait for.
func ordinary(lock string) error {
	if info, err := os.Lstat(lock); err == nil && !info.Mode().IsRegular() {
		return errNotOrdinary
	}
	return nil
}
