package merge_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// record stores a commit of a tree in which conflicts are open.
func (w *world) record(tree objects.ID, open []merge.Conflict, parents ...objects.ID) objects.ID {
	w.t.Helper()
	text, err := merge.EncodeConflicts(open)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &objects.Commit{Tree: tree, Parents: parents, Generation: 1, When: time.UnixMilli(int64(w.Len()))}
	if text != "" {
		c.Headers = []objects.Header{{Key: merge.Header, Value: text}}
	}
	for _, p := range parents {
		parent, err := objects.ReadCommit(w, p)
		if err != nil {
			w.t.Fatal(err)
		}
		c.Generation = max(c.Generation, parent.Generation+1)
	}
	return w.put(objects.KindCommit, c.Encode())
}

// joins merges two commits both ways, which must be the same, and gives what
// came of it.
func (w *world) joins(a, b objects.ID) merge.Result {
	w.t.Helper()
	var both [2]merge.Result
	for i := range both {
		r, err := merge.Commits(graph.NewCache(w), w, w, a, b, merge.Options{})
		if err != nil {
			w.t.Fatal(err)
		}
		both[i] = r
		a, b = b, a
	}
	if !reflect.DeepEqual(both[0], both[1]) {
		w.t.Fatalf("who merges matters: %s %q and %s %q", w.words(both[0].Tree), w.describe(both[0].Conflicts), w.words(both[1].Tree), w.describe(both[1].Conflicts))
	}
	return both[0]
}

// joined records the merge of two commits, as one person does it: every call
// makes another commit.
func (w *world) joined(a, b objects.ID) objects.ID {
	r := w.joins(a, b)
	return w.record(r.Tree, r.Conflicts, a, b)
}

// goOn records another tree on a commit, with the same conflicts open.
func (w *world) goOn(commit objects.ID, words string) objects.ID {
	w.t.Helper()
	c, err := objects.ReadCommit(w, commit)
	if err != nil {
		w.t.Fatal(err)
	}
	open, err := merge.Open(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.record(w.tree(words), open, commit)
}

// TestDecisions: who decides a conflict decides it for all.
func TestDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.commit("f=0 g=1")
	a, b := w.commit("f=1 g=1", root), w.commit("f=2 g=1", root)
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	first, second := "f=1", "f=2" // as a and b have it
	if w.words(mustTree(w, a)) != "f=1 g=1" {
		first, second = second, first
	}
	m, n := w.joined(a, b), w.joined(b, a)
	if m == n {
		t.Fatal("the two merges are one commit")
	}
	decided := func(words string) objects.ID { return w.commit(words, m) }
	both := "changed f f=0 " + first + " " + second
	for _, c := range []struct {
		name      string
		x, y      objects.ID
		tree      string
		conflicts string
	}{
		{"both open", m, n, first + " g=1", both},
		{"decided by one", decided("f=9 g=1"), n, "f=9 g=1", ""},
		{"decided for the first", decided(first + " g=1"), n, first + " g=1", ""},
		{"decided for the second", decided(second + " g=1"), n, second + " g=1", ""},
		{"decided for the base", decided("f=0 g=1"), n, "f=0 g=1", ""},
		{"decided by deleting", decided("g=1"), n, "g=1", ""},
		{"decided by one, work of the other", decided("f=9 g=1"), w.goOn(n, first+" g=2"), "f=9 g=2", ""},
		{"decided alike", decided("f=9 g=1"), w.commit("f=9 g=1", n), "f=9 g=1", ""},
		{"both open, and work", w.goOn(m, first+" g=2"), w.goOn(n, first+" g=1 h=1"), first + " g=2 h=1", both},
		{"open, the second works on", m, w.commit("f=7 g=1", b), "", "changed f f=0 " + first + " f=7"},
		{"open, the first works on", n, w.commit("f=7 g=1", a), "", "changed f f=0 f=7 " + second},
		{"open, the second gives in", m, w.commit(first+" g=1", b), first + " g=1", ""},
		{"open, the second withdraws", m, w.commit("f=0 g=1", b), first + " g=1", ""},
		{"open, the first withdraws", n, w.commit("f=0 g=1", a), second + " g=1", ""},
		{"open, the second works elsewhere", m, w.commit(second+" g=1 h=1", b), first + " g=1 h=1", both},
		{"open, renamed", m, w.goOn(n, "new="+first[2:]+" g=1"), "g=1 new=" + first[2:], "changed f f=0 " + first + " " + second},
		{"decided after the other side went on", w.commit(first+" g=1", w.joined(m, n)), n, first + " g=1", ""},
	} {
		r := w.joins(c.x, c.y)
		got := ""
		for i, s := range w.describe(r.Conflicts) {
			// Which side is ours is a matter of the commits' IDs.
			if got += s; s != c.conflicts {
				got = w.describe([]merge.Conflict{r.Conflicts[i].Mirror()})[0]
			}
		}
		if c.tree != "" && w.words(r.Tree) != c.tree || got != c.conflicts {
			t.Errorf("%s: %s, want %s, conflicts %q, want %q", c.name, w.words(r.Tree), c.tree, got, c.conflicts)
		}
	}
	for _, apart := range [][2]string{{"f=8", "f=9"}, {first, second}, {"f=0", "f=9"}, {"", "f=9"}, {"f=0", second}} {
		x, y := w.commit(apart[0]+" g=1", m), w.commit(apart[1]+" g=1", n)
		r := w.joins(x, y)
		if len(r.Conflicts) != 1 || w.word(r.Conflicts[0].Base) != "f=0" {
			t.Errorf("decided %q and %q: %s, conflicts %q", apart[0], apart[1], w.words(r.Tree), w.describe(r.Conflicts))
		}
	}
}

// TestThirdNameDecided: of two names for one file, each side decides for another
// one, be it a third: that is told.
func TestThirdNameDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.commit("old=0 g=1")
	a, b := w.commit("x=0 g=1", root), w.commit("y=0 g=1", root)
	m, n := w.joined(a, b), w.joined(b, a)
	for _, names := range [][2]string{{"x", "y"}, {"z", "y"}, {"z", "x"}, {"x", "d/z"}, {"z", "d/z"}, {"old", "z"}} {
		r := w.joins(w.commit(names[0]+"=0 g=1", m), w.commit(names[1]+"=0 g=1", n))
		if len(r.Conflicts) != 1 || r.Conflicts[0].Kind != merge.RenamedApart {
			t.Errorf("%v: %s, conflicts %q", names, w.words(r.Tree), w.describe(r.Conflicts))
		}
		checkRecorded(t, w, r.Conflicts)
	}
	if r := w.joins(w.commit("z=0 g=1", m), w.commit("z=0 g=1 h=1", n)); len(r.Conflicts) > 0 || w.words(r.Tree) != "g=1 h=1 z=0" {
		t.Errorf("decided alike: %s, conflicts %q", w.words(r.Tree), w.describe(r.Conflicts))
	}
}

// TestRenamedOrDeletedDecided: one side decided for the renaming, the other for the
// deletion. The conflict tells where the file came from.
func TestRenamedOrDeletedDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.commit("d/old=0 d/x=1 g=1")
	for _, c := range []struct{ renamed, deleted, kept string }{
		{"d/new=0 d/x=1 g=1", "d/x=1 g=1", "d/new=0 d/x=1 g=1"},
		{"d/new=0 d/x=1 g=1", "e/x=1 g=1", "d/new=0 e/x=1 g=1"}, // the merge has it at e/new
	} {
		a, b := w.commit(c.renamed, root), w.commit(c.deleted, root)
		m, n := w.joined(a, b), w.joined(b, a)
		r := w.joins(w.commit(c.kept, m), w.commit(c.deleted, n))
		if len(r.Conflicts) != 1 || r.Conflicts[0].Path != "d/new" || r.Conflicts[0].BasePath == "" {
			t.Errorf("%s, conflicts %+v", w.words(r.Tree), r.Conflicts)
		}
		checkRecorded(t, w, r.Conflicts)
	}
}

func mustTree(w *world, commit objects.ID) objects.ID {
	c, err := objects.ReadCommit(w, commit)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Tree
}

// TestPlacesDecided: what was decided of single places on either side holds.
func TestPlacesDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.commit("f=0,1,2,3,4,5,6,7,8,")
	a, b := w.commit("f=a,1,2,3,4,5,6,7,a,", root), w.commit("f=b,1,2,3,4,5,6,7,b,", root)
	r := w.joins(a, b)
	if len(r.Conflicts) != 1 || len(r.Conflicts[0].Places) != 2 {
		t.Fatalf("conflicts %+v", r.Conflicts)
	}
	take := func(takes ...merge.Side) objects.ID {
		c := r.Conflicts[0]
		c.Places = append([]merge.Place(nil), c.Places...)
		for i, take := range takes {
			c.Places[i].Take = take
		}
		return w.record(r.Tree, []merge.Conflict{c}, a, b)
	}
	for _, c := range []struct {
		x, y [2]merge.Side
		want string
	}{
		{[2]merge.Side{merge.Ours}, [2]merge.Side{0, merge.Theirs}, "[ours theirs]"},
		{[2]merge.Side{merge.Ours, merge.Ours}, [2]merge.Side{merge.Theirs, merge.Ours}, "[undecided ours]"},
		{[2]merge.Side{}, [2]merge.Side{}, "[undecided undecided]"},
	} {
		r := w.joins(take(c.x[:]...), take(c.y[:]...))
		var got []merge.Side
		for _, c := range r.Conflicts {
			for _, p := range c.Places {
				got = append(got, p.Take)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v and %v: %v, want %s", c.x, c.y, got, c.want)
		}
	}
}
