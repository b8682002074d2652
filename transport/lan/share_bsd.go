//go:build unix && !linux

package lan

import "syscall"

// share lets other sockets have the port too. SO_REUSEADDR alone does that here for group addresses only.
func share(handle uintptr) error {
	if err := syscall.SetsockoptInt(int(handle), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return err
	}
	return syscall.SetsockoptInt(int(handle), syscall.SOL_SOCKET, syscall.SO_REUSEPORT, 1)
}
