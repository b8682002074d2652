package worktree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// settler makes the tree and the cache that scans compare with after a plan
// was carried out.
type settler struct {
	*applier
	rebaser
	// stays: the files changed, but what they are compared with does not.
	stays bool
}

// settle writes the new cache and returns the tree it stands for.
func (a *applier) settle() (objects.ID, error) {
	s := settler{
		applier: a, stays: a.plan.Base != a.plan.To,
		rebaser: rebaser{src: a.src, old: a.base, w: newCacheWriter(len(a.base.data) + 100*a.plan.Files)},
	}
	id := a.plan.Base
	if id.IsZero() {
		id = emptyTree
	}
	entry, pos, _, err := s.settled(a.plan.root, &objects.Entry{Mode: objects.ModeFolder, ID: id}, a.base.top, a.base.root, maxDepth)
	if err != nil {
		return objects.ID{}, fmt.Errorf("take the new base: %w", err)
	}
	return entry.ID, a.writeCache(s.rebaser.w.finish(entry.ID, pos))
}

// settled writes one folder that the plan touched. in is its entry in the new
// base, or nil; at is its block in the old cache, which stands for the tree
// oldID. Without anything in it a folder that the base does not have is
// dropped, and ok is false.
func (s *settler) settled(f *planFolder, in *objects.Entry, at int, oldID objects.ID, depth int) (entry objects.Entry, pos int, ok bool, err error) {
	var tree objects.Tree
	if in != nil && in.ID != emptyTree {
		t, err := objects.ReadTree(s.rebaser.src, in.ID)
		if err != nil {
			return entry, 0, false, err
		}
		tree = *t
	}
	b := folderSettler{settler: s, f: f, records: map[string]record{}, depth: depth}
	b.blk = s.old.block(at)
	records := b.blk
	for r := records.next(); r.ok(); r = records.next() {
		b.records[string(r.name())] = r
	}
	start := len(s.rebaser.w.buf)
	changed := false
	for i := range tree.Entries {
		e := &tree.Entries[i]
		did, err := b.entry(e)
		if err != nil {
			return entry, 0, false, err
		}
		changed = changed || did
	}
	more, err := b.rest(&tree)
	if err != nil {
		return entry, 0, false, err
	}
	changed = changed || more
	slices.SortFunc(b.lines, func(x, y line) int { return strings.Compare(x.entry.Name, y.entry.Name) })
	if in != nil && !changed {
		entry = *in
	} else {
		if in == nil && len(b.lines) == 0 {
			return entry, 0, false, nil
		}
		if entry, err = s.tree(b.lines, f.name, oldID); err != nil {
			return entry, 0, false, err
		}
	}
	return entry, s.rebaser.w.folder(start, b.lines), true, nil
}

// tree stores a tree in which something waits.
func (s *settler) tree(lines []line, name string, prev objects.ID) (objects.Entry, error) {
	t := objects.Tree{Entries: make([]objects.Entry, len(lines))}
	for i := range lines {
		t.Entries[i] = lines[i].entry
	}
	e := objects.Entry{Name: name, Mode: objects.ModeFolder, Size: t.Size()}
	var err error
	if s.opt.Sink == nil {
		e.ID = objects.Sum(objects.KindTree, t.Encode())
	} else {
		e.ID, err = s.opt.Sink.Put(objects.KindTree, t.Encode(), prev)
	}
	return e, err
}

// folderSettler gathers the lines of one folder.
type folderSettler struct {
	*settler
	f       *planFolder
	blk     block
	records map[string]record
	lines   []line
	depth   int
}

// entry settles one name of the new base, and tells whether it is another now.
func (b *folderSettler) entry(e *objects.Entry) (bool, error) {
	if e.Mode.IsFolder() {
		return b.folder(e)
	}
	s := b.f.step(e.Name)
	switch {
	case s == nil || s.done.state != finished && (b.stays || s.done.state != waits):
		b.file(e)
	case s.done.state == finished:
		l := line{entry: *e}
		if s.to != nil && s.to.ID == e.ID && s.done.now.Name != "" && s.done.now.Size == e.Size && settled(&s.done.now, b.stamp) {
			l.info = &s.done.now
		}
		b.lines = append(b.lines, l)
	default: // it waits: rest adds what was there before
		return true, nil
	}
	return false, nil
}

// file adds an entry with what the old cache knows of it.
func (b *folderSettler) file(e *objects.Entry) {
	l := line{entry: *e}
	if r := b.records[e.Name]; r.ok() && !r.isFolder() && r.hasStat() && r.id() == e.ID {
		l.info = r.stat()
	}
	b.lines = append(b.lines, l)
}

func (b *folderSettler) folder(e *objects.Entry) (bool, error) {
	sub := b.f.sub(e.Name)
	if sub != nil && sub.blocked && !b.stays {
		return true, nil // rest adds what was there before
	}
	at, oldID := -1, objects.ID{}
	old := e.Name
	if sub != nil {
		old = sub.oldName()
	}
	if r := b.records[old]; r.ok() && r.isFolder() {
		at, oldID = b.blk.child(r), r.id()
	}
	if sub == nil || sub.blocked {
		pos, err := b.rebaser.folder(e.ID, at, oldID, b.depth-1)
		b.lines = append(b.lines, line{entry: *e, pos: pos})
		return false, err
	}
	entry, pos, _, err := b.settled(sub, e, at, oldID, b.depth-1)
	entry.Name = e.Name
	b.lines = append(b.lines, line{entry: entry, pos: pos})
	return entry.ID != e.ID, err
}

// rest adds what waits and is not in the new base, or not as it was.
func (b *folderSettler) rest(tree *objects.Tree) (bool, error) {
	if b.stays {
		return false, nil
	}
	added := false
	for i := range b.f.steps {
		if s := &b.f.steps[i]; s.done.state == waits && s.from != nil {
			b.file(s.from)
			added = true
		}
	}
	for _, sub := range b.f.subs {
		e, in := tree.Find(sub.name)
		in = in && e.Mode.IsFolder()
		switch {
		case sub.blocked && sub.from != nil:
			r := b.records[sub.oldName()]
			at, oldID := -1, objects.ID{}
			if r.ok() && r.isFolder() {
				at, oldID = b.blk.child(r), r.id()
			}
			pos, err := b.rebaser.folder(sub.from.ID, at, oldID, b.depth-1)
			if err != nil {
				return false, err
			}
			b.lines = append(b.lines, line{entry: *sub.from, pos: pos})
			added = true
		case !sub.blocked && !in && sub.to == nil:
			at, oldID := -1, objects.ID{}
			if r := b.records[sub.oldName()]; r.ok() && r.isFolder() {
				at, oldID = b.blk.child(r), r.id()
			}
			entry, pos, ok, err := b.settled(sub, nil, at, oldID, b.depth-1)
			if err != nil {
				return false, err
			}
			if ok {
				entry.Name = sub.name
				b.lines = append(b.lines, line{entry: entry, pos: pos})
				added = true
			}
		}
	}
	return added, nil
}

func (f *planFolder) step(name string) *step {
	i, ok := slices.BinarySearchFunc(f.steps, name, func(s step, name string) int { return strings.Compare(s.name, name) })
	if !ok {
		return nil
	}
	return &f.steps[i]
}

func (f *planFolder) sub(name string) *planFolder {
	i, ok := slices.BinarySearchFunc(f.subs, name, func(s *planFolder, name string) int { return strings.Compare(s.name, name) })
	if !ok {
		return nil
	}
	return f.subs[i]
}
