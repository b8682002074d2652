package merge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// Commits merges two commits. The sides are ordered by the commits' IDs, so
// that it does not matter who merges: in the Result, ours is the side of the
// smaller ID, and where there is a conflict the tree has that side.
//
// With no common ancestor the base is empty. With several, which lines that
// were merged crosswise have, these are merged first, the oldest first: the
// recursive strategy of git. Conflicts that the commits leave open are part of
// what is merged: one that a side has decided since is decided, and the Result
// has those that are still open.
func Commits(commits graph.Commits, src objects.Source, sink objects.Sink, ours, theirs objects.ID, o Options) (Result, error) {
	b := &baser{commits: commits, space: newSpace(src), options: o}
	if theirs.Compare(ours) < 0 {
		ours, theirs = theirs, ours
	}
	bases, err := graph.MergeBases(commits, ours, theirs)
	if err != nil {
		return Result{}, err
	}
	base, err := b.base(bases, 0)
	if err != nil {
		return Result{}, err
	}
	var sides [2]version
	for i, id := range [2]objects.ID{ours, theirs} {
		if sides[i], err = b.version(id); err != nil {
			return Result{}, err
		}
	}
	m := &merger{space: b.space, sink: sink, options: o}
	return m.merge(base, sides[ourSide], sides[theirSide])
}

// maxBases bounds the merging of bases of bases. Beyond it the oldest one
// serves, which can only make for more conflicts.
const maxBases = 8

// baser makes the one base of several, in memory.
type baser struct {
	commits graph.Commits
	*space
	options Options
}

func (b *baser) version(id objects.ID) (version, error) {
	c, err := b.commits.Commit(id)
	if err != nil {
		return version{}, err
	}
	open, err := Open(c)
	if err != nil {
		return version{}, fmt.Errorf("read commit %s: %w", id.Short(), err)
	}
	return version{c.Tree, open}, nil
}

// base is the merge of commits that are no ancestors of each other. What is
// unclear between them stays so: it is what whoever merged them recorded.
func (b *baser) base(list []objects.ID, depth int) (version, error) {
	if len(list) == 0 {
		return version{}, nil
	}
	list = slices.Clone(list)
	slices.Reverse(list) // oldest first
	merged, err := b.version(list[0])
	if err != nil || depth >= maxBases {
		return merged, err
	}
	last := list[0]
	for i, id := range list[1:] {
		next, err := b.version(id)
		if err != nil {
			return version{}, err
		}
		bases, err := b.common(list[:i+1], id)
		if err != nil {
			return version{}, err
		}
		base, err := b.base(bases, depth+1)
		if err != nil {
			return version{}, err
		}
		sides := [2]version{merged, next}
		if id.Compare(last) < 0 {
			sides = [2]version{next, merged}
		}
		m := &merger{space: b.space, options: b.options}
		r, err := m.merge(base, sides[ourSide], sides[theirSide])
		if err != nil {
			return version{}, err
		}
		merged, last = version{r.Tree, r.Conflicts}, id
	}
	return merged, nil
}

// common gives the best common ancestors of one commit and several others that
// were merged, newest first.
func (b *baser) common(merged []objects.ID, with objects.ID) ([]objects.ID, error) {
	var all []objects.ID
	for _, id := range merged {
		bases, err := graph.MergeBases(b.commits, id, with)
		if err != nil {
			return nil, err
		}
		for _, base := range bases {
			if !slices.Contains(all, base) {
				all = append(all, base)
			}
		}
	}
	var best []objects.ID
	for _, id := range all {
		below := false
		for _, o := range all {
			if o == id || below {
				continue
			}
			var err error
			if below, err = graph.IsAncestor(b.commits, id, o); err != nil {
				return nil, err
			}
		}
		if !below {
			best = append(best, id)
		}
	}
	var failed error
	slices.SortFunc(best, func(x, y objects.ID) int {
		cx, errX := b.commits.Commit(x)
		cy, errY := b.commits.Commit(y)
		if err := errors.Join(errX, errY); err != nil {
			failed = err
			return 0
		}
		if cx.Generation != cy.Generation {
			if cx.Generation > cy.Generation {
				return -1
			}
			return 1
		}
		return y.Compare(x)
	})
	return best, failed
}
