//go:build unix

package dotenv

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and the group of an old one, and says
// what of it is not allowed. The permissions that are left are those that the
// new file may have: another group gets none.
func keepOwner(fresh *os.File, old fs.FileInfo) (left fs.FileMode, lost string) {
	left = old.Mode().Perm()
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok || fresh.Chown(int(was.Uid), int(was.Gid)) == nil {
		return left, ""
	}
	if fresh.Chown(-1, int(was.Gid)) == nil {
		return left, fmt.Sprintf("owner (user %d)", was.Uid)
	}
	return left &^ 0o070, fmt.Sprintf("owner (user %d, group %d), and so not what its group may do", was.Uid, was.Gid)
}
