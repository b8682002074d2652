package netlab

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"
)

// LAN is a network of hosts that hear each other's broadcasts: a switch, or a Wi-Fi.
type LAN struct {
	Name    string
	Network netip.Prefix

	lab   *Lab
	ns    *namespace
	next  netip.Addr
	ports []*Port
}

// LAN makes a network without hosts.
func (l *Lab) LAN(name, network string) *LAN {
	l.t.Helper()
	prefix, err := netip.ParsePrefix(network)
	l.must(err)
	ns, err := newNamespace(name)
	l.must(err)
	l.t.Cleanup(ns.close)
	lan := &LAN{Name: name, Network: prefix, lab: l, ns: ns, next: prefix.Addr()}
	l.must(ns.do(func() error {
		return run("ip", "link add switch type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set switch up")
	}))
	return lan
}

// Port is the place of a host in a LAN.
type Port struct {
	Addr netip.Addr

	lan  *LAN
	name string // in the switch
	wire bool   // not a station of the Wi-Fi, but wired to its access point
}

// Join gives the host a card in a LAN, with the next free address.
func (h *Host) Join(lan *LAN) *Port {
	h.lab.t.Helper()
	lan.next = lan.next.Next()
	card := fmt.Sprintf("eth%d", h.cards)
	h.cards++
	p := &Port{Addr: lan.next, lan: lan, name: fmt.Sprintf("port%d", len(lan.ports))}
	lan.ports = append(lan.ports, p)
	h.lab.must(lan.ns.do(func() error {
		return run("ip",
			fmt.Sprintf("link add %s type veth peer name %s netns %s", p.name, card, h.ns.path()),
			fmt.Sprintf("link set %s master switch up", p.name))
	}))
	h.ip(fmt.Sprintf("addr add %s/%d broadcast + dev %s", p.Addr, lan.Network.Bits(), card), "link set "+card+" up")
	h.lab.must(p.awaitForwarding())
	return p
}

// awaitForwarding waits until the switch passes on what the host sends: it takes note of a new card in its own time.
func (p *Port) awaitForwarding() error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		var out []byte
		err := p.lan.ns.do(func() (err error) {
			out, err = exec.Command("bridge", "link", "show", "dev", p.name).Output()
			return err
		})
		if err != nil || strings.Contains(string(out), "state forwarding") {
			return err
		}
	}
	return fmt.Errorf("the switch does not take up %s", p.name)
}

// Wired says that the port is the access point's own uplink, or a cable: it stays reachable when stations are isolated.
func (p *Port) Wired() *Port {
	p.wire = true
	return p
}

// Cut loses every packet of the port, both ways, without a sign to the host, as when a laptop is carried out of range.
func (p *Port) Cut() {
	p.lan.lab.t.Helper()
	p.lan.bridge("state 0", p)
}

// Restore undoes Cut.
func (p *Port) Restore() {
	p.lan.lab.t.Helper()
	p.lan.bridge("state 3", p)
}

// Unplug takes the cable out, which the host notices.
func (p *Port) Unplug() {
	p.lan.lab.t.Helper()
	p.lan.link(p, "down")
}

// Plug undoes Unplug.
func (p *Port) Plug() {
	p.lan.lab.t.Helper()
	p.lan.link(p, "up")
}

func (lan *LAN) link(p *Port, state string) {
	lan.lab.t.Helper()
	lan.lab.must(lan.ns.do(func() error { return run("ip", "link set "+p.name+" "+state) }))
}

func (lan *LAN) bridge(setting string, ports ...*Port) {
	lan.lab.t.Helper()
	lan.lab.must(lan.ns.do(func() error {
		for _, p := range ports {
			if err := run("bridge", "link set dev "+p.name+" "+setting); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Isolate keeps the stations of a Wi-Fi from each other, as guest networks do: they reach only what is wired.
func (lan *LAN) Isolate(on bool) {
	lan.lab.t.Helper()
	var stations []string
	for _, p := range lan.ports {
		if !p.wire {
			stations = append(stations, p.name)
		}
	}
	var rules []string
	if on {
		set := "{ " + strings.Join(stations, ", ") + " }"
		rules = []string{"forward iifname " + set + " oifname " + set + " drop"}
	}
	lan.lab.must(lan.ns.do(func() error { return firewall("bridge", rules) }))
}

// Passed returns the bytes of frames that went from the host and to it, since it joined.
func (p *Port) Passed() (from, to int64) {
	p.lan.lab.t.Helper()
	p.lan.lab.must(p.lan.ns.do(func() error {
		table, err := os.ReadFile("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(table)) {
			name, numbers, _ := strings.Cut(strings.TrimSpace(line), ":")
			if fields := strings.Fields(numbers); name == p.name && len(fields) > 8 {
				_, err := fmt.Sscan(fields[0]+" "+fields[8], &from, &to)
				return err
			}
		}
		return fmt.Errorf("no card %q", p.name)
	}))
	return from, to
}
