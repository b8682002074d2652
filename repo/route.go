package repo

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// This file decides where a copy may be reached, from values alone; search.go
// then goes there.

// Route is the way by which a copy is reached.
type Route string

// The routes, in the order in which they are tried.
const (
	RouteParent  Route = "parent"
	RouteNamed   Route = "named"   // another peer that has a name here
	RouteLAN     Route = "lan"     // found on the local network
	RouteAddress Route = "address" // where it was seen before, or the settings say
	RouteHub     Route = "hub"
)

func (r Route) rank() int {
	return slices.Index([]Route{RouteParent, RouteNamed, RouteLAN, RouteAddress, RouteHub}, r)
}

const (
	// parentPatience is how long a parent may be silent while another copy is
	// there that stands in: six round trips of 500 ms.
	parentPatience = 3 * time.Second
	// missedPatience is that of a parent that was out of reach within the
	// last missedLately.
	missedPatience = time.Second
	missedLately   = 2 * time.Minute
	// otherPatience is how long one of the others may be silent.
	otherPatience = 4 * time.Second
	// headStart is what each way has before the next one is tried beside it.
	headStart = 250 * time.Millisecond
)

// peer is one way to one copy, and the name under which its lines are tracked.
// Several ways may lead to the same copy.
type peer struct {
	name   string
	source Source
	how    How
	route  Route
	member roster.Key // whose copy it is, zero when not known
	// reads: it takes no pushes, as far as is known.
	reads bool
	// shown is the host key that it showed when it was reached.
	shown pin
	// last is when it was last heard of, which makes it the one to prefer.
	last time.Time
}

// String names the copy and the way, as in: "lead" (found on the LAN at 10.0.0.5).
func (p peer) String() string {
	at := p.where()
	if at == p.name {
		return fmt.Sprintf("%q", p.name)
	}
	return fmt.Sprintf("%q (%s)", p.name, at)
}

// where tells the way alone.
func (p peer) where() string {
	switch {
	case p.route == RouteLAN:
		return "found on the LAN at " + p.source.Host
	case p.route == RouteAddress:
		return "last seen at " + p.source.Host
	case p.route == RouteHub:
		return "through the hub " + strings.TrimPrefix(p.how.Via, "ssh://")
	case p.source.Kind != SourceSSH:
		return p.source.Text
	}
	return p.source.Host
}

// atlas is all that routes are decided from.
type atlas struct {
	circle circle
	book   *book
	// parent is the name of the parent, or empty; named are all peers that
	// have a name here, by name, each with the host key that is pinned.
	parent string
	named  []namedSource
	// via is a hub to try besides those that are known.
	via string
}

// namedSource is a peer that has a name here.
type namedSource struct {
	name   string
	source Source
	pin    pin
}

// owner is the member whose copy a named peer is, nil when not known.
func (a *atlas) owner(n namedSource) *roster.Member {
	if m := a.circle.member(func(m *roster.Member) bool { return !m.HostKey.IsZero() && m.HostKey.String() == n.pin.key }); m != nil {
		return m
	}
	return a.circle.byName(n.pin.member)
}

// nameOf is the name under which a member's copy is tracked: that of the named
// peer that is his, else his own.
func (a *atlas) nameOf(m *roster.Member) string {
	taken, word := false, memberWord(m)
	for _, n := range a.named {
		if o := a.owner(n); o != nil && o.Key == m.Key {
			return n.name
		}
		taken = taken || n.name == word
	}
	if taken {
		return "member-" + m.Key.Tag()
	}
	return word
}

// memberWord is a member's name as far as it can be that of a peer.
func memberWord(m *roster.Member) string {
	word := strings.ReplaceAll(m.Name, " ", "_")
	if _, err := remoteName(word); err != nil {
		return "member-" + m.Key.Tag()
	}
	return word
}

// nameOfKey is nameOf for whoever has a device key, be he a member or not.
func (a *atlas) nameOfKey(key roster.Key) string {
	if m := a.circle.byKey(key); m != nil {
		return a.nameOf(m)
	}
	return "member-" + key.Tag()
}

// named gives the way to a peer that has a name here.
func (a *atlas) namedWay(n namedSource) peer {
	p := peer{name: n.name, source: n.source, how: a.how(n.pin), route: RouteNamed, last: a.book.page(n.name).Heard}
	if n.name == a.parent {
		p.route = RouteParent
	}
	if m := a.owner(n); m != nil {
		p.member = m.Key
	}
	p.reads = a.readsOnly(n.name, p.member)
	return p
}

// memberWay gives a way to a member's copy at HOST:PORT.
func (a *atlas) memberWay(m *roster.Member, address string, route Route) (peer, bool) {
	host, port, err := net.SplitHostPort(address)
	n, perr := strconv.Atoi(port)
	if err != nil || perr != nil || n < 1 || n > 65535 || host == "" || strings.HasPrefix(host, "-") || m.HostKey.IsZero() {
		return peer{}, false
	}
	name := a.nameOf(m)
	return peer{
		name: name, route: route, member: m.Key, last: a.book.page(name).Heard, reads: a.readsOnly(name, m.Key),
		source: Source{Kind: SourceSSH, Host: host, Port: n, Text: "ssh://" + address + "/" + a.circle.name},
		how:    How{HostKeys: []string{m.HostKey.String()}, Patience: otherPatience},
	}, true
}

// readsOnly tells whether a copy takes no pushes that could go further: its
// owner is a reader, or it was served for reading when it was last heard of.
func (a *atlas) readsOnly(name string, member roster.Key) bool {
	m := a.circle.byKey(member)
	return m != nil && m.Level < roster.Full || a.book.page(name).Level == transport.LevelRead.String()
}

// foundWay gives the way to a copy that answered on the local network, when it
// is that of a member other than oneself.
func (a *atlas) foundWay(f Found) (peer, bool) {
	m := a.circle.byKey(f.Key)
	if m == nil || m.Key == a.circle.self {
		return peer{}, false
	}
	p, ok := a.memberWay(m, f.Addr, RouteLAN)
	p.reads = f.ReadOnly || m.Level < roster.Full // it says itself how it is served today
	return p, ok
}

// addressWays gives the ways to where a member's copy was seen before.
func (a *atlas) addressWays(m *roster.Member) []peer {
	var ways []peer
	for _, address := range append(slices.Clone(a.book.page(a.nameOf(m)).Addresses), m.Addresses...) {
		if p, ok := a.memberWay(m, address, RouteAddress); ok && !slices.ContainsFunc(ways, p.sameWay) {
			ways = append(ways, p)
		}
	}
	return ways
}

// itinerary is the ways that are known before anybody is asked, in their order.
type itinerary struct {
	// main is who was asked for, or the parent: he has the first try. It may
	// be missing.
	main *peer
	// others stand in for him, or lead to him otherwise.
	others []peer
	// hoped is the name of a parent that has no way of its own here: it has the
	// first try wherever it is found.
	hoped string
	// only restricts what is found on the way to one member; zero: anybody.
	only roster.Key
	// not is a copy that is no use, whichever way leads to it.
	not *peer
	// unasked: nobody on the local network is asked.
	unasked bool
}

// toAnybody plans how to reach the parent or who stands in for it.
func (a *atlas) toAnybody() (itinerary, error) {
	var it itinerary
	for _, n := range a.named {
		p := a.namedWay(n)
		switch {
		case p.route == RouteParent:
			it.main = &p
		case !a.circle.left(n.pin):
			it.others = append(it.others, p)
		}
	}
	known := it.main != nil
	for i := range a.circle.members {
		m := &a.circle.members[i]
		it.others = append(append(it.others, a.addressWays(m)...), a.hubWays(m)...)
		known = known || a.nameOf(m) == a.parent // a member's copy, wherever it is
	}
	if !known {
		return itinerary{}, ErrNoParent
	}
	if it.main == nil {
		it.hoped = a.parent
	}
	a.arrange(&it)
	return it, nil
}

// toNamed plans how to reach a peer that has a name here: where the name says,
// or wherever else its owner's copy is.
func (a *atlas) toNamed(n namedSource) itinerary {
	p := a.namedWay(n)
	it := itinerary{main: &p}
	if m := a.owner(n); m != nil {
		it.only = m.Key
		it.others = append(a.addressWays(m), a.hubWays(m)...)
	}
	a.arrange(&it)
	return it
}

// toMember plans how to reach a member who has no other name here.
func (a *atlas) toMember(m *roster.Member) itinerary {
	it := itinerary{only: m.Key, others: append(a.addressWays(m), a.hubWays(m)...)}
	a.arrange(&it)
	return it
}

// arrange sorts the others and drops what is there twice.
func (a *atlas) arrange(it *itinerary) {
	slices.SortStableFunc(it.others, it.compare)
	var kept []peer
	for _, p := range it.others {
		if (it.main == nil || !it.main.sameWay(p)) && !slices.ContainsFunc(kept, p.sameWay) {
			kept = append(kept, p)
		}
	}
	it.others = kept
}

// compare puts the better way first, above all one to whom is hoped for.
func (it *itinerary) compare(a, b peer) int {
	return cmp.Or(compareBool(b.name == it.hoped, a.name == it.hoped), comparePeers(a, b))
}

// comparePeers puts the better way first: by route, then whoever was heard of
// last, so that a team stays with the one that stood in before, then by name.
func comparePeers(a, b peer) int {
	return cmp.Or(cmp.Compare(a.route.rank(), b.route.rank()), b.last.Compare(a.last), cmp.Compare(a.name, b.name))
}

// sameWay tells whether two ways end at the same door.
func (p peer) sameWay(q peer) bool {
	if p.source.Kind != q.source.Kind || p.how.Via != q.how.Via {
		return false
	}
	if p.source.Kind != SourceSSH {
		return p.source.Text == q.source.Text
	}
	return p.source.Host == q.source.Host && p.source.Port == q.source.Port && (p.source.Engagement == q.source.Engagement || p.source.Engagement == "" || q.source.Engagement == "")
}

// address is HOST:PORT, or empty when the SSH configuration has a say in it.
func (s Source) address() string {
	if s.Kind != SourceSSH || s.Port == 0 {
		return ""
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}
