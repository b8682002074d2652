package repo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

const tb = "Nr,Account,Amount\n1,1000,10\n2,2000,20\n3,3000,30\n4,4000,40\n"

func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

// twoMerge gives two copies whose users changed one cell in two ways, and others
// of the same table besides, and each of which has merged the other's work by
// itself.
func twoMerge(t *testing.T) (a, b *Repo, top *Repo) {
	t.Helper()
	ctx := context.Background()
	office, anna, ben := newUser(t, "office"), newUser(t, "anna"), newUser(t, "ben")
	dir := t.TempDir()
	top = office.init(filepath.Join(dir, "office"), "eng1")
	write(t, top, "tb.csv", tb)
	write(t, top, "memo.txt", "x\n")
	commit(t, top, "base")
	office.admit(top, roster.Full, anna, ben)
	a, b = anna.clone(top.Root(), filepath.Join(dir, "anna")), ben.clone(top.Root(), filepath.Join(dir, "ben"))
	write(t, a, "tb.csv", replaced(tb, "1000,10", "1000,11", "2000,20", "2000,21"))
	commit(t, a, "anna's")
	if _, err := a.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	write(t, b, "tb.csv", replaced(tb, "1000,10", "1000,12", "3000,30", "3000,32"))
	commit(t, b, "ben's")
	for r, from := range map[*Repo]string{a: b.Root(), b: top.Root()} {
		res, err := r.Pull(ctx, from)
		if err != nil || len(res.Conflicts) != 1 || len(res.Conflicts[0].Places) != 1 || res.Conflicts[0].Places[0].Where != "1!Amount" {
			t.Fatalf("%+v %v", res, err)
		}
	}
	return a, b, top
}

func headOf(t *testing.T, r *Repo) *objects.Commit {
	t.Helper()
	id, err := r.Find("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.graph.Commit(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBothMerge: two people who merge the same pair apart record the same, each
// goes on having his own version, and what one decides is decided.
func TestBothMerge(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a, b, top := twoMerge(t)
	x, y := headOf(t, a), headOf(t, b)
	if x.Tree != y.Tree {
		t.Error("the two merges have other trees")
	}
	for _, header := range []string{headerConflicts, headerJoined} {
		if p, _ := x.Header(header); true {
			if q, _ := y.Header(header); p != q {
				t.Errorf("the two merges say %q and %q", p, q)
			}
		}
	}
	if got := read(t, a, "tb.csv"); got != replaced(tb, "1000,10", "1000,11", "2000,20", "2000,21") {
		t.Errorf("anna's folder holds %s", got)
	}
	if got := read(t, b, "tb.csv"); got != replaced(tb, "1000,10", "1000,12", "3000,30", "3000,32") {
		t.Errorf("ben's folder holds %s", got)
	}
	for r, want := range map[*Repo][2]string{a: {"11", "12"}, b: {"12", "11"}} {
		s, err := r.Status(ctx, StatusOptions{})
		if err != nil || len(s.Changes) > 0 || len(s.Conflicts) != 1 {
			t.Fatalf("%+v %v", s, err)
		}
		if p := s.Conflicts[0].Places[0]; [2]string{p.Ours, p.Theirs} != want {
			t.Errorf("%s is told %+v", r.Root(), p)
		}
		if _, err := r.Commit(ctx, CommitOptions{Message: "nothing"}); err == nil {
			t.Error("the version in conflict is recorded as work")
		}
		if _, err := r.GC(ctx, GCOptions{Grace: -1}); err != nil {
			t.Fatal(err)
		}
		wantSound(t, r)
	}
	write(t, b, "memo.txt", "y\n")
	if res := commit(t, b, "while it is open"); len(res.Changes) != 1 {
		t.Errorf("recorded %+v", res.Changes)
	}
	if tree := headOf(t, b).Tree; tree == y.Tree {
		t.Error("nothing was recorded")
	} else if e, ok, err := b.entryAt(tree, "tb.csv"); err != nil || !ok || e.ID != mustEntry(t, b, y.Tree, "tb.csv").ID {
		t.Errorf("the version in conflict was recorded as ben has it: %+v %v", e, err)
	}
	res, err := a.Resolve(ctx, ResolveOptions{Path: "tb.csv", Places: []string{"1!Amount"}, Take: "theirs"})
	if err != nil || res.Open != 0 {
		t.Fatalf("%+v %v", res, err)
	}
	want := replaced(tb, "1000,10", "1000,12", "2000,20", "2000,21", "3000,30", "3000,32")
	if got := read(t, a, "tb.csv"); got != want {
		t.Errorf("resolved: %s", got)
	}
	wantClean(t, a)
	if _, err := a.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	pulled, err := b.Pull(ctx, top.Root())
	if err != nil || len(pulled.Conflicts) > 0 {
		t.Fatalf("ben is asked again: %+v %v", pulled, err)
	}
	if got := read(t, b, "tb.csv"); got != want {
		t.Errorf("ben has %s", got)
	}
	wantClean(t, b)
	if _, err := b.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b, "tb.csv"); got != replaced(tb, "1000,10", "1000,12", "3000,30", "3000,32") {
		t.Errorf("undone: %s", got)
	}
	if s, err := b.Status(ctx, StatusOptions{}); err != nil || len(s.Changes) > 0 || len(s.Conflicts) != 1 {
		t.Errorf("undone: %+v %v", s, err)
	}
	wantSound(t, b)
}

func mustEntry(t *testing.T, r *Repo, tree objects.ID, path string) objects.Entry {
	t.Helper()
	e, ok, err := r.entryAt(tree, path)
	if err != nil || !ok {
		t.Fatalf("%q: %v", path, err)
	}
	return e
}

// TestDecideTogether: of two places each person decides one, and either sees
// from his side what the other decided.
func TestDecideTogether(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, take := range []string{"ours", "theirs"} {
		office, anna, ben := newUser(t, "office"), newUser(t, "anna"), newUser(t, "ben")
		dir := t.TempDir()
		top := office.init(filepath.Join(dir, "office"), "eng1")
		write(t, top, "tb.csv", tb)
		commit(t, top, "base")
		office.admit(top, roster.Full, anna, ben)
		a, b := anna.clone(top.Root(), filepath.Join(dir, "anna")), ben.clone(top.Root(), filepath.Join(dir, "ben"))
		write(t, a, "tb.csv", replaced(tb, "1000,10", "1000,11", "2000,20", "2000,21"))
		commit(t, a, "anna's")
		write(t, b, "tb.csv", replaced(tb, "1000,10", "1000,12", "2000,20", "2000,22"))
		commit(t, b, "ben's")
		exchange := func(r, with *Repo) {
			t.Helper()
			if _, err := r.Pull(ctx, with.Root()); err != nil {
				t.Fatal(err)
			}
		}
		exchange(a, b)
		if res, err := a.Resolve(ctx, ResolveOptions{Path: "tb.csv", Places: []string{"1!Amount"}, Take: take}); err != nil || res.Open != 1 {
			t.Fatalf("%+v %v", res, err)
		}
		exchange(b, a)
		list, err := b.Conflicts(ctx)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		want := map[string]merge.Side{"ours": merge.Theirs, "theirs": merge.Ours}[take]
		if p := list[0].Places[0]; p.Ours != "12" || p.Theirs != "11" || p.Take != want {
			t.Errorf("anna took %s, and ben is told %+v", take, p)
		}
		if _, err := b.Resolve(ctx, ResolveOptions{Path: "tb.csv", Places: []string{"2!Amount"}, Take: "ours"}); err != nil {
			t.Fatal(err)
		}
		first := map[string]string{"ours": "1000,11", "theirs": "1000,12"}[take]
		if got, want := read(t, b, "tb.csv"), replaced(tb, "1000,10", first, "2000,20", "2000,22"); got != want {
			t.Errorf("anna took %s: ben has %s", take, got)
		}
		exchange(a, b)
		wantClean(t, a)
		if got := read(t, a, "tb.csv"); got != read(t, b, "tb.csv") {
			t.Errorf("anna has %s", got)
		}
	}
}

// TestGoOnInConflict: whoever goes on with his version does so in the conflict,
// and the decision of the place has all of it.
func TestGoOnInConflict(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, b, top := twoMerge(t)
	write(t, b, "tb.csv", replaced(tb, "1000,10", "1000,12", "3000,30", "3000,32", "4000,40", "4000,42"))
	commit(t, b, "goes on")
	if s, err := b.Status(ctx, StatusOptions{}); err != nil || len(s.Changes) > 0 || len(s.Conflicts) != 1 || len(s.Conflicts[0].Places) != 1 {
		t.Fatalf("%+v %v", s, err)
	}
	if _, err := b.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	carol := newUser(t, "office")
	c := carol.clone(top.Root(), filepath.Join(t.TempDir(), "c"))
	if cs, err := c.Conflicts(ctx); err != nil || len(cs) != 1 {
		t.Fatalf("%+v %v", cs, err)
	}
	wantSound(t, c)
	if _, err := b.Resolve(ctx, ResolveOptions{Path: "tb.csv", Places: []string{merge.AllPlaces}, Take: "ours"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b, "tb.csv"); got != replaced(tb, "1000,10", "1000,12", "2000,20", "2000,21", "3000,30", "3000,32", "4000,40", "4000,42") {
		t.Errorf("resolved: %s", got)
	}
	wantClean(t, b)
	wantSound(t, b)
}

// TestResolveWhole: a version taken whole, a file in its place, and the place
// that nobody knows.
func TestResolveWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, b, _ := twoMerge(t)
	if _, err := b.Resolve(ctx, ResolveOptions{Path: "tb.csv", Places: []string{"9!Amount"}, Take: "ours"}); err == nil {
		t.Error("an unknown place is decided")
	}
	res, err := b.Resolve(ctx, ResolveOptions{Path: "tb.csv", Take: "ours"})
	if err != nil || res.Left != 1 {
		t.Fatalf("%+v %v", res, err)
	}
	if got := read(t, b, "tb.csv"); got != replaced(tb, "1000,10", "1000,12", "3000,30", "3000,32") {
		t.Errorf("ours: %s", got)
	}
	wantClean(t, b)
	if _, err := b.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	with := filepath.Join(t.TempDir(), "decision.csv")
	if err := os.WriteFile(with, []byte("decided\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Resolve(ctx, ResolveOptions{Path: "tb.csv", With: with}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b, "tb.csv"); got != "decided\n" {
		t.Errorf("with: %s", got)
	}
	wantClean(t, b)
}
