//go:build !unix

package script

import "syscall"

// ownTerminal is of no use where terminals are not tried.
func ownTerminal() *syscall.SysProcAttr { return nil }
