package worktree

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	cacheFile   = "cache"
	cacheTemp   = "cache-"        // and 16 hexadecimal digits
	strayAge    = time.Minute     // a temporary cache that old belongs to no running program
	coarseClock = 2 * time.Second // FAT keeps times in steps of two seconds
)

// readCache reads the stat cache. Damage of any kind is errCache and absence
// fs.ErrNotExist: to the caller both mean that there is none.
func (w *Worktree) readCache() (*cache, error) {
	f, err := w.state.OpenFile(cacheFile, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if i.Size > maxCacheSize {
		return nil, fmt.Errorf("%w: %d bytes", errCache, i.Size)
	}
	data := make([]byte, i.Size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("%w: %w", errCache, err)
	}
	return parseCache(data)
}

// writeCache replaces the stat cache. It is not synced: a checksum tells after
// a crash whether it is whole, and without it everything is found out again.
func (w *Worktree) writeCache(c *cache) error {
	temp := fmt.Sprintf("%s%016x", cacheTemp, rand.Uint64())
	f, err := w.state.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("write stat cache: %w", err)
	}
	_, err = f.Write(c.data)
	if err == nil {
		_, err = f.Write(binary.LittleEndian.AppendUint32(nil, crc32.Checksum(c.data, castagnoli)))
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = w.state.Rename(temp, cacheFile)
	}
	if err != nil {
		w.state.Remove(temp)
		return fmt.Errorf("write stat cache: %w", err)
	}
	return nil
}

// sweep removes temporary caches that a crash left behind.
func (w *Worktree) sweep(stamp int64) {
	infos, err := w.state.ReadDir(".")
	if err != nil {
		return
	}
	for _, i := range infos {
		if strings.HasPrefix(i.Name, cacheTemp) && i.ModTime < stamp-int64(strayAge) {
			w.state.Remove(i.Name)
		}
	}
}

// base gives the cache of a base tree: the one on disk when it stands for that
// tree, and otherwise one made from the tree's objects and what the one on
// disk knows about the same files.
func (w *Worktree) base(src objects.Source, root objects.ID) (*cache, error) {
	c, err := w.readCache()
	if err != nil {
		c = nil
	}
	if c != nil && (c.root == root || root.IsZero() && c.root == emptyTree) {
		return c, nil
	}
	return rebase(src, c, root)
}

// stamp is the file system's own idea of now: stat data with a time of change
// before it stands for content that is read after it. A file changed later
// than that may be changed again without its times showing it. 0 when the
// state folder cannot be written to, so that nothing is trusted.
func (w *Worktree) stamp() int64 {
	temp := fmt.Sprintf("%s%016x", cacheTemp, rand.Uint64())
	f, err := w.state.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0
	}
	i, err := f.Stat()
	f.Close()
	w.state.Remove(temp)
	if err != nil {
		return 0
	}
	if i.ModTime%int64(time.Second) == 0 {
		return i.ModTime - int64(coarseClock)
	}
	return i.ModTime
}

// settled tells whether stat data can stand for content read after stamp.
func settled(i *fsys.Info, stamp int64) bool { return i.ModTime < stamp }

// emptyTree is the ID of a tree without entries.
var emptyTree = objects.Sum(objects.KindTree, (&objects.Tree{}).Encode())
