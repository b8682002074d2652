package main

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/esync/esync/objects"
)

// servingFolder of ESYNC_HOME has a file for every "esync serve" of this user that runs now, named for its port: the
// address it listens on, and then the IDs of its engagements, one a line. A process that was killed leaves its file behind,
// so whoever reads one knocks at the port first.
const servingFolder = "serving"

// announceServing notes that this process serves. The caller calls gone at the end.
func (s *session) announceServing(address net.Addr, engagements []objects.ID) (gone func()) {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return func() {}
	}
	lines := address.String() + "\n"
	for _, id := range engagements {
		lines += id.String() + "\n"
	}
	path := filepath.Join(s.home, servingFolder, port)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
		err = os.WriteFile(path, []byte(lines), 0o600)
		if err != nil {
			s.detail("%v", err)
		}
	}
	return func() { _ = os.Remove(path) }
}

// knock is how long a server of this machine may take to accept a connection.
const knock = time.Second

// servingAt gives the address on which this user serves an engagement now.
func (s *session) servingAt(engagement objects.ID) (netip.AddrPort, bool) {
	folder := filepath.Join(s.home, servingFolder)
	files, _ := os.ReadDir(folder)
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil || !strings.Contains(string(text), "\n"+engagement.String()+"\n") {
			continue
		}
		first, _, _ := strings.Cut(string(text), "\n")
		at, err := netip.ParseAddrPort(first)
		if err != nil {
			continue
		}
		near := at
		if at.Addr().IsUnspecified() {
			near = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
		}
		if conn, err := net.DialTimeout("tcp", near.String(), knock); err == nil {
			conn.Close()
			return at, true
		}
	}
	return netip.AddrPort{}, false
}

// reachableAt lists the addresses at which others find an engagement that this user serves, now or later.
func (s *session) reachableAt(engagement objects.ID) []string {
	at, found := s.servingAt(engagement)
	if found && !at.Addr().IsUnspecified() {
		return []string{at.String()}
	}
	port := uint16(defaultPort)
	if found {
		port = at.Port()
	}
	var texts []string
	for _, address := range machineAddresses() {
		texts = append(texts, netip.AddrPortFrom(address, port).String())
	}
	if len(texts) == 0 {
		texts = []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))}
	}
	return texts
}

// mostAddresses keeps an invitation short enough for a QR code.
const mostAddresses = 6

// machineAddresses are the addresses by which others may reach this machine, those of the local network first. Networks
// that virtual machines and containers have among themselves lead nobody here.
func machineAddresses() []netip.Addr {
	var local, wide []netip.Addr
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || strings.HasPrefix(i.Name, "docker") || strings.HasPrefix(i.Name, "virbr") {
			continue
		}
		list, _ := i.Addrs()
		for _, a := range list {
			network, err := netip.ParsePrefix(a.String())
			address := network.Addr().Unmap()
			switch {
			case err != nil, !address.IsGlobalUnicast():
			case address.Is4():
				local = append(local, address)
			default:
				wide = append(wide, address)
			}
		}
	}
	all := append(local, wide...)
	return all[:min(len(all), mostAddresses)]
}
