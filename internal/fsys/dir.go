package fsys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked is returned by Lock while another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// Dir is a folder of the operating system. It implements FS.
type Dir struct {
	root   *os.Root
	handle handle
	path   string
}

// Open opens an existing folder.
func Open(name string) (*Dir, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, handle: openHandle(abs), path: abs}, nil
}

// Path is the absolute name under which the folder was opened, for messages.
func (d *Dir) Path() string { return d.path }

// OpenFile implements FS.
func (d *Dir) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	if f, err, ok := d.quickOpen(name, flag, perm); ok {
		return f, err
	}
	f, err := d.root.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Mkdir implements FS.
func (d *Dir) Mkdir(name string, perm fs.FileMode) error { return d.root.Mkdir(name, perm) }

// Remove implements FS.
func (d *Dir) Remove(name string) error { return d.root.Remove(name) }

// Rename implements FS.
func (d *Dir) Rename(from, to string) error {
	return retryBusy(func() error { return d.root.Rename(from, to) })
}

// Lstat implements FS.
func (d *Dir) Lstat(name string) (Info, error) {
	if i, err, ok := d.quickLstat(name); ok {
		return i, err
	}
	fi, err := d.root.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	return infoOf(fi), nil
}

// ReadDir implements FS.
func (d *Dir) ReadDir(name string) ([]Info, error) {
	if infos, err, ok := d.quickReadDir(name); ok {
		return infos, err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readDir(f)
}

// Chtimes implements FS.
func (d *Dir) Chtimes(name string, mtime time.Time) error {
	return d.root.Chtimes(name, mtime, mtime)
}

// Chmod implements FS.
func (d *Dir) Chmod(name string, perm fs.FileMode) error { return d.root.Chmod(name, perm) }

// SyncDir implements FS.
func (d *Dir) SyncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return syncDir(f)
}

// Lock implements FS.
func (d *Dir) Lock(name string) (io.Closer, error) {
	l := flock.New(filepath.Join(d.path, filepath.FromSlash(name)))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", name, err)
	}
	if !ok {
		return nil, fmt.Errorf("lock %q: %w", name, ErrLocked)
	}
	return l, nil
}

// Sub implements FS.
func (d *Dir) Sub(name string) (FS, error) {
	root, err := d.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, handle: d.handle.sub(name), path: filepath.Join(d.path, filepath.FromSlash(name))}, nil
}

// Close implements FS.
func (d *Dir) Close() error {
	d.handle.close()
	return d.root.Close()
}

type osFile struct{ *os.File }

func (f osFile) Stat() (Info, error) {
	fi, err := f.File.Stat()
	if err != nil {
		return Info{}, err
	}
	return infoOf(fi), nil
}

// MkdirAll makes a folder and all missing ones above it.
func MkdirAll(f FS, name string, perm fs.FileMode) error {
	if name == "." || name == "" {
		return nil
	}
	if i, err := f.Lstat(name); err == nil {
		if i.IsDir() {
			return nil
		}
		return fmt.Errorf("make folder %q: %w", name, fs.ErrExist)
	}
	if err := MkdirAll(f, path.Dir(name), perm); err != nil {
		return err
	}
	if err := f.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// ReadFile reads a file whole; it refuses one longer than limit bytes.
func ReadFile(f FS, name string, limit int64) ([]byte, error) {
	file, err := f.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("read %q: longer than %d bytes", name, limit)
	}
	return b, nil
}

// WriteFile makes or replaces a file whole: a temporary file beside it, sync,
// rename, sync of the folder. After a crash there is the old or the new
// content, never a part. The temporary name is name + ".tmp", so callers that
// may write the same name at once hold a lock.
func WriteFile(f FS, name string, content []byte, perm fs.FileMode) error {
	tmp := name + ".tmp"
	file, err := f.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = f.Rename(tmp, name)
	}
	if err != nil {
		f.Remove(tmp)
		return err
	}
	return f.SyncDir(path.Dir(name))
}
