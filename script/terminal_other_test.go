//go:build !unix

package script

import (
	"os"
	"syscall"
)

// ownTerminal is of no use where terminals are not tried.
func ownTerminal() *syscall.SysProcAttr { return nil }

// keepOutput neither.
func keepOutput(*os.File) error { return nil }
