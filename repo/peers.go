package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// PeerStatus is another copy as `peers` shows it.
type PeerStatus struct {
	// Name is what commands call it; Member whose it is, when that is known,
	// and MemberLevel what the settings let him do.
	Name        string
	Member      string
	MemberLevel roster.Level
	Parent      bool
	// Reachable: it answered just now, at Address by Route, through the hub
	// Via if that is not empty. Otherwise these are of the last time, and
	// Problem is why the best way to it failed.
	Reachable bool
	Route     Route
	Address   string
	Via       string
	Problem   error
	// ReadOnly: it takes no pushes from here.
	ReadOnly bool
	// Head is what it has on the current line. Ahead and Behind count the
	// commits that only this copy has, and those that only the other one has;
	// Unknown means that it has some that are not here, so that they cannot
	// be counted before a pull.
	Head          objects.ID
	Ahead, Behind int
	Unknown       bool
	// Heard is when it last answered, zero when that was never.
	Heard time.Time
	// Told is the word of the top-level parent that it passed on just now, nil
	// when it had none that says anything here.
	Told *Arrival
}

const (
	// peersPatience bounds how long one way may take, and peersTime all of it.
	peersPatience = 3 * time.Second
	peersTime     = 5 * time.Second
)

// Peers asks all copies that could be anywhere at once, within a few seconds,
// and lists those that answer and those that were heard of before, the parent
// first. What a copy says of the top-level parent is kept as after a pull.
func (r *Repo) Peers(ctx context.Context) ([]PeerStatus, error) {
	a, err := r.atlas()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, peersTime)
	defer cancel()
	round := &roundCall{repo: r, atlas: a, slots: make(chan struct{}, maxDials)}
	for _, p := range a.everyWay() {
		round.ask(limited, p)
	}
	round.find(limited)
	round.work.Wait()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	return round.summary(state)
}

// everyWay lists the ways to all peers with a name and to all members.
func (a *atlas) everyWay() []peer {
	var ways []peer
	for _, n := range a.named {
		ways = append(ways, a.namedWay(n))
	}
	for i := range a.circle.members {
		m := &a.circle.members[i]
		for _, p := range append(a.addressWays(m), a.hubWays(m)...) {
			if !slices.ContainsFunc(ways, p.sameWay) {
				ways = append(ways, p)
			}
		}
	}
	return ways
}

// roundCall asks many at once.
type roundCall struct {
	repo  *Repo
	atlas *atlas
	slots chan struct{}
	work  sync.WaitGroup

	mu      sync.Mutex
	asked   []peer
	replies []reply
}

// reply is what became of one way.
type reply struct {
	peer peer
	peek transport.PeekResult
	err  error
}

// ask goes one way, unless it has been gone already.
func (c *roundCall) ask(ctx context.Context, p peer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.asked, p.sameWay) {
		return
	}
	c.asked = append(c.asked, p)
	c.work.Go(func() {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		defer func() { <-c.slots }()
		res, err := c.repo.peek(ctx, &p, &c.atlas.circle)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.replies = append(c.replies, reply{p, res, err})
	})
}

// find asks whoever is on the local network.
func (c *roundCall) find(ctx context.Context) {
	finder := c.repo.env.Find
	if finder == nil || c.atlas.circle.discovery == nil {
		return
	}
	c.work.Go(func() {
		short, cancel := context.WithTimeout(ctx, findFor)
		defer cancel()
		err := findAll(short, finder, c.atlas.circle.discovery(), func(f Found) {
			if p, ok := c.atlas.foundWay(f); ok {
				c.ask(ctx, p)
			}
		})
		if err != nil && short.Err() == nil {
			c.repo.env.warn(fmt.Sprintf("cannot look for other copies on this network: %v", err))
		}
	})
}

// peek asks one copy where its names are, and notes whose it is.
func (r *Repo) peek(ctx context.Context, p *peer, c *circle) (transport.PeekResult, error) {
	ctx, cancel := context.WithTimeout(ctx, peersPatience)
	defer cancel()
	p.how.Patience = peersPatience
	conn, err := connectBy(ctx, r.env, p.source, p.how)
	if err != nil {
		return transport.PeekResult{}, err
	}
	defer conn.Close()
	if shower, ok := conn.(Shower); ok {
		p.show(c, shower.HostKey())
	}
	return transport.Peek(ctx, conn, transport.PeekRequest{Engagement: engagementOf(p.source), ID: r.ID()})
}

// summary makes one entry of all that was heard of a copy.
func (c *roundCall) summary(state refs.State) ([]PeerStatus, error) {
	best := map[string]reply{}
	for _, r := range c.replies {
		if old, ok := best[r.peer.name]; !ok || r.better(old) {
			best[r.peer.name] = r
		}
	}
	var out []PeerStatus
	for _, b := range best {
		p, err := c.repo.peerStatus(state, c.atlas, b)
		if err != nil {
			return nil, err
		}
		if p.Reachable || !p.Heard.IsZero() || b.peer.route.rank() <= RouteNamed.rank() {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b PeerStatus) int {
		return cmp.Or(-compareBool(a.Parent, b.Parent), -compareBool(a.Reachable, b.Reachable), b.Heard.Compare(a.Heard), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// better tells whether r says more of a copy than s does.
func (r reply) better(s reply) bool {
	return cmp.Or(compareBool(r.err == nil, s.err == nil), -comparePeers(r.peer, s.peer)) > 0
}

// peerStatus puts together what is known of a copy from its reply and from
// before.
func (r *Repo) peerStatus(state refs.State, a *atlas, b reply) (PeerStatus, error) {
	line := currentLine(state)
	page := a.book.page(b.peer.name)
	p := PeerStatus{
		Name: b.peer.name, Parent: b.peer.name == a.parent, Reachable: b.err == nil, Problem: b.err, Heard: page.Heard,
		Route: page.Route, Head: idOf(state.Get(trackingName(b.peer.name, line))), ReadOnly: b.peer.reads,
	}
	if m := a.circle.byKey(b.peer.member); m != nil {
		p.Member, p.MemberLevel = m.Name, m.Level
	}
	if len(page.Addresses) > 0 {
		p.Address = page.Addresses[0]
	}
	if p.Reachable {
		p.Route, p.Via, p.Address = b.peer.route, b.peer.how.Via, cmp.Or(b.peer.source.address(), b.peer.where())
		p.Head, p.ReadOnly, p.Heard = b.peek.Tips.Get(headName(line)), b.peek.Level != transport.LevelFull, r.env.Now()
		r.heard(b.peer, p.Head, b.peek.About)
	}
	ours := r.at(idOf(state.Get(nameBase)), idOf(state.Get(headName(line))))
	told, err := r.arrivalBy(r.checkReceipt(state, b.peek.Receipt), ours)
	if err != nil {
		return p, err
	}
	p.Told = told
	p.Ahead, p.Behind, err = graph.AheadBehind(r.graph, ours, p.Head)
	switch {
	case ours == p.Head:
		err = nil
	case p.Head.IsZero() || errors.Is(err, objects.ErrNotFound):
		p.Ahead, p.Behind, err = 0, 0, nil
		p.Unknown = !p.Head.IsZero()
	}
	return p, err
}
