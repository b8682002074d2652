package repo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

// hubPorts is how many ports of a hub are a member's, so that one which is
// taken there does not shut him out.
const hubPorts = 4

// hubWays gives the ways to a member's copy through the hubs that are known.
func (a *atlas) hubWays(m *roster.Member) []peer {
	var ways []peer
	for _, hub := range a.hubs() {
		for i := range hubPorts {
			port := HubPort(a.circle.id, m.HostKey.String(), i)
			p, ok := a.memberWay(m, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), RouteHub)
			if p.how.Via = hub; ok {
				ways = append(ways, p)
			}
		}
	}
	return ways
}

// hubs are those to look through: the one just named, those of the settings,
// those that worked before.
func (a *atlas) hubs() []string {
	var hubs []string
	for _, h := range append(append([]string{a.via}, a.circle.hubs...), a.book.Hubs...) {
		if h != "" && !slices.Contains(hubs, h) {
			hubs = append(hubs, h)
		}
	}
	return hubs
}

// HubPort is the i-th port on a hub's loopback address at which a copy lets
// itself be found. Who knows the engagement's ID can work it out; it stays the
// same whichever version of the settings the two sides have.
func HubPort(engagement objects.ID, hostKey string, i int) int {
	mac := hmac.New(sha256.New, engagement[:])
	fmt.Fprintf(mac, "%s\x00%d", hostKey, i)
	return 20000 + int(binary.BigEndian.Uint32(mac.Sum(nil))%40000)
}
