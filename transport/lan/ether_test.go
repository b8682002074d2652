package lan

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// ether is a network in memory: machines with one interface each, and sockets that hear what is sent to their port.
type ether struct {
	mu      sync.Mutex
	sockets map[*etherSocket]bool
	next    uint16
	sent    [][]byte // every datagram
}

func newEther() *ether { return &ether{sockets: map[*etherSocket]bool{}, next: 40000} }

// packets returns the datagrams sent so far.
func (e *ether) packets() [][]byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([][]byte(nil), e.sent...)
}

// machine is one host of an ether.
type machine struct {
	ether *ether
	addr  netip.Prefix

	mu    sync.Mutex
	off   bool // no interface is up
	taken bool // another program holds the port
}

func (e *ether) machine(addr string) *machine {
	return &machine{ether: e, addr: netip.MustParsePrefix(addr)}
}

func (m *machine) set(off, taken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.off, m.taken = off, taken
}

func (m *machine) Interfaces() ([]Interface, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.off {
		return nil, nil
	}
	return []Interface{{Name: "eth0", Index: 2, Flags: net.FlagUp | net.FlagBroadcast | net.FlagMulticast, Addrs: []netip.Prefix{m.addr}}}, nil
}

func (m *machine) Open(six bool, port uint16) (Socket, error) {
	m.mu.Lock()
	taken := m.taken
	m.mu.Unlock()
	if six || taken && port != 0 {
		return nil, errors.New("address already in use")
	}
	e := m.ether
	e.mu.Lock()
	defer e.mu.Unlock()
	if port == 0 {
		e.next++
		port = e.next
	}
	s := &etherSocket{machine: m, at: netip.AddrPortFrom(m.addr.Addr(), port), queue: make(chan etherPacket, 64), closed: make(chan struct{}),
		groups: map[netip.Addr]bool{}}
	e.sockets[s] = true
	return s, nil
}

type etherPacket struct {
	data []byte
	from netip.AddrPort
}

type etherSocket struct {
	machine *machine
	at      netip.AddrPort
	queue   chan etherPacket
	once    sync.Once
	closed  chan struct{}
	groups  map[netip.Addr]bool
}

func (s *etherSocket) Receive(buffer []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-s.queue:
		return copy(buffer, p.data), p.from, nil
	case <-s.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (s *etherSocket) Join(l Link) error {
	s.machine.ether.mu.Lock()
	defer s.machine.ether.mu.Unlock()
	s.groups[l.To] = true
	return nil
}

func (s *etherSocket) Broadcast(data []byte, to Link, port uint16) error {
	return s.Send(data, netip.AddrPortFrom(to.To, port))
}

func (s *etherSocket) Send(data []byte, to netip.AddrPort) error {
	e := s.machine.ether
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sent = append(e.sent, append([]byte(nil), data...))
	for other := range e.sockets {
		hears := other.at.Addr() == to.Addr() || other.groups[to.Addr()] || broadcast(other.machine.addr) == to.Addr()
		if !hears || other.at.Port() != to.Port() {
			continue
		}
		select {
		case other.queue <- etherPacket{append([]byte(nil), data...), s.at}:
		default:
		}
	}
	return nil
}

func (s *etherSocket) Close() error {
	s.once.Do(func() {
		s.machine.ether.mu.Lock()
		delete(s.machine.ether.sockets, s)
		s.machine.ether.mu.Unlock()
		close(s.closed)
	})
	return nil
}
