package ssh

import (
	"net"
	"syscall"
)

// ackAtOnce asks the kernel not to delay the acknowledgement of what comes next. Linux forgets it soon, so it is asked
// again with every read that matters.
func ackAtOnce(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	// A refusal costs time and nothing else.
	_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) })
}
