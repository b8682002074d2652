package lan

import (
	"errors"
	"net/netip"
	"syscall"
)

// wsaeinval is what joining a group twice gives.
const wsaeinval = syscall.Errno(10022)

// share lets other sockets have the port too.
func share(handle uintptr) error {
	return syscall.SetsockoptInt(syscall.Handle(handle), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
}

func join(handle uintptr, link Link) error {
	h := syscall.Handle(handle)
	var err error
	if link.To.Is4() {
		err = syscall.SetsockoptIPMreq(h, syscall.IPPROTO_IP, syscall.IP_ADD_MEMBERSHIP,
			&syscall.IPMreq{Multiaddr: link.To.As4(), Interface: link.Own.As4()})
	} else {
		err = syscall.SetsockoptIPv6Mreq(h, syscall.IPPROTO_IPV6, syscall.IPV6_JOIN_GROUP,
			&syscall.IPv6Mreq{Multiaddr: link.To.As16(), Interface: uint32(link.Index)})
	}
	if errors.Is(err, wsaeinval) {
		return nil
	}
	return err
}

// leaveBy chooses the interface that has the address for the IPv4 multicast packets that follow.
func leaveBy(handle uintptr, own netip.Addr) error {
	return syscall.SetsockoptInet4Addr(syscall.Handle(handle), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, own.As4())
}
