package pack_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/objects/storetest"
)

// benchTree is a folder of documents to store, for BenchmarkPutTree.
func benchTree(b *testing.B) []string {
	root := os.Getenv("ESYNC_BENCH_TREE")
	if root == "" {
		b.Skip("ESYNC_BENCH_TREE names no folder")
	}
	var files []string
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

func putFiles(b testing.TB, w *pack.Writer, files []string) (ids []objects.ID, bytes int64) {
	ids = make([]objects.ID, len(files))
	var all sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(files) {
					return
				}
				f, err := os.Open(files[i])
				if err != nil {
					b.Error(err)
					return
				}
				info, _ := f.Stat()
				id, n, err := w.PutBlob(f, info.Size(), objects.ID{})
				f.Close()
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				ids[i] = id
				bytes += n
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return ids, bytes
}

// BenchmarkPutTree stores the files of a real folder in a new store, durably.
func BenchmarkPutTree(b *testing.B) {
	files := benchTree(b)
	for b.Loop() {
		s := openStore(b, openDir(b))
		w, err := s.Begin()
		if err != nil {
			b.Fatal(err)
		}
		_, n := putFiles(b, w, files)
		if err := w.Commit(); err != nil {
			b.Fatal(err)
		}
		packs, _ := s.Packs()
		b.SetBytes(n)
		b.ReportMetric(float64(packs[0].Bytes)/1e6, "MB")
		b.ReportMetric(float64(packs[0].Objects), "objects")
	}
}

// BenchmarkReadTree reads them all back.
func BenchmarkReadTree(b *testing.B) {
	files := benchTree(b)
	s := openStore(b, openDir(b))
	w, err := s.Begin()
	if err != nil {
		b.Fatal(err)
	}
	ids, n := putFiles(b, w, files)
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(n)
	for b.Loop() {
		for _, id := range ids {
			r, err := s.Blob(id)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	}
}

// BenchmarkDelta stores a workbook-like blob again after one change.
func BenchmarkDelta(b *testing.B) {
	for name, n := range map[string]int{"40K": 40 << 10, "3M": 3 << 20} {
		b.Run(name, func(b *testing.B) {
			s := openStore(b, openDir(b))
			w, err := s.Begin()
			if err != nil {
				b.Fatal(err)
			}
			content := storetest.Noise(1, n)
			prev, err := w.Put(objects.KindBlob, content, objects.ID{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(n))
			start := w.Bytes()
			for i := 0; b.Loop(); i++ {
				for at := i % 1000; at < len(content); at += 200 << 10 {
					content[at]++
				}
				if prev, _, err = w.PutBlob(bytes.NewReader(content), int64(n), prev); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(w.Bytes()-start)/float64(b.N), "stored/op")
			w.Close()
		})
	}
}

// BenchmarkHas asks a store of 200,000 objects for each of them.
func BenchmarkHas(b *testing.B) {
	s := openStore(b, openDir(b))
	w, err := s.Begin()
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]objects.ID, 200_000)
	for i := range ids {
		if ids[i], err = w.Put(objects.KindBlob, []byte{byte(i), byte(i >> 8), byte(i >> 16)}, objects.ID{}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		if has, err := s.Has(ids[i%len(ids)]); !has {
			b.Fatal(err)
		}
		i += 7919
	}
}

// BenchmarkPutEdits stores the files of a folder, and then those of an edited
// copy of it that differ, each with what stood under its name before.
func BenchmarkPutEdits(b *testing.B) {
	root, edited := os.Getenv("ESYNC_BENCH_TREE"), os.Getenv("ESYNC_BENCH_EDITED")
	if edited == "" {
		b.Skip("ESYNC_BENCH_EDITED names no folder")
	}
	files := benchTree(b)
	s := openStore(b, openDir(b))
	w, err := s.Begin()
	if err != nil {
		b.Fatal(err)
	}
	ids, _ := putFiles(b, w, files)
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w, err := s.Begin()
		if err != nil {
			b.Fatal(err)
		}
		changed := 0
		for i, name := range files {
			rel, _ := filepath.Rel(root, name)
			name = filepath.Join(edited, rel)
			info, err := os.Stat(name)
			if err != nil {
				continue
			}
			old, err := os.Stat(files[i])
			if err != nil || old.Size() == info.Size() && old.ModTime().Equal(info.ModTime()) {
				continue
			}
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			id, _, err := w.PutBlob(f, info.Size(), ids[i])
			f.Close()
			if err != nil {
				b.Fatal(err)
			}
			if id != ids[i] {
				changed++
			}
		}
		b.ReportMetric(float64(w.Bytes())/1e3, "kB")
		b.ReportMetric(float64(changed), "changed")
		w.Close()
	}
}

// BenchmarkReceiveTree receives the frames of a stored folder: what a clone
// does beside the network.
func BenchmarkReceiveTree(b *testing.B) {
	files := benchTree(b)
	from := openStore(b, openDir(b))
	w, err := from.Begin()
	if err != nil {
		b.Fatal(err)
	}
	_, n := putFiles(b, w, files)
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(n)
	frames := framesOf(b, from)
	for b.Loop() {
		in := receiver(b, openStore(b, openDir(b)), "key")
		for _, f := range frames {
			if _, err := in.PutFrame(f); err != nil {
				b.Fatal(err)
			}
		}
		if err := in.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
