package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/objects"
)

// put stores a tree given as "path=content"; "path/" is an empty folder,
// "path=content (x)" executable.
func (x *world) put(files ...string) objects.ID {
	x.t.Helper()
	type node map[string]any
	root := node{}
	for _, f := range files {
		p, content, file := strings.Cut(f, "=")
		parts := strings.Split(strings.TrimSuffix(p, "/"), "/")
		n := root
		for i, part := range parts {
			if file && i == len(parts)-1 {
				n[part] = content
				break
			}
			if n[part] == nil {
				n[part] = node{}
			}
			n = n[part].(node)
		}
	}
	var store func(n node) (objects.ID, int64)
	store = func(n node) (objects.ID, int64) {
		var t objects.Tree
		for name, v := range n {
			e := objects.Entry{Name: name, Mode: objects.ModeFile}
			var err error
			switch v := v.(type) {
			case node:
				e.Mode = objects.ModeFolder
				e.ID, e.Size = store(v)
			case string:
				content, ok := strings.CutSuffix(v, " (x)")
				if ok {
					e.Mode = objects.ModeExecutable
				}
				e.ModTime, e.Size = longAgo.UnixMilli(), int64(len(content))
				e.ID, err = x.store.Put(objects.KindBlob, []byte(content), objects.ID{})
			}
			x.must(err)
			t.Entries = append(t.Entries, e)
		}
		t.Sort()
		id, err := x.store.Put(objects.KindTree, t.Encode(), objects.ID{})
		x.must(err)
		return id, t.Size()
	}
	id, _ := store(root)
	return id
}

func (x *world) plan(from, to objects.ID, opt PlanOptions) *Plan {
	x.t.Helper()
	p, err := x.w.Plan(context.Background(), x.store, from, to, opt)
	x.must(err)
	return p
}

func (x *world) apply(p *Plan, opt ApplyOptions) *Applied {
	x.t.Helper()
	a, err := x.w.Apply(context.Background(), x.store, p, opt)
	x.must(err)
	x.base = a.Tree
	if _, _, pending, err := x.w.Pending(); pending || err != nil {
		x.t.Errorf("pending after apply: %t %v", pending, err)
	}
	return a
}

// disk lists the user's folder as tree does.
func (x *world) disk() map[string]string {
	x.t.Helper()
	all := map[string]string{}
	x.must(filepath.Walk(x.dir, func(p string, i os.FileInfo, err error) error {
		if err != nil || p == x.dir {
			return err
		}
		name, _ := filepath.Rel(x.dir, p)
		name = filepath.ToSlash(name)
		switch {
		case name == objects.MetaDir:
			return filepath.SkipDir
		case i.IsDir():
			all[name+"/"] = ""
		case i.Mode()&os.ModeSymlink != 0:
			all[name] = "(link)"
		default:
			all[name] = x.read(name)
			if i.Mode()&0o100 != 0 {
				all[name] += " (x)"
			}
		}
		return nil
	}))
	return all
}

func (x *world) wantDisk(id objects.ID) {
	x.t.Helper()
	got, want := x.disk(), x.tree(id)
	for p, c := range want {
		if g, ok := got[p]; !ok || g != c {
			x.t.Errorf("disk has %q = %q (%t), want %q", p, g, ok, c)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok {
			x.t.Errorf("disk has %q", p)
		}
	}
}

var applyTable = []struct {
	name     string
	from, to []string
}{
	{"nothing", []string{"a=1"}, []string{"a=1"}},
	{"modify", []string{"a=1", "d/b=2"}, []string{"a=one", "d/b=two"}},
	{"add and remove", []string{"a=1"}, []string{"b=2", "c/d/e=3", "void/"}},
	{"remove folders", []string{"a=1", "b/c=2", "b/d/e=3", "void/"}, []string{"a=1"}},
	{"file to folder", []string{"a=1", "z=1"}, []string{"a/b/c=2", "z=1"}},
	{"folder to file", []string{"a/b/c=2", "a/d=1"}, []string{"a=1"}},
	{"mode", []string{"a=1", "b=2 (x)"}, []string{"a=1 (x)", "b=2"}},
	{"mode and content", []string{"a=1", "b=2 (x)"}, []string{"a=one (x)", "b=two"}},
	{"letter case", []string{"a=1", "Docs/x=1", "Docs/y=2"}, []string{"A=one", "docs/x=1", "docs/y=two"}},
	{"all gone", []string{"a=1", "b/c=2"}, nil},
	{"from nothing", nil, []string{"a=1", "b/c=2"}},
	{"swap names", []string{"a=1", "b=2"}, []string{"a=2", "b=1"}},
}

func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range applyTable {
		for _, system := range []System{SystemUnix, SystemMac} {
			t.Run(fmt.Sprint(c.name, system), func(t *testing.T) {
				t.Parallel()
				x := newWorld(t, Options{System: system})
				from, to := x.put(c.from...), x.put(c.to...)
				a := x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
				if a.Tree != from || a.Updated != len(c.from)-countFolders(c.from) {
					t.Errorf("fresh: tree %s, %d updated", a.Tree, a.Updated)
				}
				x.wantDisk(from)
				x.quiet()
				a = x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{Sink: x.store})
				x.wantNotes(a.Waiting)
				if a.Tree != to {
					t.Errorf("tree is %s, want %s", a.Tree, to)
				}
				x.wantDisk(to)
				x.quiet()
				if r := x.record(); r.Tree != to || r.Files != 0 {
					t.Errorf("record after apply: tree %s, %d files read", r.Tree, r.Files)
				}
				// Once more changes nothing, and back again works.
				x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{})
				x.wantDisk(to)
				x.apply(x.plan(to, from, PlanOptions{}), ApplyOptions{AllOrNothing: true})
				x.wantDisk(from)
				x.quiet()
			})
		}
	}
}

func countFolders(files []string) int {
	n := 0
	for _, f := range files {
		if strings.HasSuffix(f, "/") {
			n++
		}
	}
	return n
}

// quiet: a scan finds nothing, and the cache makes it read nothing.
func (x *world) quiet() {
	x.t.Helper()
	s, err := x.w.Scan(context.Background(), noSource{}, x.base, ScanOptions{})
	x.must(err)
	x.wantChanges(s.Changes)
	x.wantNotes(s.Notes)
}

type noSource struct{ objects.Source }

func (noSource) Get(_ objects.Kind, id objects.ID) ([]byte, error) {
	return nil, fmt.Errorf("read %s, and the cache should have done", id.Short())
}

func TestTimesAreSet(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	from, to := x.put("a=1"), x.put("a=2", "b=3")
	x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
	x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{})
	for _, n := range []string{"a", "b"} {
		i, err := os.Stat(x.path(n))
		x.must(err)
		if !i.ModTime().Equal(longAgo.Truncate(time.Millisecond)) {
			t.Errorf("%s: time is %v", n, i.ModTime())
		}
	}
}

// TestLocalWorkIsNeverTouched has one kind of local change in each row. The
// plan brings all else up to date, and the change waits; with AllOrNothing
// nothing happens.
func TestLocalWorkIsNeverTouched(t *testing.T) {
	t.Parallel()
	from := []string{"book.xlsx=old", "gone.txt=gone", "other.txt=old", "d/in.txt=in", "t.dbf=1", "t.cdx=1"}
	to := []string{"book.xlsx=new", "other.txt=new", "added.txt=added", "sub/x.txt=x", "t.dbf=2", "t.cdx=2"}
	for _, c := range []struct {
		name string
		do   func(x *world)
		keep map[string]string // what stays on disk
		wait string
	}{
		{"changed", func(x *world) { x.write("book.xlsx", "mine") }, map[string]string{"book.xlsx": "mine"}, "book.xlsx"},
		{"changed, same length", func(x *world) { x.write("book.xlsx", "OLD") }, map[string]string{"book.xlsx": "OLD"}, "book.xlsx"},
		{"changed and to be removed", func(x *world) { x.write("gone.txt", "mine") }, map[string]string{"gone.txt": "mine"}, "gone.txt"},
		{"changed in a folder to be removed", func(x *world) { x.write("d/in.txt", "mine") }, map[string]string{"d/in.txt": "mine"}, "d/in.txt"},
		{"open", func(x *world) { x.write("~$book.xlsx", "me") }, map[string]string{"book.xlsx": "old"}, "book.xlsx"},
		{"being saved", func(x *world) { x.write("~$book.xlsx", "me"); x.remove("book.xlsx") }, map[string]string{"book.xlsx": "(none)"}, "book.xlsx"},
		{"deleted", func(x *world) { x.remove("other.txt") }, map[string]string{"other.txt": "(none)"}, "other.txt"},
		{"there already", func(x *world) { x.write("added.txt", "mine") }, map[string]string{"added.txt": "mine"}, "added.txt"},
		{"folder there", func(x *world) { x.write("added.txt/in", "mine") }, map[string]string{"added.txt/in": "mine"}, "added.txt"},
		{"file in the place of a folder", func(x *world) { x.write("sub", "mine") }, map[string]string{"sub": "mine"}, "sub/x.txt"},
		{"link in the place of a folder", func(x *world) { x.must(os.Symlink("d", x.path("sub"))) }, map[string]string{"d/x.txt": "(none)"}, "sub/x.txt"},
		{"link in the place of a file", func(x *world) { x.remove("other.txt"); x.must(os.Symlink("d/in.txt", x.path("other.txt"))) }, map[string]string{"d/in.txt": "(none)"}, "other.txt"},
		{"table in use", func(x *world) { x.write("T.LCK", "") }, map[string]string{"t.dbf": "1", "t.cdx": "1"}, "t.cdx t.dbf"},
		{"table changed", func(x *world) { x.write("t.cdx", "9") }, map[string]string{"t.dbf": "1", "t.cdx": "9"}, "t.cdx t.dbf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newWorld(t, Options{})
			from, to := x.put(from...), x.put(to...)
			x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
			c.do(x)
			before := x.disk()
			_, err := x.w.Apply(context.Background(), x.store, x.plan(from, to, PlanOptions{}), ApplyOptions{AllOrNothing: true})
			var waiting *WaitingError
			if !errors.As(err, &waiting) || !errors.Is(err, ErrWaiting) {
				t.Fatalf("apply all or nothing: %v", err)
			}
			if fmt.Sprint(x.disk()) != fmt.Sprint(before) {
				t.Fatalf("disk was %v, is %v", before, x.disk())
			}
			if _, _, pending, _ := x.w.Pending(); pending {
				t.Error("pending, and nothing was begun")
			}

			a := x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{Sink: x.store})
			var names []string
			for _, n := range a.Waiting {
				names = append(names, n.Path)
				if n.Kind != NoteWaiting || n.Text == "" {
					t.Errorf("note %v", n)
				}
			}
			if got := strings.Join(names, " "); got != c.wait {
				t.Errorf("waiting: %q, want %q", got, c.wait)
			}
			for p, content := range c.keep {
				if got := x.read(p); got != content {
					t.Errorf("%s holds %q, want %q", p, got, content)
				}
			}
			// What waits stands in the new base as it was in from; all else is
			// as in to.
			fromFiles, toFiles, tree := x.tree(from), x.tree(to), x.tree(a.Tree)
			for p := range union(fromFiles, toFiles) {
				want, ok := toFiles[p]
				if strings.Contains(" "+c.wait+" ", " "+p+" ") {
					want, ok = fromFiles[p]
				}
				if got, has := tree[p]; !strings.HasSuffix(p, "/") && (got != want || has != ok) {
					t.Errorf("base has %q = %q (%t), want %q (%t)", p, got, has, want, ok)
				}
			}
			// The cache stands for that tree: a scan sees the user's change
			// and nothing else, with the cache and without.
			with := changesText(x.scan().Changes)
			x.must(x.state.Remove(cacheFile))
			if without := changesText(x.scan().Changes); with != without {
				t.Errorf("scan with the cache:\n%s\nwithout:\n%s", with, without)
			}
		})
	}
}

func union(a, b map[string]string) map[string]string {
	u := map[string]string{}
	for k := range a {
		u[k] = ""
	}
	for k := range b {
		u[k] = ""
	}
	return u
}

// TestWaitingComesLater: once the document is closed, planning again from the
// tree that stands now brings what waited.
func TestWaitingComesLater(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	from, to := x.put("a.xlsx=old", "b=1"), x.put("a.xlsx=new", "b=2")
	x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
	x.write("~$a.xlsx", "me")
	x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{Sink: x.store})
	x.quiet()
	x.remove("~$a.xlsx")
	a := x.apply(x.plan(x.base, to, PlanOptions{}), ApplyOptions{Sink: x.store})
	if a.Tree != to || a.Updated != 1 {
		t.Errorf("tree %s, %d updated", a.Tree, a.Updated)
	}
	x.wantDisk(to)
	x.quiet()
}

// TestRestore brings single paths back over local changes that Snapshot saved.
func TestRestore(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	old, now := x.put("a=1", "d/b=1", "d/c=1"), x.put("a=2", "d/b=2", "d/new=2")
	x.apply(x.plan(objects.ID{}, now, PlanOptions{Fresh: true}), ApplyOptions{})
	x.write("a", "mine")
	x.write("d/b", "mine too")
	snap, err := x.w.Snapshot(context.Background(), x.store, x.store, now, []string{"d"})
	x.must(err)
	if x.tree(snap.Tree)["d/b"] != "mine too" || x.tree(snap.Tree)["a"] != "2" {
		t.Errorf("snapshot holds %v", x.tree(snap.Tree))
	}
	a := x.apply(x.plan(snap.Tree, old, PlanOptions{Paths: []string{"d"}, Base: now}), ApplyOptions{AllOrNothing: true})
	if a.Tree != now {
		t.Errorf("base is %s, want %s", a.Tree, now)
	}
	x.wantChanges(x.scan().Changes, "modified a", "modified d/b", "added d/c", "deleted d/new")
	if x.read("a") != "mine" || x.read("d/b") != "1" || x.read("d/c") != "1" {
		t.Errorf("disk: %v", x.disk())
	}
	if _, err := x.w.Plan(context.Background(), x.store, now, old, PlanOptions{Paths: []string{"nope"}}); !errors.Is(err, ErrNoMatch) {
		t.Errorf("plan of a path that is nowhere: %v", err)
	}
	if p := x.plan(now, now, PlanOptions{Paths: []string{"d/b"}}); len(p.Changes()) > 0 {
		t.Errorf("plan of a path that stays: %v", p.Changes())
	}
	if _, err := x.w.Plan(context.Background(), x.store, now, now, PlanOptions{Paths: []string{"d/nope"}}); !errors.Is(err, ErrNoMatch) {
		t.Errorf("plan of a path that is nowhere in a folder that stays: %v", err)
	}
	// Back to the base, file by file: the cache knows them again.
	snap, err = x.w.Snapshot(context.Background(), x.store, x.store, now, nil)
	x.must(err)
	x.apply(x.plan(snap.Tree, now, PlanOptions{Base: now}), ApplyOptions{})
	x.wantDisk(now)
	x.quiet()
}

// TestFreshKeepsWhatIsThere: a second try keeps whole files, completes torn
// ones, and leaves the user's alone.
func TestFreshKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	big := strings.Repeat("0123456789", 50_000)
	to := x.put("a=alpha", "d/torn="+big, "d/empty=x", "zeros=abcdef", "mine=theirs", "long=123", "e/")
	x.write("a", "alpha")
	x.write("d/torn", big[:123_456])
	x.write("d/empty", "")
	x.write("zeros", "ab\x00\x00\x00\x00")
	x.write("mine", "something")
	x.write("long", "1234")
	a := x.apply(x.plan(objects.ID{}, to, PlanOptions{Fresh: true}), ApplyOptions{Sink: x.store})
	x.wantNotes(a.Waiting, "waiting long", "waiting mine")
	for p, want := range map[string]string{"a": "alpha", "d/torn": big, "d/empty": "x", "zeros": "abcdef", "mine": "something", "long": "1234"} {
		if x.read(p) != want {
			t.Errorf("%s is wrong", p)
		}
	}
	x.wantChanges(x.scan().Changes, "added long", "added mine")
}

func TestPlanRefusesClashes(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	to := x.put("d/a.txt=1", "d/A.txt=2")
	if _, err := x.w.Plan(context.Background(), x.store, objects.ID{}, to, PlanOptions{}); !errors.Is(err, objects.ErrBadName) {
		t.Errorf("plan: %v", err)
	}
	long := strings.Repeat("a long name of a folder/", 12) + "f=1"
	if _, err := x.w.Plan(context.Background(), x.store, objects.ID{}, x.put(long), PlanOptions{}); !errors.Is(err, objects.ErrBadName) {
		t.Errorf("plan of a long path: %v", err)
	}
}

func TestPlanChanges(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	p := x.plan(x.put("a=1", "b=1", "c=1", "d=1"), x.put("b=2", "c=1 (x)", "d=1", "e/f=1"), PlanOptions{})
	x.wantChanges(p.Changes(), "deleted a", "modified b", "mode c", "added e/f")
	if p.Files != 2 || p.Bytes != 2 {
		t.Errorf("%d files, %d bytes", p.Files, p.Bytes)
	}
}
