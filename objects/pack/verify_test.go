package pack_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// TestEveryByteIsVerified flips each byte of a pack once: Verify notices, and
// reading gives the right bytes or an error.
func TestEveryByteIsVerified(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, err := fsys.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	s := openStore(t, dir)
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	first, err := fillIn(w, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := fillIn(w, 2, 1, first)
	if err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("evidence"), 50_000) // a list of equal chunks
	largeID, err := w.Put(objects.KindBlob, large, objects.ID{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	all := append(append(first, second...), kept{objects.KindBlob, largeID, large})
	packs, err := s.Packs()
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	file := filepath.Join(root, packs[0].Name)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	damaged := openStore(t, dir)
	for i := 0; i < len(whole); i += step {
		f.WriteAt([]byte{whole[i] ^ 1<<(i%8)}, int64(i))
		found := 0
		if err := damaged.Verify(context.Background(), func(d pack.Damage) {
			if d.Pack != packs[0].Name || d.Error() == "" {
				t.Errorf("%+v", d)
			}
			found++
		}); err != nil {
			t.Fatal(err)
		}
		if found == 0 {
			t.Fatalf("byte %d of %d may be anything", i, len(whole))
		}
		if i%5 == 0 {
			wantRightOrError(t, dir, all)
		}
		f.WriteAt(whole[i:i+1], int64(i))
	}
	// Cut anywhere, it is no pack any more.
	for i := 0; i < len(whole); i += 97 {
		f.Truncate(int64(i))
		wantRightOrError(t, dir, all)
		f.WriteAt(whole, 0)
	}
	fresh := openStore(t, dir)
	wantAll(t, fresh, all)
	wantSound(t, fresh)
}

// wantRightOrError reads through a store that has nothing in memory yet.
func wantRightOrError(t *testing.T, dir fsys.FS, all []kept) {
	t.Helper()
	s, err := pack.Open(dir, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	failed := 0
	for _, k := range all {
		got, err := s.Get(k.kind, k.id)
		if err == nil && !bytes.Equal(got, k.content) {
			t.Fatalf("%v %s: wrong bytes", k.kind, k.id.Short())
		}
		if err != nil {
			failed++
			if !errors.Is(err, objects.ErrCorrupt) {
				t.Fatalf("%v %s: %v", k.kind, k.id.Short(), err)
			}
		}
		if k.kind != objects.KindBlob {
			continue
		}
		var out bytes.Buffer
		b, err := s.Blob(k.id)
		if err == nil {
			_, err = b.WriteTo(&out)
			b.Close()
		}
		if err == nil && !bytes.Equal(out.Bytes(), k.content) {
			t.Fatalf("blob %s: wrong bytes", k.id.Short())
		}
	}
}

// TestDamageHeals: what is damaged is stored again by the next writer that has
// it, when the damage hides it from the index.
func TestDamageHeals(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, err := fsys.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	s := openStore(t, dir)
	all := commit(t, s, 1, 3, nil)
	packs, err := s.Packs()
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := os.Truncate(filepath.Join(root, packs[0].Name), packs[0].Bytes/2); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir)
	if _, err := s.Get(all[0].kind, all[0].id); !errors.Is(err, objects.ErrCorrupt) {
		t.Errorf("damaged: %v", err)
	}
	wantAll(t, s, commit(t, s, 1, 3, nil))
	if _, err := s.GC(context.Background(), pack.GCOptions{Keep: func(objects.ID) bool { return true }}); err == nil {
		t.Error("garbage was collected beside a damaged pack")
	}
	wantAll(t, s, all)
}
