package merge

import (
	"slices"

	"github.com/esync/esync/objects"
)

// Header is the name of the commit header that has the conflicts which a
// commit leaves open, as EncodeConflicts writes them.
const Header = "conflicts"

// Open gives the conflicts that a commit leaves open.
func Open(c *objects.Commit) ([]Conflict, error) {
	text, _ := c.Header(Header)
	return DecodeConflicts(text)
}

// version is one of the three that a merge has: a tree, and what is undecided
// in it. A file in conflict is not what the tree has of it, which is one side's;
// it is both, and whoever decides it changes it.
type version struct {
	tree objects.ID
	open []Conflict
}

// undecided are the conflicts that stand at a path in the base, on our side and
// on theirs.
type undecided [3][]Conflict

const inBase = 2 // beside ourSide and theirSide

// place puts the conflicts of all versions where the names have moved them.
func (p *pass) place(open [3][]Conflict, sides [2]objects.ID) error {
	p.undecided = map[string]*undecided{}
	for i, list := range open {
		from := p.fromBase
		if i != inBase {
			from = p.from[i]
		}
		to := map[string]string{}
		for now, was := range from {
			to[was] = now
		}
		for _, c := range list {
			if now, moved := to[c.Path]; moved {
				c = c.movedTo(now)
			}
			if i == inBase && !c.twoNames() {
				at, err := p.decidedAt(c, sides)
				if err != nil {
					return err
				}
				if at != c.Path {
					c = c.movedTo(at)
				}
			}
			if p.undecided[c.Path] == nil {
				p.undecided[c.Path] = &undecided{}
				markAbove(p.open, c.Path)
			}
			u := p.undecided[c.Path]
			u[i] = append(u[i], c)
		}
	}
	return nil
}

// decidedAt is where sides that decided a conflict have the file: at its path, or else
// where a side of it had it.
func (s *space) decidedAt(c Conflict, sides [2]objects.ID) (string, error) {
	for _, path := range []string{c.Path, c.OursPath, c.TheirsPath} {
		for _, tree := range sides {
			if e, _, err := s.lookup(tree, path); err != nil || fileOnly(e) != nil {
				return path, err
			}
		}
	}
	return c.Path, nil
}

// movedTo is a conflict of a file that a merge has moved.
func (c Conflict) movedTo(path string) Conflict {
	for _, side := range []struct {
		e  *objects.Entry
		at *string
	}{{c.Base, &c.BasePath}, {c.Ours, &c.OursPath}, {c.Theirs, &c.TheirsPath}} {
		switch {
		case side.e == nil:
		case *side.at == "":
			*side.at = c.Path
		case *side.at == path:
			*side.at = ""
		}
	}
	c.Path = path
	return c
}

// is tells whether two conflicts are the same one, as either side sees it.
func (c Conflict) is(d Conflict) bool {
	if c.Kind != d.Kind || c.Path != d.Path || !same(c.Base, d.Base) || !slices.EqualFunc(c.Also, d.Also, sameMember) {
		return false
	}
	straight := same(c.Ours, d.Ours) && same(c.Theirs, d.Theirs)
	crossed := same(c.Ours, d.Theirs) && same(c.Theirs, d.Ours)
	for i, m := range c.Also {
		straight = straight && same(m.Ours, d.Also[i].Ours) && same(m.Theirs, d.Also[i].Theirs)
		crossed = crossed && same(m.Ours, d.Also[i].Theirs) && same(m.Theirs, d.Also[i].Ours)
	}
	return straight || crossed
}

// justNames tells whether nothing but the name is open.
func (c Conflict) justNames() bool { return c.Kind == RenamedApart && same(c.Ours, c.Theirs) }

// sameNames tells whether two conflicts are about the same two names, whatever
// the content that both sides agree on.
func (c Conflict) sameNames(d Conflict) bool {
	names, others := [2]string{c.OursPath, c.TheirsPath}, [2]string{d.OursPath, d.TheirsPath}
	return c.justNames() && d.justNames() && c.Path == d.Path &&
		(names == others || names == [2]string{others[1], others[0]})
}

// has tells whether an entry is one of the two that are in conflict.
func (c Conflict) has(e *objects.Entry) bool { return same(e, c.Ours) || same(e, c.Theirs) }

// left are the conflicts that are still open when both sides are taken
// together. One that the base has, and a side has no longer, was decided there.
func (u *undecided) left() []Conflict {
	var list []Conflict
	for i := range [2]int{} {
		for _, c := range u[i] {
			at := slices.IndexFunc(u[1-i], c.is)
			switch {
			case at < 0 && slices.ContainsFunc(u[inBase], c.is):
			case at < 0 && len(u[1-i]) == 0 && slices.ContainsFunc(u[inBase], c.sameNames):
			case at < 0:
				list = append(list, c)
			case i == ourSide:
				list = append(list, c.withTakes(u[1-i][at]))
			}
		}
	}
	return list
}

// withTakes joins what was decided of single places. Two decisions of one place
// are none.
func (c Conflict) withTakes(d Conflict) Conflict {
	mirrored := !same(c.Ours, d.Ours) || !same(c.Theirs, d.Theirs)
	c.Places = slices.Clone(c.Places)
	for i := range c.Places {
		p := &c.Places[i]
		at := slices.IndexFunc(d.Places, func(q Place) bool { return q.Where == p.Where })
		if at < 0 || d.Places[at].Take == Undecided {
			continue
		}
		take := d.Places[at].Take
		if mirrored {
			take = take.mirror()
		}
		if p.Take != Undecided && p.Take != take {
			take = Undecided
		}
		p.Take = take
	}
	return c
}

// decidedOnce tells whether one conflict of the base is decided on one side, while
// the other side, which is given, went on with a version of it.
func (u *undecided) decidedOnce() (side int, ok bool) {
	if len(u[inBase]) != 1 || len(u[ourSide])+len(u[theirSide]) != 1 {
		return 0, false
	}
	side = theirSide
	if len(u[ourSide]) == 1 {
		side = ourSide
	}
	return side, !u[side][0].is(u[inBase][0])
}

// goneOn tells what comes of a file when one side decided its conflict while the
// other went on with its version: the newer version when that one was decided
// for, else a conflict of the two. o and t are what the trees have.
func (u *undecided) goneOn(path string, o, t *objects.Entry) (c *Conflict, e *objects.Entry, ok bool) {
	side, ok := u.decidedOnce()
	if !ok || len(u[side][0].Also) > 0 || u[side][0].twoNames() {
		return nil, nil, false
	}
	now, base := u[side][0], u[inBase][0]
	if same(now.Ours, base.Theirs) || same(now.Theirs, base.Ours) {
		now = now.Mirror()
	}
	var was, newer *objects.Entry
	switch {
	case same(now.Ours, base.Ours):
		was, newer = base.Theirs, now.Theirs
	case same(now.Theirs, base.Theirs):
		was, newer = base.Ours, now.Ours
	default:
		return nil, nil, false
	}
	newer = named(newer, path)
	decided := t
	if side == theirSide {
		decided = o
	}
	if same(decided, was) {
		return nil, newer, true
	}
	now.Path, now.OursPath, now.TheirsPath, now.Places, now.Reason = path, "", "", nil, ""
	now.Ours, now.Theirs = newer, decided
	if side == theirSide {
		now.Ours, now.Theirs = decided, newer
	}
	now.Kind = now.kindNow()
	return &now, now.Ours, !same(newer, decided)
}

// both tells whether one conflict is open in the base and still on both sides.
func (u *undecided) both() bool {
	return len(u[inBase]) == 1 && len(u[ourSide]) == 1 && len(u[theirSide]) == 1
}

// renamedAlike brings conflicts up to date of which nothing but the name is open:
// what the merged tree has under the one name is what there is.
func (p *pass) renamedAlike(tree objects.ID) error {
	for i := range p.conflicts {
		c := &p.conflicts[i]
		if !c.justNames() {
			continue
		}
		e, _, err := p.underOneName(*c, tree)
		if err != nil {
			return err
		}
		if fileOnly(e) != nil {
			c.Ours, c.Theirs = called(e, c.Ours), called(e, c.Theirs)
		}
	}
	return nil
}

// carry keeps the conflicts at paths that the merge did not come to, because
// nothing is there any more on either side.
func (p *pass) carry() error {
	for _, path := range sortedKeys(p.undecided) {
		u := p.undecided[path]
		list := u.left()
		if u.both() && !u[ourSide][0].is(u[theirSide][0]) {
			c, ok, err := p.together(u[inBase][0], u[ourSide][0], u[theirSide][0])
			if err != nil {
				return err
			}
			if ok {
				list = []Conflict{c}
			}
		}
		for _, c := range list {
			if !c.settledAlike() {
				p.conflicts = append(p.conflicts, c)
			}
		}
	}
	return nil
}

// undecidedEntry is the table where something is undecided in the base or on a
// side: entry's, for files of which some are both of two at once.
func (p *pass) undecidedEntry(w where, u *undecided, b, o, t *objects.Entry) (*objects.Entry, error) {
	delete(p.undecided, w.path)
	base, ours, theirs := u[inBase], u[ourSide], u[theirSide]
	if u.both() && !ours[0].is(theirs[0]) && ours[0].has(o) && theirs[0].has(t) {
		if c, ok, err := p.together(base[0], ours[0], theirs[0]); err != nil {
			return nil, err
		} else if ok {
			if !c.settledAlike() {
				p.conflicts = append(p.conflicts, c)
			}
			return c.Ours, nil
		}
	}
	if c, e, ok := u.goneOn(w.path, o, t); ok {
		if c != nil {
			kept, err := p.again(*c)
			if err != nil {
				return nil, err
			}
			p.conflicts = append(p.conflicts, kept)
		}
		return e, nil
	}
	if len(base) <= 1 && len(ours) <= 1 && len(theirs) <= 1 {
		// Which of its sides a tree has of an open conflict means nothing.
		known := slices.Concat(base, ours, theirs)[0]
		stands := func(e *objects.Entry, list []Conflict) *objects.Entry {
			if len(list) == 1 && known.is(list[0]) && known.has(e) {
				return named(known.Ours, w.path)
			}
			return e
		}
		b, o, t = stands(b, base), stands(o, ours), stands(t, theirs)
	}
	switch {
	case len(base) == 1 && len(ours)+len(theirs) == 0 && !same(o, t):
		return p.decidedApart(w, base[0], o, t)
	case len(base) == 0 && len(ours) == 1 && len(theirs) == 0 && !same(b, t):
		if other, at, ok := ours[0].goOn(b, o); ok {
			stood(p.from[ourSide], w.path, at)
			return p.plain(w, p.baseOf(ours[0]), other, t)
		}
	case len(base) == 0 && len(ours) == 0 && len(theirs) == 1 && !same(b, o):
		if other, at, ok := theirs[0].goOn(b, t); ok {
			stood(p.from[theirSide], w.path, at)
			return p.plain(w, p.baseOf(theirs[0]), o, other)
		}
	}
	p.conflicts = append(p.conflicts, u.left()...)
	return p.plain(w, b, o, t)
}

// decidedApart merges what both sides decided of one conflict, each for itself.
// What they came from is the base of that conflict, and even a side that went
// back to it did so on purpose.
func (p *pass) decidedApart(w where, c Conflict, o, t *objects.Entry) (*objects.Entry, error) {
	b := p.baseOf(c)
	if b != nil && fileOnly(o) != nil && fileOnly(t) != nil && !b.Mode.IsFolder() && b.ID != o.ID && b.ID != t.ID {
		return p.file(w, b, o, t)
	}
	c.Base, c.Ours, c.Theirs = b, o, t
	return p.conflict(c.kindNow(), w, b, o, t), nil
}

// baseOf gives the base of a conflict as that of its path, and keeps in mind where
// it stood.
func (p *pass) baseOf(c Conflict) *objects.Entry {
	stood(p.fromBase, c.Path, c.BasePath)
	return c.Base
}

// stood keeps in mind that what is at a path was at another one, unless that is "".
func stood(from map[string]string, path, was string) {
	if was != "" {
		from[path] = was
	}
}

// goOn tells whether a conflict that one side carries goes on when the other side
// still worked on its own version of the file, which the merge's base has: the
// newer version is then in conflict with the other one, which goOn gives, with where
// its side had it. marked is what the tree has for the conflict.
func (c Conflict) goOn(base, marked *objects.Entry) (other *objects.Entry, at string, ok bool) {
	switch c.Kind {
	case BothChanged, BothAdded, DeletedChanged, ModeApart, FileFolder:
	default:
		return nil, "", false
	}
	switch {
	case len(c.Also) > 0, !c.has(marked): // edited while it was open
		return nil, "", false
	case same(base, c.Theirs):
		return c.Ours, c.OursPath, true
	case same(base, c.Ours):
		return c.Theirs, c.TheirsPath, true
	}
	return nil, "", false
}
