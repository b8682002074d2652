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
		if c.is(now) && sameMembers(c, now) || now.settledAlike() {
			continue
		}
		if now.Kind = now.kindNow(); now.Kind != c.Kind && slices.ContainsFunc(out, func(d Conflict) bool { return compareConflicts(d, now) == 0 }) {
			now.Kind = c.Kind // there is one of that kind already
		}
		if out[i], err = m.again(now); err != nil {
			return nil, err
		}
	}
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

func sameMembers(a, b Conflict) bool {
	return slices.EqualFunc(a.Also, b.Also, func(x, y Member) bool { return same(x.Ours, y.Ours) && same(x.Theirs, y.Theirs) })
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
	f, _, err := m.parts(&c)
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
func (m *merger) together(base, ours, theirs Conflict) (c Conflict, ok bool, err error) {
	for _, d := range [2]*Conflict{&ours, &theirs} {
		straight, crossed := same(d.Ours, base.Ours) || same(d.Theirs, base.Theirs), same(d.Ours, base.Theirs) || same(d.Theirs, base.Ours)
		if crossed && !straight {
			*d = d.Mirror()
		}
		if d.Kind != base.Kind || d.Path != base.Path || !same(d.Base, base.Base) || len(d.Also)+len(base.Also) > 0 {
			return c, false, nil
		}
	}
	c = ours
	three := func(b, o, t *objects.Entry) *objects.Entry {
		switch {
		case same(b, o):
			return t
		case same(b, t), same(o, t):
			return o
		}
		ok = false
		return nil
	}
	ok = true
	c.Ours, c.Theirs = three(base.Ours, ours.Ours, theirs.Ours), three(base.Theirs, ours.Theirs, theirs.Theirs)
	if !ok {
		return c, false, nil
	}
	c, err = m.again(c)
	return c, true, err
}
