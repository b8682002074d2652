package worktree

import (
	"fmt"

	"github.com/esync/esync/objects"
)

// builder makes the trees and the stat cache of a finished walk, from the
// bottom up. Branches without change are copied, not read.
type builder struct {
	*walk
	sink objects.Sink
	// learn: only stat data is new; the trees stay what they are.
	learn bool
	w     *cacheWriter
}

// build gives the cache of the new root, whose trees are in the sink then.
func (b *builder) build(root *folder) (*cache, error) {
	b.w = newCacheWriter(len(b.base.data))
	entry, pos, err := b.folder(root, b.base.root)
	if err != nil {
		return nil, err
	}
	return b.w.finish(entry.ID, pos), nil
}

// folder writes one folder; was is the ID of the tree it had in the base.
func (b *builder) folder(f *folder, was objects.ID) (objects.Entry, int, error) {
	start := len(b.w.buf)
	blk := b.base.block(f.at)
	lines := make([]line, 0, blk.left+len(f.items))
	same := f.at >= 0 && !was.IsZero()
	r := blk.next()
	keep := func() {
		l := line{rec: r}
		if r.isFolder() {
			l.pos = b.w.branch(b.base, blk.child(r))
		}
		lines = append(lines, l)
		r = blk.next()
	}
	for i := range f.items {
		it := &f.items[i]
		for r.ok() && string(r.name()) < it.name {
			keep()
		}
		has := r.ok() && string(r.name()) == it.name
		if it.skip || b.learn && !it.within() {
			if has {
				keep()
			}
			continue
		}
		if it.what == gone {
			same = false
			r = blk.next()
			continue
		}
		l, changed, err := b.item(it, r, has)
		if err != nil {
			return objects.Entry{}, 0, err
		}
		same = same && !changed
		lines = append(lines, l)
		if has {
			r = blk.next()
		}
	}
	for r.ok() {
		keep()
	}
	entry := objects.Entry{Mode: objects.ModeFolder, ID: was}
	if !same && !b.learn {
		var err error
		if entry, err = b.tree(lines, was); err != nil {
			return entry, 0, fmt.Errorf("store folder %q: %w", f.path, err)
		}
	} else {
		for i := range lines {
			entry.Size += lines[i].size()
		}
	}
	return entry, b.w.folder(start, lines), nil
}

// within tells whether an item leaves the tree as it is.
func (it *item) within() bool {
	return it.what == learned || it.what == below && it.rec.ok() && it.rec.isFolder()
}

// item gives the line of one item, and whether the tree changes by it.
func (b *builder) item(it *item, r record, has bool) (line, bool, error) {
	l := line{entry: it.entry}
	if it.what != below {
		known := has && !r.isFolder() && r.unmoved(&it.info)
		if known || settled(&it.info, b.stamp()) {
			l.info = &it.info
		}
		return l, it.what != learned, nil
	}
	var was objects.ID
	if has && r.isFolder() {
		was = r.id()
	}
	entry, pos, err := b.folder(it.sub, was)
	if err != nil {
		return l, false, err
	}
	entry.Name = it.name
	it.entry = entry
	return line{entry: entry, pos: pos}, entry.ID != was, nil
}

// tree stores the tree of a folder's lines.
func (b *builder) tree(lines []line, was objects.ID) (objects.Entry, error) {
	t := objects.Tree{Entries: make([]objects.Entry, len(lines))}
	for i := range lines {
		e := &t.Entries[i]
		if lines[i].rec.ok() {
			*e = lines[i].rec.entry()
			// The cache is a file, and Encode wants names it can trust.
			if err := objects.CheckName(e.Name); err != nil {
				return objects.Entry{}, err
			}
		} else {
			*e = lines[i].entry
		}
	}
	id, err := b.sink.Put(objects.KindTree, t.Encode(), was)
	return objects.Entry{Mode: objects.ModeFolder, ID: id, Size: t.Size()}, err
}

func (l *line) size() int64 {
	if l.rec.ok() {
		return l.rec.size()
	}
	return l.entry.Size
}
