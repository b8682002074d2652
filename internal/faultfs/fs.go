package faultfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
	"time"

	"github.com/esync/esync/internal/fsys"
)

// ErrStopped is what the operation at which the machine stopped returns, and
// all after it.
var ErrStopped = errors.New("the machine has stopped")

// Errors of a failing disk, for Plan.Err.
var (
	ErrIO    error = syscall.EIO
	ErrSpace error = syscall.ENOSPC
)

// Plan says what goes wrong.
type Plan struct {
	// At is the number of the operation that goes wrong, counted from 1.
	// With 0 all goes well.
	At int
	// Err is what that one operation fails with; nil means the machine stops
	// there.
	Err error
	// Short lets a Write that goes wrong store the first half of its bytes.
	Short bool
	// Reads makes operations that only look count, and fail, too.
	Reads bool
	// Drop lets Crash take back what was not synced: bytes written since a
	// file's last Sync, and names made, moved or removed since the last
	// SyncDir of their folder.
	Drop bool
}

// FS is a folder in which things go wrong. It implements fsys.FS.
type FS struct {
	under fsys.FS
	below string // path of this folder from the outermost
	m     *machine
}

// machine is what an FS and its Subs share.
type machine struct {
	mu      sync.Mutex
	root    fsys.FS
	plan    Plan
	count   int
	stopped bool
	open    map[io.Closer]struct{}
	journal []undo
	synced  map[string]int64 // length of a file at its last Sync, while it has more
}

// New wraps a folder.
func New(under fsys.FS, plan Plan) *FS {
	return &FS{under: under, below: ".", m: &machine{
		root: under, plan: plan,
		open: map[io.Closer]struct{}{}, synced: map[string]int64{},
	}}
}

// Count tells how many operations there were.
func (f *FS) Count() int {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return f.m.count
}

// step counts an operation and tells whether it goes wrong.
func (m *machine) step(reads bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return ErrStopped
	}
	if reads && !m.plan.Reads {
		return nil
	}
	m.count++
	switch {
	case m.count != m.plan.At:
		return nil
	case m.plan.Err != nil:
		return m.plan.Err
	}
	m.stopped = true
	return ErrStopped
}

func fail(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

func (f *FS) full(name string) string { return path.Join(f.below, name) }

// OpenFile implements fsys.FS.
func (f *FS) OpenFile(name string, flag int, perm fs.FileMode) (fsys.File, error) {
	writes := flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC) != 0
	if err := f.m.step(!writes); err != nil {
		return nil, fail("open", name, err)
	}
	_, missing := f.under.Lstat(name)
	file, err := f.under.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	w := &faultFile{File: file, name: f.full(name), m: f.m}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.open[file] = struct{}{}
	if missing != nil && flag&os.O_CREATE != 0 {
		f.m.noteMade(w.name)
	}
	if flag&os.O_TRUNC != 0 {
		f.m.noteCut(w.name, 0)
	}
	return w, nil
}

// Mkdir implements fsys.FS.
func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	if err := f.m.step(false); err != nil {
		return fail("mkdir", name, err)
	}
	if err := f.under.Mkdir(name, perm); err != nil {
		return err
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.noteMade(f.full(name))
	return nil
}

// Remove implements fsys.FS.
func (f *FS) Remove(name string) error {
	if err := f.m.step(false); err != nil {
		return fail("remove", name, err)
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	u := f.m.noteGone(f.full(name))
	if err := f.under.Remove(name); err != nil {
		return err
	}
	f.m.add(u)
	return nil
}

// Rename implements fsys.FS.
func (f *FS) Rename(from, to string) error {
	if err := f.m.step(false); err != nil {
		return fail("rename", from, err)
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	u := f.m.noteMoved(f.full(from), f.full(to))
	if err := f.under.Rename(from, to); err != nil {
		return err
	}
	f.m.add(u)
	f.m.renamed(f.full(from), f.full(to))
	return nil
}

// Lstat implements fsys.FS.
func (f *FS) Lstat(name string) (fsys.Info, error) {
	if err := f.m.step(true); err != nil {
		return fsys.Info{}, fail("lstat", name, err)
	}
	return f.under.Lstat(name)
}

// ReadDir implements fsys.FS.
func (f *FS) ReadDir(name string) ([]fsys.Info, error) {
	if err := f.m.step(true); err != nil {
		return nil, fail("readdir", name, err)
	}
	return f.under.ReadDir(name)
}

// Chtimes implements fsys.FS.
func (f *FS) Chtimes(name string, mtime time.Time) error {
	if err := f.m.step(false); err != nil {
		return fail("chtimes", name, err)
	}
	return f.under.Chtimes(name, mtime)
}

// Chmod implements fsys.FS.
func (f *FS) Chmod(name string, perm fs.FileMode) error {
	if err := f.m.step(false); err != nil {
		return fail("chmod", name, err)
	}
	return f.under.Chmod(name, perm)
}

// SyncDir implements fsys.FS.
func (f *FS) SyncDir(name string) error {
	if err := f.m.step(false); err != nil {
		return fail("syncdir", name, err)
	}
	if err := f.under.SyncDir(name); err != nil {
		return err
	}
	f.m.settled(f.full(name))
	return nil
}

// Lock implements fsys.FS.
func (f *FS) Lock(name string) (io.Closer, error) {
	if err := f.m.step(false); err != nil {
		return nil, fail("lock", name, err)
	}
	lock, err := f.under.Lock(name)
	if err != nil {
		return nil, err
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.open[lock] = struct{}{}
	return held{lock, f.m}, nil
}

// held is a lock that Crash frees when its owner has not.
type held struct {
	io.Closer
	m *machine
}

func (h held) Close() error { return h.m.close(h.Closer) }

// Sub implements fsys.FS. The folder shares count and plan with f.
func (f *FS) Sub(name string) (fsys.FS, error) {
	if err := f.m.step(true); err != nil {
		return nil, fail("open", name, err)
	}
	under, err := f.under.Sub(name)
	if err != nil {
		return nil, err
	}
	return &FS{under: under, below: f.full(name), m: f.m}, nil
}

// Close implements fsys.FS. The outermost folder belongs to who wrapped it.
func (f *FS) Close() error {
	if f.below == "." {
		return nil
	}
	return f.under.Close()
}
