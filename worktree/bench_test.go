package worktree

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// treesOnly keeps trees and forgets what files hold.
type treesOnly struct {
	hashSink
	mu    sync.Mutex
	trees map[objects.ID][]byte
}

func (s *treesOnly) Put(k objects.Kind, content []byte, prev objects.ID) (objects.ID, error) {
	id := objects.Sum(k, content)
	if k == objects.KindTree {
		s.mu.Lock()
		s.trees[id] = append([]byte(nil), content...)
		s.mu.Unlock()
	}
	return id, nil
}

func (s *treesOnly) Get(k objects.Kind, id objects.ID) ([]byte, error) { return s.trees[id], nil }
func (s *treesOnly) Has(objects.ID) (bool, error)                      { return true, nil }
func (s *treesOnly) Blob(objects.ID) (objects.BlobReader, error)       { return nil, io.EOF }

// engagement gives a folder of files: that named by ESYNC_BENCH_DIR, or one
// made of n small files.
func engagement(b *testing.B, n int) string {
	b.Helper()
	if dir := os.Getenv("ESYNC_BENCH_DIR"); dir != "" {
		return dir
	}
	dir := b.TempDir()
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("folder %03d/sub %02d/file %06d.csv", i/500, i/25%20, i))
		if i%25 == 0 {
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(name, fmt.Appendf(nil, "%d;amount;%d\n", i, i*i), 0o666); err != nil {
			b.Fatal(err)
		}
		if err := os.Chtimes(name, longAgo, longAgo); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func benchOpen(b *testing.B, dir string) *Worktree {
	b.Helper()
	files, err := fsys.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	state, err := fsys.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	w, err := Open(files, state, Options{})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func BenchmarkScan(b *testing.B) {
	for _, n := range []int{2_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if testing.Short() && n > 10_000 {
				b.Skip("short")
			}
			w := benchOpen(b, engagement(b, n))
			store := &treesOnly{trees: map[objects.ID][]byte{}}
			rec, err := w.Record(context.Background(), store, store, objects.ID{}, RecordOptions{})
			if err != nil {
				b.Fatal(err)
			}
			if err := w.Commit(rec); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				s, err := w.Scan(context.Background(), store, rec.Tree, ScanOptions{})
				if err != nil {
					b.Fatal(err)
				}
				if len(s.Changes) > 0 {
					b.Fatalf("%d changes", len(s.Changes))
				}
			}
		})
	}
}

func BenchmarkFirstRecord(b *testing.B) {
	for _, n := range []int{2_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if testing.Short() && n > 10_000 {
				b.Skip("short")
			}
			w := benchOpen(b, engagement(b, n))
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				store := &treesOnly{trees: map[objects.ID][]byte{}}
				rec, err := w.Record(context.Background(), store, store, objects.ID{}, RecordOptions{})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(rec.Bytes)
			}
		})
	}
}

// diskBlobs reads blobs from the files of a folder, as a store would from a
// pack: it costs one read and no more.
type diskBlobs struct {
	*treesOnly
	blobs map[objects.ID][]byte
}

func (s *diskBlobs) Put(k objects.Kind, content []byte, prev objects.ID) (objects.ID, error) {
	id, err := s.treesOnly.Put(k, content, prev)
	if k == objects.KindBlob {
		s.mu.Lock()
		s.blobs[id] = append([]byte(nil), content...)
		s.mu.Unlock()
	}
	return id, err
}

func (s *diskBlobs) PutBlob(r io.Reader, _ int64, prev objects.ID) (objects.ID, int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return objects.ID{}, 0, err
	}
	id, err := s.Put(objects.KindBlob, b, prev)
	return id, int64(len(b)), err
}

func (s *diskBlobs) Get(k objects.Kind, id objects.ID) ([]byte, error) {
	if k == objects.KindTree {
		return s.treesOnly.Get(k, id)
	}
	return append([]byte(nil), s.blobs[id]...), nil
}

func (s *diskBlobs) Blob(id objects.ID) (objects.BlobReader, error) {
	return memBlob{bytes.NewReader(s.blobs[id])}, nil
}

type memBlob struct{ *bytes.Reader }

func (memBlob) Close() error { return nil }

func BenchmarkFreshApply(b *testing.B) {
	for _, n := range []int{2_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if testing.Short() && n > 10_000 {
				b.Skip("short")
			}
			w := benchOpen(b, engagement(b, n))
			store := &diskBlobs{&treesOnly{trees: map[objects.ID][]byte{}}, map[objects.ID][]byte{}}
			rec, err := w.Record(context.Background(), store, store, objects.ID{}, RecordOptions{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				b.StopTimer()
				fresh := benchOpen(b, b.TempDir())
				b.StartTimer()
				p, err := fresh.Plan(context.Background(), store, objects.ID{}, rec.Tree, PlanOptions{Fresh: true})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := fresh.Apply(context.Background(), store, p, ApplyOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
