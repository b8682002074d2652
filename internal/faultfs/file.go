package faultfs

import (
	"io"

	"github.com/esync/esync/internal/fsys"
)

// faultFile is an open file in which things go wrong.
type faultFile struct {
	fsys.File
	name string // from the outermost folder, as it was opened
	m    *machine
}

func (w *faultFile) Read(p []byte) (int, error) {
	if err := w.m.step(true); err != nil {
		return 0, fail("read", w.name, err)
	}
	return w.File.Read(p)
}

func (w *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if err := w.m.step(true); err != nil {
		return 0, fail("read", w.name, err)
	}
	return w.File.ReadAt(p, off)
}

func (w *faultFile) Write(p []byte) (int, error) {
	before := w.size()
	if err := w.m.step(false); err != nil {
		n := 0
		if w.m.tears(err) {
			n, _ = w.File.Write(p[:len(p)/2])
			w.m.unsynced(w.name, before)
		}
		return n, fail("write", w.name, err)
	}
	n, err := w.File.Write(p)
	w.m.unsynced(w.name, before)
	return n, err
}

func (w *faultFile) Truncate(size int64) error {
	if err := w.m.step(false); err != nil {
		return fail("truncate", w.name, err)
	}
	if err := w.File.Truncate(size); err != nil {
		return err
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	w.m.noteCut(w.name, size)
	return nil
}

func (w *faultFile) Sync() error {
	if err := w.m.step(false); err != nil {
		return fail("sync", w.name, err)
	}
	if err := w.File.Sync(); err != nil {
		return err
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	delete(w.m.synced, w.name)
	return nil
}

func (w *faultFile) Stat() (fsys.Info, error) {
	if err := w.m.step(true); err != nil {
		return fsys.Info{}, fail("stat", w.name, err)
	}
	return w.File.Stat()
}

// Close always closes: a process that ends does so too.
func (w *faultFile) Close() error { return w.m.close(w.File) }

func (w *faultFile) size() int64 {
	info, err := w.File.Stat()
	if err != nil {
		return 0
	}
	return info.Size
}

func (m *machine) close(c io.Closer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.open[c]; !ok {
		return nil
	}
	delete(m.open, c)
	return c.Close()
}

// tears tells whether the write that just went wrong leaves half its bytes.
func (m *machine) tears(err error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.plan.Short && m.count == m.plan.At && (err != ErrStopped || m.stopped)
}
