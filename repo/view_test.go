package repo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/esync/esync/transport"
)

func TestView(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	r := u.init(t.TempDir(), "eng1")
	ctx := context.Background()
	big := make([]byte, 9<<20)
	rnd := rand.NewChaCha8([32]byte{1})
	rnd.Read(big)
	write(t, r, "A/B/memo.txt", "hello\n")
	write(t, r, "scan.pdf", string(big))
	commit(t, r, "first")
	if err := r.CreateTag(ctx, "final", ""); err != nil {
		t.Fatal(err)
	}
	if err := r.CreateLine(ctx, "draft/anna", ""); err != nil {
		t.Fatal(err)
	}
	write(t, r, "new.txt", "only on main\n")
	commit(t, r, "second")
	v := r.View()
	if err := fstest.TestFS(v, "@main/A/B/memo.txt", "@main/new.txt", "@main/scan.pdf", "@final/A/B/memo.txt", "@draft:anna/scan.pdf"); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(v, "@final/new.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a paper of later is in the tag: %v", err)
	}
	f, err := v.Open("@main/scan.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := f.(io.ReaderAt)
	for i := range 300 {
		// Forward in steps that overlap, now and then far back.
		off := int64(i*31_000) - rnd64(rnd, 1<<20)
		if i%100 == 99 {
			off = rnd64(rnd, 1000)
		}
		off = max(off, 0)
		buf := make([]byte, rnd64(rnd, 200_000))
		n, err := at.ReadAt(buf, off)
		want := big[min(off, int64(len(big))):min(off+int64(len(buf)), int64(len(big)))]
		if n != len(want) || !bytes.Equal(buf[:n], want) || err != nil && !(err == io.EOF && n < len(buf)) {
			t.Fatalf("%d bytes at %d: got %d, %v", len(buf), off, n, err)
		}
	}
	if held := cap(f.(*viewFile).kept); held > viewWindow {
		t.Errorf("an open file holds %d bytes", held)
	}
}

func rnd64(r *rand.ChaCha8, n uint64) int64 { return int64(r.Uint64() % n) }

// TestHostView: several engagements are folders; one stands by itself.
func TestHostView(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	u := newUser(t, "anna")
	dir := t.TempDir()
	var roots []string
	for _, name := range []string{"eng1", "eng2"} {
		r := u.init(filepath.Join(dir, name), name)
		write(t, r, "about.txt", name)
		commit(t, r, "first")
		roots = append(roots, r.Root())
	}
	for n, path := range map[int]string{1: "@main/about.txt", 2: "eng1/@main/about.txt"} {
		h, err := NewHost(ctx, u.env, roots[:n], HostOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		v := h.View(ctx, Peer{Key: u.key(), Cap: transport.LevelRead})
		if err := fstest.TestFS(v, path); err != nil {
			t.Errorf("%d engagements: %v", n, err)
		}
		if b, err := fs.ReadFile(v, path); err != nil || string(b) != "eng1" {
			t.Errorf("%d engagements: %q, %v", n, b, err)
		}
	}
}
