package repo

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/internal/fsys"
)

// noise is text that does not compress away.
func noise(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

const memo = "one\ntwo\nthree\nfour\nfive\nsix\n"

// firstPapers makes an engagement in top with one commit.
func firstPapers(t *testing.T, u *user, dir string) *Repo {
	t.Helper()
	u.env.Home = "" // no registry: its disk does not fail
	top := u.init(filepath.Join(dir, "top"), "eng1")
	write(t, top, "A/memo.txt", memo)
	write(t, top, "A/old.txt", "goes away\n")
	write(t, top, "book.xlsx", "\x00base")
	commit(t, top, "base")
	return top
}

// bigPaper is one that is kept in pieces.
func bigPaper(t *testing.T, r *Repo) { write(t, r, "big.dat", noise(1, 300<<10)) }

// secondPapers changes what firstPapers made, in every way.
func secondPapers(t *testing.T, r *Repo) {
	t.Helper()
	write(t, r, "A/memo.txt", strings.Replace(memo, "one", "ONE", 1))
	write(t, r, "B/deep/new.txt", "new\n")
	if err := os.Remove(filepath.Join(r.Root(), "A", "old.txt")); err != nil {
		t.Fatal(err)
	}
}

// family is a parent and a copy of it.
func family(t *testing.T, u *user, dir string) (top, copied *Repo) {
	t.Helper()
	top = firstPapers(t, u, dir)
	return top, u.clone(top.Root(), filepath.Join(dir, "copy"))
}

func pullVerb(ctx context.Context, r *Repo) error {
	_, err := r.Pull(ctx, "")
	return err
}

func pushVerb(ctx context.Context, r *Repo) error {
	_, err := r.Push(ctx, "")
	return err
}

func preparePush(t *testing.T, u *user, dir string) {
	_, c := family(t, u, dir)
	secondPapers(t, c)
	commit(t, c, "second")
}

func faultStories() []*faultStory {
	return []*faultStory{
		{name: "init", failing: "top",
			prepare: func(t *testing.T, u *user, dir string) {
				u.env.Home = ""
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			},
			run: func(ctx context.Context, env Env, dir string) error {
				r, err := Init(ctx, env, filepath.Join(dir, "top"), InitOptions{Name: "eng1"})
				if err != nil {
					return err
				}
				return r.Close()
			}},
		{name: "commit", failing: "top",
			prepare: func(t *testing.T, u *user, dir string) {
				top := firstPapers(t, u, dir)
				secondPapers(t, top)
				bigPaper(t, top)
			},
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.Commit(ctx, CommitOptions{Message: "second"})
				return err
			}},
		{name: "pull", failing: "copy",
			prepare: func(t *testing.T, u *user, dir string) {
				top, _ := family(t, u, dir)
				secondPapers(t, top)
				bigPaper(t, top)
				commit(t, top, "second")
			},
			verb: pullVerb},
		{name: "pull and merge", failing: "copy",
			prepare: func(t *testing.T, u *user, dir string) {
				top, c := family(t, u, dir)
				secondPapers(t, top)
				write(t, top, "book.xlsx", "\x00top")
				commit(t, top, "second")
				write(t, c, "A/memo.txt", strings.Replace(memo, "six", "SIX", 1))
				write(t, c, "book.xlsx", "\x00copy")
				write(t, c, "C/mine.txt", "mine\n")
				commit(t, c, "mine")
			},
			verb: pullVerb},
		{name: "push", same: true, failing: "copy", prepare: preparePush, verb: pushVerb},
		{name: "receive a push", failing: "top", user: "copy", lag: true, prepare: preparePush, verb: pushVerb},
		{name: "clone", failing: "copy", inPlace: true,
			prepare: func(t *testing.T, u *user, dir string) {
				top := firstPapers(t, u, dir)
				secondPapers(t, top)
				commit(t, top, "second")
			},
			run: func(ctx context.Context, env Env, dir string) error {
				top := filepath.Join(dir, "top")
				r, _, err := Clone(ctx, env, Source{Kind: SourceFolder, Path: top, Text: top}, filepath.Join(dir, "copy"), CloneOptions{})
				if err != nil {
					return err
				}
				return r.Close()
			}},
		{name: "gc", same: true, failing: "top", prepare: prepareGarbage,
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.GC(ctx, GCOptions{})
				return err
			}},
		{name: "gc at once", same: true, failing: "top", prepare: prepareGarbage,
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.GC(ctx, GCOptions{Grace: -1})
				return err
			}},
		{name: "restore", failing: "top",
			prepare: func(t *testing.T, u *user, dir string) {
				top := firstPapers(t, u, dir)
				secondPapers(t, top)
				commit(t, top, "second")
				write(t, top, "A/memo.txt", "not recorded\n")
			},
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.Restore(ctx, RestoreOptions{From: "HEAD~1", Paths: []string{"."}})
				return err
			}},
		{name: "switch", failing: "top", prepare: prepareLines,
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.Switch(ctx, "draft", SwitchOptions{})
				return err
			}},
		{name: "undo", failing: "top",
			prepare: func(t *testing.T, u *user, dir string) {
				prepareLines(t, u, dir)
				r, err := openAt(u.env, filepath.Join(dir, "top"))
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if _, err := r.Switch(context.Background(), "draft", SwitchOptions{}); err != nil {
					t.Fatal(err)
				}
			},
			verb: func(ctx context.Context, r *Repo) error {
				_, err := r.Undo(ctx, UndoOptions{})
				return err
			}},
	}
}

// prepareLines makes a line "draft" that differs from main, and stands on main.
func prepareLines(t *testing.T, u *user, dir string) {
	t.Helper()
	top := firstPapers(t, u, dir)
	ctx := context.Background()
	if _, err := top.Switch(ctx, "draft", SwitchOptions{Create: true}); err != nil {
		t.Fatal(err)
	}
	secondPapers(t, top)
	commit(t, top, "second")
	if _, err := top.Switch(ctx, "main", SwitchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// prepareGarbage makes several packs, and commits that nothing reaches.
func prepareGarbage(t *testing.T, u *user, dir string) {
	t.Helper()
	ctx := context.Background()
	u.env.Now = time.Now // gc compares it with the dates of files
	top := firstPapers(t, u, dir)
	if err := top.CreateLine(ctx, "gone", ""); err != nil {
		t.Fatal(err)
	}
	secondPapers(t, top)
	commit(t, top, "second")
	w, err := top.store.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, _, err := w.PutBlob(strings.NewReader(noise(9, 400<<10)), -1, top.ID()); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestStoppedRestoreKeepsUnsavedWork: a restore that came to nothing replaces
// no file afterwards, whatever the next verb is.
func TestStoppedRestoreKeepsUnsavedWork(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	u.env.disk = openQuick
	saved, work := filepath.Join(t.TempDir(), "saved"), filepath.Join(t.TempDir(), "work")
	top := firstPapers(t, u, work)
	secondPapers(t, top)
	commit(t, top, "second")
	write(t, top, "A/memo.txt", "not recorded\n")
	write(t, top, "book.xlsx", "\x00not recorded")
	copyTree(t, work, saved)
	ctx := context.Background()
	root := top.Root()
	restore := func(r *Repo) error {
		_, err := r.Restore(ctx, RestoreOptions{From: "HEAD~1", Paths: []string{"."}})
		return err
	}
	before := papers(t, root)
	if err := restore(top); err != nil {
		t.Fatal(err)
	}
	after := papers(t, root)
	for at := 1; ; at++ {
		if err := os.RemoveAll(work); err != nil {
			t.Fatal(err)
		}
		copyTree(t, saved, work)
		dir, err := fsys.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		disk := faultfs.New(quick{dir}, faultfs.Plan{At: at})
		env := u.env
		env.disk = func(string) (fsys.FS, error) { return disk, nil }
		if r, err := openAt(env, root); err == nil {
			_ = restore(r)
			r.Close()
		}
		if err := disk.Crash(); err != nil {
			t.Fatal(err)
		}
		dir.Close()
		if disk.Count() < at {
			return
		}
		r, err := openAt(u.env, root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Commit(ctx, CommitOptions{Message: "next"}); err != nil && !errors.Is(err, ErrNothing) {
			t.Errorf("stopped at %d: the next commit: %v", at, err)
		}
		if now := papers(t, root); !maps.Equal(now, before) && !maps.Equal(now, after) {
			t.Errorf("stopped at %d: the files held %q and hold %q", at, before, now)
		}
		r.Close()
	}
}
