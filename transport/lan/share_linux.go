package lan

import "syscall"

// share lets other sockets have the port too, those of other users among them.
func share(handle uintptr) error {
	return syscall.SetsockoptInt(int(handle), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
}
