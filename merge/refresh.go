package merge

import (
	"slices"

	"github.com/esync/esync/objects"
)

// Refresh gives open conflicts as they are after one more commit: where the files
// had a side's version of one, and it was edited, the new version takes that
// side's place. A commit decides nothing. before and after are the trees that the
// files were in.
func Refresh(src objects.Source, open []Conflict, before, after objects.ID, o Options) ([]Conflict, error) {
	m := &merger{space: newSpace(src), options: o}
	out := slices.Clone(open)
	for i, c := range open {
		now, err := m.refreshed(c, before, after)
		if err != nil {
			return nil, err
		}
		// Whether the other side's version is the last word is for a person to say.
		if c.is(now) || now.settledAlike() {
			continue
		}
		if now.Kind = now.kindNow(); now.Kind != c.Kind && slices.ContainsFunc(out, func(d Conflict) bool { return compareConflicts(d, now) == 0 }) {
			now.Kind = c.Kind // there is one of that kind already
		}
		if out[i], err = m.again(now); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, compareConflicts) // a kind may be another one now
	return out, nil
}

// refreshed is a conflict after the files went from one tree to another.
func (m *merger) refreshed(c Conflict, before, after objects.ID) (Conflict, error) {
	side, err := m.sideOf(c, before)
	if err != nil || side == Undecided {
		return c, err
	}
	if side == Theirs {
		c, err = m.refreshed(c.Mirror(), before, after)
		return c.Mirror(), err
	}
	at := c.Path
	if c.twoNames() && c.OursPath != "" {
		at = c.OursPath
	}
	// What the two agreed on but for the name goes on under both names.
	agreed := c.twoNames() && same(c.Ours, c.Theirs)
	now, _, err := m.lookup(after, at)
	switch {
	case err != nil:
		return c, err
	case now == nil && c.twoNames(): // gone, or under yet another name
	case now == nil:
		c.Ours, c.OursPath = nil, ""
	default:
		c.Ours = called(now, c.Ours)
		if agreed {
			c.Theirs = called(now, c.Theirs)
		}
	}
	c.Also = slices.Clone(c.Also)
	for i := range c.Also {
		if c.Also[i].Ours, _, err = m.lookup(after, c.Also[i].Path); err != nil {
			return c, err
		}
	}
	return c, nil
}

// called is an entry under the name that another one has.
func called(e, name *objects.Entry) *objects.Entry {
	if name == nil {
		return e
	}
	out := *e
	out.Name = name.Name
	return &out
}

// named is an entry, or nil, under the last name of a path.
func named(e *objects.Entry, path string) *objects.Entry {
	if e == nil {
		return nil
	}
	out := *e
	_, out.Name = split(path)
	return &out
}

// twoNames tells whether the sides have the file under two names in the trees.
func (c Conflict) twoNames() bool {
	return c.Kind == RenamedApart || c.Kind == NameClash || c.Kind == FolderRenamed
}

// settledAlike tells whether the sides are the same, so that there is nothing to
// tell apart any more.
func (c Conflict) settledAlike() bool {
	alike := same(c.Ours, c.Theirs) && !c.twoNames()
	for _, m := range c.Also {
		alike = alike && same(m.Ours, m.Theirs)
	}
	return alike
}

// kindNow is what kind of conflict the sides make after one of them has changed.
func (c Conflict) kindNow() ConflictKind {
	switch {
	case c.twoNames():
		return c.Kind
	case isFolder(c.Ours) || isFolder(c.Theirs):
		return FileFolder
	case c.Ours == nil || c.Theirs == nil:
		if c.Base != nil && c.Kind != RenamedDeleted {
			return DeletedChanged
		}
	case c.Kind == DeletedChanged || c.Kind == RenamedDeleted || c.Kind == FileFolder:
		if fileOnly(c.Base) == nil {
			return BothAdded
		}
		return BothChanged
	}
	return c.Kind
}

// again finds the places of a conflict anew, after a side of it has changed;
// what was decided of those that are still there holds.
func (m *merger) again(c Conflict) (Conflict, error) {
	f, err := m.parts(&c, false)
	if err != nil {
		return c, err
	}
	old := c.Places
	c.Places, c.Reason = f.Conflicts, f.Reason
	for i := range c.Places {
		p := &c.Places[i]
		if at := slices.IndexFunc(old, func(q Place) bool {
			return q.Where == p.Where && q.Base == p.Base && q.Ours == p.Ours && q.Theirs == p.Theirs
		}); at >= 0 {
			p.Take = old[at].Take
		}
	}
	return c, nil
}

// together is a conflict of which each side's commit has a newer version: of
// the same base, and with other versions of the file on one side, or on both.
func (p *pass) together(base, ours, theirs Conflict) (c Conflict, ok bool, err error) {
	for _, d := range [2]*Conflict{&ours, &theirs} {
		straight, crossed := same(d.Ours, base.Ours) || same(d.Theirs, base.Theirs), same(d.Ours, base.Theirs) || same(d.Theirs, base.Ours)
		if crossed && !straight {
			*d = d.Mirror()
		}
		names := [2]string{d.OursPath, d.TheirsPath}
		if d.Path != base.Path || !same(d.Base, base.Base) || !slices.EqualFunc(d.Also, base.Also, sameMember) ||
			base.twoNames() && names != [2]string{base.OursPath, base.TheirsPath} || d.twoNames() != base.twoNames() {
			return c, false, nil
		}
	}
	c = ours
	c.Kind, c.Also = base.Kind, slices.Clone(c.Also)
	three := []struct{ b, o, t, to **objects.Entry }{
		{&base.Ours, &ours.Ours, &theirs.Ours, &c.Ours}, {&base.Theirs, &ours.Theirs, &theirs.Theirs, &c.Theirs},
	}
	for i := range c.Also {
		b, o, t := &base.Also[i], &ours.Also[i], &theirs.Also[i]
		three = append(three, []struct{ b, o, t, to **objects.Entry }{
			{&b.Ours, &o.Ours, &t.Ours, &c.Also[i].Ours}, {&b.Theirs, &o.Theirs, &t.Theirs, &c.Also[i].Theirs},
		}...)
	}
	for _, v := range three {
		if *v.to, ok, err = p.newer(c, *v.b, *v.o, *v.t); err != nil || !ok {
			return c, false, err
		}
	}
	if c.Ours == nil {
		c.OursPath = ""
	}
	if c.Theirs == nil {
		c.TheirsPath = ""
	}
	c.Kind = c.kindNow()
	c, err = p.again(c)
	return c, true, err
}

func sameMember(a, b Member) bool { return a.Path == b.Path && same(a.Base, b.Base) }

// newer is what became of one side's version of a conflict, on which somebody
// went on, or two did.
func (p *pass) newer(c Conflict, b, o, t *objects.Entry) (e *objects.Entry, ok bool, err error) {
	switch {
	case same(b, o):
		return t, true, nil
	case same(b, t), same(o, t):
		return o, true, nil
	case len(c.Also) > 0 || b == nil || o == nil || t == nil || isFolder(b) || isFolder(o) || isFolder(t):
		return nil, false, nil
	}
	merging := &pass{merger: p.merger, names: newNames()}
	if e, err = merging.file(where{path: c.Path}, b, o, t); e != nil {
		e = called(e, b)
	}
	return e, err == nil && len(merging.conflicts) == 0, err
}
