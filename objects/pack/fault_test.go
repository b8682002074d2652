package pack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// plans are the ways in which things go wrong; every one is tried at every
// operation.
var plans = map[string]faultfs.Plan{
	"crash":       {Reads: true},
	"power loss":  {Drop: true},
	"torn crash":  {Short: true, Drop: true},
	"disk full":   {Err: faultfs.ErrSpace, Short: true},
	"disk broken": {Err: faultfs.ErrIO, Reads: true, Drop: true},
}

// everywhere runs a step with every fault at every operation. Each run has a
// copy of the folder from; check looks at it afterwards, with the error of
// step. With -short, every fifth operation does.
func everywhere(t *testing.T, from fsys.FS, step func(s *pack.Store) error, check func(t *testing.T, dir fsys.FS, err error)) {
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at, more := 1, true; more; at += stride {
				more = t.Run(fmt.Sprint(at), func(t *testing.T) {
					dir := openDir(t)
					copyFiles(t, dir, from)
					plan.At = at
					fs := faultfs.New(dir, plan)
					s, err := pack.Open(fs, pack.Options{})
					if err == nil {
						err = step(s)
						s.Close()
					}
					if cerr := fs.Crash(); cerr != nil {
						t.Fatal(cerr)
					}
					check(t, dir, err)
					more = fs.Count() >= at
				}) && more
			}
		})
	}
}

// copyFiles copies the packs of a store.
func copyFiles(t *testing.T, to, from fsys.FS) {
	t.Helper()
	infos, err := from.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		if !i.Regular() {
			continue
		}
		b, err := fsys.ReadFile(from, i.Name, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		f, err := to.OpenFile(i.Name, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(b); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// wantGarbageGone: what a crash left behind goes a day later, and nothing else.
func wantGarbageGone(t *testing.T, dir fsys.FS, all []kept) {
	t.Helper()
	s, err := pack.Open(dir, pack.Options{Now: func() time.Time { return time.Now().Add(25 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	infos, err := dir.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		if bytes.HasSuffix([]byte(i.Name), []byte(".tmp")) {
			t.Errorf("%s is left", i.Name)
		}
	}
	wantAll(t, s, all)
	wantSound(t, s)
}

func TestCommitEverywhere(t *testing.T) {
	t.Parallel()
	var old []kept
	from := openDir(t)
	fill := openStore(t, from)
	for i := range 3 {
		old = append(old, commit(t, fill, i, 4, nil)...)
	}
	everywhere(t, from, func(s *pack.Store) error {
		_, err := tryCommit(s, 50, 4, old[len(old)-4:]) // the fourth pack: it merges
		return err
	}, func(t *testing.T, dir fsys.FS, err error) {
		s := openStore(t, dir)
		wantAll(t, s, old)
		wantSound(t, s)
		has := 0
		added := commitNothing(t, s, 50, 4, old[len(old)-4:])
		for _, k := range added {
			if ok, err := s.Has(k.id); ok && err == nil {
				has++
			}
		}
		if err == nil && has < len(added) || has > 0 && has < len(added) {
			t.Errorf("%d of %d objects are there, after %v", has, len(added), err)
		}
		// Whatever happened, the same commit succeeds now.
		wantAll(t, s, commit(t, s, 50, 4, old[len(old)-4:]))
		wantGarbageGone(t, dir, slices.Concat(old, added))
	})
}

// commitNothing names the objects that commit would store.
func commitNothing(t *testing.T, s *pack.Store, seed, n int, last []kept) []kept {
	t.Helper()
	w, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	all, err := fillIn(w, seed, n, last)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGCEverywhere(t *testing.T) {
	t.Parallel()
	needed := map[objects.ID]bool{}
	from := openDir(t)
	fill, err := pack.Open(from, pack.Options{Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	defer fill.Close()
	var all, last []kept
	for i := range 3 {
		last = commit(t, fill, i, 3, last)
		all = append(all, last...)
	}
	unneeded := commit(t, fill, 77, 2, nil)
	for _, k := range all[6:] {
		needed[k.id] = true
	}
	keep := func(id objects.ID) bool { return needed[id] }
	for _, grace := range []time.Duration{0, time.Hour} {
		t.Run(grace.String(), func(t *testing.T) {
			everywhere(t, from, func(s *pack.Store) error {
				_, err := s.GC(context.Background(), pack.GCOptions{Keep: keep, Grace: grace, Full: true})
				return err
			}, func(t *testing.T, dir fsys.FS, err error) {
				s := openStore(t, dir)
				wantAll(t, s, all[6:])
				wantAll(t, s, all) // the first ones are bases
				if grace > 0 {
					wantAll(t, s, unneeded)
				}
				wantSound(t, s)
				if _, err := s.GC(context.Background(), pack.GCOptions{Keep: keep, Full: true}); err != nil {
					t.Error(err)
				}
				wantGarbageGone(t, dir, all[6:])
			})
		})
	}
}

// TestReceiveEverywhere: whatever goes wrong in a transfer, the next one goes
// on from it; and once Flush has returned nothing before it is sent again.
func TestReceiveEverywhere(t *testing.T) {
	t.Parallel()
	source := openStore(t, openDir(t))
	all := commit(t, source, 1, 6, nil)
	frames := framesOf(t, source)
	everywhere(t, openDir(t), func(s *pack.Store) error {
		flushed := 0
		if err := receive(s, frames, &flushed); err != nil {
			return flushedError{err, flushed}
		}
		return nil
	}, func(t *testing.T, dir fsys.FS, err error) {
		s := openStore(t, dir)
		wantSound(t, s)
		flushed := 0
		if err == nil {
			flushed = len(frames)
		}
		var fe flushedError
		if errors.As(err, &fe) {
			flushed = fe.flushed
		}
		w, err := s.Receive("key")
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		for i, b := range frames {
			info, err := pack.ParseFrame(b)
			if err != nil {
				t.Fatal(err)
			}
			has, _ := w.Has(info.ID)
			if i < flushed && !has {
				t.Errorf("frame %d of %d is lost", i, flushed)
			}
			if _, err := w.PutFrame(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		wantAll(t, s, all)
		wantSound(t, s)
	})
}

// flushedError is an error, and how many frames were safe before it.
type flushedError struct {
	error
	flushed int
}

func (e flushedError) Unwrap() error { return e.error }

// receive stores frames, the third and then all of them safely.
func receive(s *pack.Store, frames [][]byte, flushed *int) error {
	w, err := s.Receive("key")
	if err != nil {
		return err
	}
	defer w.Close()
	for i, b := range frames {
		if _, err := w.PutFrame(b); err != nil {
			return err
		}
		if i == 2 {
			if err := w.Flush(); err != nil {
				return err
			}
			*flushed = i + 1
		}
	}
	return w.Commit()
}

// framesOf reads all frames of a store in an order in which they can be
// received.
func framesOf(t testing.TB, s *pack.Store) (frames [][]byte) {
	t.Helper()
	done := map[objects.ID]bool{}
	var add func(id objects.ID)
	add = func(id objects.ID) {
		if done[id] || id.IsZero() {
			return
		}
		done[id] = true
		info, err := s.Stat(id)
		if err != nil {
			t.Fatal(err)
		}
		add(info.Base)
		parts, err := s.Parts(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			add(p)
		}
		b, err := s.Frame(id, nil)
		if err != nil || len(b) != info.Stored {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		frames = append(frames, b)
	}
	for info, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		add(info.ID)
	}
	return frames
}
