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

// lost is a file that one side deleted, or both did, and perhaps renamed.
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

// pass merges three trees whose names agree. A dry one looks for what renames
// may explain and leaves texts alone.
type pass struct {
	*merger
	dry       bool
	from      [2]map[string]string       // by side: where a path stood before it was followed
	dropped   map[string][]objects.Entry // by folder: their names that a conflict leaves out
	conflicts []Conflict
	merged    []string
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
	var merged []objects.Entry
	var waiting []string // deleted on our side, and in conflict
	for name, e := range union(lists[0], lists[1], lists[2]) {
		before := len(p.conflicts)
		r, err := p.entry(w.below(name), e[0], e[1], e[2])
		if err != nil {
			return nil, err
		}
		switch {
		case r != nil:
			kept := *r
			kept.Name = name
			merged = append(merged, kept)
		case len(p.conflicts) > before && e[2] != nil:
			waiting = append(waiting, name)
		}
	}
	if len(merged) == 0 && b != nil && (o == nil || t == nil) {
		return nil, nil
	}
	_, name := split(w.path)
	if o != nil && t != nil && !p.keepsBase() {
		if dropped := p.dropped[w.path]; len(dropped) > 0 {
			whole := &objects.Tree{Entries: slices.Concat(lists[2], dropped)}
			whole.Sort()
			lists[2] = whole.Entries
			for _, e := range dropped {
				waiting = append(waiting, e.Name)
			}
		}
		merged = p.clashes(w.path, merged, waiting, lists[1], lists[2])
	}
	return p.add(name, merged)
}

// entry is the table of the three-way merge: what stands at one path in the
// base, on our side and on theirs; nil where nothing does.
func (p *pass) entry(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	switch {
	case same(o, t):
		if b != nil && o == nil {
			return nil, p.bothGone(w, b)
		}
		return later(o, t), nil
	case same(b, o):
		p.strange(w, b, t, theirSide)
		return t, nil
	case same(b, t):
		p.strange(w, b, o, ourSide)
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
		p.lost = append(p.lost, lost{path: w.path, base: b, gone: [2]bool{o == nil, t == nil}})
		return p.conflict(DeletedChanged, w, b, o, t), nil
	case isFolder(o) || isFolder(t):
		return p.conflict(FileFolder, w, b, o, t), nil
	}
	return p.file(w, fileOnly(b), o, t)
}

// conflict notes a conflict and gives what the tree keeps.
func (p *pass) conflict(kind ConflictKind, w where, b, o, t *objects.Entry) *objects.Entry {
	p.conflicts = append(p.conflicts, Conflict{
		Kind: kind, Path: w.path, Base: b,
		Ours: p.named(ourSide, w.path, o), OursPath: p.movedFrom(ourSide, w.path, o),
		Theirs: p.named(theirSide, w.path, t), TheirsPath: p.movedFrom(theirSide, w.path, t),
	})
	if p.keepsBase() {
		return b
	}
	return o
}

// movedFrom is the path that a side has an entry at, when the merge moved it.
func (p *pass) movedFrom(side int, path string, e *objects.Entry) string {
	if e == nil {
		return ""
	}
	return p.from[side][path]
}

// named is a side's entry under the name that the side gave it.
func (p *pass) named(side int, path string, e *objects.Entry) *objects.Entry {
	if from := p.movedFrom(side, path, e); from != "" {
		moved := *e
		_, moved.Name = split(from)
		return &moved
	}
	return e
}

// strange notes what a side added to a folder that the other has removed.
func (p *pass) strange(w where, b, e *objects.Entry, by int) {
	if home := w.gone[1-by]; b == nil && e != nil && home != "" {
		p.strays = append(p.strays, stray{path: w.path, by: by, home: home, entry: e})
	}
}

// bothGone notes the files that both sides deleted: each may have renamed them.
func (p *pass) bothGone(w where, b *objects.Entry) error {
	if !p.dry {
		return nil
	}
	if !isFolder(b) {
		p.lost = append(p.lost, lost{path: w.path, base: b, gone: [2]bool{true, true}})
		return nil
	}
	entries, err := p.entries(b, w.depth)
	if err != nil {
		return err
	}
	w.depth++
	for i := range entries {
		if err := p.bothGone(w.below(entries[i].Name), &entries[i]); err != nil {
			return err
		}
	}
	return nil
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
