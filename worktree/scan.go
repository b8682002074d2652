package worktree

import (
	"context"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// ScanOptions narrow a scan.
type ScanOptions struct {
	// Paths are the files and folders to look at, with all below; none means
	// everything.
	Paths []string
}

// Scan is how the files differ from a base.
type Scan struct {
	// Changes are sorted by path.
	Changes []Change
	// Notes are sorted by path. Some of them keep Record from recording, see
	// Note.Refused.
	Notes []Note
}

// Scan compares the files with a base tree. It reads only the files whose
// length is the base's but whose other stat data are new. src is asked only
// when the stat cache does not stand for the base.
func (w *Worktree) Scan(ctx context.Context, src objects.Source, base objects.ID, opt ScanOptions) (*Scan, error) {
	sel, err := newSelection(opt.Paths)
	if err != nil {
		return nil, err
	}
	c, err := w.base(src, base)
	if err != nil {
		return nil, err
	}
	root, k, err := w.walk(ctx, c, sel)
	if err != nil {
		return nil, err
	}
	var read progress
	jobs := root.jobs(false, func(it *item) bool {
		return it.rec.ok() && !it.rec.isFolder() && it.info.Size == it.rec.size()
	})
	if err := k.readAll(ctx, jobs, hashSink{}, &read); err != nil {
		return nil, err
	}
	if k.worthWhile(root, &read) {
		b := builder{walk: k, learn: true}
		if learned, err := b.build(root); err == nil {
			// The next scan is quicker with it and right without it.
			w.writeCache(learned)
		}
	}
	s := &Scan{}
	if s.Changes, err = k.changes(root, src); err != nil {
		return nil, err
	}
	s.Notes = k.notes.sorted()
	return s, nil
}

// A file costs about as much to look into as so many bytes to read.
const costOfFile = 32 << 10

// worthWhile tells whether what was learned would spare the next scan more
// than it costs to write the cache.
func (k *walk) worthWhile(root *folder, read *progress) bool {
	return int64(root.learned(k.stamp))*costOfFile+read.bytes/2 > int64(len(k.base.data)) && root.learned(k.stamp) > 0
}

// learned counts the files below whose stat data can be remembered.
func (f *folder) learned(stamp func() int64) int {
	n := 0
	for i := range f.items {
		switch it := &f.items[i]; it.what {
		case below:
			n += it.sub.learned(stamp)
		case learned:
			if settled(&it.info, stamp()) {
				n++
			}
		}
	}
	return n
}

// changes lists what differs, sorted by path.
func (k *walk) changes(root *folder, src objects.Source) ([]Change, error) {
	var list []Change
	var visit func(f *folder) error
	visit = func(f *folder) error {
		for i := range f.items {
			it := &f.items[i]
			p := join(f.path, it.name)
			if it.skip || it.what == learned {
				continue
			}
			var old *objects.Entry
			if it.rec.ok() {
				e := it.rec.entry()
				old = &e
			}
			oldFolder := old != nil && old.Mode.IsFolder()
			switch it.what {
			case gone:
				if !oldFolder {
					list = append(list, Change{Path: p, Kind: Deleted, Old: old})
				} else {
					list = k.deletedBelow(list, f, it, p, old)
				}
			case below:
				e := it.entry
				e.Name, e.Mode = it.name, objects.ModeFolder
				switch {
				case old != nil && !oldFolder:
					list = append(list, Change{Path: p, Kind: TypeChanged, Old: old, New: &e})
				case old == nil && len(it.sub.items) == 0:
					list = append(list, Change{Path: p, Kind: Added, New: &e})
				}
				if err := visit(it.sub); err != nil {
					return err
				}
			default:
				e := it.entry
				c := Change{Path: p, Kind: Modified, Old: old, New: &e}
				switch {
				case old == nil:
					c.Kind = Added
				case oldFolder:
					c.Kind = TypeChanged
				case it.what == mode:
					c.Kind = ModeChanged
				}
				list = append(list, c)
				if oldFolder {
					list = k.deletedBelow(list, f, it, p, nil)
				}
			}
		}
		return nil
	}
	if err := visit(root); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// deletedBelow lists all that a folder of the base held; old is the folder's
// entry, to be listed when it was empty, or nil.
func (k *walk) deletedBelow(list []Change, f *folder, it *item, p string, old *objects.Entry) []Change {
	parent := k.base.block(f.at)
	return k.deleted(list, parent.child(it.rec), p, old)
}

func (k *walk) deleted(list []Change, at int, p string, old *objects.Entry) []Change {
	b := k.base.block(at)
	if b.left == 0 && old != nil {
		return append(list, Change{Path: p, Kind: Deleted, Old: old})
	}
	for r := b.next(); r.ok(); r = b.next() {
		e := r.entry()
		if r.isFolder() {
			list = k.deleted(list, b.child(r), join(p, e.Name), &e)
		} else {
			list = append(list, Change{Path: join(p, e.Name), Kind: Deleted, Old: &e})
		}
	}
	return list
}
