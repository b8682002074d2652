package merge

import "github.com/esync/esync/objects"

// Edit puts an entry at a path of a tree, or removes what is there.
type Edit struct {
	Path string
	// Entry is nil to remove. Its name is that of the path, whatever it says.
	Entry *objects.Entry
}

// Apply gives a tree in which the edits have been made, in their order. Folders
// that are missing on the way are made; one that becomes empty stays.
func Apply(src objects.Source, sink objects.Sink, tree objects.ID, list []Edit) (objects.ID, error) {
	s := newSpace(src)
	m := &merger{space: s, sink: sink}
	first := tree
	for len(list) > 0 {
		// As many at once as do not get in each other's way.
		e, n := edits{}, 0
		for ; n < len(list) && !touches(e, list[n].Path); n++ {
			e[list[n].Path] = list[n].Entry
		}
		var err error
		if tree, err = s.edit(tree, first, e); err != nil {
			return objects.ID{}, err
		}
		list = list[n:]
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
	switch c.Kind {
	case RenamedApart, NameClash, FolderRenamed:
		// The sides have it under two names.
		if at == "" {
			at = c.Path
		}
		if otherAt == "" {
			otherAt = c.Path
		}
		list = []Edit{{otherAt, nil}, {at, e}}
	default:
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
