package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"unicode/utf8"
)

// MaxSize is how many bytes a file may have: one that has more is none of
// variables.
const MaxSize = 1 << 20

// FileError tells why a file cannot be read or written.
type FileError struct {
	// Text names the file.
	Text, Fix string
	// Cause is what the system said, nil for nothing.
	Cause error
}

func (e *FileError) Error() string {
	if e.Cause == nil {
		return e.Text
	}
	return e.Text + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Cause }

// Hint says what to do about it; it may be "".
func (e *FileError) Hint() string { return e.Fix }

// File is what was found under a path.
type File struct {
	Text string
	// Missing tells that there is none, though its folder is there.
	Missing bool

	target string      // where symbolic links lead
	info   fs.FileInfo // nil when it is missing
}

// Load reads a file in full. Its error is a *FileError.
func Load(path string) (File, error) {
	target, err := follow(path)
	if err != nil {
		return File{}, err
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return missing(path, target)
	case err != nil:
		return File{}, unreadable(path, err)
	case info.IsDir():
		return File{}, &FileError{Text: path + " is a folder", Fix: "name a file, such as " + filepath.Join(path, ".env")}
	case !info.Mode().IsRegular():
		return File{}, &FileError{Text: path + " is no ordinary file", Fix: "name a file that can be read more than once"}
	}
	in, err := os.Open(target)
	if err != nil {
		return File{}, unreadable(path, err)
	}
	defer in.Close()
	text, err := Read(path, in)
	return File{Text: text, target: target, info: info}, err
}

// Read reads a file's text, and refuses what cannot be one. Name is for the
// error, which is a *FileError.
func Read(name string, from io.Reader) (text string, err error) {
	data, err := io.ReadAll(io.LimitReader(from, MaxSize+1))
	if err != nil {
		return "", unreadable(name, err)
	}
	const fix = "save it as UTF-8"
	switch {
	case len(data) > MaxSize:
		return "", &FileError{Text: fmt.Sprintf("%s has more than %d bytes, so it is no file of variables", name, MaxSize), Fix: "name another file"}
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "", &FileError{Text: name + " is UTF-16", Fix: fix}
	case bytes.IndexByte(data, 0) >= 0:
		return "", &FileError{Text: fmt.Sprintf("%s is no text: line %d has a byte that is 0", name, lineOf(data, bytes.IndexByte(data, 0))), Fix: fix}
	case !utf8.Valid(data):
		return "", &FileError{Text: fmt.Sprintf("%s is not UTF-8: see line %d", name, lineOf(data, invalidAt(data))), Fix: fix}
	}
	return string(data), nil
}

func lineOf(data []byte, at int) int { return 1 + lineEndings(string(data[:at])) }

// invalidAt is the first place that is not UTF-8.
func invalidAt(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

func missing(path, target string) (File, error) {
	folder := filepath.Dir(target)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return File{}, &FileError{Text: fmt.Sprintf("%s cannot be found: there is no folder %s", path, folder), Fix: "make the folder first, or correct the path"}
	}
	return File{Missing: true, target: target}, nil
}

func unreadable(name string, err error) error {
	fix := ""
	if errors.Is(err, fs.ErrPermission) {
		fix = "make it readable for yourself"
	}
	return &FileError{Text: name + " cannot be read", Fix: fix, Cause: cause(err)}
}

// maxLinks bounds how many symbolic links are followed, as systems do.
const maxLinks = 40

// follow finds where symbolic links lead, whether or not something is there.
func follow(path string) (string, error) {
	target := path
	for range maxLinks {
		link, err := os.Readlink(target)
		if err != nil {
			return target, nil
		}
		if filepath.IsAbs(link) {
			target = link
		} else {
			target = filepath.Join(filepath.Dir(target), link)
		}
	}
	return "", &FileError{Text: path + " is a symbolic link that leads to nothing but others", Fix: "name the file itself"}
}

// cause is what the system said, without the path again.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
