package pack_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/objects/storetest"
)

// kept is an object that a test stored and expects to find again.
type kept struct {
	kind    objects.Kind
	id      objects.ID
	content []byte
}

func wantAll(t testing.TB, s objects.Source, all []kept) {
	t.Helper()
	for _, k := range all {
		got, err := s.Get(k.kind, k.id)
		if err != nil || !bytes.Equal(got, k.content) {
			t.Fatalf("%v %s: %d bytes, %v", k.kind, k.id.Short(), len(got), err)
		}
	}
}

func wantSound(t testing.TB, s *pack.Store) {
	t.Helper()
	err := s.Verify(context.Background(), func(d pack.Damage) { t.Errorf("verify: %v", d) })
	if err != nil {
		t.Fatal(err)
	}
}

// commit stores n objects of all kinds in one pack. Those of one seed share
// their beginnings with those of the seed before, which are their bases.
func commit(t testing.TB, s *pack.Store, seed, n int, last []kept) []kept {
	t.Helper()
	all, err := tryCommit(s, seed, n, last)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tryCommit(s *pack.Store, seed, n int, last []kept) ([]kept, error) {
	w, err := s.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	all, err := fillIn(w, seed, n, last)
	if err != nil {
		return nil, err
	}
	return all, w.Commit()
}

func fillIn(w *pack.Writer, seed, n int, last []kept) (all []kept, err error) {
	for i := range n {
		k := kept{kind: objects.Kind(i%3 + 1)}
		size := 300 + 2000*i
		if i == 3 {
			size = 270_000 // a list
		}
		k.content = storetest.Noise(uint64(i), size)
		binary.LittleEndian.PutUint64(k.content[size/2:], uint64(seed))
		var prev objects.ID
		if last != nil {
			prev = last[i].id
		}
		if k.kind == objects.KindBlob {
			k.id, _, err = w.PutBlob(bytes.NewReader(k.content), int64(size), prev)
		} else {
			k.id, err = w.Put(k.kind, k.content, prev)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// TestManyCommits: hundreds of commits leave few packs, and all objects.
func TestManyCommits(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	s := openStore(t, dir)
	var all, last []kept
	for i := range 300 {
		last = commit(t, s, i, 3, last)
		all = append(all, last...)
		if i%30 == 0 {
			packs, err := s.Packs()
			if err != nil || len(packs) > 20 {
				t.Fatalf("after %d commits: %d packs, %v", i, len(packs), err)
			}
		}
	}
	fresh := openStore(t, dir)
	wantAll(t, fresh, all)
	wantSound(t, fresh)
	packs, _ := fresh.Packs()
	var size int64
	for _, p := range packs {
		size += p.Bytes
	}
	t.Logf("%d packs with %d bytes", len(packs), size)
}

// TestReaderSurvivesMerges: one store reads while another, as if in another
// process, commits and merges.
func TestReaderSurvivesMerges(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	reader, writer := openStore(t, dir), openStore(t, dir)
	var all, last []kept
	for i := range 30 {
		last = commit(t, writer, i, 4, last)
		all = append(all, last...)
		wantAll(t, reader, all[max(0, len(all)-20):])
	}
	wantAll(t, reader, all)
}

func TestEmptyCommitLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	s := openStore(t, dir)
	all := commit(t, s, 1, 3, nil)
	commit(t, s, 1, 3, nil) // the same again
	if packs, err := s.Packs(); len(packs) != 1 || err != nil {
		t.Errorf("%d packs, %v", len(packs), err)
	}
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Errorf("empty: %v", err)
	}
	if _, err := w.Put(objects.KindBlob, []byte("late"), objects.ID{}); !errors.Is(err, pack.ErrClosed) {
		t.Errorf("put after commit: %v", err)
	}
	wantFiles(t, dir, 2) // pack, incoming
	wantAll(t, s, all)
}

func wantFiles(t *testing.T, dir fsys.FS, n int) {
	t.Helper()
	infos, err := dir.ReadDir(".")
	infos = slices.DeleteFunc(infos, func(i fsys.Info) bool { return i.Name == "merge.lock" })
	if err != nil || len(infos) != n {
		t.Errorf("%d files, want %d: %+v, %v", len(infos), n, infos, err)
	}
}

// TestChainsEnd: however many versions a file has, chains end.
func TestChainsEnd(t *testing.T) {
	t.Parallel()
	s := openStore(t, openDir(t))
	var last []kept
	deepest := 0
	for i := range 40 {
		last = commit(t, s, i, 5, last)
		for _, k := range last {
			info, err := s.Stat(k.id)
			if err != nil {
				t.Fatal(err)
			}
			deepest = max(deepest, info.Depth)
			if info.Form.HasBase() == info.Base.IsZero() {
				t.Fatalf("%+v", info)
			}
		}
	}
	if deepest != pack.MaxDepth {
		t.Errorf("deepest chain has %d", deepest)
	}
	wantSound(t, s)
}

// TestInsertIntoLargeBlob: what is stored for ten bytes does not depend on how
// much follows them.
func TestInsertIntoLargeBlob(t *testing.T) {
	t.Parallel()
	s := openStore(t, openDir(t))
	content := storetest.Noise(1, 8<<20)
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	prev, _, err := w.PutBlob(bytes.NewReader(content), -1, objects.ID{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		start := w.Bytes()
		content = slices.Insert(content, 12345, []byte("ten bytes!")...)
		if prev, _, err = w.PutBlob(bytes.NewReader(content), int64(len(content)), prev); err != nil {
			t.Fatal(err)
		}
		if grown := w.Bytes() - start; grown > 2000 {
			t.Errorf("stored %d bytes", grown)
		}
	}
	storetest.WantBlob(t, w, prev, content)
}

func TestParts(t *testing.T) {
	t.Parallel()
	s := openStore(t, openDir(t))
	all := commit(t, s, 1, 5, nil)
	for i, k := range all {
		parts, err := s.Parts(k.id)
		if err != nil || (i == 3) != (len(parts) > 0) {
			t.Errorf("%d: %d parts, %v", i, len(parts), err)
		}
		var joined []byte
		for _, id := range parts {
			b, err := s.Get(objects.KindBlob, id)
			if err != nil {
				t.Fatal(err)
			}
			joined = append(joined, b...)
		}
		if parts != nil && !bytes.Equal(joined, k.content) {
			t.Errorf("%d: parts make up %d bytes", i, len(joined))
		}
	}
	_, err := s.Parts(objects.ID{1})
	_, err2 := s.Stat(objects.ID{1})
	_, err3 := s.Frame(objects.ID{1}, nil)
	if !errors.Is(err, objects.ErrNotFound) || !errors.Is(err2, objects.ErrNotFound) || !errors.Is(err3, objects.ErrNotFound) {
		t.Errorf("%v, %v, %v", err, err2, err3)
	}
	n := 0
	for info, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		if has, err := s.Has(info.ID); !has || err != nil {
			t.Errorf("%+v: %v", info, err)
		}
		n++
	}
	if n < 6 {
		t.Errorf("%d objects", n)
	}
}

func TestGC(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	now := time.Now()
	s, err := pack.Open(dir, pack.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var versions [][]kept
	var last []kept
	for i := range 12 {
		last = commit(t, s, i, 6, last)
		versions = append(versions, last)
	}
	needed := map[objects.ID]bool{}
	for _, v := range [][]kept{versions[5], versions[11]} {
		for _, k := range v {
			needed[k.id] = true
		}
	}
	keep := func(id objects.ID) bool { return needed[id] }
	gc := func(grace time.Duration) pack.GCResult {
		t.Helper()
		res, err := s.GC(context.Background(), pack.GCOptions{Keep: keep, Grace: grace})
		if err != nil {
			t.Fatal(err)
		}
		wantSound(t, s)
		wantAll(t, s, versions[5])
		wantAll(t, s, versions[11])
		return res
	}
	// What is not needed is set aside first, and can be read.
	if res := gc(time.Hour); res.Dropped != 0 {
		t.Errorf("dropped within the grace: %+v", res)
	}
	for _, v := range versions {
		wantAll(t, s, v)
	}
	// A second one soon after changes nothing.
	if res := gc(time.Hour); res.Dropped != 0 || res.SetAside != 0 {
		t.Errorf("again: %+v", res)
	}
	now = now.Add(2 * time.Hour)
	gc(time.Hour)
	for _, v := range [][]kept{versions[5], versions[11]} {
		wantAll(t, s, v)
	}
	// A new version that nothing needs goes at once without grace.
	extra := commit(t, s, 99, 1, nil)
	if res := gc(0); res.Dropped != 1 {
		t.Errorf("without grace: %+v", res)
	}
	if has, _ := s.Has(extra[0].id); has {
		t.Error("what nothing needs is still there")
	}
}

// TestSetAsideComesBack: an object that is needed again while it is set aside
// is stored by whoever writes it, and kept by the next collection.
func TestSetAsideComesBack(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s, err := pack.Open(openDir(t), pack.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all := commit(t, s, 1, 6, nil)
	nothing := func(objects.ID) bool { return false }
	if _, err := s.GC(context.Background(), pack.GCOptions{Keep: nothing, Grace: time.Hour}); err != nil {
		t.Fatal(err)
	}
	packs, err := s.Packs()
	if err != nil || len(packs) != 1 || !packs[0].SetAside {
		t.Fatalf("%+v, %v", packs, err)
	}
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if has, err := w.Has(all[0].id); has || err != nil {
		t.Errorf("the writer counts on what is set aside: %v", err)
	}
	w.Close()
	commit(t, s, 1, 2, nil)
	now = now.Add(2 * time.Hour)
	keep := func(id objects.ID) bool { return id == all[0].id || id == all[3].id }
	if _, err := s.GC(context.Background(), pack.GCOptions{Keep: keep, Grace: time.Hour}); err != nil {
		t.Fatal(err)
	}
	wantAll(t, s, []kept{all[0], all[3]})
	if has, _ := s.Has(all[4].id); has {
		t.Error("dropped too late")
	}
	wantSound(t, s)
}

// TestConcurrentWriters: two stores on one folder write the same versions with
// different bases; merging keeps every object readable.
func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	a, b := openStore(t, dir), openStore(t, dir)
	v1 := storetest.Noise(1, 20_000)
	v2 := bytes.Clone(v1)
	v2[100]++
	begin := func(s *pack.Store) *pack.Writer {
		w, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	put := func(w *pack.Writer, content []byte, prev objects.ID) objects.ID {
		id, err := w.Put(objects.KindBlob, content, prev)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	wa, wb := begin(a), begin(b)
	put(wa, v2, put(wa, v1, objects.ID{})) // v2 is a difference to v1
	put(wb, v1, put(wb, v2, objects.ID{})) // v1 is a difference to v2
	for _, w := range []*pack.Writer{wa, wb} {
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	all := []kept{{objects.KindBlob, objects.Sum(objects.KindBlob, v1), v1}, {objects.KindBlob, objects.Sum(objects.KindBlob, v2), v2}}
	wantAll(t, a, all)
	keep := func(objects.ID) bool { return true }
	if _, err := b.GC(context.Background(), pack.GCOptions{Keep: keep, Full: true}); err != nil {
		t.Fatal(err)
	}
	if packs, _ := b.Packs(); len(packs) != 1 || packs[0].Objects != 2 {
		t.Errorf("%+v", packs)
	}
	wantAll(t, a, all)
	wantAll(t, b, all)
	wantSound(t, b)
}

func TestStreamedCopy(t *testing.T) {
	t.Parallel()
	s := openStore(t, openDir(t))
	content := storetest.Ledger(1, 3<<20)
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	id, _, err := w.PutBlob(bytes.NewReader(content), -1, objects.ID{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	b, err := s.Blob(id)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var out bytes.Buffer
	if _, err := io.CopyN(&out, b, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := b.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), content) {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}
}
