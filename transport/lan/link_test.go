package lan

import (
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestLinksOf(t *testing.T) {
	t.Parallel()
	const lan = net.FlagUp | net.FlagBroadcast | net.FlagMulticast
	prefixes := func(texts ...string) (out []netip.Prefix) {
		for _, s := range texts {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	for _, c := range []struct {
		name string
		in   Interface
		want []string
	}{
		{"Wi-Fi", Interface{Name: "wlan0", Index: 3, Flags: lan, Addrs: prefixes("192.168.7.21/22", "fe80::1/64", "2001:db8::5/64")},
			[]string{"192.168.7.255", "239.255.115.121", "ff12::6573:796e%3"}},
		{"two networks on one card", Interface{Name: "eth0", Index: 2, Flags: lan, Addrs: prefixes("10.1.2.3/16", "172.16.0.9/28")},
			[]string{"10.1.255.255", "239.255.115.121", "172.16.0.15", "239.255.115.121"}},
		{"down", Interface{Name: "eth0", Index: 2, Flags: net.FlagBroadcast, Addrs: prefixes("10.1.2.3/16")}, nil},
		{"itself", Interface{Name: "lo", Index: 1, Flags: net.FlagUp | net.FlagLoopback, Addrs: prefixes("127.0.0.1/8", "::1/128")},
			[]string{"127.255.255.255"}},
		{"tunnel", Interface{Name: "tun0", Index: 5, Flags: net.FlagUp | net.FlagPointToPoint, Addrs: prefixes("10.8.0.2/24")}, nil},
		{"two ends", Interface{Name: "eth1", Index: 6, Flags: lan, Addrs: prefixes("10.0.0.1/31")}, []string{"239.255.115.121"}},
		{"no address yet", Interface{Name: "eth1", Index: 6, Flags: lan}, nil},
	} {
		var got []string
		for _, l := range linksOf([]Interface{c.in}) {
			got = append(got, l.To.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
