package merge

import (
	"slices"

	"github.com/esync/esync/objects"
)

// The two sides, as indexes.
const (
	ourSide   = 0
	theirSide = 1
)

// lost is a file that one side deleted while the other changed it, or that both
// deleted. Each may have renamed it.
type lost struct {
	path string
	base *objects.Entry
	gone [2]bool
}

// stray is something that one side added to a folder which the other removed,
// and perhaps renamed.
type stray struct {
	path  string
	by    int    // the side that added it
	home  string // the folder that is gone
	entry *objects.Entry
}

// names is what the names of three trees mean once renames have been followed.
type names struct {
	// from is, by side and for the base, where a path stood before it was
	// followed.
	from     [2]map[string]string
	fromBase map[string]string
	// pinned are paths that a conflict takes whole: the tree has there what
	// our side has.
	pinned map[string]bool
	// kinds are conflicts that stand at a path whatever the table says.
	kinds map[string]ConflictKind
	// open are the folders above all of these: they are looked into.
	open map[string]bool
}

func newNames() *names {
	return &names{
		from: [2]map[string]string{{}, {}}, fromBase: map[string]string{},
		pinned: map[string]bool{}, kinds: map[string]ConflictKind{}, open: map[string]bool{},
	}
}

func (n *names) pin(paths ...string) {
	for _, p := range paths {
		n.pinned[p] = true
		markAbove(n.open, p)
	}
}

func (n *names) force(path string, kind ConflictKind) {
	n.kinds[path] = kind
	markAbove(n.open, path)
}

// markAbove adds the folders above a path to a set.
func markAbove(set map[string]bool, path string) {
	for path, _ = split(path); path != ""; path, _ = split(path) {
		set[path] = true
	}
}

// pass merges three trees whose names agree. A dry one looks for what renames
// may explain and leaves content alone.
type pass struct {
	*merger
	*names
	dry       bool
	unclear   map[string]bool // of a follower
	undecided map[string]*undecided
	conflicts []Conflict
	joined    []Joined
	lost      []lost
	strays    []stray
}

func (p *pass) run(base objects.ID, sides [2]objects.ID) (objects.ID, error) {
	root := func(id objects.ID) *objects.Entry { return &objects.Entry{Mode: objects.ModeFolder, ID: id} }
	e, err := p.folder(where{}, root(base), root(sides[ourSide]), root(sides[theirSide]))
	if err != nil {
		return objects.ID{}, err
	}
	return e.ID, nil
}

// where is a path and what is known of the folders above it.
type where struct {
	path  string
	depth int
	// gone is, by side, the nearest folder above that the side has removed,
	// or "".
	gone [2]string
}

func (w where) below(name string) where {
	w.path = join(w.path, name)
	return w
}

// folder merges a folder that at least one side has; b, o and t are nil or
// folders. The result is nil when the folder is gone.
func (p *pass) folder(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	for i, side := range [2]*objects.Entry{o, t} {
		if b != nil && side == nil {
			w.gone[i] = w.path
		}
	}
	var lists [3][]objects.Entry
	for i, e := range [3]*objects.Entry{b, o, t} {
		var err error
		if lists[i], err = p.entries(e, w.depth); err != nil {
			return nil, err
		}
	}
	w.depth++
	done, err := p.units(w, lists)
	if err != nil {
		return nil, err
	}
	var merged []objects.Entry
	var waiting []string // on their side alone, and kept out by a conflict
	for name, e := range union(lists[0], lists[1], lists[2]) {
		before := len(p.conflicts)
		below := w.below(name)
		r, of := done[below.path]
		if !of {
			if r, err = p.entry(below, e[0], e[1], e[2]); err != nil {
				return nil, err
			}
		}
		switch {
		case r != nil:
			kept := *r
			kept.Name = name
			merged = append(merged, kept)
		case e[2] != nil && (len(p.conflicts) > before || p.pinned[below.path]):
			waiting = append(waiting, name)
		}
	}
	if len(merged) == 0 && (o == nil || t == nil) && (b != nil || len(lists[1])+len(lists[2]) > 0) {
		return nil, nil // a side deleted it, or all that is in it is kept out by a conflict
	}
	_, name := split(w.path)
	if o != nil && t != nil && !p.dry {
		merged = p.clashes(w.path, merged, waiting, lists[1], lists[2])
	}
	return p.add(name, merged)
}

// units merges the files that are one with others: by path, what comes of them.
func (p *pass) units(w where, lists [3][]objects.Entry) (map[string]*objects.Entry, error) {
	if p.dry {
		return nil, nil
	}
	done := map[string]*objects.Entry{}
	undecided := func(table string) bool { return p.undecided[table] != nil }
	for _, u := range units(w.path, lists, undecided) {
		if open := p.undecided[u.path]; open != nil {
			if of, err := p.undecidedUnit(u, open, done); err != nil {
				return nil, err
			} else if of {
				continue
			}
		}
		if !u.apart() || slices.ContainsFunc(u.files, func(m Member) bool {
			_, forced := p.kinds[m.Path]
			return forced || p.pinned[m.Path] || p.undecided[m.Path] != nil
		}) {
			continue
		}
		if err := p.unit(u, done); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// entry merges what stands at one path in the base, on our side and on theirs;
// nil where nothing does.
func (p *pass) entry(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	if p.dry {
		if err := p.note(w, b, o, t); err != nil {
			return nil, err
		}
	}
	if p.pinned[w.path] {
		return o, nil
	}
	if kind, ok := p.kinds[w.path]; ok {
		return p.conflict(kind, w, b, o, t), nil
	}
	if u := p.undecided[w.path]; u != nil {
		return p.undecidedEntry(w, u, b, o, t)
	}
	if p.open[w.path] && (isFolder(o) && fileOnly(t) == nil || isFolder(t) && fileOnly(o) == nil) {
		return p.folder(w, folderOnly(b), o, t)
	}
	if p.open[w.path] && isFolder(t) && fileOnly(o) != nil && same(b, o) {
		return p.folder(w, nil, nil, t) // our side's file goes, and something in the folder is no plain addition
	}
	if p.open[w.path] && isFolder(o) && fileOnly(t) != nil && same(b, t) {
		return p.folder(w, nil, o, nil)
	}
	return p.plain(w, b, o, t)
}

// plain is the table of the three-way merge.
func (p *pass) plain(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	switch {
	case same(o, t):
		return later(o, t), nil
	case same(b, o):
		return t, nil
	case same(b, t):
		return o, nil
	}
	// Both sides differ from the base and from each other.
	switch {
	case isFolder(o) && isFolder(t), isFolder(b) && (isFolder(o) && t == nil || o == nil && isFolder(t)):
		return p.folder(w, folderOnly(b), o, t)
	case o == nil && (isFolder(t) || isFolder(b)):
		return t, nil // the file became a folder, or the folder a file, and the other side had deleted it
	case t == nil && (isFolder(o) || isFolder(b)):
		return o, nil
	case o == nil || t == nil:
		return p.conflict(DeletedChanged, w, b, o, t), nil
	case p.dry && isFolder(b) && (isFolder(o) || isFolder(t)) && !p.unclear[w.path]:
		// What was in the folder may be elsewhere now.
		return p.folder(w, b, folderOnly(o), folderOnly(t))
	case isFolder(o) || isFolder(t):
		return p.conflict(FileFolder, w, b, o, t), nil
	}
	return p.file(w, fileOnly(b), o, t)
}

// note writes down what renames may explain.
func (p *pass) note(w where, b, o, t *objects.Entry) error {
	if p.pinned[w.path] || b == nil && p.unclear[w.path] {
		return nil
	}
	if b == nil {
		p.noteStrays(w, o, t)
		return nil
	}
	if isFolder(b) {
		p.noteStrays(w, fileOnly(o), fileOnly(t))
		if !isFolder(o) && !isFolder(t) || same(o, t) && !same(b, o) {
			return p.alike(w, b, folderOnly(o))
		}
		return nil
	}
	gone := [2]bool{fileOnly(o) == nil, fileOnly(t) == nil}
	if gone[ourSide] && !same(b, t) || gone[theirSide] && !same(b, o) {
		p.lost = append(p.lost, lost{path: w.path, base: b, gone: gone})
	}
	return nil
}

// noteStrays notes what the sides have new at a path, where the other side removed
// a folder above it.
func (p *pass) noteStrays(w where, o, t *objects.Entry) {
	for i, e := range [2]*objects.Entry{o, t} {
		if home := w.gone[1-i]; e != nil && home != "" {
			p.strays = append(p.strays, stray{path: w.path, by: i, home: home, entry: e})
		}
	}
}

// alike notes what both sides took out of a folder of which they made the same;
// now is nil when it is gone.
func (p *pass) alike(w where, b, now *objects.Entry) error {
	var lists [2][]objects.Entry
	for i, e := range [2]*objects.Entry{b, now} {
		var err error
		if lists[i], err = p.entries(e, w.depth); err != nil {
			return err
		}
	}
	w.depth++
	for name, e := range union(lists[0], lists[1], nil) {
		if e[0] != nil && !same(e[0], e[1]) {
			if err := p.note(w.below(name), e[0], e[1], e[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// conflict notes a conflict and gives what the tree keeps: our side.
func (p *pass) conflict(kind ConflictKind, w where, b, o, t *objects.Entry) *objects.Entry {
	p.conflicts = append(p.conflicts, p.between(kind, w.path, b, o, t))
	return o
}

// between is a conflict of what stands at a path, under the names that the
// sides gave it.
func (n *names) between(kind ConflictKind, path string, b, o, t *objects.Entry) Conflict {
	c := Conflict{Kind: kind, Path: path}
	c.Base, c.BasePath = movedFrom(n.fromBase, path, b)
	c.Ours, c.OursPath = movedFrom(n.from[ourSide], path, o)
	c.Theirs, c.TheirsPath = movedFrom(n.from[theirSide], path, t)
	return c
}

// movedFrom gives an entry, and the path that it had, before a merge moved it.
func movedFrom(from map[string]string, path string, e *objects.Entry) (*objects.Entry, string) {
	was, ok := from[path]
	if e == nil || !ok {
		return e, ""
	}
	moved := *e
	_, moved.Name = split(was)
	return &moved, was
}

// later is one of two entries of equal content: the one of the later time.
func later(a, b *objects.Entry) *objects.Entry {
	if a != nil && b.ModTime > a.ModTime {
		return b
	}
	return a
}

func folderOnly(e *objects.Entry) *objects.Entry {
	if isFolder(e) {
		return e
	}
	return nil
}

func fileOnly(e *objects.Entry) *objects.Entry {
	if isFolder(e) {
		return nil
	}
	return e
}
