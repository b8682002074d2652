package netlab

import (
	"fmt"
	"net/netip"
	"os"
	"sync"
	"testing"
)

// Lab is one laboratory, which the end of its test takes down. Its methods fail the test when the machine refuses something;
// they may be called from one goroutine at a time.
type Lab struct {
	t T

	mu        sync.Mutex
	processes []*Process
	links     int
}

// New returns an empty laboratory, or skips the test, see Require.
func New(t testing.TB) *Lab {
	t.Helper()
	Require(t)
	return Open(t)
}

// T is what a laboratory needs of its test; a program that measures has one of its own.
type T interface {
	Helper()
	// Fatalf does not return.
	Fatalf(format string, args ...any)
	// Cleanup calls what it got when the test ends, the last first.
	Cleanup(func())
}

// Open returns an empty laboratory where Supported says that there can be one.
func Open(t T) *Lab {
	l := &Lab{t: t}
	t.Cleanup(l.killAll)
	return l
}

// must fails the test on an error.
func (l *Lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("netlab: %v", err)
	}
}

// Host is a machine of the laboratory.
type Host struct {
	Name string

	lab   *Lab
	ns    *namespace
	cards int
}

// Host makes a machine with nothing but its loopback address.
func (l *Lab) Host(name string) *Host {
	l.t.Helper()
	ns, err := newNamespace(name)
	l.must(err)
	l.t.Cleanup(ns.close)
	h := &Host{Name: name, lab: l, ns: ns}
	// Addresses are usable at once, without asking whether somebody else has them.
	l.must(h.sysctl("net/ipv6/conf/default/accept_dad", "0"))
	h.ip("link set lo up")
	return h
}

// Do calls f on a thread that is in the host. Sockets that f opens stay there; goroutines that f starts do not run there.
func (h *Host) Do(f func() error) error { return h.ns.do(f) }

// ip runs lines of the program ip in the host.
func (h *Host) ip(lines ...string) {
	h.lab.t.Helper()
	h.lab.must(h.Do(func() error { return run("ip", lines...) }))
}

func (h *Host) sysctl(name, value string) error {
	return h.Do(func() error {
		err := os.WriteFile("/proc/sys/"+name, []byte(value), 0)
		if os.IsNotExist(err) {
			return nil // a kernel without IPv6
		}
		return err
	})
}

// Router makes the host pass packets on.
func (h *Host) Router() *Host {
	h.lab.t.Helper()
	h.lab.must(h.sysctl("net/ipv4/ip_forward", "1"))
	return h
}

// Route sends packets for a network, or "default", by way of an address.
func (h *Host) Route(to string, via netip.Addr) {
	h.lab.t.Helper()
	h.ip(fmt.Sprintf("route replace %s via %s", to, via))
}

// Firewall replaces the host's firewall by rules, each "chain rule", where chain is input, forward or output:
//
//	lead.Firewall("input udp dport 7473 drop")
func (h *Host) Firewall(rules ...string) {
	h.lab.t.Helper()
	h.lab.must(h.Do(func() error { return firewall("inet", rules) }))
}

func firewall(family string, rules []string) error {
	lines := []string{"add table " + family + " lab", "delete table " + family + " lab", "add table " + family + " lab"}
	for _, chain := range []string{"input", "forward", "output"} {
		lines = append(lines, fmt.Sprintf("add chain %s lab %s { type filter hook %s priority 0; }", family, chain, chain))
	}
	for _, r := range rules {
		lines = append(lines, "add rule "+family+" lab "+r)
	}
	return run("nft", lines...)
}
