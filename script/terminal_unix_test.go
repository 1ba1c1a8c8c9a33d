//go:build unix

package script

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownTerminal has a program's terminal be the one that it is started on.
func ownTerminal() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true}
}

// keepOutput has a terminal keep at Ctrl-C what was written to it and is not yet
// read. By default a kernel drops that, which people do not come to see: what
// draws their terminal reads faster than they type.
func keepOutput(terminal *os.File) error {
	fd := int(terminal.Fd())
	mode, err := unix.IoctlGetTermios(fd, getMode)
	if err != nil {
		return err
	}
	mode.Lflag |= unix.NOFLSH
	return unix.IoctlSetTermios(fd, setMode, mode)
}
