package merge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
)

var (
	// ErrNoPlace: a conflict has no such place.
	ErrNoPlace = errors.New("no such place in this conflict")
	// ErrNotSettled: what was decided of a conflict's places does not make a
	// file: some are open, or they do not go together.
	ErrNotSettled = errors.New("the decisions make no whole file")
)

// maxTold is how many places an error names.
const maxTold = 4

// AllPlaces stands for every place that is not decided.
const AllPlaces = "*"

// Decide gives the conflict with the decision of one place, or of AllPlaces, and
// tells whether every place is decided now. A place may be decided again.
func (c Conflict) Decide(where string, side Side) (Conflict, bool, error) {
	c.Places = slices.Clone(c.Places)
	found, all := where == AllPlaces, true
	for i := range c.Places {
		p := &c.Places[i]
		if p.Where == where || where == AllPlaces && p.Take == Undecided {
			p.Take, found = side, true
		}
		all = all && p.Take != Undecided
	}
	if !found {
		return c, false, fmt.Errorf("%q of %q: %w", where, c.Path, ErrNoPlace)
	}
	return c, all, nil
}

// Settle gives the edits by which a tree has what was decided of the conflict's
// places, and everything else that either side changed. The error is
// ErrNotSettled while a place is undecided, or when the file can only be taken
// whole.
func (c Conflict) Settle(src objects.Source, sink objects.Sink, o Options) ([]Edit, error) {
	m := &merger{space: newSpace(src), sink: sink, options: o}
	m.options.Choose = map[string]Side{}
	for _, p := range c.Places {
		m.options.Choose[p.Where] = p.Take
	}
	f, from, err := m.parts(&c)
	if err != nil {
		return nil, err
	}
	if !f.Clean {
		why := f.Reason
		for i, p := range f.Conflicts {
			if i == 0 {
				why = "open is " + p.Where
			} else if why += ", " + p.Where; i == maxTold {
				why += ", ..."
				break
			}
		}
		return nil, fmt.Errorf("%q: %w: %s", c.Path, ErrNotSettled, why)
	}
	e := *c.Ours
	if e.ID, err = m.put(f.Content, c.Ours.ID); err != nil {
		return nil, err
	}
	e.Mode, _ = mergeMode(c.Base, c.Ours, c.Theirs)
	e.Size, e.ModTime = int64(len(f.Content)), max(c.Ours.ModTime, c.Theirs.ModTime)
	list := []Edit{{c.Path, &e}}
	for i, member := range c.Also {
		switch from[i+1] {
		case Ours:
			list = append(list, Edit{member.Path, member.Ours})
		case Theirs:
			list = append(list, Edit{member.Path, member.Theirs})
		}
	}
	return list, nil
}

// parts merges the sides of a conflict by their parts, and the files that go
// with it: from says where they come from.
func (m *merger) parts(c *Conflict) (f FileResult, from []Side, err error) {
	if c.Kind != BothChanged || fileOnly(c.Base) == nil || fileOnly(c.Ours) == nil || fileOnly(c.Theirs) == nil {
		return FileResult{}, nil, nil
	}
	if len(c.Also) > 0 {
		u := unit{path: c.Path, files: append([]Member{{c.Path, c.Base, c.Ours, c.Theirs}}, c.Also...)}
		return u.merge(func(e *objects.Entry) ([]byte, error) { return m.blob(e.ID) }, m.options.Choose)
	}
	f, err = m.content(c.Path, c.Base, c.Ours, c.Theirs)
	return f, nil, err
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

// Refresh gives open conflicts as they are after one more commit: when the file
// of one was edited that had a side's version, the new version takes that side's
// place. A commit decides nothing. before and after are the trees that the
// files were in.
func Refresh(src objects.Source, open []Conflict, before, after objects.ID, o Options) ([]Conflict, error) {
	m := &merger{space: newSpace(src), options: o}
	out := slices.Clone(open)
	for i, c := range open {
		if len(c.Also) > 0 || c.BasePath+c.OursPath+c.TheirsPath != "" || c.Kind == NameClash || c.Kind == RenamedApart || c.Kind == FolderRenamed {
			continue
		}
		was, _, err := m.lookup(before, c.Path)
		if err != nil {
			return nil, err
		}
		now, _, err := m.lookup(after, c.Path)
		if err != nil {
			return nil, err
		}
		if now == nil || same(was, now) || now.Mode.IsFolder() {
			continue
		}
		switch {
		case same(was, c.Ours):
			c.Ours = now
		case same(was, c.Theirs):
			c.Theirs = now
		default:
			continue
		}
		if c.Kind == DeletedChanged && c.Ours != nil && c.Theirs != nil {
			c.Kind = BothChanged
		}
		if same(c.Ours, c.Theirs) {
			continue // whether the other side's version is the last word is for a person to say
		}
		if out[i], err = m.again(c); err != nil {
			return nil, err
		}
	}
	return out, nil
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
