//go:build unix

package lan

import (
	"errors"
	"net/netip"
	"syscall"
)

// join is SO_REUSEADDR's companion for groups. What was joined before stays joined.
func join(handle uintptr, link Link) error {
	fd := int(handle)
	var err error
	if link.To.Is4() {
		err = syscall.SetsockoptIPMreq(fd, syscall.IPPROTO_IP, syscall.IP_ADD_MEMBERSHIP,
			&syscall.IPMreq{Multiaddr: link.To.As4(), Interface: link.Own.As4()})
	} else {
		err = syscall.SetsockoptIPv6Mreq(fd, syscall.IPPROTO_IPV6, syscall.IPV6_JOIN_GROUP,
			&syscall.IPv6Mreq{Multiaddr: link.To.As16(), Interface: uint32(link.Index)})
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil
	}
	return err
}

// leaveBy chooses the interface that has the address for the IPv4 multicast packets that follow.
func leaveBy(handle uintptr, own netip.Addr) error {
	return syscall.SetsockoptInet4Addr(int(handle), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, own.As4())
}
