package merge_test

import (
	"testing"

	"github.com/esync/esync/merge"
)

// TestStand: everybody keeps his own version of what is in conflict, and records
// what everybody else does.
func TestStand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, base, ours, theirs string
		stands                   string // the files of who had theirs
		work, recorded           string // what he does then, and what is recorded of it
	}{
		{"changed", "a=1 x=1", "a=2 x=1", "a=3 x=1", "a=3 x=1", "a=3 x=2", "a=2 x=2"},
		{"changed, and goes on", "a=1 x=1", "a=2 x=1", "a=3 x=1", "a=3 x=1", "a=4 x=1", "a=4 x=1"},
		{"deleted", "a=1 x=1", "a=2 x=1", "x=1", "x=1", "x=2", "a=2 x=2"},
		{"renamed apart", "d/a=1 x=1", "d/b=1 x=1", "d/c=1 x=1", "d/c=1 x=1", "d/c=1 x=2", "d/b=1 x=2"},
		{"renamed apart, and goes on", "d/a=1 x=1", "d/b=1 x=1", "d/c=1 x=1", "d/c=1 x=1", "d/c=9 x=1", "d/b=9 x=1"},
		{"in a renamed folder", "d/a=1,l1,l2,l3,l4,l5,l6, d/b=b d/c=c", "e/a=2,l1,l2,l3,l4,l5,l6, e/b=b e/c=c", "d/a=3,l1,l2,l3,l4,l5,l6, d/b=b d/c=c", "e/a=3,l1,l2,l3,l4,l5,l6, e/b=b e/c=c", "e/a=3,l1,l2,l3,l4,l5,l6, e/b=9 e/c=c", "e/a=2,l1,l2,l3,l4,l5,l6, e/b=9 e/c=c"},
		{"collided", "a=1 x=1", "b=1 x=1", "a=2 b=3 x=1", "a=2 b=3 x=1", "a=2 b=3 x=2", "b=1 x=2"},
		{"collided, and goes on", "a=1 x=1", "b=1 x=1", "a=2 b=3 x=1", "a=2 b=3 x=1", "a=9 b=3 x=1", "a=9 b=3 x=1"},
		{"clash", "x=1", "Plan=1 x=1", "plan=2 x=1", "plan=2 x=1", "n=1 plan=2 x=1", "Plan=1 n=1 x=1"},
		{"file and folder", "x=1", "a=1 x=1", "a/b=2 x=1", "a/b=2 x=1", "a/b=2 x=2", "a=1 x=2"},
		{"with clean work", "a=1 b=1 x=1", "a=2 b=1 x=1", "a=3 b=2 x=1", "a=3 b=2 x=1", "a=3 b=3 x=1", "a=2 b=3 x=1"},
	} {
		w := newWorld(t)
		r, err := merge.Trees(w, w, w.tree(c.base), w.tree(c.ours), w.tree(c.theirs), merge.Options{})
		if err != nil || len(r.Conflicts) == 0 {
			t.Fatalf("%s: %v %v", c.name, r.Conflicts, err)
		}
		mine, err := merge.Stand(w, w, w.tree(c.ours), r.Tree, r.Conflicts)
		if err != nil || mine != r.Tree {
			t.Errorf("%s: whose version is in the tree stands on %s, not on %s, %v", c.name, w.words(mine), w.words(r.Tree), err)
		}
		stands, err := merge.Stand(w, w, w.tree(c.theirs), r.Tree, r.Conflicts)
		if err != nil || w.words(stands) != c.stands {
			t.Errorf("%s: stands on %s, want %s, %v", c.name, w.words(stands), c.stands, err)
		}
		if side, err := r.Conflicts[0].Side(w, stands); err != nil || side != merge.Theirs {
			t.Errorf("%s: has %s, %v", c.name, side, err)
		}
		same, err := merge.Recorded(w, w, r.Tree, stands, stands, r.Conflicts)
		if err != nil || same != r.Tree {
			t.Errorf("%s: untouched it records %s, want %s, %v", c.name, w.words(same), w.words(r.Tree), err)
		}
		recorded, err := merge.Recorded(w, w, r.Tree, stands, w.tree(c.work), r.Conflicts)
		if err != nil || w.words(recorded) != c.recorded {
			t.Errorf("%s: records %s, want %s, %v", c.name, w.words(recorded), c.recorded, err)
		}
		// Somebody who had neither gets what the tree has.
		if other, err := merge.Stand(w, w, w.tree("x=1"), r.Tree, r.Conflicts); err != nil || other != r.Tree && c.name != "deleted" {
			t.Errorf("%s: somebody else stands on %s, %v", c.name, w.words(other), err)
		}
	}
}
