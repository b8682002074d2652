package merge

import (
	"errors"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// Commits merges two commits. With no common ancestor the base is empty. With
// several, which lines that were merged crosswise have, these are merged first,
// the oldest first, and what conflicts there stays as it was in their own base:
// the recursive strategy of git.
func Commits(commits graph.Commits, src objects.Source, sink objects.Sink, ours, theirs objects.ID, o Options) (Result, error) {
	b := &baser{commits: commits, space: newSpace(src), options: o}
	bases, err := graph.MergeBases(commits, ours, theirs)
	if err != nil {
		return Result{}, err
	}
	base, err := b.tree(bases, 0)
	if err != nil {
		return Result{}, err
	}
	var trees [2]objects.ID
	for i, id := range [2]objects.ID{ours, theirs} {
		c, err := commits.Commit(id)
		if err != nil {
			return Result{}, err
		}
		trees[i] = c.Tree
	}
	m := &merger{space: b.space, sink: sink, options: o}
	return m.trees(base, trees[ourSide], trees[theirSide])
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

// tree is the tree of the merge of commits that are no ancestors of each other.
func (b *baser) tree(list []objects.ID, depth int) (objects.ID, error) {
	if len(list) == 0 {
		return objects.ID{}, nil
	}
	list = slices.Clone(list)
	slices.Reverse(list) // oldest first
	first, err := b.commits.Commit(list[0])
	if err != nil {
		return objects.ID{}, err
	}
	tree := first.Tree
	if depth >= maxBases {
		return tree, nil
	}
	for i, id := range list[1:] {
		c, err := b.commits.Commit(id)
		if err != nil {
			return objects.ID{}, err
		}
		bases, err := b.common(list[:i+1], id)
		if err != nil {
			return objects.ID{}, err
		}
		base, err := b.tree(bases, depth+1)
		if err != nil {
			return objects.ID{}, err
		}
		m := &merger{space: b.space, options: b.options}
		r, err := m.trees(base, tree, c.Tree)
		if err != nil {
			return objects.ID{}, err
		}
		tree = r.Tree
	}
	return tree, nil
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
