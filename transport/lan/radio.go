package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// waiting is how many packets may wait to be looked at; a flood makes no more of them.
const waiting = 256

// heard is a packet of the right size and magic, and who sent it.
type heard struct {
	packet packet
	from   netip.AddrPort
}

// radio holds the sockets of both families on one port, and the links of the machine. Its methods are called from one
// goroutine; packets arrive in incoming.
type radio struct {
	network  Network
	port     uint16
	incoming chan<- heard

	ctx     context.Context // ends with close
	stop    context.CancelFunc
	readers sync.WaitGroup
	sockets [2]Socket // IPv4 and IPv6, nil where it could not be opened
	links   []Link
	joined  map[Link]bool
}

func newRadio(ctx context.Context, network Network, port uint16, incoming chan<- heard) *radio {
	ctx, stop := context.WithCancel(ctx)
	return &radio{network: network, port: port, incoming: incoming, ctx: ctx, stop: stop, joined: map[Link]bool{}}
}

// refresh looks at the interfaces, opens what is not open, and joins groups. It reports whether there are links that were
// not there before. An error does not keep what else works from working.
func (r *radio) refresh() (more bool, err error) {
	interfaces, err := r.network.Interfaces()
	if err != nil {
		return false, fmt.Errorf("list interfaces: %w", err)
	}
	links := linksOf(interfaces)
	more = slices.ContainsFunc(links, func(l Link) bool { return !slices.Contains(r.links, l) })
	r.links = links
	var failed []error
	for i := range r.sockets {
		if r.sockets[i] != nil {
			continue
		}
		socket, err := r.network.Open(i == 1, r.port)
		if err != nil {
			if i == 0 || r.sockets[0] == nil { // a machine without IPv6 is nothing to speak of
				failed = append(failed, fmt.Errorf("open port %d: %w", r.port, err))
			}
			continue
		}
		r.sockets[i] = socket
		r.readers.Go(func() { r.receive(socket) })
	}
	joined := map[Link]bool{}
	for _, l := range links {
		socket := r.socketFor(l.To)
		if socket == nil || r.port == 0 || !l.To.IsMulticast() {
			continue
		}
		if !r.joined[l] {
			if err := socket.Join(l); err != nil {
				failed = append(failed, fmt.Errorf("join %s: %w", l.To, err))
			}
		}
		joined[l] = true
	}
	r.joined = joined
	return more, errors.Join(failed...)
}

// open reports whether packets to the port are heard.
func (r *radio) open() bool { return r.sockets[0] != nil || r.sockets[1] != nil }

func (r *radio) socketFor(to netip.Addr) Socket {
	if to.Is4() {
		return r.sockets[0]
	}
	return r.sockets[1]
}

// broadcast sends a packet of its own to every link. It is an error when not one went out.
func (r *radio) broadcast(make func(Link) packet) error {
	var last error
	sent := 0
	for _, l := range r.links {
		socket := r.socketFor(l.To)
		if socket == nil {
			continue
		}
		p := make(l)
		if err := socket.Broadcast(p[:], l, DefaultPort); err != nil {
			last = err
			continue
		}
		sent++
	}
	switch {
	case sent > 0:
		return nil
	case last != nil:
		return fmt.Errorf("%w: %w", ErrNoNetwork, last)
	default:
		return ErrNoNetwork
	}
}

// send sends a packet to one address, as far as that goes.
func (r *radio) send(p packet, to netip.AddrPort) {
	if socket := r.socketFor(to.Addr()); socket != nil {
		_ = socket.Send(p[:], to)
	}
}

func (r *radio) receive(socket Socket) {
	// One byte more, so that a longer datagram is not taken for its beginning.
	var buffer [packetSize + 1]byte
	for {
		n, from, err := socket.Receive(buffer[:])
		if errors.Is(err, net.ErrClosed) || r.ctx.Err() != nil {
			return
		}
		if err != nil {
			// Windows reports here that an earlier packet found nobody, or that one was too long.
			select {
			case <-time.After(10 * time.Millisecond):
				continue
			case <-r.ctx.Done():
				return
			}
		}
		if n != packetSize {
			continue
		}
		h := heard{packet: packet(buffer[:packetSize]), from: from}
		if _, ok := h.packet.tag(); !ok {
			continue
		}
		select {
		case r.incoming <- h:
		default:
		}
	}
}

// close waits until nothing is received any more.
func (r *radio) close() {
	r.stop()
	for _, s := range r.sockets {
		if s != nil {
			_ = s.Close()
		}
	}
	r.readers.Wait()
}
