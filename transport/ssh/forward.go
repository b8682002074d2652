package ssh

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	gossh "golang.org/x/crypto/ssh"
)

// The messages of RFC 4254, 7: who wants connections passed to him, and who wants one to somewhere.
const (
	forwardRequest = "tcpip-forward"
	cancelRequest  = "cancel-tcpip-forward"
	forwardedType  = "forwarded-tcpip"
	directType     = "direct-tcpip"
)

// bindMessage is the content of forwardRequest and cancelRequest.
type bindMessage struct {
	Host string
	Port uint32
}

// bindReply answers a forwardRequest for port 0.
type bindReply struct{ Port uint32 }

// channelMessage is the content of forwardedType, where Host and Port are those of the bindMessage, and of directType,
// where they are what the peer wants to reach.
type channelMessage struct {
	Host       string
	Port       uint32
	Origin     string
	OriginPort uint32
}

// parseBind reads the content of a forwardRequest or a cancelRequest.
func parseBind(payload []byte) (bindMessage, error) {
	var m bindMessage
	if err := gossh.Unmarshal(payload, &m); err != nil {
		return bindMessage{}, fmt.Errorf("%w: a remote forward", ErrRequest)
	}
	if len(m.Host) > maxHost || m.Port > maxPort {
		return bindMessage{}, fmt.Errorf("%w: a remote forward of port %d", ErrRequest, m.Port)
	}
	return m, nil
}

// parseChannel reads the content of a forwardedType or directType channel. A port of 0 is nobody's.
func parseChannel(payload []byte) (channelMessage, error) {
	var m channelMessage
	if err := gossh.Unmarshal(payload, &m); err != nil {
		return channelMessage{}, fmt.Errorf("%w: a forwarded connection", ErrRequest)
	}
	if len(m.Host) > maxHost || len(m.Origin) > maxHost || m.Port == 0 || m.Port > maxPort || m.OriginPort > maxPort {
		return channelMessage{}, fmt.Errorf("%w: a forwarded connection to port %d", ErrRequest, m.Port)
	}
	return m, nil
}

const maxPort = 65535

// originOf is an address as a channelMessage carries it. Other software refuses what is no IP address with a port.
func originOf(addr net.Addr) (host string, port uint32) {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.Port > 0 {
		return tcp.AddrPort().Addr().Unmap().WithZone("").String(), uint32(tcp.Port)
	}
	return "127.0.0.1", 1
}

// RelayAddr is where a listener of (*Client).Listen is reached, as the hub sees it.
type RelayAddr struct {
	Host string
	Port int
}

// Network implements net.Addr.
func (RelayAddr) Network() string { return "relay" }

func (a RelayAddr) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// relayedAddr is the other end of a connection that came through a hub, by the hub's word.
type relayedAddr struct {
	origin *net.TCPAddr
	hub    string
}

func (relayedAddr) Network() string { return "relay" }

func (a relayedAddr) String() string { return a.origin.String() + " through " + a.hub }

// newRelayedAddr takes the hub's word for what is an IP address, and nothing else.
func newRelayedAddr(m channelMessage, hub string) *relayedAddr {
	origin := &net.TCPAddr{IP: net.IPv4zero}
	if ip, err := netip.ParseAddr(m.Origin); err == nil {
		origin = net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip.WithZone(""), uint16(m.OriginPort)))
	}
	return &relayedAddr{origin, hub}
}
