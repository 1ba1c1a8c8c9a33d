//go:build unix && !linux

package script

import "golang.org/x/sys/unix"

// The requests that read and set a terminal's mode.
const (
	getMode = unix.TIOCGETA
	setMode = unix.TIOCSETA
)
