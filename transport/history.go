package transport

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
)

// getter is the part of a Source that trees and commits are read from.
type getter interface {
	Get(kind objects.Kind, id objects.ID) ([]byte, error)
}

// commit is what a walk needs to know of one.
type commit struct {
	id         objects.ID
	tree       objects.ID
	parents    []objects.ID
	generation uint64
}

func readCommit(src getter, id objects.ID) (commit, error) {
	b, err := src.Get(objects.KindCommit, id)
	if err != nil {
		return commit{}, err
	}
	c, err := objects.DecodeCommit(b)
	if err != nil {
		return commit{}, &objects.ObjectError{ID: id, Err: err}
	}
	return commit{id, c.Tree, c.Parents, c.Generation}, nil
}

// between is what lies in the history of some commits and not in that of
// others.
type between struct {
	// fresh is in an order in which parents come before their children.
	fresh []commit
	// common are the haves that the walk came upon: wants first, then newest first.
	common []objects.ID
	// edge are the parents of fresh commits that are not fresh themselves.
	edge []commit
}

// freshIDs names the fresh commits, parents before their children.
func (b *between) freshIDs() []objects.ID {
	ids := make([]objects.ID, len(b.fresh))
	for i := range b.fresh {
		ids[i] = b.fresh[i].id
	}
	return ids
}

// walk goes from wants towards the first commit, newest generation first, and
// takes as known whatever lies behind one of haves. A have that wants don't
// descend from is never looked at, so it matters not whether it exists. Once
// all that is left to visit is known the walk ends: a long history costs
// nothing.
func walk(src getter, wants, haves []objects.ID) (*between, error) {
	return newWalker(src, haves).walk(wants)
}

// walkTips walks to names. What the engagement carries besides its files has
// lines of its own, which share no commit with those of the files and are
// walked apart: theirs are short, and their new commits of low generations would
// wait for all of a long history to be known.
func walkTips(wants Tips, walk func(wants []objects.ID) (*between, error)) (*between, error) {
	carried, lines := wants.byHistory()
	b, err := walk(carried.IDs())
	if err != nil {
		return nil, err
	}
	more, err := walk(lines.IDs())
	if err != nil {
		return nil, err
	}
	b.add(more)
	return b, nil
}

// add adds what another walk found.
func (b *between) add(more *between) {
	b.fresh = addCommits(b.fresh, more.fresh)
	b.edge = addCommits(b.edge, more.edge)
	for _, id := range more.common {
		if !slices.Contains(b.common, id) {
			b.common = append(b.common, id)
		}
	}
}

func addCommits(to, more []commit) []commit {
	if len(to) == 0 {
		return more
	}
	listed := make(map[objects.ID]bool, len(to))
	for i := range to {
		listed[to[i].id] = true
	}
	for i := range more {
		if !listed[more[i].id] {
			to = append(to, more[i])
		}
	}
	return to
}

// walkBoth is walk where all of haves are there: what they descend from is
// known too. stored tells of a commit that is no newcomer: where wants lead to
// none such that haves have not named, haves are not looked at either.
func walkBoth(src getter, wants, haves []objects.ID, stored func(objects.ID) (bool, error)) (*between, error) {
	w := newWalker(src, haves)
	w.stop = stored
	b, err := w.walk(wants)
	if !errors.Is(err, errMet) {
		return b, err
	}
	w = newWalker(src, haves)
	for _, id := range haves {
		_ = w.push(id, true, 0) // what cannot be read cannot make anything known
	}
	return w.walk(wants)
}

var errMet = errors.New("walk came to what was there")

func newWalker(src getter, haves []objects.ID) *walker {
	w := &walker{src: src, seen: map[objects.ID]*visit{}, have: make(map[objects.ID]bool, len(haves))}
	for _, id := range haves {
		w.have[id] = true
	}
	return w
}

func (w *walker) walk(wants []objects.ID) (*between, error) {
	out := &between{}
	for _, id := range wants {
		if err := w.push(id, false, 0); err != nil {
			return nil, err
		}
		// A line of few commits must not wait for all of a long one.
		if v := w.seen[id]; w.have[id] && !v.known {
			w.learn(v)
			out.common = append(out.common, id)
		}
	}
	for w.fresh > 0 {
		v := heap.Pop(&w.queue).(*visit)
		if w.have[v.id] && !slices.Contains(out.common, v.id) {
			out.common = append(out.common, v.id)
			w.learn(v)
		}
		v.done = true
		if !v.known {
			w.fresh--
			if w.stop != nil {
				if met, err := w.stop(v.id); met && err == nil {
					return nil, errMet
				}
			}
			out.fresh = append(out.fresh, v.commit)
		}
		for _, p := range v.parents {
			if err := w.push(p, v.known, v.generation); err != nil {
				return nil, err
			}
		}
	}
	for i, j := 0, len(out.fresh)-1; i < j; i, j = i+1, j-1 {
		out.fresh[i], out.fresh[j] = out.fresh[j], out.fresh[i]
	}
	listed := map[objects.ID]bool{}
	for i := range out.fresh {
		for _, p := range out.fresh[i].parents {
			if v := w.seen[p]; v.known && !listed[p] {
				listed[p] = true
				out.edge = append(out.edge, v.commit)
			}
		}
	}
	return out, nil
}

type visit struct {
	commit
	known, done bool
}

type walker struct {
	src   getter
	seen  map[objects.ID]*visit
	have  map[objects.ID]bool
	queue visits
	fresh int // of the queue
	// stop, if set, ends the walk with errMet at a fresh commit.
	stop func(objects.ID) (bool, error)
}

// push notes a parent of a commit of the given generation, 0 for none.
func (w *walker) push(id objects.ID, known bool, child uint64) error {
	v := w.seen[id]
	if v == nil {
		c, err := readCommit(w.src, id)
		if err != nil {
			return fmt.Errorf("read commit %s: %w", id.Short(), err)
		}
		v = &visit{commit: c}
		w.seen[id] = v
		w.fresh++
		heap.Push(&w.queue, v)
	}
	if child != 0 && v.generation >= child {
		return &objects.ObjectError{ID: id, Err: fmt.Errorf("%w: generation %d below %d", objects.ErrMalformed, v.generation, child)}
	}
	if known {
		w.learn(v)
	}
	return nil
}

// learn marks a commit whose visit is yet to come: children have greater
// generations and are visited first, so it cannot be too late.
func (w *walker) learn(v *visit) {
	if !v.known && !v.done {
		v.known = true
		w.fresh--
	}
}

// visits is a heap: the greatest generation first.
type visits []*visit

func (q visits) Len() int { return len(q) }

func (q visits) Less(i, j int) bool {
	if c := cmp.Compare(q[j].generation, q[i].generation); c != 0 {
		return c < 0
	}
	return q[i].id.Compare(q[j].id) < 0
}

func (q visits) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *visits) Push(v any) { *q = append(*q, v.(*visit)) }

func (q *visits) Pop() any {
	old := *q
	v := old[len(old)-1]
	*q = old[:len(old)-1]
	return v
}
