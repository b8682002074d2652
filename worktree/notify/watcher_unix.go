//go:build unix && !darwin

package notify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// Watcher tells of changes below a folder. Its channels may be read by one
// goroutine.
type Watcher struct {
	root    string
	skip    func(name string) bool
	inner   *fsnotify.Watcher
	changes chan struct{}
	failed  chan error
}

// New watches a folder and all below it, but for folders whose name skip
// tells to leave out, such as the one where esync keeps its own data. The
// caller closes the Watcher.
func New(root string, skip func(name string) bool) (*Watcher, error) {
	inner, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, limited(err)
	}
	w := &Watcher{root: root, skip: skip, inner: inner, changes: make(chan struct{}, 1), failed: make(chan error, 1)}
	if err := w.add(root); err != nil {
		inner.Close()
		return nil, err
	}
	go w.run()
	return w, nil
}

// Changes has a word after something changed: one for any number of changes
// since it was last read.
func (w *Watcher) Changes() <-chan struct{} { return w.changes }

// Failed has the error that ended the watching, if one did: from then on
// changes may pass unseen.
func (w *Watcher) Failed() <-chan error { return w.failed }

// Close ends the watching.
func (w *Watcher) Close() error { return w.inner.Close() }

func (w *Watcher) run() {
	for {
		select {
		case e, ok := <-w.inner.Events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod { // searchers of all kinds touch files so
				continue
			}
			if e.Has(fsnotify.Create) {
				if err := w.made(e.Name); err != nil {
					w.failed <- err
					w.inner.Close()
					return
				}
			}
			w.tell()
		case _, ok := <-w.inner.Errors:
			if !ok {
				return
			}
			w.tell() // something was lost, so it is time to look
		}
	}
}

func (w *Watcher) tell() {
	select {
	case w.changes <- struct{}{}:
	default:
	}
}

// made takes a new folder in. One that is gone again is no error.
func (w *Watcher) made(name string) error {
	info, err := os.Lstat(name)
	if err != nil || !info.IsDir() || w.skip(filepath.Base(name)) {
		return nil
	}
	return w.add(name)
}

// add watches a folder and all below it. What cannot be read is left out: a
// scan reports it.
func (w *Watcher) add(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == w.root:
			return err
		case err != nil || !d.IsDir():
			return nil
		case path != root && w.skip(d.Name()):
			return fs.SkipDir
		}
		err = w.inner.Add(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
			return nil
		}
		return limited(err)
	})
}

func limited(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return fmt.Errorf("%w: %w", ErrLimit, err)
	}
	return err
}
