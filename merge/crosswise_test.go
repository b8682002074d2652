package merge_test

import (
	"math/rand/v2"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// TestCrosswiseLaws: three people work, merge each other's work crosswise, leave
// conflicts open and decide some. Who merges does not matter, and every conflict can
// be recorded.
func TestCrosswiseLaws(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 29))
		w := newWorld(t)
		root := w.record(w.files(papers(r)), nil)
		tips := [3]objects.ID{root, root, root}
		for range 25 {
			i, j := r.IntN(3), r.IntN(3)
			if i == j || w.contains(tips[i], tips[j]) || w.contains(tips[j], tips[i]) {
				tips[i] = w.workOn(r, tips[i])
				continue
			}
			m := w.joins(tips[i], tips[j])
			checkRecorded(t, w, m.Conflicts)
			merged := w.record(m.Tree, m.Conflicts, tips[i], tips[j])
			if r.IntN(2) == 0 { // both merge, and go on
				other := w.record(m.Tree, m.Conflicts, tips[j], tips[i])
				tips[j] = w.workOn(r, other)
				merged = w.workOn(r, merged)
			}
			tips[i] = merged
		}
	}
}

// contains tells whether a commit is part of the history of another one.
func (w *world) contains(a, in objects.ID) bool {
	w.t.Helper()
	within, err := graph.IsAncestor(graph.NewCache(w), a, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return within
}

// workOn records wild work on a commit. Now and then it decides what is open, by
// the files as they are.
func (w *world) workOn(r *rand.Rand, on objects.ID) objects.ID {
	w.t.Helper()
	c, err := objects.ReadCommit(w, on)
	if err != nil {
		w.t.Fatal(err)
	}
	open, err := merge.Open(c)
	if err != nil {
		w.t.Fatal(err)
	}
	tree := w.files(work(r, w.read(c.Tree), 2, wild))
	if r.IntN(2) == 0 {
		open = nil
	} else if open, err = merge.Refresh(w, open, c.Tree, tree, merge.Options{}); err != nil {
		w.t.Fatal(err)
	}
	checkRecorded(w.t, w, open)
	return w.record(tree, open, on)
}
