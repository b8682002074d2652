package lan

import (
	"net"
	"net/netip"
	"strconv"
)

// Interface is a network interface of this machine.
type Interface struct {
	Name  string
	Index int
	Flags net.Flags
	Addrs []netip.Prefix // own address and the length of the network's prefix
}

// Link is one way by which a packet reaches all of a network.
type Link struct {
	// To is where the packet goes: a broadcast address, or a multicast group; that of IPv6 has the interface's number as zone.
	To netip.Addr
	// Own is this machine's address on the interface, from which the packet comes.
	Own netip.Addr
	// Index is the interface's.
	Index int
}

// linksOf returns the links of interfaces that are up, and nothing for those that can only reach one machine.
func linksOf(interfaces []Interface) []Link {
	var links []Link
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		var six netip.Addr
		for _, prefix := range i.Addrs {
			own := prefix.Addr()
			switch {
			case !own.Is4():
				if !six.IsValid() && (own.IsLinkLocalUnicast() || own.IsLoopback()) {
					six = own.WithZone("")
				}
			case i.Flags&(net.FlagBroadcast|net.FlagLoopback) != 0 && prefix.Bits() < 31:
				links = append(links, Link{To: broadcast(prefix), Own: own, Index: i.Index})
				fallthrough
			default:
				if i.Flags&net.FlagMulticast != 0 {
					links = append(links, Link{To: group4(), Own: own, Index: i.Index})
				}
			}
		}
		if six.IsValid() && i.Flags&net.FlagMulticast != 0 {
			links = append(links, Link{To: group6().WithZone(strconv.Itoa(i.Index)), Own: six, Index: i.Index})
		}
	}
	return links
}

// broadcast returns the last address of an IPv4 network.
func broadcast(prefix netip.Prefix) netip.Addr {
	last := prefix.Addr().As4()
	for bit := prefix.Bits(); bit < 32; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(last)
}

// group4 is a group of the block for one site (RFC 2365), which routers do not pass on.
func group4() netip.Addr { return netip.AddrFrom4([4]byte{239, 255, 115, 121}) }

// group6 is a transient group of one link (RFC 4291, 2.7).
func group6() netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x12, 12: 0x65, 13: 0x73, 14: 0x79, 15: 0x6e})
}
