package worktree

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
)

// world is a user's folder, its state and a store in memory.
type world struct {
	t     testing.TB
	dir   string
	files fsys.FS
	state fsys.FS
	opt   Options
	w     *Worktree
	store *mem.Store
	base  objects.ID
}

func newWorld(t testing.TB, opt Options) *world {
	t.Helper()
	x := &world{t: t, dir: t.TempDir(), store: mem.New(), opt: opt}
	x.must(os.Mkdir(filepath.Join(x.dir, objects.MetaDir), 0o777))
	x.open()
	return x
}

func (x *world) open() {
	x.t.Helper()
	var err error
	x.files, err = fsys.Open(x.dir)
	x.must(err)
	x.state, err = fsys.Open(filepath.Join(x.dir, objects.MetaDir))
	x.must(err)
	x.t.Cleanup(func() { x.files.Close(); x.state.Close() })
	x.use(x.files, x.state)
}

// use opens the working copy over these folders.
func (x *world) use(files, state fsys.FS) {
	x.t.Helper()
	w, err := Open(files, state, x.opt)
	x.must(err)
	w.pause = func(context.Context, int) error { return nil }
	x.w = w
}

func (x *world) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *world) path(name string) string { return filepath.Join(x.dir, filepath.FromSlash(name)) }

func (x *world) write(name, content string) {
	x.t.Helper()
	x.must(os.MkdirAll(filepath.Dir(x.path(name)), 0o777))
	x.must(os.WriteFile(x.path(name), []byte(content), 0o666))
}

// old sets a file's time to long ago, so that it is not racy.
func (x *world) old(names ...string) {
	x.t.Helper()
	for _, n := range names {
		x.must(os.Chtimes(x.path(n), longAgo, longAgo))
	}
}

var longAgo = time.Date(2020, 3, 1, 12, 0, 0, 123456789, time.UTC)

func (x *world) remove(name string) {
	x.t.Helper()
	x.must(os.RemoveAll(x.path(name)))
}

func (x *world) rename(from, to string) {
	x.t.Helper()
	x.must(os.Rename(x.path(from), x.path(to)))
}

func (x *world) read(name string) string {
	x.t.Helper()
	b, err := os.ReadFile(x.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return "(none)"
	}
	x.must(err)
	return string(b)
}

func (x *world) scan(paths ...string) *Scan {
	x.t.Helper()
	s, err := x.w.Scan(context.Background(), x.store, x.base, ScanOptions{Paths: paths})
	x.must(err)
	return s
}

// record records and commits.
func (x *world) record(paths ...string) *Recorded {
	x.t.Helper()
	r, err := x.w.Record(context.Background(), x.store, x.store, x.base, RecordOptions{Paths: paths})
	x.must(err)
	x.must(x.w.Commit(r))
	x.base = r.Tree
	return r
}

// tree lists all files and folders of a tree: "a/b=content", "empty/".
func (x *world) tree(id objects.ID) map[string]string {
	x.t.Helper()
	all := map[string]string{}
	var visit func(id objects.ID, dir string)
	visit = func(id objects.ID, dir string) {
		t, err := objects.ReadTree(x.store, id)
		x.must(err)
		var sum int64
		for _, e := range t.Entries {
			p := join(dir, e.Name)
			if e.Mode.IsFolder() {
				all[p+"/"] = ""
				visit(e.ID, p)
				sub, err := objects.ReadTree(x.store, e.ID)
				x.must(err)
				if sub.Size() != e.Size {
					x.t.Errorf("folder %q has size %d in its entry and %d inside", p, e.Size, sub.Size())
				}
				continue
			}
			b, err := x.store.Get(objects.KindBlob, e.ID)
			x.must(err)
			if int64(len(b)) != e.Size {
				x.t.Errorf("file %q has size %d in its entry and %d bytes", p, e.Size, len(b))
			}
			all[p] = string(b)
			if e.Mode == objects.ModeExecutable {
				all[p] += " (x)"
			}
			sum += e.Size
		}
	}
	visit(id, "")
	return all
}

// changesText is one line for each change.
func changesText(list []Change) string {
	var b strings.Builder
	for _, c := range list {
		b.WriteString(c.Kind.String() + " " + c.Path + "\n")
	}
	return b.String()
}

func notesText(list []Note) string {
	var b strings.Builder
	for _, n := range list {
		b.WriteString(n.Kind.String() + " " + n.Path + "\n")
	}
	return b.String()
}

func (x *world) wantChanges(got []Change, want ...string) {
	x.t.Helper()
	if g, w := strings.TrimSpace(changesText(got)), strings.Join(want, "\n"); g != w {
		x.t.Errorf("changes:\n%s\nwant:\n%s", g, w)
	}
}

func (x *world) wantNotes(got []Note, want ...string) {
	x.t.Helper()
	if g, w := strings.TrimSpace(notesText(got)), strings.Join(want, "\n"); g != w {
		x.t.Errorf("notes:\n%s\nwant:\n%s", g, w)
	}
}

func (x *world) wantTree(id objects.ID, want map[string]string) {
	x.t.Helper()
	got := x.tree(id)
	for p, c := range want {
		if g, ok := got[p]; !ok || g != c {
			x.t.Errorf("tree has %q = %q (%t), want %q", p, g, ok, c)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok {
			x.t.Errorf("tree has %q", p)
		}
	}
}
