package lan

import (
	"net/netip"
)

// DefaultPort is the UDP port of announcements and queries.
const DefaultPort = 7473

// Network is what this package needs of the system. It is called from one goroutine.
type Network interface {
	// Interfaces returns those that the machine has now.
	Interfaces() ([]Interface, error)
	// Open returns a socket on a port of all own addresses of IPv4, or of IPv6. Port 0 is one of the system's choice; any
	// other is shared with whoever else opened it by Open, and each of them gets every broadcast and multicast packet.
	Open(six bool, port uint16) (Socket, error)
}

// Socket sends and receives datagrams.
type Socket interface {
	// Receive blocks until a datagram is there, and cuts it to the size of buffer. After Close it returns net.ErrClosed;
	// any other error concerns one datagram.
	Receive(buffer []byte) (int, netip.AddrPort, error)
	// Join asks for the multicast packets of a link. Joining a link twice is no error.
	Join(Link) error
	// Broadcast sends to all of a link. It is called from one goroutine.
	Broadcast(data []byte, to Link, port uint16) error
	// Send sends to one address. It may be called from any goroutine.
	Send(data []byte, to netip.AddrPort) error
	Close() error
}
