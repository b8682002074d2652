package main

import (
	"os"
	"path/filepath"
	"strings"
)

// volume is what a folder lies on.
type volume struct {
	kind    string // the file system, as the machine calls it; "" when it does not say
	network bool
	free    uint64 // bytes that this user may still write
	known   bool   // free is
}

// sharedKinds are file systems whose files lie on another machine, or belong to the one outside of this one. Locks do not
// hold on all of them, nor does what was written stay written.
var sharedKinds = [...]string{
	"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ftp", "9p", "drvfs", "afs", "ceph", "glusterfs", "vboxsf",
	"vmhgfs", "prl_fs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.vmhgfs-fuse", "fuse.glusterfs", "fuse.s3fs",
}

func sharedKind(kind string) bool {
	for _, k := range sharedKinds {
		if kind == k {
			return true
		}
	}
	return false
}

// clouds are folders that a program of their own copies to a cloud and back, file by file: it would mix the packs of two
// machines. Each is the beginning of a folder's name, in small letters.
var clouds = [...]string{
	"onedrive", "dropbox", "google drive", "googledrive", "icloud drive", "mobile documents", "cloudstorage", "box sync",
	"nextcloud", "owncloud", "seafile", "pcloud",
}

// marks are files by which such a program marks its folder.
var marks = [...]string{".dropbox", ".dropbox.cache", ".stfolder", ".nextcloudsync.log", ".owncloudsync.log"}

// cloudOf says which part of a path is kept by a cloud program, or "".
func cloudOf(path string) string {
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		name := strings.ToLower(filepath.Base(dir))
		for _, cloud := range clouds {
			if name == cloud || strings.HasPrefix(name, cloud+" ") || strings.HasPrefix(name, cloud+"-") {
				return dir
			}
		}
		for _, mark := range marks {
			if _, err := os.Lstat(filepath.Join(dir, mark)); err == nil {
				return dir
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
