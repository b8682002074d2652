package worktree

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	whyChanged = "has changes that are not recorded yet; commit them, and the next pull or sync brings both together"
	whyThere   = "another file of that name is here already; commit or move it first"
	whyDeleted = "was deleted here and the deletion is not recorded yet; commit it, or restore the file"
	whyInUse   = "is in use; close it, and the next pull or sync brings it up to date"
	whyPlace   = "belongs into a folder in whose place something else stands; move that away first"
)

// check finds out what may be done in a folder and below. Nothing is changed
// but what an earlier Apply left behind. name is the folder's name on disk;
// at is its block in the cache of the tree planned from.
func (a *applier) check(f *planFolder, dir fsys.FS, at int) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	var listing []fsys.Info
	if dir != nil {
		var err error
		if listing, err = dir.ReadDir("."); err != nil {
			return err
		}
		slices.SortFunc(listing, func(x, y fsys.Info) int { return strings.Compare(x.Name, y.Name) })
		for i := range listing {
			if strings.HasPrefix(listing[i].Name, tempPrefix) {
				if err := dir.Remove(listing[i].Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
		}
	}
	records := a.records(f, at)
	buf := make([]byte, smallFile+1)
	for i := range f.steps {
		s := &f.steps[i]
		if err := a.checkStep(f, s, dir, listing, records[s.oldName()], buf); err != nil {
			return err
		}
	}
	a.checkTables(f)
	for _, sub := range f.subs {
		if why := f.inTheWay(sub, listing); why != "" {
			a.block(sub, why)
			continue
		}
		below := -1
		if r := records[sub.oldName()]; r.ok() && r.isFolder() {
			b := a.base.block(at)
			below = b.child(r)
		}
		name := sub.oldName()
		if find(listing, name) == nil {
			name = sub.name
		}
		if err := within(dir, name, func(d fsys.FS) error { return a.check(sub, d, below) }); err != nil {
			return err
		}
	}
	return nil
}

// oldName is the name the folder has on disk before.
func (f *planFolder) oldName() string {
	if f.from != nil && f.from.Name != "" {
		return f.from.Name
	}
	return f.name
}

// records gives the cache's records of the names that a folder's plan is
// about.
func (a *applier) records(f *planFolder, at int) map[string]record {
	found := make(map[string]record, len(f.steps)+len(f.subs))
	for i := range f.steps {
		found[f.steps[i].oldName()] = record{}
	}
	for _, sub := range f.subs {
		found[sub.oldName()] = record{}
	}
	b := a.base.block(at)
	for r := b.next(); r.ok(); r = b.next() {
		if _, ok := found[string(r.name())]; ok {
			found[string(r.name())] = r
		}
	}
	return found
}

// inTheWay says what keeps a folder from being entered or made, or "".
func (f *planFolder) inTheWay(sub *planFolder, listing []fsys.Info) string {
	i := find(listing, sub.oldName())
	if i == nil {
		i = find(listing, sub.name)
	}
	if i == nil || i.IsDir() {
		return ""
	}
	if sub.from != nil && sub.to == nil {
		// The folder is to go, and went: what stands here now is not ours.
		return ""
	}
	for n := range f.steps {
		if s := &f.steps[n]; s.name == sub.name && s.to == nil && s.done.state == ready {
			return "" // a file that makes way
		}
	}
	return whyPlace
}

// checkStep looks at one file. Afterwards the step is ready, finished or
// waiting.
func (a *applier) checkStep(f *planFolder, s *step, dir fsys.FS, listing []fsys.Info, r record, buf []byte) error {
	i := find(listing, s.oldName())
	s.done.moved = i != nil && s.oldName() != s.name
	if i == nil {
		i = find(listing, s.name)
	}
	switch {
	case i == nil && s.to == nil:
		s.done.state = finished
		return nil
	case i == nil && s.from == nil:
		s.done.state = ready
		return nil
	case i == nil:
		if sign, ok := ownerOf(listing, s.name); ok {
			a.wait(f, s, "is being saved (%q is there); close it first", sign)
			return nil
		}
		a.wait(f, s, whyDeleted)
		return nil
	case i.IsDir() && s.from == nil && f.leaves(s.name):
		s.done.state = ready // the folder is to go first
		return nil
	case i.IsDir() && s.to == nil && f.enters(s.name):
		s.done.state = finished // the folder stands where the file was
		return nil
	case !i.Regular() && s.from == nil:
		a.wait(f, s, whyThere)
		return nil
	case !i.Regular():
		a.wait(f, s, whyChanged)
		return nil
	}
	s.done.seen = *i
	id, err := a.contentOf(dir, s, i, r, buf)
	switch {
	case errors.Is(err, errMoved), held(err), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		a.wait(f, s, whyInUse)
		return nil
	case err != nil:
		return err
	}
	switch {
	case s.to != nil && id == s.to.ID && i.Name == s.name && (s.from == nil || s.from.ID != id):
		a.adopt(dir, s, i)
		return nil
	case s.from == nil:
		a.wait(f, s, whyThere)
		return nil
	case id != s.from.ID:
		a.wait(f, s, whyChanged)
		return nil
	}
	if sign, ok := ownerOf(listing, i.Name); ok {
		a.wait(f, s, "is open (%q is there); close it, and the next pull or sync brings it up to date", sign)
	} else if lock, ok := lockOf(listing, groupOf(s.name)); ok && groupOf(s.name) != "" {
		a.wait(f, s, "belongs to a database that is in use (%q is there); close it first", lock)
	} else if a.system == SystemWindows && a.isHeld(dir, i.Name) {
		a.wait(f, s, whyInUse)
	} else {
		s.done.state = ready
	}
	return nil
}

// leaves tells whether the plan removes a folder of that name.
func (f *planFolder) leaves(name string) bool {
	sub := f.sub(name)
	return sub != nil && sub.to == nil
}

// enters tells whether the plan wants a folder of that name.
func (f *planFolder) enters(name string) bool {
	sub := f.sub(name)
	return sub != nil && sub.to != nil
}

// contentOf names what a file holds: by the cache if it stands for it, and by
// reading otherwise.
func (a *applier) contentOf(dir fsys.FS, s *step, i *fsys.Info, r record, buf []byte) (objects.ID, error) {
	if r.ok() && !r.isFolder() && r.unmoved(i) {
		return r.id(), nil
	}
	if (s.from == nil || s.from.Size != i.Size) && (s.to == nil || s.to.Size != i.Size) {
		return objects.ID{}, nil // neither of the two
	}
	read, err := readOnce(dir, i.Name, i, hashSink{}, objects.ID{}, buf)
	s.done.seen = read.info
	s.done.seen.Name = i.Name
	return read.id, err
}

// adopt takes a file that holds what is wanted already.
func (a *applier) adopt(dir fsys.FS, s *step, i *fsys.Info) {
	now := *i
	if a.system.hasModes() && (i.Mode&0o100 != 0) != (s.to.Mode == objects.ModeExecutable) {
		dir.Chmod(s.name, permOf(s.to.Mode, i.Mode))
	}
	if i.Time().UnixMilli() != s.to.ModTime {
		dir.Chtimes(s.name, s.to.Time())
	}
	if l, err := dir.Lstat(s.name); err == nil {
		now = l
	}
	a.finish(s, now)
}

// isHeld tells whether another program has a file open so that it could not be
// replaced. Windows answers that when the file is opened for writing.
func (a *applier) isHeld(dir fsys.FS, name string) bool {
	f, err := dir.OpenFile(name, writeProbe, 0)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	f.Close()
	return false
}

// checkTables makes a whole database table wait when one of its files does.
func (a *applier) checkTables(f *planFolder) {
	waiting := map[string]bool{}
	for i := range f.steps {
		if s := &f.steps[i]; s.done.state == waits {
			waiting[groupOf(s.name)] = true
		}
	}
	for i := range f.steps {
		if s := &f.steps[i]; s.done.state == ready && groupOf(s.name) != "" && waiting[groupOf(s.name)] {
			a.wait(f, s, "belongs to a database of which another file has to wait")
		}
	}
}
