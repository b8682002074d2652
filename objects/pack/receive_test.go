package pack_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/objects/storetest"
)

func receiver(t testing.TB, s *pack.Store, key string) *pack.Writer {
	t.Helper()
	w, err := s.Receive(key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// history fills a store with versions of every form.
func history(t testing.TB, s *pack.Store) (all []kept) {
	var last []kept
	for i := range 4 {
		last = commit(t, s, i, 7, last)
		all = append(all, last...)
	}
	// Of a larger list the difference is smaller.
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var prev objects.ID
	for i := range 2 {
		content := storetest.Noise(7, 2<<20)
		content[1<<20] += byte(i)
		if prev, err = w.Put(objects.KindBlob, content, prev); err != nil {
			t.Fatal(err)
		}
		all = append(all, kept{objects.KindBlob, prev, content})
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReceiveAll(t *testing.T) {
	t.Parallel()
	from, to := openStore(t, openDir(t)), openStore(t, openDir(t))
	all := history(t, from)
	w := receiver(t, to, "key")
	forms := map[pack.Form]int{}
	for _, b := range framesOf(t, from) {
		info, err := w.PutFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		forms[info.Form]++
		if has, err := w.Has(info.ID); !has || err != nil {
			t.Fatalf("%+v: %v", info, err)
		}
	}
	for form := pack.FormRaw; form <= pack.FormListDelta; form++ {
		if forms[form] == 0 && form != pack.FormZstd {
			t.Errorf("no frame is %v: %v", form, forms)
		}
	}
	wantAll(t, w, all)
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, to, all)
	wantSound(t, to)
	if in, err := to.Incoming(); len(in) != 0 || err != nil {
		t.Errorf("%v, %v", in, err)
	}
}

// TestReceivePlain: without any base, every object comes across as well.
func TestReceivePlain(t *testing.T) {
	t.Parallel()
	from, to := openStore(t, openDir(t)), openStore(t, openDir(t))
	all := history(t, from)
	// A delta of more than a frame may hold otherwise.
	large := storetest.Noise(5, 2<<20)
	w, err := from.Begin()
	if err != nil {
		t.Fatal(err)
	}
	prev, err := w.Put(objects.KindBlob, large, objects.ID{})
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(large); at += 50_000 {
		large[at]++
	}
	id, err := w.Put(objects.KindBlob, large, prev)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if info, err := from.Stat(id); err != nil || info.Form != pack.FormDelta {
		t.Fatalf("%+v, %v", info, err)
	}
	in := receiver(t, to, "key")
	var buf []byte
	var put func(id objects.ID)
	put = func(id objects.ID) {
		parts, err := from.Parts(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			put(p)
		}
		if buf, err = from.PlainFrame(id, buf); err != nil {
			t.Fatal(err)
		}
		if info, err := pack.ParseFrame(buf); err != nil || info.Form.HasBase() || info.ID != id {
			t.Fatalf("%+v, %v", info, err)
		}
		if _, err := in.PutFrame(buf); err != nil {
			t.Fatal(err)
		}
	}
	put(id)
	all = all[len(all)-9:]
	for _, k := range all {
		put(k.id)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, to, all)
	wantAll(t, to, []kept{{objects.KindBlob, id, large}})
	wantSound(t, to)
	if info, err := to.Stat(id); err != nil || info.Form != pack.FormList {
		t.Errorf("a whole of %d bytes is stored as %v, %v", info.Raw, info.Form, err)
	}
}

// TestReceiveOtherDepths: the receiver has the bases in other forms than the
// sender, and deeper.
func TestReceiveOtherDepths(t *testing.T) {
	t.Parallel()
	from, to := openStore(t, openDir(t)), openStore(t, openDir(t))
	var last, lastTo []kept
	for i := range 36 {
		last = commit(t, from, i, 4, last)
		if i%8 == 0 {
			lastTo = nil // begins chains anew, so its depths differ
		}
		if i < 20 {
			lastTo = commit(t, to, i, 4, lastTo)
		}
	}
	w := receiver(t, to, "key")
	for _, b := range framesOf(t, from) {
		if _, err := w.PutFrame(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, to, last)
	wantSound(t, to)
}

func TestReceiveGoesOn(t *testing.T) {
	t.Parallel()
	from := openStore(t, openDir(t))
	all := history(t, from)
	frames := framesOf(t, from)
	root := t.TempDir()
	dir, err := fsys.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	to := openStore(t, dir)
	for n := range frames {
		w := receiver(t, to, "a_Key-1")
		if w.Count() != n {
			t.Fatalf("%d frames are held, not %d", w.Count(), n)
		}
		if _, err := to.Receive("a_Key-1"); !errors.Is(err, pack.ErrBusy) {
			t.Fatalf("second receiver: %v", err)
		}
		if _, err := w.PutFrame(frames[n]); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		// The process died while it wrote the next.
		part, err := os.OpenFile(filepath.Join(root, "incoming", "a_Key-1.part"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(frames[(n+1)%len(frames)][:n%40])
		part.Close()
	}
	ids, err := to.IncomingIDs("a_Key-1")
	if err != nil || len(ids) != len(frames) {
		t.Errorf("%d objects came in, %v", len(ids), err)
	}
	w := receiver(t, to, "a_Key-1")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, to, all)
	wantSound(t, to)
	for _, key := range []string{"", "../x", "a.b", "a/b", string(make([]byte, 101))} {
		if _, err := to.Receive(key); err == nil {
			t.Errorf("key %q was taken", key)
		}
	}
}

func TestReceiveWithoutBase(t *testing.T) {
	t.Parallel()
	from, to := openStore(t, openDir(t)), openStore(t, openDir(t))
	history(t, from)
	w := receiver(t, to, "key")
	for _, b := range framesOf(t, from) {
		info, err := pack.ParseFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		if !info.Form.HasBase() && !info.Form.IsList() {
			continue
		}
		if _, err := w.PutFrame(b); !errors.Is(err, pack.ErrBase) {
			t.Fatalf("%+v: %v", info, err)
		}
	}
	if w.Count() != 0 {
		t.Errorf("%d objects were stored", w.Count())
	}
}

// TestReceiveHeld: what is there already is not stored again, and does not pass
// for something else.
func TestReceiveHeld(t *testing.T) {
	t.Parallel()
	s := openStore(t, openDir(t))
	history(t, s)
	w := receiver(t, s, "key")
	for _, b := range framesOf(t, s) {
		info, err := pack.ParseFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.PutFrame(b); err != nil || got.ID != info.ID || got.Kind != info.Kind || got.Form != info.Form {
			t.Fatalf("%+v, %v, want %+v", got, err, info)
		}
		b[4] = b[4]&^0x0f | byte(objects.KindTree)
		if pack.Reseal(b); info.Kind == objects.KindBlob && !info.Form.IsList() {
			if got, err := w.PutFrame(b); err == nil {
				t.Fatalf("%+v is taken for %+v", info, got)
			}
		}
	}
	if w.Count() != 0 {
		t.Errorf("%d objects were stored", w.Count())
	}
}

func TestOldTransfersGo(t *testing.T) {
	t.Parallel()
	from := openStore(t, openDir(t))
	commit(t, from, 1, 2, nil)
	frames := framesOf(t, from)
	dir := openDir(t)
	now := time.Now()
	to, err := pack.Open(dir, pack.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	for i := range 2 {
		w := receiver(t, to, fmt.Sprint("key", i))
		if _, err := w.PutFrame(frames[0]); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			w.Close() // the other one goes on
		}
	}
	gc := func(want int) {
		t.Helper()
		if _, err := to.GC(t.Context(), pack.GCOptions{Keep: func(objects.ID) bool { return true }}); err != nil {
			t.Fatal(err)
		}
		if in, err := to.Incoming(); len(in) != want || err != nil {
			t.Errorf("%v, %v", in, err)
		}
	}
	gc(2)
	now = now.Add(15 * 24 * time.Hour)
	gc(1)
}

// FuzzPutFrame: whatever comes in, an object that the receiver has afterwards
// is what its ID says.
func FuzzPutFrame(f *testing.F) {
	from := openStore(f, openDir(f))
	w, err := from.Begin()
	if err != nil {
		f.Fatal(err)
	}
	base := storetest.Ledger(1, 3000)
	baseID, err := w.Put(objects.KindBlob, base, objects.ID{})
	if err != nil {
		f.Fatal(err)
	}
	edited := append(bytes.Clone(base), "one more line"...)
	if _, err := w.Put(objects.KindBlob, edited, baseID); err != nil {
		f.Fatal(err)
	}
	if _, err := w.Put(objects.KindTree, storetest.Noise(1, 500), objects.ID{}); err != nil {
		f.Fatal(err)
	}
	if _, err := w.Put(objects.KindBlob, make([]byte, 300_000), objects.ID{}); err != nil {
		f.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		f.Fatal(err)
	}
	for _, b := range framesOf(f, from) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w := receiver(t, from, "key")
		defer w.Close()
		// A new object under a forged frame: the checksum must not be what
		// protects us.
		pack.Reseal(b)
		info, err := w.PutFrame(b)
		if err != nil {
			return
		}
		got, err := w.Get(info.Kind, info.ID)
		if err != nil || objects.Sum(info.Kind, got) != info.ID {
			t.Fatalf("%+v: %d bytes, %v", info, len(got), err)
		}
	})
}
