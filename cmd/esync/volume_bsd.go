//go:build darwin || freebsd

package main

import "golang.org/x/sys/unix"

func kindOfVolume(_ string, st *unix.Statfs_t) string {
	return unix.ByteSliceToString(st.Fstypename[:])
}
