package merge

import (
	"cmp"
	"errors"
	"strings"

	"github.com/esync/esync/objects"
)

// The tree of a commit with open conflicts has one side of each, the same for
// everybody. A person's files go on having his own version until the conflict is
// decided: they stand on a tree that is the commit's but for that. [Stand] makes
// it, and [Recorded] makes of it, and of what the files have become, the tree
// that a commit records.

// Side tells which side of the conflict a tree has: Undecided when it has
// neither, having gone on since.
func (c Conflict) Side(src objects.Source, tree objects.ID) (Side, error) {
	return newSpace(src).sideOf(c, tree)
}

func (s *space) sideOf(c Conflict, tree objects.ID) (Side, error) {
	if c.justNames() {
		_, side, err := s.underOneName(c, tree)
		return side, err
	}
	for _, side := range [2]Side{Ours, Theirs} {
		if has, err := s.has(tree, c.Take(side)); err != nil || has {
			return side, err
		}
	}
	return Undecided, nil
}

// Had is Side for a tree that was before the merge: there a side has the file
// under the name that it gave it.
func (c Conflict) Had(src objects.Source, tree objects.ID) (Side, error) {
	return newSpace(src).had(c, tree)
}

func (s *space) had(c Conflict, tree objects.ID) (Side, error) {
	side, err := s.sideOf(c, tree)
	if err != nil || side != Undecided || c.twoNames() {
		return side, err
	}
	for _, side := range [2]struct {
		is Side
		e  *objects.Entry
		at string
	}{{Ours, c.Ours, c.OursPath}, {Theirs, c.Theirs, c.TheirsPath}} {
		if side.e == nil || side.at == "" {
			continue
		}
		e, _, err := s.lookup(tree, side.at)
		if err != nil {
			return Undecided, err
		}
		if same(e, side.e) {
			return side.is, nil
		}
	}
	return Undecided, nil
}

// underOneName gives what a tree has under one side's name, and not the other's,
// where nothing but the name is open, and tells whose name that is.
func (s *space) underOneName(c Conflict, tree objects.ID) (*objects.Entry, Side, error) {
	ours, _, err := s.lookup(tree, cmp.Or(c.OursPath, c.Path))
	if err != nil {
		return nil, Undecided, err
	}
	theirs, _, err := s.lookup(tree, cmp.Or(c.TheirsPath, c.Path))
	switch {
	case err != nil || (ours == nil) == (theirs == nil):
		return nil, Undecided, err
	case ours != nil:
		return ours, Ours, nil
	}
	return theirs, Theirs, nil
}

// nameIn is the name that a tree has a file under to which the sides gave two:
// one of those, or that of the one file elsewhere with the content of a side.
// It is "" where nothing tells.
func (s *space) nameIn(c Conflict, tree objects.ID) (string, error) {
	names := [2]string{cmp.Or(c.OursPath, c.Path), cmp.Or(c.TheirsPath, c.Path)}
	there, at := 0, ""
	for _, name := range names {
		e, _, err := s.lookup(tree, name)
		if err != nil {
			return "", err
		}
		if e != nil {
			there, at = there+1, name
		}
	}
	if there == 0 {
		var found []string
		err := s.find("", &objects.Entry{Mode: objects.ModeFolder, ID: tree}, c.has, &found)
		if err != nil || len(found) != 1 {
			return "", err
		}
		return found[0], nil
	}
	if there > 1 {
		return "", nil
	}
	return at, nil
}

// find lists the files below a folder that are wanted.
func (s *space) find(prefix string, folder *objects.Entry, want func(*objects.Entry) bool, found *[]string) error {
	list, err := s.entries(folder, strings.Count(prefix, "/"))
	if err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		switch {
		case e.Mode == objects.ModeFolder:
			err = s.find(prefix+e.Name+"/", e, want, found)
		case want(e):
			*found = append(*found, prefix+e.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// has tells whether the edits would change nothing in a tree.
func (s *space) has(tree objects.ID, list []Edit) (bool, error) {
	for _, e := range list {
		there, _, err := s.lookup(tree, e.Path)
		if err != nil {
			return false, err
		}
		if !same(there, e.Entry) {
			return false, nil
		}
	}
	return true, nil
}

// Stand gives the tree that the files of a copy stand on after they came from
// one tree to that of a commit with open conflicts: where they had a side of a
// conflict they keep it.
func Stand(src objects.Source, sink objects.Sink, from, to objects.ID, open []Conflict) (objects.ID, error) {
	s := newSpace(src)
	var edits []Edit
	for _, c := range open {
		if c.Kind == FolderRenamed {
			continue // both sides have it in one place, and a person says in which
		}
		had, err := s.had(c, from)
		if err != nil {
			return objects.ID{}, err
		}
		has, err := s.sideOf(c, to)
		if err != nil {
			return objects.ID{}, err
		}
		if had != Undecided && has != Undecided && had != has {
			edits = append(edits, c.Take(had)...)
		}
	}
	if len(edits) == 0 {
		return to, nil
	}
	stands, err := Apply(src, sink, to, edits)
	if errors.Is(err, objects.ErrBadName) {
		return to, nil // his version has a name that clashes with something new
	}
	return stands, err
}

// Recorded gives the tree of a commit that is made of files which stood on one
// tree, that of Stand, and are another one now: a version in conflict that
// nobody touched is as it is in the commit before.
func Recorded(src objects.Source, sink objects.Sink, before, stood, files objects.ID, open []Conflict) (objects.ID, error) {
	if before == stood {
		return files, nil
	}
	s := newSpace(src)
	var edits []Edit
	for _, c := range open {
		if c.justNames() {
			moved, err := s.underRecordedName(c, before, files)
			if err != nil {
				return objects.ID{}, err
			}
			edits = append(edits, moved...)
			continue
		}
		var back []Edit
		touched := false
		for _, e := range append(c.Take(Ours), c.Take(Theirs)...) {
			var at [3]*objects.Entry
			for i, tree := range [3]objects.ID{before, stood, files} {
				var err error
				if at[i], _, err = s.lookup(tree, e.Path); err != nil {
					return objects.ID{}, err
				}
			}
			touched = touched || !same(at[1], at[2])
			back = append(back, Edit{e.Path, at[0]})
		}
		if !touched {
			edits = append(edits, back...)
		}
	}
	return Apply(src, sink, files, edits)
}

// underRecordedName gives the edits by which a tree has what files have of a
// conflict about a name under the name that the commit before has: one's own
// name is no work of one's own.
func (s *space) underRecordedName(c Conflict, before, files objects.ID) ([]Edit, error) {
	_, recorded, err := s.underOneName(c, before)
	if err != nil {
		return nil, err
	}
	e, own, err := s.underOneName(c, files)
	if err != nil || recorded == Undecided || own == Undecided || own == recorded {
		return nil, err
	}
	paths := map[Side]string{Ours: cmp.Or(c.OursPath, c.Path), Theirs: cmp.Or(c.TheirsPath, c.Path)}
	return []Edit{{paths[own], nil}, {paths[recorded], e}}, nil
}
