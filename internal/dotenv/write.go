package dotenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Written is what MergeFile did.
type Written struct {
	// Changes are those of Merge; none means that the file was not touched.
	Changes []Change
	// Created tells that the file was not there.
	Created bool
	// Lost says what of the file's owner could not be kept, "" for nothing.
	Lost string
}

// rounds bounds how often a file is read again that somebody else changes.
const rounds = 5

// MergeFile merges values into a file, which it makes when it is missing. The
// new content takes the place of the old one at once, so that nobody reads a
// half of it; where the path is a symbolic link, at its end. If somebody else
// writes the file between the read and that moment, all begins anew.
func MergeFile(path string, want []Variable) (Written, error) {
	return mergeFile(path, want, func() {})
}

// mergeFile calls prepared when all but the last look is done.
func mergeFile(path string, want []Variable, prepared func()) (Written, error) {
	for range rounds {
		file, err := Load(path)
		if err != nil {
			return Written{}, err
		}
		text, changes, err := Merge(file.Text, want)
		if err != nil {
			return Written{}, &FileError{Text: path + " was left as it is", Cause: err}
		}
		if len(changes) == 0 && !file.Missing {
			return Written{}, nil
		}
		lost, err := file.replace(path, text, prepared)
		if errors.Is(err, errChanged) {
			continue
		}
		return Written{Changes: changes, Created: file.Missing, Lost: lost}, err
	}
	return Written{}, &FileError{Text: path + " was left as it is: something else keeps changing it", Fix: "stop what writes it, then run the same command again"}
}

var errChanged = errors.New("somebody else changed it")

// replace puts a text in the place of the file that was read under a path.
func (f File) replace(path, text string, prepared func()) (lost string, err error) {
	if err := f.writable(path); err != nil {
		return "", err
	}
	folder := filepath.Dir(f.target)
	// The name fits the patterns that keep .env files out of repositories. It
	// is readable for its owner alone.
	temp, err := os.CreateTemp(folder, ".env.yolo-*")
	if err != nil {
		return "", &FileError{
			Text:  fmt.Sprintf("%s cannot be written, because no new file can be made in the folder %s", path, folder),
			Fix:   "the new content is put beside the file first; make the folder writable for yourself",
			Cause: cause(err),
		}
	}
	// After the rename there is none of this name.
	defer func() { _ = os.Remove(temp.Name()) }()
	lost, err = f.fill(temp, text)
	if err != nil {
		return "", &FileError{Text: path + " cannot be written", Cause: cause(err)}
	}
	prepared()
	if now, err := Load(path); err != nil || !f.same(now) {
		return "", errors.Join(errChanged, err)
	}
	if err := os.Rename(temp.Name(), f.target); err != nil {
		return "", &FileError{Text: path + " cannot be replaced", Fix: "if it is mounted on its own, as into a container, write it where it is not", Cause: cause(err)}
	}
	sync(folder)
	return lost, nil
}

// writable refuses to replace a file that may not be written: a rename would
// not mind.
func (f File) writable(path string) error {
	if f.Missing {
		return nil
	}
	out, err := os.OpenFile(f.target, os.O_WRONLY, 0)
	if err != nil {
		return &FileError{Text: path + " may not be written", Fix: "make it writable for yourself", Cause: cause(err)}
	}
	return out.Close()
}

// fill writes the text to a new file, which gets the old one's permissions and,
// as far as that is allowed, its owner.
func (f File) fill(temp *os.File, text string) (lost string, err error) {
	_, err = temp.WriteString(text)
	if f.info != nil {
		// Before the permissions, which a change of the owner may take away.
		var mode fs.FileMode
		mode, lost = keepOwner(temp, f.info)
		err = errors.Join(err, temp.Chmod(mode))
	}
	return lost, errors.Join(err, temp.Sync(), temp.Close())
}

// same tells whether a file is still as it was read.
func (f File) same(now File) bool {
	return f.target == now.target && f.Missing == now.Missing && f.Text == now.Text && mode(f.info) == mode(now.info)
}

func mode(info fs.FileInfo) fs.FileMode {
	if info == nil {
		return 0
	}
	return info.Mode()
}

// sync makes a rename last. Some systems have no such thing for folders, and
// the file is in its place already.
func sync(folder string) {
	if f, err := os.Open(folder); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
