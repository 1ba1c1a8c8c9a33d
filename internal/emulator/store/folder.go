package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// FolderError says that the state's folder cannot be used.
type FolderError struct {
	// Path is what cannot be used, or what is in the way of it.
	Path string
	// Err is why, in the system's words.
	Err error
	// Blocked means that something else than a folder is at Path, or something
	// else than a file.
	Blocked bool
}

func (e *FolderError) Error() string {
	if e.Blocked {
		return fmt.Sprintf("emulator state: %q is in the way: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("emulator state: %q: %v", e.Path, e.Err)
}

// Unwrap returns the reason.
func (e *FolderError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FolderError) Hint() string {
	const elsewhere = "have the state elsewhere with yolo emulator --data FOLDER"
	switch {
	case e.Blocked:
		return "delete or rename it, or " + elsewhere
	case errors.Is(e.Err, fs.ErrPermission), errors.Is(e.Err, syscall.EROFS):
		return "make it writable for yourself, or " + elsewhere
	case diskIsFull(e.Err):
		return "free some space on that disk, or " + elsewhere
	}
	return ""
}

// folderError says what of the state's folder err is about. An error that says
// so already is returned as it is, and nil as nil.
func folderError(dir string, err error) error {
	if _, told := errors.AsType[*FolderError](err); told || err == nil {
		return err
	}
	if path := blocking(dir); path != "" {
		return &FolderError{Path: path, Err: errors.New("it is not a folder"), Blocked: true}
	}
	for _, name := range []string{journalName, lockName} {
		path := filepath.Join(dir, name)
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return &FolderError{Path: path, Err: errors.New("it is a folder"), Blocked: true}
		}
	}
	// The path of what failed says more than the folder's.
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return &FolderError{Path: at.Path, Err: at.Err}
	}
	return &FolderError{Path: dir, Err: err}
}

// ordinary refuses a link, which would be followed to somebody's file, and what
// could be read without end or never.
func ordinary(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil || info.Mode().IsRegular() || info.IsDir():
		return nil // opening it tells
	case info.Mode()&fs.ModeSymlink != 0:
		return &FolderError{Path: path, Err: errors.New("it is a symbolic link"), Blocked: true}
	}
	return &FolderError{Path: path, Err: errors.New("it is no ordinary file"), Blocked: true}
}

// blocking is the outermost part of a path at which there is something else
// than a folder, a link to nowhere included; "" for none.
func blocking(dir string) string {
	found := ""
	for path := filepath.Clean(dir); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil {
			if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
				found = path
			}
		}
		if path == filepath.Dir(path) {
			return found
		}
	}
}

// windowsDiskFull is ERROR_DISK_FULL, which is no ENOSPC to package syscall.
const windowsDiskFull = syscall.Errno(112)

func diskIsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		filepath.Separator == '\\' && errors.Is(err, windowsDiskFull)
}
