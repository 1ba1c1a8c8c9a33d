//go:build unix

package dotenv

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestMergeFileKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), ".env")
	put(t, path, "B=0\n", 0o640)
	if err := os.Chown(path, 4321, 1234); err != nil {
		t.Fatal(err)
	}
	written, err := MergeFile(path, wanted)
	if err != nil || written.Lost != "" {
		t.Fatalf("%+v, %v", written, err)
	}
	info := holds(t, path, "B=b1\nC=c1\n")
	owner := info.Sys().(*syscall.Stat_t)
	if owner.Uid != 4321 || owner.Gid != 1234 || info.Mode().Perm() != 0o640 {
		t.Errorf("it belongs to %d:%d, mode %v", owner.Uid, owner.Gid, info.Mode())
	}
}
