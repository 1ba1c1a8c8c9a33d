//go:build !unix

package dotenv

import (
	"io/fs"
	"os"
)

// keepOwner has only permissions to keep where a new file belongs to whom its
// folder says.
func keepOwner(_ *os.File, old fs.FileInfo) (left fs.FileMode, lost string) {
	return old.Mode().Perm(), ""
}
