package repo

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// specimen is a copy whose files under .esync a test damages one byte at a
// time.
type specimen struct {
	t     *testing.T
	u     *user
	root  string
	file  string // absolute
	whole []byte
	// papers of the newest commit, by path, and the paths by ID.
	papers map[string]string
	paths  map[objects.ID][]string
}

// newSpecimen makes a copy with one pack.
func newSpecimen(t *testing.T, file string) *specimen {
	t.Helper()
	u := newUser(t, "anna")
	u.env.Home, u.env.Warn, u.env.disk = "", nil, openQuick
	r := u.init(filepath.Join(t.TempDir(), "eng1"), "eng1")
	s := &specimen{t: t, u: u, root: r.Root(), papers: map[string]string{
		"A/memo.txt": memo, "A/copy of memo.txt": memo, "B/scan.pdf": noise(3, 300), "letter.txt": strings.Repeat("Dear client, ", 20),
	}, paths: map[objects.ID][]string{}}
	for path, text := range s.papers {
		write(t, r, path, text)
		id := objects.Sum(objects.KindBlob, []byte(text))
		s.paths[id] = append(s.paths[id], path)
	}
	commit(t, r, "first")
	if _, err := r.GC(context.Background(), GCOptions{Grace: -1}); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(s.root, ".esync", filepath.FromSlash(file)))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", file, found, err)
	}
	s.file = found[0]
	if s.whole, err = os.ReadFile(s.file); err != nil {
		t.Fatal(err)
	}
	r.Close()
	return s
}

// holding opens the copy with other bytes in the file; nil bytes: without it.
// Other files of .esync that only speed things up are not there to help.
func (s *specimen) holding(content []byte, look func(r *Repo, err error)) {
	s.t.Helper()
	var err error
	if content == nil {
		err = os.Remove(s.file)
	} else {
		err = os.WriteFile(s.file, content, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := openAt(s.u.env, s.root)
	if err != nil {
		look(nil, err)
		return
	}
	defer r.Close()
	look(r, nil)
}

// damaged tells whether an error sends the user to fsck.
func damaged(err error) bool {
	return errors.Is(err, objects.ErrCorrupt) || errors.Is(err, refs.ErrCorrupt) || errors.Is(err, objects.ErrNotFound)
}

// reads checks that every way of reading gives the right bytes or says that
// there is damage, and which paper it touches.
func (s *specimen) reads(at int, r *Repo) {
	s.t.Helper()
	ctx := context.Background()
	for path, text := range s.papers {
		var b bytes.Buffer
		err := r.Cat(ctx, "HEAD:"+path, &b)
		switch {
		case err == nil && b.String() != text:
			s.t.Errorf("byte %d: cat %s gives wrong bytes", at, path)
		case err != nil && !damaged(err):
			s.t.Errorf("byte %d: cat %s: %v", at, path, err)
		}
	}
	for e, err := range r.Log(ctx, LogOptions{}) {
		if err == nil && e.Commit.Message != "first" || err != nil && !damaged(err) {
			s.t.Errorf("byte %d: log: %v, %v", at, e.Commit, err)
		}
	}
	if _, err := r.Status(ctx, StatusOptions{}); err != nil && !damaged(err) {
		s.t.Errorf("byte %d: status: %v", at, err)
	}
	if _, err := r.Show(ctx, "HEAD"); err != nil && !damaged(err) {
		s.t.Errorf("byte %d: show: %v", at, err)
	}
}

// TestEveryByteOfPackFlipped: fsck finds each, and names the papers.
func TestEveryByteOfPackFlipped(t *testing.T) {
	t.Parallel()
	s := newSpecimen(t, "objects/*.pack")
	ctx := context.Background()
	named := map[string]int{}
	for at := range s.whole {
		content := bytes.Clone(s.whole)
		content[at] ^= 1 << (at % 8)
		s.holding(content, func(r *Repo, err error) {
			if err != nil {
				t.Fatalf("byte %d: open: %v", at, err)
			}
			res, err := r.Fsck(ctx)
			if err != nil || len(res.Damage) == 0 {
				t.Fatalf("byte %d of %d: fsck finds %+v, %v", at, len(s.whole), res, err)
			}
			for _, d := range res.Damage {
				if d.Reason == "" {
					t.Errorf("byte %d: no reason: %+v", at, d)
				}
				for _, path := range s.paths[d.ID] {
					named[path]++
					if !contains(d.Paths, path) || len(d.Commits) != 1 {
						t.Errorf("byte %d: %s is damaged, but fsck names %q in %v", at, path, d.Paths, d.Commits)
					}
				}
			}
			s.reads(at, r)
		})
	}
	for path, text := range s.papers {
		if named[path] < min(len(text), 40) {
			t.Errorf("%s was named for %d bytes only", path, named[path])
		}
	}
	t.Logf("%d bytes, papers named %v", len(s.whole), named)
}

// TestPackCutAtEveryLength: fsck finds each, also when the pack is gone.
func TestPackCutAtEveryLength(t *testing.T) {
	t.Parallel()
	s := newSpecimen(t, "objects/*.pack")
	look := func(n int) func(*Repo, error) {
		return func(r *Repo, err error) {
			if err != nil {
				t.Fatalf("cut at %d: open: %v", n, err)
			}
			res, err := r.Fsck(context.Background())
			if err != nil || len(res.Damage) == 0 {
				t.Fatalf("cut at %d: fsck finds %+v, %v", n, res, err)
			}
			s.reads(n, r)
		}
	}
	for n := range s.whole {
		s.holding(s.whole[:n], look(n))
	}
	s.holding(nil, look(-1))
}

// TestNamesDamaged flips and cuts the log of names. A cut is what a crash may
// leave: then the copy stands where it stood before; anything else is found.
func TestNamesDamaged(t *testing.T) {
	t.Parallel()
	s := newSpecimen(t, "refs/log")
	ctx := context.Background()
	older := 0
	look := func(what string, at int, cut bool) func(*Repo, error) {
		return func(r *Repo, err error) {
			if err != nil {
				if !errors.Is(err, refs.ErrCorrupt) && !errors.Is(err, refs.ErrVersion) {
					t.Errorf("%s %d: open: %v", what, at, err)
				}
				return
			}
			res, err := r.Fsck(ctx)
			if err != nil {
				t.Errorf("%s %d: fsck: %v", what, at, err)
				return
			}
			state, err := r.refs.State()
			if err != nil || state.Get(nameEngagement) == "" {
				t.Errorf("%s %d: opened without an engagement: %v", what, at, err)
			}
			if older++; len(res.Damage) == 0 && !cut {
				t.Errorf("%s %d: not found", what, at)
			}
			if state.Get(headName(DefaultLine)) != "" {
				s.reads(at, r)
			}
		}
	}
	for at := range s.whole {
		content := bytes.Clone(s.whole)
		content[at] ^= 1 << (at % 8)
		s.holding(content, look("flip", at, false))
		s.holding(s.whole[:at], look("cut", at, true))
	}
	s.holding(nil, look("gone", 0, false))
	t.Logf("%d bytes, %d times opened", len(s.whole), older)
}

// TestCacheDamaged: the stat cache may hold anything; status is right.
func TestCacheDamaged(t *testing.T) {
	t.Parallel()
	s := newSpecimen(t, "cache")
	look := func(at int) func(*Repo, error) {
		return func(r *Repo, err error) {
			if err != nil {
				t.Fatalf("byte %d: open: %v", at, err)
			}
			if st, err := r.Status(context.Background(), StatusOptions{}); err != nil || !st.Clean {
				t.Errorf("byte %d: status %+v, %v", at, st, err)
			}
		}
	}
	for at := range s.whole {
		content := bytes.Clone(s.whole)
		content[at] ^= 1 << (at % 8)
		s.holding(content, look(at))
		s.holding(s.whole[:at], look(at))
	}
	s.holding(nil, look(-1))
}
