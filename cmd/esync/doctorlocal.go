package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"unicode/utf16"

	"github.com/dustin/go-humanize"

	"github.com/esync/esync/repo"
)

// program says which esync this is: the first question of whoever helps.
func (d *diagnosis) program() {
	v := programVersion()
	d.add("esync", fine, fmt.Sprintf("%s %s on %s", v.Version, v.Revision, v.System), "")
}

// home looks at the folder of the user's keys.
func (d *diagnosis) home() {
	s := d.s
	key, err := s.userKey()
	if err != nil {
		d.add("key", problem, err.Error(), "esync needs a folder of its own that only you can read: set ESYNC_HOME, or put its rights in order")
		return
	}
	info, err := os.Stat(key.path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		d.add("key", problem, fmt.Sprintf("others on this machine can read your key %q", key.path), "chmod 600 "+key.path)
		return
	}
	if cloud := cloudOf(s.home); cloud != "" {
		d.add("key", problem, fmt.Sprintf("your key lies in %q, which a cloud service copies", cloud), "set ESYNC_HOME to a folder on this machine only")
		return
	}
	d.add("key", fine, key.fingerprint+" in "+s.home, "")
}

const (
	// littleRoom is when a disk is about to be full, and noRoom when it is as good as full.
	littleRoom = 2 << 30
	noRoom     = 200 << 20
	// longestPath is what Windows and Office open: 260 UTF-16 units with the one that ends it, and Excel takes 218.
	longestPath = 259
	excelPath   = 218
	// pathsLooked bounds how many files are looked at for the length of their paths.
	pathsLooked = 500_000
)

// copy looks at where this copy lies.
func (d *diagnosis) copy(r *repo.Repo) {
	root := r.Root()
	v := volumeOf(root)
	switch cloud := cloudOf(root); {
	case v.network:
		d.add("folder", problem, fmt.Sprintf("%q lies on another machine (%s), where locks and writes are not certain", root, orUnknown(v.kind)),
			"clone the engagement to a disk of this machine, or let that machine itself run esync serve")
	case cloud != "":
		d.add("folder", problem, fmt.Sprintf("%q is copied by a cloud service (%s), which mixes up what two machines write", root, filepath.Base(cloud)),
			"move the copy out of there, or clone it to a folder outside")
	default:
		d.add("folder", fine, fmt.Sprintf("%q on this machine (%s)", root, orUnknown(v.kind)), "")
	}
	switch free := humanize.Bytes(v.free) + " free"; {
	case !v.known:
	case v.free < noRoom:
		d.add("room", problem, "only "+free, "make room on this disk: nothing can be recorded or received soon")
	case v.free < littleRoom:
		d.add("room", odd, "only "+free, "make room on this disk")
	default:
		d.add("room", fine, free, "")
	}
	if !r.Bare() {
		d.paths(root)
	}
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown file system"
	}
	return text
}

// paths looks for the longest path. Elsewhere than on Windows it is no problem here, but may be one for a colleague.
func (d *diagnosis) paths(root string) {
	longest, length, looked := "", 0, 0
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		looked++
		switch {
		case err != nil:
			return nil // what cannot be read is no business of this check
		case e.IsDir() && e.Name() == ".esync":
			return filepath.SkipDir
		case looked > pathsLooked:
			return filepath.SkipAll
		}
		if n := len(utf16.Encode([]rune(path))); n > length {
			longest, length = path, n
		}
		return nil
	})
	text := fmt.Sprintf("the longest has %d characters", length)
	next := "shorten names or folders, or keep the copy nearer to the root of the disk"
	switch {
	case length <= excelPath:
		d.add("paths", fine, text, "")
	case runtime.GOOS == "windows" && length > longestPath:
		d.add("paths", problem, fmt.Sprintf("%s, and Office opens no more than %d: %q", text, excelPath, longest), next)
	default:
		d.add("paths", odd, fmt.Sprintf("%s, and Office on Windows opens no more than %d: %q", text, excelPath, longest), next)
	}
}
