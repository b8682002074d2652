package lan

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// System returns the network of this machine.
func System() Network { return system{} }

type system struct{}

func (system) Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var interfaces []Interface
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away in between
		}
		found := Interface{Name: i.Name, Index: i.Index, Flags: i.Flags}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				found.Addrs = append(found.Addrs, prefix)
			}
		}
		interfaces = append(interfaces, found)
	}
	return interfaces, nil
}

func (system) Open(six bool, port uint16) (Socket, error) {
	network, host := "udp4", "0.0.0.0"
	if six {
		network, host = "udp6", "::"
	}
	var config net.ListenConfig
	if port != 0 {
		config.Control = func(_, _ string, c syscall.RawConn) error { return control(c, share) }
	}
	conn, err := config.ListenPacket(context.Background(), network, net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		return nil, err
	}
	return &socket{UDPConn: conn.(*net.UDPConn)}, nil
}

// control calls set with the handle of a socket.
func control(c syscall.RawConn, set func(handle uintptr) error) error {
	var failed error
	if err := c.Control(func(handle uintptr) { failed = set(handle) }); err != nil {
		return err
	}
	return failed
}

type socket struct {
	*net.UDPConn
}

func (s *socket) Receive(buffer []byte) (int, netip.AddrPort, error) {
	n, from, err := s.ReadFromUDPAddrPort(buffer)
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
}

func (s *socket) Join(link Link) error {
	return s.set(func(handle uintptr) error { return join(handle, link) })
}

func (s *socket) Broadcast(data []byte, to Link, port uint16) error {
	if to.To.Is4() && to.To.IsMulticast() {
		if err := s.set(func(handle uintptr) error { return leaveBy(handle, to.Own) }); err != nil {
			return err
		}
	}
	return s.Send(data, netip.AddrPortFrom(to.To, port))
}

func (s *socket) Send(data []byte, to netip.AddrPort) error {
	_, err := s.WriteToUDPAddrPort(data, to)
	return err
}

func (s *socket) set(option func(handle uintptr) error) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	return control(raw, option)
}
