package worktree

import (
	"fmt"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// rebase makes the cache of a tree from its objects. What the old cache, which
// may be nil, knows about the same content in the same place is kept.
func rebase(src objects.Source, old *cache, root objects.ID) (*cache, error) {
	if old == nil {
		old = emptyCache()
	}
	b := rebaser{src: src, old: old, w: newCacheWriter(len(old.data))}
	top, err := b.folder(root, old.top, old.root, maxDepth)
	if err != nil {
		return nil, fmt.Errorf("read base tree %s: %w", root.Short(), err)
	}
	return b.w.finish(root, top), nil
}

type rebaser struct {
	src objects.Source
	old *cache
	w   *cacheWriter
}

// folder writes the block of a tree; at is the old block of the same path,
// which stands for the tree oldID, or -1.
func (b *rebaser) folder(id objects.ID, at int, oldID objects.ID, depth int) (int, error) {
	if at >= 0 && id == oldID {
		return b.w.branch(b.old, at), nil
	}
	if depth == 0 {
		return 0, fmt.Errorf("%w: too many folders below each other", objects.ErrMalformed)
	}
	tree, err := objects.ReadTree(b.src, id)
	if err != nil {
		return 0, err
	}
	start := len(b.w.buf)
	lines := make([]line, len(tree.Entries))
	blk := b.old.block(at)
	r := blk.next()
	for i := range tree.Entries {
		e := &tree.Entries[i]
		for r.ok() && string(r.name()) < e.Name {
			r = blk.next()
		}
		same := r.ok() && string(r.name()) == e.Name
		l := &lines[i]
		l.entry = *e
		switch {
		case e.Mode.IsFolder():
			below, belowID := -1, objects.ID{}
			if same && r.isFolder() {
				below, belowID = blk.child(r), r.id()
			}
			if l.pos, err = b.folder(e.ID, below, belowID, depth-1); err != nil {
				return 0, err
			}
		case same && !r.isFolder() && r.id() == e.ID && r.hasStat():
			l.info = r.stat()
		}
	}
	return b.w.folder(start, lines), nil
}

// stat gives the remembered stat data.
func (r record) stat() *fsys.Info {
	return &fsys.Info{Size: r.size(), ModTime: r.modTime(), ChangeTime: r.changeTime(), Inode: r.inode()}
}
