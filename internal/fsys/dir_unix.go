//go:build unix

package fsys

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func infoOf(fi fs.FileInfo) Info {
	i := Info{Name: fi.Name(), Mode: fi.Mode(), Size: fi.Size(), ModTime: fi.ModTime().UnixNano()}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		i.Inode = uint64(st.Ino)
		i.ChangeTime = changeTime(st)
	}
	return i
}

// readDir stats each entry relative to the open folder, which costs one short
// path look-up instead of one from the root.
func readDir(f *os.File) ([]Info, error) {
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	infos := make([]Info, 0, len(names))
	var failed error
	err = conn.Control(func(fd uintptr) {
		var st unix.Stat_t
		for _, name := range names {
			switch err := unix.Fstatat(int(fd), name, &st, unix.AT_SYMLINK_NOFOLLOW); err {
			case nil:
				infos = append(infos, infoOfStat(name, &st))
			case unix.ENOENT: // removed since the names were read
			default:
				failed = &fs.PathError{Op: "lstat", Path: name, Err: err}
				return
			}
		}
	})
	if err == nil {
		err = failed
	}
	return infos, err
}

func infoOfStat(name string, st *unix.Stat_t) Info {
	return Info{
		Name: name, Mode: modeOf(uint32(st.Mode)), Size: st.Size,
		ModTime: st.Mtim.Nano(), ChangeTime: st.Ctim.Nano(), Inode: uint64(st.Ino),
	}
}

func modeOf(m uint32) fs.FileMode {
	mode := fs.FileMode(m & 0o777)
	switch m & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	case unix.S_IFIFO:
		mode |= fs.ModeNamedPipe
	case unix.S_IFSOCK:
		mode |= fs.ModeSocket
	case unix.S_IFCHR:
		mode |= fs.ModeDevice | fs.ModeCharDevice
	default:
		mode |= fs.ModeDevice
	}
	return mode
}

func syncDir(f *os.File) error { return f.Sync() }

func retryBusy(op func() error) error { return op() }
