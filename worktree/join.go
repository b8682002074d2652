package worktree

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// joiner compares the listing of one folder with the base's records of it.
type joiner struct {
	*walk
	f       *folder
	listing []fsys.Info
	subs    []*folder
	added   bool // a name is new, so names have to be compared
	tables  bool // a member of a database table changed
}

func (j *joiner) run() []*folder {
	slices.SortFunc(j.listing, func(a, b fsys.Info) int { return strings.Compare(a.Name, b.Name) })
	f := j.f
	if i := find(j.listing, IgnoreFile); i != nil && i.Regular() {
		f.level = j.readIgnore(f.level, f.path)
	}
	blk := j.base.block(f.at)
	rec := blk.next()
	for n := range j.listing {
		i := &j.listing[n]
		for rec.ok() && string(rec.name()) < i.Name {
			j.missing(rec, &blk)
			rec = blk.next()
		}
		var r record
		if rec.ok() && string(rec.name()) == i.Name {
			r, rec = rec, blk.next()
		}
		// The common case first: a file nobody touched.
		if r.ok() && i.Mode.IsRegular() && f.whole && !r.isFolder() && r.unmoved(i) && j.modeOf(i, r) == r.mode() {
			continue
		}
		whole, below := f.whole, f.whole
		if !whole {
			whole, below = j.sel.wants(join(f.path, i.Name))
		}
		if whole || below && i.IsDir() {
			j.present(i, r, &blk, whole)
		}
	}
	for ; rec.ok(); rec = blk.next() {
		j.missing(rec, &blk)
	}
	if j.tables {
		j.holdTables()
	}
	if j.added {
		j.clashes()
	}
	return j.subs
}

// present compares a name that is on disk; r is the base's record, if any.
func (j *joiner) present(i *fsys.Info, r record, blk *block, whole bool) {
	f := j.f
	if strings.EqualFold(i.Name, objects.MetaDir) {
		if f.path != "" {
			j.notes.add(f.path, NoteNested, "is a copy of its own; its %s is left alone", objects.MetaDir)
		}
		f.hidden = true
		return
	}
	if !r.ok() && (f.ignored || f.level.ignores(f.path, i) || j.isTemp(f.path, i)) {
		f.hidden = true
		return
	}
	switch {
	case i.IsDir():
		j.folder(i, r, blk, whole)
	case i.Regular():
		if whole {
			j.file(i, r)
		}
	case whole:
		j.other(i, r)
	}
}

func (j *joiner) folder(i *fsys.Info, r record, blk *block, whole bool) {
	f := j.f
	sub := &folder{path: join(f.path, i.Name), at: -1, level: f.level, whole: whole}
	it := item{name: i.Name, what: below, rec: r, sub: sub}
	switch {
	case !r.ok():
		if !j.admit(i.Name) {
			return
		}
		it.entry.Mode = objects.ModeFolder
	case r.isFolder():
		sub.at = blk.child(r)
		sub.ignored = f.ignored || f.level != nil && f.level.match(sub.path, true) == ignored
	}
	f.items = append(f.items, it)
	j.subs = append(j.subs, sub)
}

func (j *joiner) file(i *fsys.Info, r record) {
	it := item{name: i.Name, what: content, rec: r, info: *i, group: groupOf(i.Name)}
	it.entry = objects.Entry{Name: i.Name, Mode: j.modeOf(i, r), Size: i.Size, ModTime: i.Time().UnixMilli()}
	switch {
	case !r.ok():
		if !j.admit(i.Name) {
			return
		}
	case r.isFolder():
	case r.unmoved(i):
		if it.entry.Mode == r.mode() {
			return
		}
		it.what, it.hashed = mode, true
		it.entry.ID, it.entry.ModTime = r.id(), r.contentTime()
	}
	j.tables = j.tables || it.group != ""
	j.f.items = append(j.f.items, it)
}

// modeOf gives a file's mode, which is the base's where the system has no
// executable bit.
func (j *joiner) modeOf(i *fsys.Info, r record) objects.Mode {
	switch {
	case !j.system.hasModes() && r.ok() && !r.isFolder():
		return r.mode()
	case j.system.hasModes() && i.Mode&0o100 != 0:
		return objects.ModeExecutable
	}
	return objects.ModeFile
}

// other notes what is neither file nor folder.
func (j *joiner) other(i *fsys.Info, r record) {
	j.f.hidden = true
	p := join(j.f.path, i.Name)
	kind, name := NoteDevice, "a device, pipe or socket"
	if i.Mode&linkBits != 0 {
		kind, name = NoteLink, "a symbolic link"
	}
	if r.ok() {
		j.notes.add(p, kind, "is %s now, and such are not recorded; what was recorded under the name stays", name)
		return
	}
	j.notes.add(p, kind, "is %s and is not recorded; put the file itself there if others need it", name)
}

// missing handles a name of the base that is not on disk.
func (j *joiner) missing(r record, blk *block) {
	f := j.f
	name := string(r.name())
	p := join(f.path, name)
	if !f.whole {
		whole, part := j.sel.wants(p)
		if !whole && part && r.isFolder() {
			sub := &folder{path: p, at: blk.child(r), absent: true}
			f.items = append(f.items, item{name: name, what: below, rec: r, sub: sub})
			j.subs = append(j.subs, sub)
		}
		if !whole {
			return
		}
	}
	it := item{name: name, what: gone, rec: r}
	if !r.isFolder() {
		if it.group = groupOf(name); it.group != "" {
			j.tables = true
		} else if sign, ok := j.saving(f.path, j.listing, name); ok {
			j.notes.add(p, NoteBusy, "is being saved (%q is there), so its absence is not a deletion; close the document, or delete %q if no one has it open", sign, sign)
			return
		}
	}
	f.items = append(f.items, it)
}

// admit checks a new name. One that no other system could take is noted, and
// keeps everything from being recorded.
func (j *joiner) admit(name string) bool {
	p := join(j.f.path, name)
	err := objects.CheckName(name)
	if err == nil && len(p) > objects.MaxPath {
		err = objects.CheckPath(p)
	}
	if err != nil {
		j.notes.add(p, NoteName, "%s", refusal(err))
		return false
	}
	j.added = true
	return true
}

// refusal words a name error so that it reads on after the path.
func refusal(err error) string {
	var name *objects.NameError
	switch {
	case !errors.As(err, &name):
		return err.Error()
	case name.Fix == "":
		return name.Reason + "; rename it"
	}
	return fmt.Sprintf("%s; rename it, for example to %q", name.Reason, name.Fix)
}

// clashes notes the names that some systems cannot keep apart. Whatever the
// base has that is not being deleted counts, also what was not asked for.
func (j *joiner) clashes() {
	var t objects.Tree
	var added []objects.Entry
	removed := map[string]bool{}
	for i := range j.f.items {
		it := &j.f.items[i]
		switch {
		case it.what == gone:
			removed[it.name] = true
		case !it.rec.ok():
			added = append(added, objects.Entry{Name: it.name})
		}
	}
	blk := j.base.block(j.f.at)
	for r := blk.next(); r.ok(); r = blk.next() {
		if name := string(r.name()); !removed[name] {
			t.Entries = append(t.Entries, objects.Entry{Name: name})
		}
	}
	t.Entries = append(t.Entries, added...)
	for _, c := range objects.Clashes(&t) {
		j.notes.add(join(j.f.path, c.Second), NoteClash, "differs from %q only in letter case or accents, which Windows and macOS cannot keep apart; rename one of them", c.First)
	}
}

// holdTables takes back what was found about the tables that CaseWare is
// writing now.
func (j *joiner) holdTables() {
	f := j.f
	held := map[string]string{}
	for i := range f.items {
		if g := f.items[i].group; g != "" {
			if _, ok := held[g]; !ok {
				held[g], _ = lockOf(j.listing, g)
			}
		}
	}
	f.items = slices.DeleteFunc(f.items, func(it item) bool {
		lock := held[it.group]
		if it.group == "" || lock == "" {
			return false
		}
		j.notes.add(join(f.path, it.name), NoteBusy, "belongs to a database that is in use (%q is there); close it in CaseWare first", lock)
		f.hidden = true
		return true
	})
}
