package fsys

import (
	"io/fs"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The quick ways of Linux. os.Root opens a path one component at a time and
// each file at a cost of six system calls, since it offers every descriptor to
// the poller; openat2 with RESOLVE_BENEATH gives the same promise, that
// nothing outside the folder is reached, in one call. Wherever it fails for
// another reason than that the file is missing, os.Root is asked, so an old
// kernel or a seccomp filter costs speed only.

// handle is the folder's own descriptor, or nothing. It is only used within
// use, so that nobody works on a descriptor that was closed and is by now that
// of another folder.
type handle struct {
	file *os.File
	conn syscall.RawConn
}

func newHandle(fd int, err error) handle {
	if err != nil {
		return handle{}
	}
	file := os.NewFile(uintptr(fd), "folder")
	conn, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return handle{}
	}
	return handle{file, conn}
}

func openHandle(path string) handle {
	return newHandle(unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0))
}

// sub opens a folder below.
func (h handle) sub(name string) handle {
	return newHandle(h.open(name, unix.O_PATH|unix.O_DIRECTORY, 0))
}

func (h handle) close() {
	if h.file != nil {
		h.file.Close()
	}
}

// use calls do with the descriptor; do must not keep it. It tells whether it
// could.
func (h handle) use(do func(fd int)) bool {
	return h.conn != nil && h.conn.Control(func(fd uintptr) { do(int(fd)) }) == nil
}

// SyncAll implements Flusher by syncfs(2), which writes out the file system
// that the folder is on.
func (d *Dir) SyncAll() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return &fs.PathError{Op: "syncfs", Path: d.path, Err: err}
	}
	return nil
}

// open gives a new descriptor of something below the folder.
func (h handle) open(name string, flag int, perm uint32) (fd int, err error) {
	how := unix.OpenHow{Flags: uint64(flag) | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS}
	if flag&unix.O_CREAT != 0 {
		how.Mode = uint64(perm)
	}
	fd, err = -1, unix.ENOSYS
	h.use(func(dir int) {
		for fd, err = unix.Openat2(dir, name, &how); err == unix.EINTR; {
			fd, err = unix.Openat2(dir, name, &how)
		}
	})
	return fd, err
}

func (d *Dir) quickOpen(name string, flag int, perm fs.FileMode) (File, error, bool) {
	if perm&^fs.ModePerm != 0 || flag&^(os.O_RDONLY|os.O_WRONLY|os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL|os.O_TRUNC|unix.O_NONBLOCK|unix.O_NOFOLLOW) != 0 {
		return nil, nil, false
	}
	fd, err := d.handle.open(name, flag|unix.O_LARGEFILE, uint32(perm))
	switch err {
	case nil:
		return osFile{os.NewFile(uintptr(fd), name)}, nil, true
	case unix.ENOENT, unix.EEXIST:
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}, true
	}
	return nil, nil, false
}

// quickLstat stats a name that is one component; longer ones could lead
// through a link.
func (d *Dir) quickLstat(name string) (Info, error, bool) {
	if name == ".." || hasSlash(name) {
		return Info{}, nil, false
	}
	var st unix.Stat_t
	var err error = unix.ENOSYS
	d.handle.use(func(fd int) { err = unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	switch err {
	case nil:
		return infoOfStat(name, &st), nil, true
	case unix.ENOENT:
		return Info{}, &fs.PathError{Op: "lstat", Path: name, Err: err}, true
	}
	return Info{}, nil, false
}

func hasSlash(name string) bool {
	for i := range len(name) {
		if name[i] == '/' {
			return true
		}
	}
	return false
}

// direntBuffers hold what the kernel says of a folder.
var direntBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

func (d *Dir) quickReadDir(name string) ([]Info, error, bool) {
	fd, err := d.handle.open(name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	switch err {
	case nil:
	case unix.ENOENT:
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}, true
	default:
		return nil, nil, false
	}
	defer unix.Close(fd)
	buf := direntBuffers.Get().(*[]byte)
	defer direntBuffers.Put(buf)
	var infos []Info
	for {
		n, err := unix.ReadDirent(fd, *buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}, true
		}
		if n <= 0 {
			return infos, nil, true
		}
		if infos, err = statEntries(fd, (*buf)[:n], infos); err != nil {
			return nil, err, true
		}
	}
}

// statEntries adds what a piece of a listing names, which is a sequence of
// struct linux_dirent64.
func statEntries(fd int, b []byte, infos []Info) ([]Info, error) {
	const nameAt = int(unsafe.Offsetof(syscall.Dirent{}.Name))
	var st unix.Stat_t
	for len(b) >= nameAt {
		entry := (*syscall.Dirent)(unsafe.Pointer(&b[0]))
		size := int(entry.Reclen)
		if size < nameAt || size > len(b) {
			break
		}
		raw := b[nameAt:size]
		for i, c := range raw {
			if c == 0 {
				raw = raw[:i]
				break
			}
		}
		b = b[size:]
		if entry.Ino == 0 || string(raw) == "." || string(raw) == ".." {
			continue
		}
		name := string(raw)
		switch err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err {
		case nil:
			infos = append(infos, infoOfStat(name, &st))
		case unix.ENOENT: // removed since the names were read
		default:
			return nil, &fs.PathError{Op: "lstat", Path: name, Err: err}
		}
	}
	return infos, nil
}
