//go:build unix

package repo

import (
	"fmt"
	"os"
	"path/filepath"
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
	if !ok || int(st.Uid) == os.Geteuid() || st.Uid == 0 {
		return nil
	}
	return fmt.Errorf("%q: %w", root, ErrForeign)
}
