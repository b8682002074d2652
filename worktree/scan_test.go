package worktree

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(x *world)
		want []string
		tree map[string]string // what differs from the tree before; "-" is gone
	}{
		{"nothing", func(x *world) {}, nil, nil},
		{"touch", func(x *world) { x.must(os.Chtimes(x.path("a.txt"), longAgo.Add(time.Hour), longAgo.Add(time.Hour))) }, nil, nil},
		{"rewritten alike", func(x *world) { x.write("a.txt", "alpha") }, nil, nil},
		{"same length", func(x *world) { x.write("a.txt", "ALPHA") }, []string{"modified a.txt"}, map[string]string{"a.txt": "ALPHA"}},
		{"other length", func(x *world) { x.write("dir/b.txt", "longer than before") }, []string{"modified dir/b.txt"}, map[string]string{"dir/b.txt": "longer than before"}},
		{"added", func(x *world) { x.write("dir/new.txt", "n") }, []string{"added dir/new.txt"}, map[string]string{"dir/new.txt": "n"}},
		{"added folders", func(x *world) { x.write("p/q/r.txt", "n") }, []string{"added p/q/r.txt"}, map[string]string{"p/": "", "p/q/": "", "p/q/r.txt": "n"}},
		{"empty folder", func(x *world) { x.must(os.MkdirAll(x.path("void/inner"), 0o777)) }, []string{"added void/inner"}, map[string]string{"void/": "", "void/inner/": ""}},
		{"deleted", func(x *world) { x.remove("a.txt") }, []string{"deleted a.txt"}, map[string]string{"a.txt": "-"}},
		{"deleted folder", func(x *world) { x.remove("dir") }, []string{"deleted dir/b.txt", "deleted dir/deep/c.txt"},
			map[string]string{"dir/": "-", "dir/b.txt": "-", "dir/deep/": "-", "dir/deep/c.txt": "-"}},
		{"deleted empty folder", func(x *world) { x.remove("empty") }, []string{"deleted empty"}, map[string]string{"empty/": "-"}},
		{"folder emptied", func(x *world) { x.remove("dir/deep/c.txt") }, []string{"deleted dir/deep/c.txt"}, map[string]string{"dir/deep/c.txt": "-"}},
		{"executable", func(x *world) { x.must(os.Chmod(x.path("a.txt"), 0o755)) }, []string{"mode a.txt"}, map[string]string{"a.txt": "alpha (x)"}},
		{"file to folder", func(x *world) { x.remove("a.txt"); x.write("a.txt/in.txt", "i") }, []string{"type a.txt", "added a.txt/in.txt"},
			map[string]string{"a.txt": "-", "a.txt/": "", "a.txt/in.txt": "i"}},
		{"folder to file", func(x *world) { x.remove("dir"); x.write("dir", "d") }, []string{"type dir", "deleted dir/b.txt", "deleted dir/deep/c.txt"},
			map[string]string{"dir/": "-", "dir/b.txt": "-", "dir/deep/": "-", "dir/deep/c.txt": "-", "dir": "d"}},
		{"renamed", func(x *world) { x.rename("a.txt", "z.txt") }, []string{"deleted a.txt", "added z.txt"}, map[string]string{"a.txt": "-", "z.txt": "alpha"}},
		{"renamed in letter case", func(x *world) { x.rename("a.txt", "A.txt") }, []string{"added A.txt", "deleted a.txt"}, map[string]string{"a.txt": "-", "A.txt": "alpha"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newWorld(t, Options{System: SystemUnix})
			before := map[string]string{"a.txt": "alpha", "dir/": "", "dir/b.txt": "beta", "dir/deep/": "", "dir/deep/c.txt": "gamma", "empty/": ""}
			x.write("a.txt", "alpha")
			x.write("dir/b.txt", "beta")
			x.write("dir/deep/c.txt", "gamma")
			x.must(os.Mkdir(x.path("empty"), 0o777))
			x.old("a.txt", "dir/b.txt", "dir/deep/c.txt")
			x.record()
			x.wantTree(x.base, before)
			x.wantChanges(x.scan().Changes)
			first := x.base

			c.do(x)
			// Scan and Record agree, with the cache, without it, and with a
			// damaged one.
			x.wantChanges(x.scan().Changes, c.want...)
			x.must(x.state.Remove(cacheFile))
			x.wantChanges(x.scan().Changes, c.want...)
			x.must(fsys.WriteFile(x.state, cacheFile, []byte("ESYNCWC\x01 and rubbish that is long enough to hold a header and more"), 0o666))
			rec := x.record()
			x.wantChanges(rec.Changes, c.want...)
			after := map[string]string{}
			for p, s := range before {
				after[p] = s
			}
			for p, s := range c.tree {
				if after[p] = s; s == "-" {
					delete(after, p)
				}
			}
			x.wantTree(x.base, after)
			if len(c.want) == 0 && x.base != first {
				t.Error("another tree without a change")
			}
			x.wantChanges(x.scan().Changes)
			if again := x.record(); again.Tree != rec.Tree {
				t.Error("recording again gives another tree")
			}
			x.wantNotes(rec.Notes)
		})
	}
}

func TestTouchKeepsTimeAndTeachesTheCache(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("a.txt", "alpha")
	x.old("a.txt")
	first := x.record()
	later := longAgo.Add(100 * time.Hour)
	x.must(os.Chtimes(x.path("a.txt"), later, later))
	rec := x.record()
	if rec.Tree != first.Tree {
		t.Fatal("a touched file changed the tree")
	}
	if rec.Files != 1 {
		t.Fatalf("read %d files, want 1", rec.Files)
	}
	if rec = x.record(); rec.Files != 0 {
		t.Fatalf("read %d files again", rec.Files)
	}
	tree, err := objects.ReadTree(x.store, rec.Tree)
	x.must(err)
	if got := tree.Entries[0].ModTime; got != longAgo.UnixMilli() {
		t.Errorf("time of content is %d, want %d", got, longAgo.UnixMilli())
	}
}

// TestRacy changes a file so that neither its length nor its times show it:
// what a file system with coarse times does to a quick second save.
func TestRacy(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	future := time.Now().Add(time.Hour)
	x.write("a.txt", "alpha")
	x.must(os.Chtimes(x.path("a.txt"), future, future))
	blunt := bluntFS{x.files}
	x.use(blunt, x.state)
	x.record()
	x.write("a.txt", "ALPHA")
	x.must(os.Chtimes(x.path("a.txt"), future, future))
	x.wantChanges(x.scan().Changes, "modified a.txt")
	rec := x.record()
	x.wantTree(rec.Tree, map[string]string{"a.txt": "ALPHA"})
}

// bluntFS tells neither inode nor time of change.
type bluntFS struct{ fsys.FS }

func (b bluntFS) ReadDir(name string) ([]fsys.Info, error) {
	infos, err := b.FS.ReadDir(name)
	for i := range infos {
		infos[i].Inode, infos[i].ChangeTime = 0, 0
	}
	return infos, err
}

func TestPaths(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("a/one.txt", "1")
	x.write("a/two.txt", "2")
	x.write("b/three.txt", "3")
	x.record()
	x.write("a/one.txt", "one")
	x.write("a/two.txt", "two")
	x.write("b/three.txt", "three")
	x.write("c/new.txt", "new")
	x.wantChanges(x.scan("a/one.txt", "c").Changes, "modified a/one.txt", "added c/new.txt")
	x.wantChanges(x.scan(".").Changes, "modified a/one.txt", "modified a/two.txt", "modified b/three.txt", "added c/new.txt")
	for _, bad := range []string{"nope", "a/nope", "a/one.txt/x", "../a", "/a", ""} {
		_, err := x.w.Scan(context.Background(), x.store, x.base, ScanOptions{Paths: []string{"a", bad}})
		var pe *PathError
		if !errors.Is(err, ErrNoMatch) || !errors.As(err, &pe) || pe.Path != bad {
			if !strings.HasPrefix(bad, "a/") { // "a" names these already
				t.Errorf("path %q: %v", bad, err)
			}
		}
	}
	x.record("a/two.txt", "c/")
	x.wantTree(x.base, map[string]string{"a/": "", "a/one.txt": "1", "a/two.txt": "two", "b/": "", "b/three.txt": "3", "c/": "", "c/new.txt": "new"})
	x.wantChanges(x.scan().Changes, "modified a/one.txt", "modified b/three.txt")
	x.remove("a")
	x.wantChanges(x.scan("a/two.txt").Changes, "deleted a/two.txt")
	x.record("a/two.txt")
	x.wantTree(x.base, map[string]string{"a/": "", "a/one.txt": "1", "b/": "", "b/three.txt": "3", "c/": "", "c/new.txt": "new"})
	x.record("a/one.txt")
	x.wantChanges(x.scan("b").Changes, "modified b/three.txt")
	x.record()
	x.wantTree(x.base, map[string]string{"b/": "", "b/three.txt": "three", "c/": "", "c/new.txt": "new"})
}

func TestRefusedNames(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{System: SystemUnix})
	x.write("good.txt", "g")
	x.write("bad/aux.txt", "b")
	x.write("bad/what?.txt", "b")
	x.write("Same.txt", "1")
	x.write("same.TXT", "2")
	_, err := x.w.Record(context.Background(), x.store, x.store, x.base, RecordOptions{})
	var refused *RefusedError
	if !errors.As(err, &refused) || !errors.Is(err, ErrRefused) {
		t.Fatalf("record: %v", err)
	}
	x.wantNotes(refused.Names, "refused-name bad/aux.txt", "refused-name bad/what?.txt", "clash same.TXT")
	for _, n := range refused.Names[:2] {
		if !strings.Contains(n.Text, "for example to") {
			t.Errorf("%s: %q names no fix", n.Path, n.Text)
		}
	}
	if x.store.Len() != 0 {
		t.Errorf("%d objects were stored", x.store.Len())
	}
	// Paths that leave them out go through, and then the rest is refused.
	x.record("good.txt", "Same.txt")
	x.wantTree(x.base, map[string]string{"good.txt": "g", "Same.txt": "1"})
	x.wantNotes(x.scan("same.TXT").Notes, "clash same.TXT")
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	rec := x.record()
	if rec.Tree != emptyTree {
		t.Errorf("tree of an empty folder is %s", rec.Tree)
	}
	if ok, _ := x.store.Has(rec.Tree); !ok {
		t.Error("the empty tree is not stored")
	}
	x.wantChanges(x.scan().Changes)
	x.write("a", "1")
	x.record()
	x.remove("a")
	if rec := x.record(); rec.Tree != emptyTree {
		t.Errorf("tree of an emptied folder is %s", rec.Tree)
	}
}

// TestOtherBase compares with trees that the cache does not stand for.
func TestOtherBase(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("a/one.txt", "1")
	x.write("b/two.txt", "2")
	first := x.record().Tree
	x.write("a/one.txt", "one")
	second := x.record().Tree
	x.base = first
	x.wantChanges(x.scan().Changes, "modified a/one.txt")
	x.base = second
	x.wantChanges(x.scan().Changes)
	x.base = objects.ID{}
	x.wantChanges(x.scan().Changes, "added a/one.txt", "added b/two.txt")
	x.base = objects.ID{1}
	if _, err := x.w.Scan(context.Background(), x.store, x.base, ScanOptions{}); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("scan against a tree that is not there: %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("a.txt", "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.w.Record(ctx, x.store, x.store, x.base, RecordOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("record: %v", err)
	}
}
