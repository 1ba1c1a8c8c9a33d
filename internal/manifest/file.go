package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is what a manifest is called.
const FileName = "yolo.yml"

const (
	otherName = "yolo.yaml"
	// maxFile is far above any manifest and keeps the reading of one short.
	maxFile = 1 << 20
)

// Find looks for yolo.yml in dir and the folders above it and returns its
// path. The error is a [*FileError] that says where it looked.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", &FileError{Path: dir, Reason: "where is it: " + err.Error(), cause: err}
	}
	other := ""
	for at := dir; ; at = filepath.Dir(at) {
		path := filepath.Join(at, FileName)
		if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if _, err := os.Stat(filepath.Join(at, otherName)); err == nil && other == "" {
			other = filepath.Join(at, otherName)
		}
		if at == filepath.Dir(at) {
			return "", notFound(dir, at, other)
		}
	}
}

func notFound(dir, top, other string) *FileError {
	e := &FileError{
		Path:   FileName,
		Reason: fmt.Sprintf("not in %s, nor in any folder above it up to %s", dir, top),
		hint:   "yolo init makes one; if there is one already, change to its folder, or name it with --file",
		cause:  fs.ErrNotExist,
	}
	if other != "" {
		e.hint = fmt.Sprintf("there is %s: rename it to %s, or name it with --file", other, FileName)
	}
	return e
}

// readSource reads the file at path, which must be text of at most maxFile bytes.
func readSource(path string) (*source, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, &FileError{
			Path:   path,
			Reason: "larger than 1 MiB, which no manifest is",
			hint:   "is it the right file?",
		}
	}
	return newSource(path, string(data)), nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, &FileError{
			Path:   path,
			Reason: "is a folder, not a file",
			hint:   fmt.Sprintf("name the file in it, as in --file %s", filepath.Join(path, FileName)),
		}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	return data, nil
}

func unreadable(path string, err error) *FileError {
	e := &FileError{Path: path, cause: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.hint = "no such file", "check the path that --file names"
		other := filepath.Join(filepath.Dir(path), otherName)
		if _, err := os.Stat(other); err == nil && filepath.Base(path) == FileName {
			e.hint = fmt.Sprintf("there is %s: rename it to %s, or name it with --file", other, FileName)
		}
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.hint = "permission denied", "make the file readable for you, as with chmod u+r "+path
	default:
		e.Reason = "read: " + systemReason(err)
	}
	return e
}

// systemReason returns the operating system's words without the path, which the
// message has already.
func systemReason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
