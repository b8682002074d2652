//go:build unix

package repo

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/esync/esync/objects"
)

// checkOwner refuses a copy whose .esync belongs to neither this user nor the
// system: in a folder that many may write to, somebody else could have put it
// there for him to fall into.
func checkOwner(root string) error {
	info, err := os.Lstat(filepath.Join(root, objects.MetaDir))
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	me := os.Geteuid()
	if !ok || int(st.Uid) == me || st.Uid == 0 {
		return nil
	}
	if behind, err := strconv.Atoi(os.Getenv("SUDO_UID")); me == 0 && err == nil && int(st.Uid) == behind {
		return nil
	}
	return fmt.Errorf("%q: %w", root, ErrForeign)
}
