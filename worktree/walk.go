package worktree

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// folder is what a walk found in one folder: only what differs from the cache.
type folder struct {
	path  string
	at    int // the folder's block in the cache, or -1 when the base has none
	items []item
	// hidden: it holds something that is not recorded.
	hidden bool
	// failed: it could not be listed, so nothing is known of it.
	failed bool
	// absent: it is not on disk, but only some of what it held is asked for.
	absent bool

	level   *ignoreLevel
	ignored bool // nothing new counts in here
	whole   bool // all of it is asked for, and not only something below
}

// what an item tells of its name.
type what uint8

const (
	gone    what = iota + 1 // the base has it, the disk has not
	content                 // a file whose content is new or may be
	mode                    // the content of the base in another mode
	learned                 // a file found to be what the base has; only its stat data is new
	below                   // a folder with something to tell, or a new one
)

// item is one name of a folder that differs from the cache.
type item struct {
	name  string
	what  what
	rec   record    // the base's, if it has the name
	info  fsys.Info // of a file: the stat data that goes with id
	sub   *folder   // of a folder
	group string    // the database table it belongs to, see groupOf
	entry objects.Entry
	// hashed: entry is complete. Until then it has no ID.
	hashed bool
	// skip: it could not be read at rest, and the base's entry stays.
	skip bool
}

// walk compares the files with a base, all folders at once.
type walk struct {
	*Worktree
	base  *cache
	sel   *selection
	notes notebook
	stamp func() int64
}

// walk gives the root folder with all that differs below.
func (w *Worktree) walk(ctx context.Context, base *cache, sel *selection) (*folder, *walk, error) {
	k := &walk{Worktree: w, base: base, sel: sel, stamp: sync.OnceValue(w.stamp)}
	root := &folder{at: base.top, level: w.ignore}
	root.whole, _ = sel.wants("")
	if err := spread(ctx, w.workers, root, k.visit); err != nil {
		return nil, nil, err
	}
	if err := sel.missed(); err != nil {
		return nil, nil, err
	}
	root.prune(base)
	return root, k, nil
}

// visit lists a folder and compares it. It returns the folders below.
func (k *walk) visit(f *folder) ([]*folder, error) {
	var infos []fsys.Info
	var err error
	if !f.absent {
		infos, err = k.files.ReadDir(at(f.path))
	}
	switch {
	case err == nil:
	case f.path == "":
		return nil, err
	case errors.Is(err, fs.ErrPermission):
		k.notes.add(f.path, NoteUnreadable, "cannot be opened: the system denies access; what was recorded of it stays")
		f.failed = true
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		// It went while we looked: the next look tells what became of it.
		k.notes.add(f.path, NoteBusy, "is being moved or removed; look again")
		f.failed = true
		return nil, nil
	default:
		return nil, err
	}
	j := joiner{walk: k, f: f, listing: infos}
	return j.run(), nil
}

// prune drops the folders below that have nothing to tell.
func (f *folder) prune(c *cache) {
	kept := f.items[:0]
	for i := range f.items {
		it := &f.items[i]
		if it.what == below {
			it.sub.prune(c)
			if it.settled(c) {
				f.hidden = f.hidden || it.sub.hidden
				continue
			}
		}
		kept = append(kept, *it)
	}
	clear(f.items[len(kept):])
	f.items = kept
}

// settled tells whether a folder below has nothing to tell. A new folder that
// holds nothing but what is not recorded is not recorded either.
func (it *item) settled(c *cache) bool {
	s := it.sub
	if s.absent && len(s.items) > 0 {
		b := c.block(s.at)
		if stays := func(i item) bool { return i.what != gone }; len(s.items) == b.left && !slices.ContainsFunc(s.items, stays) {
			it.what, it.sub = gone, nil
		}
		return false
	}
	if s.failed {
		return true
	}
	return len(s.items) == 0 && (s.at >= 0 || s.hidden && !it.rec.ok())
}
