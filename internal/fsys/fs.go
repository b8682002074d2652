package fsys

import (
	"io"
	"io/fs"
	"time"
)

// FS is a folder and what lies below it. Every method may be called from many
// goroutines at once. Errors satisfy errors.Is with fs.ErrNotExist,
// fs.ErrExist and fs.ErrPermission where these apply.
type FS interface {
	// OpenFile opens a file as os.OpenFile does. A symbolic link that leads
	// out of the folder is an error.
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	// Mkdir makes one folder; it is an error when something has that name.
	Mkdir(name string, perm fs.FileMode) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// Rename moves a file, replacing a file at the target. On Windows it is
	// tried again for a short while when another program holds the target.
	Rename(from, to string) error
	// Lstat describes what stands at name, without following a link.
	Lstat(name string) (Info, error)
	// ReadDir describes all that a folder holds, in no particular order.
	ReadDir(name string) ([]Info, error)
	// Chtimes sets the time of last change of a file.
	Chtimes(name string, mtime time.Time) error
	// Chmod sets the permission bits of a file, where the system has any.
	Chmod(name string, perm fs.FileMode) error
	// SyncDir makes the entries of a folder durable: files made, renamed or
	// removed in it stay so after power loss. It does nothing where the
	// system has no such call (Windows).
	SyncDir(name string) error
	// Lock takes an exclusive advisory lock on the named file, which is made
	// when missing, or fails at once with ErrLocked. Closing releases it, as
	// does the end of the process.
	Lock(name string) (io.Closer, error)
	// Sub opens a folder below as an FS of its own, held by handle: renaming
	// its parents does not lead it astray. The caller closes it.
	Sub(name string) (FS, error)
	// Close releases the folder's handle.
	Close() error
}

// Flusher is what an FS has that can make everything written below it durable
// at once, for less than a Sync of each of many files. Where it has not, or
// SyncAll gives errors.ErrUnsupported, each file is synced by itself.
type Flusher interface {
	SyncAll() error
}

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Seeker
	io.Closer
	// Sync makes the content durable.
	Sync() error
	// Truncate cuts or extends the file.
	Truncate(size int64) error
	// Stat describes the open file, whatever its name leads to by now.
	Stat() (Info, error)
}

// Info is what the system tells of one file, folder or other thing. Two equal
// values mean, for a file: nobody has written to it in between, as far as the
// clock of the file system can tell.
type Info struct {
	// Name is the last component.
	Name string
	// Mode has the type bits and the permission bits of io/fs.
	Mode fs.FileMode
	// Size is the length in bytes; only files have a meaningful one.
	Size int64
	// ModTime is the time of last change of the content, in nanoseconds
	// since 1970.
	ModTime int64
	// ChangeTime is the time of last change of content, name or mode, in
	// nanoseconds since 1970; 0 where the system does not tell.
	ChangeTime int64
	// Inode identifies the file on its volume; 0 where the system does not
	// tell cheaply.
	Inode uint64
}

// Regular tells whether the thing is an ordinary file.
func (i Info) Regular() bool { return i.Mode.IsRegular() }

// IsDir tells whether the thing is a folder.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// Time gives ModTime as a time.Time.
func (i Info) Time() time.Time { return time.Unix(0, i.ModTime) }
