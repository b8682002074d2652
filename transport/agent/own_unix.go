//go:build !windows

package agent

import (
	"io/fs"
	"os"
	"syscall"
)

// ownFolder reports whether the folder is this user's, and closed to others.
func ownFolder(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
