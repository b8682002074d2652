//go:build linux || darwin || freebsd

package main

import "golang.org/x/sys/unix"

// volumeOf asks the system what a folder lies on.
func volumeOf(path string) volume {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return volume{}
	}
	kind := kindOfVolume(path, &st)
	return volume{kind: kind, network: sharedKind(kind), free: uint64(max(st.Bavail, 0)) * uint64(st.Bsize), known: true}
}
