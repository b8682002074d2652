package pack_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// wrecked is a store in a folder of the system, with one pack to be damaged.
type wrecked struct {
	t     *testing.T
	root  string
	dir   fsys.FS
	all   []kept
	name  string // of the pack
	bytes []byte // of it, as it was
}

func newWrecked(t *testing.T) *wrecked {
	t.Helper()
	w := &wrecked{t: t, root: t.TempDir()}
	dir, err := fsys.Open(w.root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	w.dir = dir
	s := openStore(t, dir)
	out, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	first, err := fillIn(out, 1, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := fillIn(out, 2, 3, first)
	if err != nil {
		t.Fatal(err)
	}
	w.all = append(first, second...)
	if err := out.Commit(); err != nil {
		t.Fatal(err)
	}
	packs, err := s.Packs()
	if err != nil {
		t.Fatal(err)
	}
	w.name = packs[0].Name
	s.Close()
	if w.bytes, err = os.ReadFile(filepath.Join(w.root, w.name)); err != nil {
		t.Fatal(err)
	}
	return w
}

// damage writes the pack with bytes changed, and nothing else.
func (w *wrecked) damage(change func(b []byte) []byte) *pack.Store {
	w.t.Helper()
	infos, err := os.ReadDir(w.root)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range infos {
		if !i.IsDir() {
			os.Remove(filepath.Join(w.root, i.Name()))
		}
	}
	if err := os.WriteFile(filepath.Join(w.root, w.name), change(bytes.Clone(w.bytes)), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return openStore(w.t, w.dir)
}

// readable counts the objects that come back as they went in, and holds that no
// others come back.
func (w *wrecked) readable(s *pack.Store) (n int) {
	w.t.Helper()
	for _, k := range w.all {
		b, err := read(s, k)
		if err == nil && !bytes.Equal(b, k.content) {
			w.t.Fatalf("object %s comes back as something else", k.id.Short())
		}
		if (err == nil) != (s.Check(k.id) == nil) {
			w.t.Fatalf("object %s: read %v, checked %v", k.id.Short(), err, s.Check(k.id))
		}
		if err == nil {
			n++
		}
	}
	return n
}

func read(s *pack.Store, k kept) ([]byte, error) {
	if k.kind != objects.KindBlob {
		return s.Get(k.kind, k.id)
	}
	r, err := s.Blob(k.id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out bytes.Buffer
	_, err = r.WriteTo(&out)
	return out.Bytes(), err
}

// TestSalvage damages each part of a pack: nothing that could be read before
// is lost, the store is sound afterwards, and what is lost is named or kept.
func TestSalvage(t *testing.T) {
	t.Parallel()
	w := newWrecked(t)
	n := len(w.bytes)
	r := rand.New(rand.NewPCG(1, 2))
	changes := map[string]func(b []byte) []byte{
		"nothing":      func(b []byte) []byte { return b },
		"magic":        func(b []byte) []byte { b[0] ^= 1; return b },
		"footer":       func(b []byte) []byte { b[n-5] ^= 1; return b },
		"directory":    func(b []byte) []byte { b[n-34] ^= 1; return b },
		"index page":   func(b []byte) []byte { b[n-300] ^= 1; return b },
		"cut in half":  func(b []byte) []byte { return b[:n/2] },
		"only frames":  func(b []byte) []byte { return b[:n-400] },
		"zeros within": func(b []byte) []byte { clear(b[n/3 : n/3+5000]); return b },
		"empty":        func([]byte) []byte { return nil },
		"footer and a frame": func(b []byte) []byte {
			b[n-5] ^= 1
			b[n/2] ^= 1
			return b
		},
	}
	for i := range 30 {
		at := r.IntN(n)
		changes["bit "+string(rune('a'+i%26))+string(rune('a'+i/26))] = func(b []byte) []byte { b[at] ^= 1 << r.IntN(8); return b }
	}
	for name, change := range changes {
		s := w.damage(change)
		before := w.readable(s)
		res, err := s.Salvage(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		after := w.readable(s)
		if after < before {
			t.Errorf("%s: %d objects could be read, %d can now", name, before, after)
		}
		lost := len(w.all) - after
		switch {
		case name == "nothing" && (len(res.Packs) != 0 || lost != 0):
			t.Errorf("%+v", res)
		case strings.HasPrefix(name, "bit"), name == "nothing":
		case len(res.Packs) != 1:
			t.Errorf("%s: %+v", name, res)
		}
		for _, at := range []string{"magic", "footer", "directory", "index page"} {
			if name == at && lost > 0 {
				t.Errorf("%s: %d objects are lost", name, lost)
			}
		}
		if lost > 0 && len(res.Kept) == 0 && name != "empty" {
			t.Errorf("%s: %d objects are lost and nothing is kept", name, lost)
		}
		if err := s.Verify(context.Background(), func(d pack.Damage) {
			if !errors.Is(d.Err, objects.ErrNotFound) && !strings.Contains(d.Err.Error(), "not found") {
				t.Errorf("%s: still damaged: %v", name, d)
			}
		}); err != nil {
			t.Error(err)
		}
		if again, err := s.Salvage(context.Background()); err != nil || len(again.Packs) > 0 {
			t.Errorf("%s: once more: %+v, %v", name, again, err)
		}
		if err := s.Discard(res.Kept); err != nil {
			t.Error(err)
		}
		if err := s.Discard([]string{"../" + w.name}); err == nil {
			t.Error("discarded something else")
		}
		s.Close()
	}
}

// TestMend stores sound copies of what is damaged: readers take them, and so
// do merging and collecting.
func TestMend(t *testing.T) {
	t.Parallel()
	w := newWrecked(t)
	whole := openStore(t, w.dir)
	frames := map[objects.ID][]byte{}
	for _, k := range w.all {
		b, err := whole.PlainFrame(k.id, nil)
		if err != nil {
			t.Fatal(err)
		}
		chunks, err := pack.Chunks(b)
		if err != nil {
			t.Fatal(err)
		}
		frames[k.id] = b
		for _, c := range chunks {
			if frames[c], err = whole.PlainFrame(c, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	whole.Close()
	r := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		s := w.damage(func(b []byte) []byte {
			for range 20 {
				b[16+r.IntN(len(b)*9/10)] ^= 1 << r.IntN(8)
			}
			return b
		})
		var bad []objects.ID
		if err := s.Verify(context.Background(), func(d pack.Damage) {
			if !d.ID.IsZero() {
				bad = append(bad, d.ID)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if len(bad) == 0 {
			t.Fatal("nothing is damaged")
		}
		out, err := s.Mend("heal")
		if err != nil {
			t.Fatal(err)
		}
		for try := 0; len(bad) > 0 && try < 3; try++ { // lists need their pieces
			var later []objects.ID
			for _, id := range bad {
				if _, err := out.PutFrame(frames[id]); err != nil {
					later = append(later, id)
				}
			}
			bad = later
		}
		if len(bad) > 0 {
			t.Fatalf("%d objects cannot be mended", len(bad))
		}
		if err := out.Commit(); err != nil {
			t.Fatal(err)
		}
		if n := w.readable(s); n != len(w.all) {
			t.Fatalf("%d of %d objects can be read", n, len(w.all))
		}
		res, err := s.Salvage(context.Background())
		if err != nil || len(res.Lost) > 0 || len(res.Kept) > 0 {
			t.Fatalf("%+v, %v", res, err)
		}
		wantSound(t, s)
		if _, err := s.GC(context.Background(), pack.GCOptions{Keep: func(objects.ID) bool { return true }, Full: true}); err != nil {
			t.Fatal(err)
		}
		if n := w.readable(s); n != len(w.all) {
			t.Fatalf("%d of %d objects can be read after GC", n, len(w.all))
		}
		wantSound(t, s)
		s.Close()
	}
}

// TestSalvageEverywhere: a fault at any operation loses nothing that could be
// read.
func TestSalvageEverywhere(t *testing.T) {
	t.Parallel()
	w := newWrecked(t)
	s := w.damage(func(b []byte) []byte {
		b[len(b)/2] ^= 1
		b[len(b)-300] ^= 1
		return b
	})
	if _, err := os.Stat(filepath.Join(w.root, w.name)); err != nil {
		t.Fatal(err)
	}
	before := w.readable(s)
	s.Close()
	everywhere(t, w.dir, func(s *pack.Store) error {
		_, err := s.Salvage(context.Background())
		return err
	}, func(t *testing.T, dir fsys.FS, err error) {
		s := openStore(t, dir)
		defer s.Close()
		if n := w.readable(s); n < before {
			t.Errorf("%d objects could be read, %d can now", before, n)
		}
		if _, err := s.Salvage(context.Background()); err != nil {
			t.Error(err)
		}
		if n := w.readable(s); n < before {
			t.Errorf("%d objects could be read, %d can now", before, n)
		}
	})
}
