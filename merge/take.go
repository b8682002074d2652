package merge

import "github.com/esync/esync/objects"

// Edit puts an entry at a path of a tree, or removes what is there.
type Edit struct {
	Path string
	// Entry is nil to remove. Its name is that of the path, whatever it says.
	Entry *objects.Entry
}

// Apply gives a tree in which the edits have been made, in their order. Folders
// that are missing on the way are made; one that becomes empty stays. It fails
// where a new name is one that some system holds for another one there.
func Apply(src objects.Source, sink objects.Sink, tree objects.ID, list []Edit) (objects.ID, error) {
	s := newSpace(src)
	m := &merger{space: s, sink: sink}
	first := tree
	for rest := list; len(rest) > 0; {
		// As many at once as do not get in each other's way.
		e, n := edits{}, 0
		for ; n < len(rest) && !touches(e, rest[n].Path); n++ {
			e[rest[n].Path] = rest[n].Entry
		}
		var err error
		if tree, err = s.edit(tree, first, e); err != nil {
			return objects.ID{}, err
		}
		rest = rest[n:]
	}
	for _, e := range list {
		if e.Entry == nil {
			continue
		}
		folder, _ := split(e.Path)
		there := &objects.Entry{ID: tree}
		if folder != "" {
			var err error
			if there, _, err = s.lookup(tree, folder); err != nil {
				return objects.ID{}, err
			}
		}
		if there == nil {
			continue // a later edit took it away again
		}
		names, err := s.tree(there.ID)
		if err != nil {
			return objects.ID{}, err
		}
		if err := objects.CheckClashes(names); err != nil {
			return objects.ID{}, err
		}
	}
	r, err := m.finish(Result{Tree: tree}, first)
	return r.Tree, err
}

// touches tells whether a path, or one above or below it, is edited.
func touches(e edits, path string) bool {
	if _, ok := e[path]; ok {
		return true
	}
	above := map[string]bool{}
	markAbove(above, path)
	for p := range e {
		if above[p] || len(p) > len(path) && p[:len(path)] == path && p[len(path)] == '/' {
			return true
		}
	}
	return false
}

// Take gives the edits by which a tree that has one side of the conflict, be it
// which it may, has the given side: the file, those that go with it, and the
// names that the side gave them.
func (c Conflict) Take(side Side) []Edit {
	e, at, otherAt := c.Ours, c.OursPath, c.TheirsPath
	if side == Theirs {
		e, at, otherAt = c.Theirs, c.TheirsPath, c.OursPath
	}
	var list []Edit
	if c.twoNames() {
		if at == "" {
			at = c.Path
		}
		if otherAt == "" {
			otherAt = c.Path
		}
		list = []Edit{{otherAt, nil}, {at, e}}
	} else {
		list = []Edit{{c.Path, e}}
	}
	for _, m := range c.Also {
		e := m.Ours
		if side == Theirs {
			e = m.Theirs
		}
		list = append(list, Edit{m.Path, e})
	}
	return list
}

// TakeAll gives a tree that has the given side of all conflicts. Where a merge
// could not tell the place of something new, that stays where it is.
func TakeAll(src objects.Source, sink objects.Sink, tree objects.ID, list []Conflict, side Side) (objects.ID, error) {
	var edits []Edit
	for _, c := range list {
		if c.Kind != FolderRenamed {
			edits = append(edits, c.Take(side)...)
		}
	}
	return Apply(src, sink, tree, edits)
}
