package merge

import (
	"cmp"
	"errors"

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
	if c.Kind == RenamedApart && same(c.Ours, c.Theirs) {
		return s.nameOf(c, tree)
	}
	for _, side := range [2]Side{Ours, Theirs} {
		if has, err := s.has(tree, c.Take(side)); err != nil || has {
			return side, err
		}
	}
	return Undecided, nil
}

// nameOf tells which side's name a tree has, and not the other's, where the
// sides agree on all else.
func (s *space) nameOf(c Conflict, tree objects.ID) (Side, error) {
	ours, _, err := s.lookup(tree, cmp.Or(c.OursPath, c.Path))
	if err != nil {
		return Undecided, err
	}
	theirs, _, err := s.lookup(tree, cmp.Or(c.TheirsPath, c.Path))
	switch {
	case err != nil || (ours == nil) == (theirs == nil):
		return Undecided, err
	case ours != nil:
		return Ours, nil
	}
	return Theirs, nil
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
	var edits []Edit
	for _, c := range open {
		if c.Kind == FolderRenamed {
			continue // both sides have it in one place, and a person says in which
		}
		had, err := c.Side(src, from)
		if err != nil {
			return objects.ID{}, err
		}
		has, err := c.Side(src, to)
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
