package merge_test

import (
	"testing"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// commit stores a commit of a tree written as words.
func (w *world) commit(words string, parents ...objects.ID) objects.ID {
	w.t.Helper()
	c := &objects.Commit{Tree: w.tree(words), Parents: parents, Generation: 1, When: time.UnixMilli(int64(w.Len()))}
	for _, p := range parents {
		parent, err := objects.ReadCommit(w, p)
		if err != nil {
			w.t.Fatal(err)
		}
		c.Generation = max(c.Generation, parent.Generation+1)
	}
	return w.put(objects.KindCommit, c.Encode())
}

func TestCommits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func(name string, ours, theirs objects.ID, want string, conflicts int) {
		t.Helper()
		for range 2 {
			r, err := merge.Commits(graph.NewCache(w), w, w, ours, theirs, merge.Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := w.words(r.Tree); got != want && conflicts == 0 || len(r.Conflicts) != conflicts {
				t.Errorf("%s: %s, want %s, conflicts %q", name, got, want, w.describe(r.Conflicts))
			}
			ours, theirs = theirs, ours
		}
	}
	root := w.commit("a=1 b=1 c=1")
	x := w.commit("a=2 b=1 c=1", root)
	y := w.commit("a=1 b=2 c=1", root)
	check("one base", x, y, "a=2 b=2 c=1", 0)
	check("forward", root, x, "a=2 b=1 c=1", 0)
	check("the same", x, x, "a=2 b=1 c=1", 0)
	check("unrelated", w.commit("p=1"), w.commit("q=1"), "p=1 q=1", 0)
	check("unrelated, one name", w.commit("p=1"), w.commit("p=2"), "", 1)
	// Crosswise: each side merges the other, then goes on. With x alone as
	// base, b would look changed by both; with y alone, a.
	m := w.commit("a=2 b=2 c=1", x, y)
	n := w.commit("a=2 b=2 c=1", y, x)
	check("crosswise", w.commit("a=2 b=3 c=1", m), w.commit("a=3 b=2 c=1", n), "a=3 b=3 c=1", 0)
	// Each side solved the conflict of the bases in its own way.
	p, q := w.commit("a=5 b=1 c=1", root), w.commit("a=6 b=1 c=1", root)
	check("crosswise conflict", w.commit("a=5 b=1 c=1", p, q), w.commit("a=6 b=1 c=1", q, p), "", 1)
	// Crosswise twice over.
	m2 := w.commit("a=2 b=4 c=1", m, n)
	n2 := w.commit("a=2 b=4 c=1", n, m)
	check("crosswise again", w.commit("a=2 b=4 c=9", m2), w.commit("a=7 b=4 c=1", n2), "a=7 b=4 c=9", 0)
}

func TestCrosswiseText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.commit("f=1,2,3,4,5,")
	x := w.commit("f=x,2,3,4,5,", root)
	y := w.commit("f=1,2,3,4,y,", root)
	m := w.commit("f=x,2,3,4,y,", x, y)
	n := w.commit("f=x,2,3,4,y,", y, x)
	before := w.Len()
	r, err := merge.Commits(graph.NewCache(w), w, w, w.commit("f=x,2,M,4,y,", m), w.commit("f=N,2,3,4,y,", n), merge.Options{})
	if err != nil || len(r.Conflicts) > 0 || w.words(r.Tree) != "f=N,2,M,4,y," {
		t.Errorf("%s %v %v", w.words(r.Tree), r.Conflicts, err)
	}
	// Two commits with a tree and a text each, and the merged tree and text.
	if n := w.Len() - before; n != 8 {
		t.Errorf("%d objects stored: the base made on the way is among them", n)
	}
}
