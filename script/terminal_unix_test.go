//go:build unix

package script

import "syscall"

// ownTerminal has a program's terminal be the one that it is started on.
func ownTerminal() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
