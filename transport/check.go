package transport

import (
	"errors"
	"fmt"
	"unicode/utf16"

	"github.com/esync/esync/objects"
)

// contents is what a finished transfer is checked by: a store together with
// what was just received.
type contents interface {
	getter
	Has(id objects.ID) (bool, error)
}

// complete checks that the history of wants is all there: every commit down to
// one that has is known to be complete, with the right generation; every
// folder, with names that can stand in a folder on any system; every file.
// It returns the new commits: those behind none of has. before is the store
// without what was received.
func complete(src contents, wants Tips, has []objects.ID, before interface {
	Has(objects.ID) (bool, error)
}) (*between, error) {
	b, err := walkTips(wants, func(wants []objects.ID) (*between, error) { return walkBoth(src, wants, has, before.Has) })
	if err != nil {
		return nil, incomplete(err)
	}
	c := checker{src: src, diff: newDiffer(src)}
	past := make(map[objects.ID]*commit, len(b.fresh)+len(b.edge))
	for i := range b.edge {
		past[b.edge[i].id] = &b.edge[i]
	}
	for i := range b.fresh {
		next := &b.fresh[i]
		if err := c.commit(next, past); err != nil {
			return nil, fmt.Errorf("commit %s: %w", next.id.Short(), incomplete(err))
		}
		past[next.id] = next
	}
	return b, nil
}

// incomplete names what a missing or malformed object means at this place.
func incomplete(err error) error {
	switch {
	case errors.Is(err, objects.ErrNotFound):
		return fmt.Errorf("%w: %w", ErrIncomplete, err)
	case errors.Is(err, objects.ErrMalformed), errors.Is(err, objects.ErrBadName):
		return fmt.Errorf("%w: %w", ErrBadData, err)
	}
	return err
}

type checker struct {
	src  contents
	diff *differ
	// longest is, of each new folder, the longest path it was checked at.
	longest map[objects.ID]int
}

func (c *checker) commit(next *commit, past map[objects.ID]*commit) error {
	var before []objects.ID
	var generation uint64
	for _, id := range next.parents {
		p := past[id]
		before = append(before, p.tree)
		generation = max(generation, p.generation)
	}
	if next.generation != generation+1 {
		return fmt.Errorf("%w: generation %d instead of %d", objects.ErrMalformed, next.generation, generation+1)
	}
	c.longest = map[objects.ID]int{}
	return c.folder(next.tree, before, 0, 0)
}

// folder checks what a folder has and none of the ones before it, which are
// complete, has. length is that of its path, with the slash.
func (c *checker) folder(id objects.ID, before []objects.ID, length, depth int) error {
	for _, b := range before {
		if b == id {
			return nil
		}
	}
	if at, again := c.longest[id]; id.IsZero() || again && at >= length {
		return nil
	}
	if depth > maxDepth {
		return errDeep
	}
	c.longest[id] = length
	t, err := c.diff.tree(id)
	if err != nil {
		return err
	}
	if err := objects.CheckClashes(t); err != nil {
		return err
	}
	olds := make([]*objects.Tree, len(before))
	for i, b := range before {
		if olds[i], err = c.diff.tree(b); err != nil {
			return err
		}
	}
	for i := range t.Entries {
		if err := c.entry(&t.Entries[i], olds, length, depth); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) entry(e *objects.Entry, olds []*objects.Tree, length, depth int) error {
	var before []objects.ID
	for _, old := range olds {
		o, ok := old.Find(e.Name)
		switch {
		case ok && o.Same(*e):
			return nil
		case ok && o.Mode.IsFolder():
			before = append(before, o.ID)
		}
	}
	for _, r := range e.Name {
		length += utf16.RuneLen(r)
	}
	if length > objects.MaxPath {
		return fmt.Errorf("%w: path of %d characters that ends in %q", objects.ErrBadName, length, e.Name)
	}
	if e.Mode.IsFolder() {
		return c.folder(e.ID, before, length+1, depth+1)
	}
	ok, err := c.src.Has(e.ID)
	if err == nil && !ok {
		err = &objects.ObjectError{ID: e.ID, Err: objects.ErrNotFound}
	}
	return err
}
