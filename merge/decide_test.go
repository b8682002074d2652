package merge_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// sheet makes a workbook, or changes one, by cells and values in turn.
func sheet(t *testing.T, from []byte, cells ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	if from != nil {
		var err error
		if f, err = excelize.OpenReader(bytes.NewReader(from)); err != nil {
			t.Fatal(err)
		}
	}
	defer f.Close()
	for i := 0; i < len(cells); i += 2 {
		if err := f.SetCellStr("Sheet1", cells[i], cells[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cellsOf reads cells of a workbook.
func cellsOf(t *testing.T, book []byte, names ...string) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := ""
	for _, name := range names {
		v, err := f.GetCellValue("Sheet1", name)
		if err != nil {
			t.Fatal(err)
		}
		out += v + " "
	}
	return out
}

// TestDecide: two people in one workbook, at different cells and at the same
// one; a person decides that one, and has all the rest of both.
func TestDecide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	book := sheet(t, nil, "A1", "x", "C3", "0", "C4", "0", "D4", "0", "E5", "0")
	tree := func(content []byte) objects.ID { return w.files(map[string]gitFile{"tb.xlsx": {content: content}}) }
	root := w.record(tree(book), nil)
	a := w.record(tree(sheet(t, book, "C3", "a", "C4", "a", "D4", "a")), nil, root)
	b := w.record(tree(sheet(t, book, "C3", "b", "C4", "b", "E5", "b")), nil, root)
	r := w.joins(a, b)
	if len(r.Conflicts) != 1 || len(r.Conflicts[0].Places) != 2 || r.Conflicts[0].Places[0].Where != "Sheet1!C3" {
		t.Fatalf("%+v", r.Conflicts)
	}
	if whole, err := merge.Commits(graph.NewCache(w), w, w, a, b, merge.Options{NoOffice: true}); err != nil || len(whole.Conflicts) != 1 || len(whole.Conflicts[0].Places) != 0 {
		t.Errorf("with Office files taken whole: %+v %v", whole.Conflicts, err)
	}
	c := r.Conflicts[0]
	ours, theirs := "a", "b"
	if c.Places[0].Ours == "b" {
		ours, theirs = "b", "a"
	}
	if _, _, err := c.Decide("Sheet1!Z9", merge.Ours); !errors.Is(err, merge.ErrNoPlace) {
		t.Errorf("an unknown place: %v", err)
	}
	one, all, err := c.Decide("Sheet1!C3", merge.Theirs)
	if err != nil || all || c.Places[0].Take != merge.Undecided {
		t.Fatalf("%+v %v %v", one, all, err)
	}
	if _, err := one.Settle(w, w, merge.Options{}); !errors.Is(err, merge.ErrNotSettled) {
		t.Errorf("half decided: %v", err)
	}
	both, all, err := one.Decide(merge.AllPlaces, merge.Ours)
	if err != nil || !all {
		t.Fatalf("%+v %v %v", both, all, err)
	}
	edits, err := both.Settle(w, w, merge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done, err := merge.Apply(w, w, r.Tree, edits)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cellsOf(t, w.read(done)["tb.xlsx"].content, "C3", "C4", "D4", "E5"), theirs+" "+ours+" a b "; got != want {
		t.Errorf("settled to %q, want %q", got, want)
	}
	// The other side merged as well, and is not asked again.
	resolved := w.record(done, nil, w.record(r.Tree, r.Conflicts, a, b))
	if r := w.joins(resolved, w.record(r.Tree, r.Conflicts, b, a)); len(r.Conflicts) > 0 || r.Tree != done {
		t.Errorf("asked again: %+v", r.Conflicts)
	}
}

// TestRefresh: whoever goes on working on his version of a file in conflict
// brings it up to date; nobody's work on it is lost.
func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.record(w.tree("f=0,1,2,3,4,5,6,7,8,"), nil)
	a, b := w.record(w.tree("f=a,1,2,3,4,5,6,7,8,"), nil, root), w.record(w.tree("f=b,1,2,3,4,5,6,7,8,"), nil, root)
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	r := w.joins(a, b)
	first, second := r.Conflicts[0].Places[0].Ours, r.Conflicts[0].Places[0].Theirs
	goOn := func(merged objects.ID, before, after string) objects.ID {
		open, err := merge.Refresh(w, r.Conflicts, w.tree(before), w.tree(after), merge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return w.record(w.tree(after), open, merged)
	}
	m, n := w.record(r.Tree, r.Conflicts, a, b), w.record(r.Tree, r.Conflicts, b, a)
	x := goOn(m, "f="+first+",1,2,3,4,5,6,7,8,", "f="+first+",1,2,x,4,5,6,7,8,")
	y := goOn(n, "f="+second+",1,2,3,4,5,6,7,8,", "f="+second+",1,2,3,4,5,y,7,8,")
	for _, c := range []struct {
		a, b objects.ID
		want string
	}{
		{x, n, "changed f f=0,1,2,3,4,5,6,7,8, f=" + first + ",1,2,x,4,5,6,7,8, f=" + second + ",1,2,3,4,5,6,7,8,"},
		{m, y, "changed f f=0,1,2,3,4,5,6,7,8, f=" + first + ",1,2,3,4,5,6,7,8, f=" + second + ",1,2,3,4,5,y,7,8,"},
		{x, y, "changed f f=0,1,2,3,4,5,6,7,8, f=" + first + ",1,2,x,4,5,6,7,8, f=" + second + ",1,2,3,4,5,y,7,8,"},
	} {
		r := w.joins(c.a, c.b)
		if len(r.Conflicts) != 1 {
			t.Fatalf("%q", w.describe(r.Conflicts))
		}
		got := r.Conflicts[0]
		if w.describe(r.Conflicts)[0] != c.want {
			got = got.Mirror()
		}
		if w.describe([]merge.Conflict{got})[0] != c.want || len(got.Places) != 1 {
			t.Errorf("%q\nwant %q", w.describe(r.Conflicts), c.want)
		}
	}
	// Who decides for the version of the other has it as that one went on with it;
	// who decides for another asks him.
	for _, c := range []struct{ decided, want, open string }{
		{second, second + ",1,2,3,4,5,y,7,8,", ""},
		{first, first + ",1,2,3,4,5,6,7,8,", "changed f f=0,1,2,3,4,5,6,7,8, f=" + first + ",1,2,3,4,5,6,7,8, f=" + second + ",1,2,3,4,5,y,7,8,"},
		{"z", "z,1,2,3,4,5,6,7,8,", "changed f f=0,1,2,3,4,5,6,7,8, f=z,1,2,3,4,5,6,7,8, f=" + second + ",1,2,3,4,5,y,7,8,"},
	} {
		r := w.joins(w.record(w.tree("f="+c.decided+",1,2,3,4,5,6,7,8,"), nil, m), y)
		got := strings.Join(w.describe(r.Conflicts), " ")
		if len(r.Conflicts) == 1 && got != c.open {
			got = strings.Join(w.describe([]merge.Conflict{r.Conflicts[0].Mirror()}), " ")
		}
		if got != c.open || c.open == "" && w.words(r.Tree) != "f="+c.want {
			t.Errorf("decided for %s: %s with %q", c.decided, w.words(r.Tree), got)
		}
	}
	settled, all, err := w.joins(x, y).Conflicts[0].Decide(merge.AllPlaces, merge.Ours)
	if err != nil || !all {
		t.Fatal(err)
	}
	edits, err := settled.Settle(w, w, merge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tree, err := merge.Apply(w, w, r.Tree, edits)
	if err != nil || (w.words(tree) != "f="+first+",1,2,x,4,5,y,7,8," && w.words(tree) != "f="+second+",1,2,x,4,5,y,7,8,") {
		t.Errorf("%s %v", w.words(tree), err)
	}
	// A file edited until it is what the other side has is still undecided.
	open, err := merge.Refresh(w, r.Conflicts, w.tree("f="+first+",1,2,3,4,5,6,7,8,"), w.tree("f="+second+",1,2,3,4,5,6,7,8,"), merge.Options{})
	if err != nil || len(open) != 1 || len(open[0].Places) != 1 {
		t.Errorf("%+v %v", open, err)
	}
}

// TestTake: what is decided of a conflict as a whole is decided of all its
// files and names.
func TestTake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"changed", "a=1 x=1", "a=2 x=1", "a=3 x=1", "a=3 x=1"},
		{"deleted", "a=1 x=1", "a=2 x=1", "x=1", "x=1"},
		{"renamed apart", "d/a=1 x=1", "d/b=1 x=1", "d/c=1 x=1", "d/c=1 x=1"},
		{"renamed and deleted", "a=1 x=1", "b=1 x=1", "x=1", "x=1"},
		{"collided", "a=1 x=1", "b=1 x=1", "a=2 b=3 x=1", "a=2 b=3 x=1"},
		{"clash", "x=1", "Plan=1 x=1", "plan=2 x=1", "plan=2 x=1"},
		{"folder", "x=1", "a=1 x=1", "a/b=2 x=1", "a/b=2 x=1"},
		{"split folder", "d/a=1 d/b=2 x=1", "e/a=1 f/b=2 x=1", "d/a=1 d/b=2 d/n=3 x=1", "d/n=3 e/a=1 f/b=2 x=1"},
	} {
		w := newWorld(t)
		r, err := merge.Trees(w, w, w.tree(c.base), w.tree(c.ours), w.tree(c.theirs), merge.Options{})
		if err != nil || len(r.Conflicts) != 1 {
			t.Fatalf("%s: %q %v", c.name, w.describe(r.Conflicts), err)
		}
		tree, err := merge.Apply(w, w, r.Tree, r.Conflicts[0].Take(merge.Theirs))
		if err != nil || w.words(tree) != c.want {
			t.Errorf("%s: theirs taken is %s, want %s, %v", c.name, w.words(tree), c.want, err)
		}
		if tree, err = merge.Apply(w, w, tree, r.Conflicts[0].Take(merge.Ours)); err != nil || r.Conflicts[0].Kind != merge.FolderRenamed && tree != r.Tree {
			t.Errorf("%s: ours taken is %s, want %s, %v", c.name, w.words(tree), w.words(r.Tree), err)
		}
	}
}

// TestApplyClash: a decision does not make two names of one folder that some
// system holds for the same.
func TestApplyClash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := &objects.Entry{Mode: objects.ModeFile, ID: w.put(objects.KindBlob, nil)}
	if _, err := merge.Apply(w, w, w.tree("d/Plan=1"), []merge.Edit{{Path: "d/plan", Entry: e}}); !errors.Is(err, objects.ErrBadName) {
		t.Errorf("error: %v", err)
	}
	tree, err := merge.Apply(w, w, w.tree("d/Plan=1"), []merge.Edit{{Path: "d/Plan"}, {Path: "d/plan", Entry: e}})
	if err != nil || w.words(tree) != "d/plan=" {
		t.Errorf("%s %v", w.words(tree), err)
	}
}

// TestNamesDecided: who decides for a name decides for all; two who decide for
// two names are asked again.
func TestNamesDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const text = "1,2,3,4,5,6,7,8,"
	root := w.commit("f=" + text)
	a, b := w.commit("a="+text, root), w.commit("b="+text+"9,", root)
	m, n := w.joined(a, b), w.joined(b, a)
	edited := text + "9,"
	for _, c := range []struct{ x, y, want, conflict string }{
		{"a=" + edited, "", "a=" + edited, ""},
		{"b=" + edited, "", "b=" + edited, ""},
		{"a=" + edited, "a=" + edited, "a=" + edited, ""},
		{"b=0," + edited, "b=" + edited, "b=0," + edited, ""},
		{"a=" + edited, "b=" + edited, "", "renamed f"},
		{"a=0," + edited, "b=" + edited + "10,", "", "renamed f"},
		{"a=" + edited + " b=" + edited, "", "a=" + edited + " b=" + edited, ""},
	} {
		x, y := w.commit(c.x, m), n
		if c.y != "" {
			y = w.commit(c.y, n)
		}
		r := w.joins(x, y)
		if _, err := merge.EncodeConflicts(r.Conflicts); err != nil {
			t.Errorf("%q and %q: %v", c.x, c.y, err)
		}
		got := ""
		for _, d := range r.Conflicts {
			got += string(d.Kind) + " " + d.Path
			if d.Ours.ID != d.Theirs.ID {
				t.Errorf("%q and %q: the content is apart, too", c.x, c.y)
			}
		}
		if got != c.conflict || c.want != "" && w.words(r.Tree) != c.want {
			t.Errorf("%q and %q: %s with %q, want %s with %q", c.x, c.y, w.words(r.Tree), got, c.want, c.conflict)
		}
	}
}
