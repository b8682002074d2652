package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/esync/esync/objects"
)

// Subject is a store under test.
type Subject interface {
	objects.Source
	// Write hands fn a Sink and makes durable what fn stored, unless it fails.
	Write(fn func(objects.Sink) error) error
}

// Run puts stores that open makes, each empty, through the suite.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	tests := []struct {
		name string
		test func(*testing.T, Subject)
	}{
		{"Empty", testEmpty},
		{"Kinds", testKinds},
		{"Sizes", testSizes},
		{"Versions", testVersions},
		{"Together", testTogether},
		{"BrokenReader", testBrokenReader},
		{"CallersBytes", testCallersBytes},
		{"Readers", testReaders},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t, open(t))
		})
	}
}

// Noise makes n bytes that don't compress, from a seed.
func Noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	key[0], key[1], key[2], key[3] = byte(seed), byte(seed>>8), byte(seed>>16), byte(seed>>24)
	rand.NewChaCha8(key).Read(b)
	return b
}

// Ledger makes about n bytes of text like an export of an accounting program.
func Ledger(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+100)
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, "%06d;2026-%02d-%02d;%04d;%d.%02d;payment of invoice %d\r\n", i, r.IntN(12)+1, r.IntN(28)+1, r.IntN(9000)+1000, r.IntN(100000), r.IntN(100), r.IntN(1e6))
	}
	return b[:n]
}

func testEmpty(t *testing.T, s Subject) {
	absent := objects.Sum(objects.KindBlob, []byte("absent"))
	if has, err := s.Has(absent); has || err != nil {
		t.Errorf("Has = %v, %v", has, err)
	}
	wantAbsent(t, s, absent)
	if err := s.Write(func(objects.Sink) error { return nil }); err != nil {
		t.Errorf("write of nothing: %v", err)
	}
}

func wantAbsent(t *testing.T, s objects.Source, id objects.ID) {
	t.Helper()
	_, err := s.Get(objects.KindTree, id)
	wantNotFound(t, err, id)
	_, err = s.Blob(id)
	wantNotFound(t, err, id)
}

func wantNotFound(t *testing.T, err error, id objects.ID) {
	t.Helper()
	var oe *objects.ObjectError
	if !errors.Is(err, objects.ErrNotFound) || !errors.As(err, &oe) || oe.ID != id {
		t.Errorf("absent object: %v", err)
	}
}

func testKinds(t *testing.T, s Subject) {
	content := []byte("the same bytes as three kinds")
	var ids [3]objects.ID
	err := s.Write(func(w objects.Sink) error {
		for i := range ids {
			var err error
			if ids[i], err = w.Put(objects.Kind(i+1), content, objects.ID{}); err != nil {
				return err
			}
		}
		if _, err := w.Put(objects.Kind(9), content, objects.ID{}); err == nil {
			t.Error("kind 9 was taken")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		kind := objects.Kind(i + 1)
		if id != objects.Sum(kind, content) {
			t.Errorf("%v has id %s", kind, id)
		}
		got, err := s.Get(kind, id)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("Get %v: %q, %v", kind, got, err)
		}
		// An object of one kind is no object of another.
		_, err = s.Get(objects.Kind((i+1)%3+1), id)
		wantNotFound(t, err, id)
		if has, err := s.Has(id); !has || err != nil {
			t.Errorf("Has %v: %v, %v", kind, has, err)
		}
	}
	_, err = s.Blob(ids[1])
	wantNotFound(t, err, ids[1])
}

// sizes lie around the limits of frames and chunks.
var sizes = []int{0, 1, 2, 63, 64, 1 << 10, 64<<10 - 1, 64 << 10, 128 << 10, 256<<10 - 1, 256 << 10, 256<<10 + 1, 1<<20 + 17}

func testSizes(t *testing.T, s Subject) {
	makers := map[string]func(uint64, int) []byte{
		"noise":  Noise,
		"ledger": Ledger,
		"zeros":  func(_ uint64, n int) []byte { return make([]byte, n) },
	}
	for name, make := range makers {
		var blobs [][]byte
		var ids []objects.ID
		err := s.Write(func(w objects.Sink) error {
			for i, n := range sizes {
				b := make(uint64(i), n)
				size := int64(n)
				if i%2 == 1 {
					size = -1
				}
				id, got, err := w.PutBlob(iotest.OneByteReader(bytes.NewReader(b[:min(n, 1000)])), size, objects.ID{})
				if err != nil || got != int64(min(n, 1000)) {
					return fmt.Errorf("in single bytes: %d, %w", got, err)
				}
				if id != objects.Sum(objects.KindBlob, b[:min(n, 1000)]) {
					t.Errorf("%s of %d: id %s", name, min(n, 1000), id)
				}
				if id, got, err = w.PutBlob(bytes.NewReader(b), size, objects.ID{}); err != nil || got != int64(n) {
					return fmt.Errorf("%d bytes: %d, %w", n, got, err)
				}
				if id != objects.Sum(objects.KindBlob, b) {
					t.Errorf("%s of %d: id %s", name, n, id)
				}
				blobs, ids = append(blobs, b), append(ids, id)
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, id := range ids {
			WantBlob(t, s, id, blobs[i])
		}
	}
}

// WantBlob reads a blob in every way there is.
func WantBlob(t testing.TB, s objects.Source, id objects.ID, want []byte) {
	t.Helper()
	got, err := s.Get(objects.KindBlob, id)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("Get %s of %d bytes: %d bytes, %v", id.Short(), len(want), len(got), err)
		return
	}
	b, err := s.Blob(id)
	if err != nil {
		t.Errorf("Blob %s: %v", id.Short(), err)
		return
	}
	defer b.Close()
	if b.Size() != int64(len(want)) {
		t.Errorf("Size of %s: %d, want %d", id.Short(), b.Size(), len(want))
	}
	var out bytes.Buffer
	if n, err := b.WriteTo(&out); err != nil || n != int64(len(want)) || !bytes.Equal(out.Bytes(), want) {
		t.Errorf("WriteTo of %s: %d bytes, %v", id.Short(), n, err)
	}
}

// testVersions stores successive versions, each a small edit of the last.
func testVersions(t *testing.T, s Subject) {
	for _, doc := range []struct {
		content []byte
		edits   int
	}{{Noise(1, 4_000), 40}, {Ledger(2, 100_000), 6}, {Noise(3, 700_000), 6}, {Ledger(4, 600_000), 4}} {
		var versions [][]byte
		var ids []objects.ID
		content, prev := doc.content, objects.ID{}
		for i := range doc.edits {
			at := (i * 7919) % len(content)
			edit := fmt.Appendf(nil, "edit %d", i)
			content = append(append(append([]byte{}, content[:at]...), edit...), content[at:]...)
			err := s.Write(func(w objects.Sink) error {
				id, _, err := w.PutBlob(bytes.NewReader(content), int64(len(content)), prev)
				prev = id
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			versions, ids = append(versions, content), append(ids, prev)
		}
		for i, id := range ids {
			WantBlob(t, s, id, versions[i])
		}
	}
	tree, prev := Noise(9, 9000), objects.ID{}
	for i := range 40 {
		tree = append([]byte{}, tree...)
		copy(tree[i*80:], Noise(uint64(i), 32))
		err := s.Write(func(w objects.Sink) (err error) {
			prev, err = w.Put(objects.KindTree, tree, prev)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(objects.KindTree, prev); err != nil || !bytes.Equal(got, tree) {
			t.Fatalf("tree %d: %d bytes, %v", i, len(got), err)
		}
	}
}

// testTogether lets many goroutines store overlapping things at once.
func testTogether(t *testing.T, s Subject) {
	const workers, each = 4, 20
	var contents [30][]byte
	for i := range contents {
		contents[i] = Ledger(uint64(i), 1000+i%7*60_000)
	}
	content := func(i int) []byte { return contents[i%len(contents)] }
	err := s.Write(func(w objects.Sink) error {
		var all sync.WaitGroup
		errs := make([]error, workers)
		for g := range workers {
			all.Go(func() {
				for i := range each {
					b := content(g*11 + i)
					if _, _, err := w.PutBlob(bytes.NewReader(b), int64(len(b)), objects.ID{}); err != nil {
						errs[g] = err
						return
					}
				}
			})
		}
		all.Wait()
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for g := range workers {
		all.Go(func() {
			for i := range each {
				b := content(g*11 + i)
				WantBlob(t, s, objects.Sum(objects.KindBlob, b), b)
			}
		})
	}
	all.Wait()
}

func testBrokenReader(t *testing.T, s Subject) {
	broken := errors.New("the medium is gone")
	for _, n := range []int{0, 100, 300_000, 2_000_000} {
		b := Noise(uint64(n), n)
		s.Write(func(w objects.Sink) error {
			_, _, err := w.PutBlob(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(broken)), int64(n), objects.ID{})
			if !errors.Is(err, broken) {
				t.Errorf("after %d bytes: %v", n, err)
			}
			return nil
		})
		if has, err := s.Has(objects.Sum(objects.KindBlob, b)); has || err != nil {
			t.Errorf("after %d bytes: Has = %v, %v", n, has, err)
		}
	}
}

// testCallersBytes changes what was handed in and what came back.
func testCallersBytes(t *testing.T, s Subject) {
	content := []byte("bytes of the caller, who goes on using them")
	want := bytes.Clone(content)
	var id objects.ID
	err := s.Write(func(w objects.Sink) (err error) {
		id, err = w.Put(objects.KindBlob, content, objects.ID{})
		clear(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := s.Get(objects.KindBlob, id)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%q, %v", got, err)
		}
		clear(got)
	}
}

func testReaders(t *testing.T, s Subject) {
	for _, n := range []int{0, 5, 1000, 900_000} {
		want := Ledger(uint64(n), n)
		err := s.Write(func(w objects.Sink) error {
			_, err := w.Put(objects.KindBlob, want, objects.ID{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Blob(objects.Sum(objects.KindBlob, want))
		if err != nil {
			t.Fatal(err)
		}
		// BlobReader hides WriterTo here, so that Read is what is tested.
		if err := iotest.TestReader(struct{ io.Reader }{b}, want); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("%d bytes: close: %v", n, err)
		}
		early, err := s.Blob(objects.Sum(objects.KindBlob, want))
		if err != nil {
			t.Fatal(err)
		}
		early.Read(make([]byte, 3))
		if err := early.Close(); err != nil {
			t.Errorf("%d bytes: early close: %v", n, err)
		}
	}
}
