package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// errChanged is a file that somebody else wrote since it was read.
var errChanged = &hintedError{errors.New("it was changed meanwhile, and nothing was written"), "run the same command again"}

// makeFile writes a new file, at once or not at all, and none in the place of
// another.
func makeFile(path, text string) error {
	temp, err := besides(path, text, 0o666)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer discard(temp)
	err = os.Link(temp, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("write %s: %w", path, errChanged)
	case err != nil: // not every file system has hard links
		err = os.Rename(temp, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, plainCause(err))
	}
	return nil
}

// replaceFile writes a file that still has the text before, at once or not at
// all. Its permissions stay, and so do links to it.
func replaceFile(path, before, text string) error {
	err := replaceTarget(path, before, text)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func replaceTarget(path, before, text string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return plainCause(err)
	}
	// A rename would not mind a file that may not be written.
	file, err := os.OpenFile(target, os.O_RDWR, 0)
	if err != nil {
		return plainCause(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return plainCause(err)
	}
	temp, err := besides(target, text, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer discard(temp)
	// The umask has no say in what the old file had.
	if err := os.Chmod(temp, info.Mode().Perm()); err != nil {
		return plainCause(err)
	}
	if now, err := os.ReadFile(target); err != nil || string(now) != before {
		return errChanged
	}
	return plainCause(os.Rename(temp, target))
}

// besides writes a new file into the same folder, and returns its path.
func besides(path, text string, mode fs.FileMode) (temp string, err error) {
	temp = fmt.Sprintf("%s.yolo-%d", path, rand.Uint32())
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", plainCause(err)
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		discard(temp)
	}
	return temp, plainCause(err)
}

// discard removes a file that may be gone.
func discard(temp string) { _ = os.Remove(temp) }

// plainCause is what the system said, without a path that is told already.
func plainCause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
