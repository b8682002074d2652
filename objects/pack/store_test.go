package pack_test

import (
	"testing"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/objects/storetest"
)

func openDir(t testing.TB) fsys.FS {
	t.Helper()
	d, err := fsys.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func openStore(t testing.TB, dir fsys.FS) *pack.Store {
	t.Helper()
	s, err := pack.Open(dir, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

type subject struct{ *pack.Store }

func (s subject) Write(fn func(objects.Sink) error) error {
	w, err := s.Begin()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := fn(w); err != nil {
		return err
	}
	return w.Commit()
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Subject { return subject{openStore(t, openDir(t))} })
}

// inProgress reads from a writer that is never committed.
type inProgress struct{ *pack.Writer }

func (s inProgress) Write(fn func(objects.Sink) error) error { return fn(s.Writer) }

func TestWriterIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		w, err := openStore(t, openDir(t)).Begin()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		return inProgress{w}
	})
}
