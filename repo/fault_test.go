package repo

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// everyFault runs all combinations of operation and fault, which takes minutes.
// Without it every operation fails, but each only in some of the ways.
var everyFault = flag.Bool("every", false, "let every disk operation fail in every way")

// fault is a way in which a disk goes wrong at one operation.
type fault struct {
	name string
	faultfs.Plan
}

func faults() []fault {
	return []fault{
		{"error", faultfs.Plan{Err: faultfs.ErrIO}},
		{"stop", faultfs.Plan{}},
		{"power cut", faultfs.Plan{Drop: true}},
		{"full", faultfs.Plan{Err: faultfs.ErrSpace, Short: true}},
		{"torn stop", faultfs.Plan{Short: true}},
		{"torn, power cut", faultfs.Plan{Drop: true, Short: true}},
		{"read error", faultfs.Plan{Err: faultfs.ErrIO, Reads: true}},
	}
}

// stride tells at which operations a fault is tried.
func (f fault) stride(i int) (first, step int) {
	switch {
	case *everyFault:
		return 1, 1
	case testing.Short():
		return 1 + 3*i, 20
	case f.Reads:
		return 1, 20
	}
	return 1 + i%3, 3
}

// faultStory is one verb on a disk that fails at every operation in turn.
type faultStory struct {
	name    string
	prepare func(t *testing.T, u *user, dir string) // makes the copies below dir
	failing string                                  // the copy whose disk fails
	// verb runs in the copy named user; by default that is the failing one.
	user string
	verb func(ctx context.Context, r *Repo) error
	// run replaces verb where no copy is open.
	run func(ctx context.Context, env Env, dir string) error
	// inPlace: until the end, files may hold the beginning of what they will.
	inPlace bool
	// same: the files and the line stay as they are.
	same bool
	// lag: the files may stay behind the line.
	lag bool
}

// view is what matters of a copy.
type view struct {
	none       bool // there is no engagement yet
	head, base objects.ID
	line       string
	files      map[string]string
}

func (v view) equal(w view) bool {
	return v.none == w.none && v.head == w.head && v.base == w.base && v.line == w.line && maps.Equal(v.files, w.files)
}

func (v view) String() string {
	return fmt.Sprintf("none %v head %s base %s line %s, %d files", v.none, v.head.Short(), v.base.Short(), v.line, len(v.files))
}

// look opens a copy with a sound disk, verifies it, and says how it stands.
func look(t *testing.T, env Env, root string) view {
	t.Helper()
	v := view{files: papers(t, root)}
	r, err := openAt(env, root)
	if errors.Is(err, ErrNoRepository) || errors.Is(err, fs.ErrNotExist) {
		v.none = true
		return v
	}
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	defer r.Close()
	wantSound(t, r)
	r.look(t, &v)
	return v
}

// papers reads the files of a copy.
func papers(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == objects.MetaDir {
				return fs.SkipDir
			}
			return err
		}
		b, err := os.ReadFile(path)
		if !strings.HasPrefix(d.Name(), ".esync-tmp-") {
			files[strings.TrimPrefix(path, root)] = string(b)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// look fills in where the names stand.
func (r *Repo) look(t *testing.T, v *view) {
	t.Helper()
	state, err := r.refs.State()
	if err != nil {
		t.Fatal(err)
	}
	v.line = currentLine(state)
	if v.head, err = r.treeOf(idOf(state.Get(headName(v.line)))); err != nil {
		t.Fatal(err)
	}
	if v.base, err = r.treeOf(idOf(state.Get(nameBase))); err != nil {
		t.Fatal(err)
	}
}

// between tells what of v is neither as before nor as after.
func (v view) between(before, after view, inPlace bool) error {
	if v.none && !before.none {
		return errors.New("the engagement is gone")
	}
	if v.head != before.head && v.head != after.head {
		return fmt.Errorf("the line stands at tree %s", v.head.Short())
	}
	if v.base != before.base && v.base != after.base {
		return fmt.Errorf("the files stand on tree %s", v.base.Short())
	}
	inPlace = inPlace && v.base == before.base
	for _, list := range []map[string]string{v.files, before.files, after.files} {
		for path := range list {
			text, is := v.files[path]
			b, was := before.files[path]
			a, will := after.files[path]
			if inPlace && is && strings.HasPrefix(a, text) {
				continue
			}
			if (is != was || text != b) && (is != will || text != a) {
				return fmt.Errorf("%q holds %d bytes (%v), before %d (%v), after %d (%v)", path, len(text), is, len(b), was, len(a), will)
			}
		}
	}
	return nil
}

func (s *faultStory) do(env Env, dir string) error {
	ctx := context.Background()
	if s.run != nil {
		return s.run(ctx, env, dir)
	}
	user := s.user
	if user == "" {
		user = s.failing
	}
	r, err := openAt(env, filepath.Join(dir, user))
	if err != nil {
		return err
	}
	defer r.Close()
	return s.verb(ctx, r)
}

// done takes ErrNothing for success: the run before had got that far.
func done(err error) error {
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// TestEveryDiskOperationFailing runs verbs again and again, each time with
// another operation of the disk going wrong.
func TestEveryDiskOperationFailing(t *testing.T) {
	t.Parallel()
	var points atomic.Int64
	t.Cleanup(func() { t.Logf("%d points", points.Load()) })
	for _, s := range faultStories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "anna")
			u.env.Warn = nil
			u.env.disk = openQuick
			saved, work := filepath.Join(t.TempDir(), "saved"), filepath.Join(t.TempDir(), "work")
			s.prepare(t, u, work)
			copyTree(t, work, saved)
			root := filepath.Join(work, s.failing)
			before := look(t, u.env, root)
			if err := s.do(u.env, work); err != nil {
				t.Fatalf("on a sound disk: %v", err)
			}
			after := look(t, u.env, root)
			if before.equal(after) && !s.same {
				t.Fatalf("nothing to see: %v", after)
			}
			for i, f := range faults() {
				first, step := f.stride(i)
				for f.At = first; ; f.At += step {
					if err := os.RemoveAll(work); err != nil {
						t.Fatal(err)
					}
					copyTree(t, saved, work)
					p := faultPoint{s, u.env, work, f.Plan, before, after}
					if !p.run(t) {
						break
					}
					points.Add(1)
					if t.Failed() {
						t.Fatalf("%s at operation %d", f.name, f.At)
					}
				}
			}
		})
	}
}

// faultPoint is one operation going wrong.
type faultPoint struct {
	*faultStory
	env           Env
	work          string
	plan          faultfs.Plan
	before, after view
}

// run tells whether the operation was reached.
func (p *faultPoint) run(t *testing.T) bool {
	t.Helper()
	root := filepath.Join(p.work, p.failing)
	if err := os.MkdirAll(root, 0o755); err != nil { // what a clone makes first
		t.Fatal(err)
	}
	dir, err := fsys.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	disk := faultfs.New(quick{dir}, p.plan)
	env := p.env
	env.disk = func(name string) (fsys.FS, error) {
		if name == root {
			return disk, nil
		}
		return p.env.disk(name)
	}
	failed := p.do(env, p.work)
	reached := disk.Count() >= p.plan.At
	if err := disk.Crash(); err != nil {
		t.Fatalf("crash: %v", err)
	}
	if !reached {
		if failed != nil {
			t.Fatalf("nothing went wrong, but: %v", failed)
		}
		// What is done stays done when the power goes right afterwards; the
		// system may still have to write out the files of a new clone.
		if got := look(t, p.env, root); !p.inPlace && !got.equal(p.after) {
			t.Errorf("done, and gone with the power: %v instead of %v", got, p.after)
		}
		return false
	}
	got := look(t, p.env, root)
	if err := got.between(p.before, p.after, p.inPlace); err != nil {
		t.Errorf("after %v: %v", failed, err)
	}
	if failed == nil && !p.reaches(got) {
		t.Errorf("reported done, but is %v instead of %v", got, p.after)
	}
	if !p.reaches(got) || p.user != "" {
		if err := done(p.do(p.env, p.work)); err != nil {
			t.Errorf("after %v the same command fails: %v", failed, err)
		}
	}
	p.next(t, root, failed)
	return true
}

// reaches tells whether the verb has done its work.
func (p *faultPoint) reaches(v view) bool {
	if p.inPlace && p.plan.Drop && v.head == p.after.head && v.base == v.head {
		return true // the system had not written out all of the files
	}
	if p.lag && v.base == p.before.base && v.head == p.after.head {
		return v.between(p.before, p.after, false) == nil
	}
	return v.equal(p.after)
}

// next looks at the copy after the same command again, works on in it, and
// looks for what was left behind.
func (p *faultPoint) next(t *testing.T, root string, failed error) {
	t.Helper()
	r, err := openAt(p.env, root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	again := view{files: papers(t, root)}
	if r.look(t, &again); !p.reaches(again) {
		t.Errorf("after %v and the same command again: %v instead of %v", failed, again, p.after)
	}
	write(t, r, "next.txt", "next")
	if _, err := r.Commit(context.Background(), CommitOptions{Message: "next"}); err != nil {
		t.Errorf("the next commit: %v", err)
	}
	if p.lag {
		if _, err := r.Merge(context.Background(), "main", MergeOptions{}); err != nil {
			t.Errorf("taking what arrived: %v", err)
		}
	}
	s, err := r.Status(context.Background(), StatusOptions{})
	if err != nil || len(s.Changes) > 0 {
		t.Errorf("after the next commit: %+v, %v", s.Changes, err)
	}
	wantSound(t, r)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".esync-tmp-") {
			t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// quick is a folder that need not survive a power cut: package faultfs keeps
// account of what would.
type quick struct{ fsys.FS }

func openQuick(root string) (fsys.FS, error) {
	dir, err := fsys.Open(root)
	if err != nil {
		return nil, err
	}
	return quick{dir}, nil
}

func (q quick) SyncDir(string) error { return nil }

func (q quick) OpenFile(name string, flag int, perm fs.FileMode) (fsys.File, error) {
	f, err := q.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return quickFile{f}, nil
}

func (q quick) Sub(name string) (fsys.FS, error) {
	dir, err := q.FS.Sub(name)
	if err != nil {
		return nil, err
	}
	return quick{dir}, nil
}

type quickFile struct{ fsys.File }

func (quickFile) Sync() error { return nil }

// copyTree copies a folder with the dates of its files.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return errors.Join(os.WriteFile(target, b, info.Mode().Perm()), os.Chtimes(target, info.ModTime(), info.ModTime()))
	})
	if err != nil {
		t.Fatal(err)
	}
}
