package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/lan"
	"github.com/esync/esync/transport/ssh"
)

const (
	// skewOdd is how wrong clocks may be before times in the history look odd, and skewBad before memberships and
	// invitations begin or end at the wrong time.
	skewOdd = 2 * time.Minute
	skewBad = time.Hour
	// listenFor is how long is listened for other copies: questions go out at 0, 0.3 and 1 s.
	listenFor = 2 * time.Second
	// endsSoon is when a membership that ends is told of.
	endsSoon = 14 * day
)

// membership looks at what this user may do, by what this copy knows.
func (d *diagnosis) membership(ctx context.Context, r *repo.Repo) {
	members, err := r.Members(ctx)
	if err != nil {
		d.add("member", problem, err.Error(), `"esync fsck" tells what is damaged`)
		return
	}
	_, version, err := r.Settings(ctx)
	if err != nil {
		d.add("member", problem, err.Error(), `"esync fsck" tells what is damaged`)
		return
	}
	since := ""
	for e, err := range r.Log(ctx, repo.LogOptions{From: version.String(), Limit: 1}) {
		if err == nil {
			since = ", by settings of " + d.s.env.moment(e.Commit.When)
		}
	}
	for _, m := range members {
		if !m.Self {
			continue
		}
		text := fmt.Sprintf("you are %q, level %s%s", m.Name, m.Now, since)
		switch {
		case m.Now == roster.None:
			d.add("member", problem, text, "nobody takes anything from you or gives you anything: ask the office to grant you access")
		case m.Admitted:
			d.add("member", odd, text+fmt.Sprintf(", until %s: no admin has confirmed it yet", dateText(m.Expires)), "ask the office to: esync grant "+m.Name+" "+m.Level.String())
		case !m.Expires.IsZero() && m.Expires.Sub(d.s.env.now()) < endsSoon:
			d.add("member", odd, text+", until "+dateText(m.Expires), "ask the office to go on: esync grant "+m.Name+" "+m.Level.String())
		default:
			d.add("member", fine, text, "")
		}
		return
	}
	d.add("member", problem, "your key is not a member's"+since, "ask for an invitation, or pull if somebody has taken you up: your copy may not have heard of it")
}

// serving tells whether this copy is offered to others.
func (d *diagnosis) serving(r *repo.Repo) {
	if at, ok := d.s.servingAt(r.ID()); ok {
		d.add("serving", fine, "members reach this copy at "+at.String(), "")
		return
	}
	d.add("serving", fine, "this copy is not served; \"esync serve\" does", "")
}

// clock compares the clock of this machine with what was recorded last.
func (d *diagnosis) clock(ctx context.Context, r *repo.Repo) {
	now := d.s.env.now()
	for e, err := range r.Log(ctx, repo.LogOptions{From: r.Line(), Limit: 1}) {
		if err == nil && e.Commit.When.Sub(now) > skewOdd {
			d.add("clock", odd, fmt.Sprintf("it is %s here, and the newest commit was made at %s on %s", dateText(now), dateText(e.Commit.When), orUnknown(e.Commit.Device)),
				"set the clock of this machine, or of that one, by the network")
			return
		}
	}
	d.add("clock", fine, dateText(now), "")
}

// skew tells how wrong a clock is against ours.
func (d *diagnosis) skew(who string, theirs time.Time) {
	off := theirs.Sub(d.s.env.now()).Round(time.Second)
	text := fmt.Sprintf("that of %s is %s off ours", who, off.Abs())
	switch {
	case off.Abs() < skewOdd:
	case off.Abs() < skewBad:
		d.add("clock", odd, text, "set both by the network")
	default:
		d.add("clock", problem, text, "set both by the network: memberships and invitations begin and end by the clock")
	}
}

// network looks who is on the local network.
func (d *diagnosis) network(ctx context.Context, r *repo.Repo) {
	if d.s.offLAN() {
		d.add("network", fine, "nobody is looked for: ESYNC_LAN is off", "")
		return
	}
	if len(machineAddresses()) == 0 {
		d.add("network", odd, "this machine is in no network", "connect it, or carry work by \"esync bundle\"")
	}
	keys, err := r.DiscoveryKeys(ctx)
	if err != nil || len(keys) == 0 {
		return
	}
	names := map[roster.Key]string{}
	if members, err := r.Members(ctx); err == nil {
		for _, m := range members {
			if !m.Self && m.Now >= roster.Read {
				names[m.Key] = m.Name
			}
		}
	}
	found := map[string]netip.AddrPort{}
	listening, cancel := context.WithTimeout(ctx, listenFor)
	defer cancel()
	err = lan.Find(listening, lan.Config{Now: d.s.env.now, Network: d.s.network()}, keys[0], func(f lan.Found) {
		name, member := names[roster.KeyOf(f.Key)]
		if _, again := found[name]; member && !again {
			found[name] = f.Addr
			d.skew(fmt.Sprintf("%q", name), f.Time)
		}
	})
	if errors.Is(err, lan.ErrNoNetwork) {
		d.add("network", odd, err.Error(), "connect this machine to a network, or carry work by \"esync bundle\"")
		return
	}
	if err != nil && ctx.Err() == nil {
		d.add("network", odd, err.Error(), "")
		return
	}
	for name, at := range found {
		d.add("network", fine, fmt.Sprintf("%q serves on this network at %s", name, at), "")
	}
	if len(found) == 0 {
		d.add("network", fine, "no member's copy is found on this network", nobodyFound())
	}
}

// nobodyFound is what to think of when a copy that is served is not found.
func nobodyFound() string {
	next := "if one is served here, the Wi-Fi may keep its stations apart, or a firewall drops UDP port 7473: use a hub (--via) or the other's address"
	switch runtime.GOOS {
	case "windows":
		next += "; Windows lets nobody in on a network that it calls public"
	case "darwin":
		next += "; macOS asks once whether the terminal may use the local network"
	}
	return next
}

// peers asks the other copies how they stand, all of them or the one that is named.
func (d *diagnosis) peers(ctx context.Context, r *repo.Repo, named string) error {
	all, err := r.Peers(ctx)
	if err != nil {
		return err
	}
	reached, asked := 0, 0
	var parent *repo.PeerStatus
	for i, p := range all {
		if named != "" && !strings.EqualFold(p.Name, named) && !strings.EqualFold(p.Member, named) {
			continue
		}
		asked++
		if p.Reachable {
			reached++
			d.reached(p)
			continue
		}
		if p.Parent {
			parent = &all[i]
			continue // how bad that is shows when the others have been heard
		}
		d.missed(p, named != "")
	}
	if parent != nil {
		d.missed(*parent, reached == 0)
	}
	switch {
	case named != "" && asked == 0:
		return d.source(ctx, named)
	case asked == 0:
		d.add("peers", fine, "no other copy is known yet", "")
	}
	return nil
}

// reached tells of a copy that answers.
func (d *diagnosis) reached(p repo.PeerStatus) {
	text := fmt.Sprintf("%q answers at %s (%s), level %s, %s", p.Name, p.Address, routeText(p), levelText(p.ReadOnly), peerStanding(p))
	if p.ReadOnly {
		d.add("peer", fine, text, "you may pull there, not push")
		return
	}
	d.add("peer", fine, text, "")
}

// routeText is the way to a copy.
func routeText(p repo.PeerStatus) string {
	switch p.Route {
	case repo.RouteLAN:
		return "found on this network"
	case repo.RouteHub:
		return "through the hub " + hubName(p.Via)
	case repo.RouteAddress:
		return "where it was before"
	case repo.RouteParent:
		return "the parent"
	}
	return "by its name here"
}

// missed tells why a copy does not answer, as far as that shows from here, and what to do.
func (d *diagnosis) missed(p repo.PeerStatus, bad bool) {
	state := odd
	if bad {
		state = problem
	}
	reason, next := "out of reach", "it may be off, or elsewhere"
	if p.Problem != nil {
		reason, next = p.Problem.Error(), nextFor(p.Problem, p.Address)
	}
	d.add("peer", state, fmt.Sprintf("%q: %s", p.Name, reason), next)
}

// nextFor is what to do about a peer that cannot be used.
func nextFor(err error, address string) string {
	var gone *ssh.UnreachableError
	switch {
	case errors.As(err, &gone):
		switch gone.Obstacle {
		case ssh.NobodyThere:
			return `have "esync serve" started there, or ask which port it listens on`
		case ssh.Silence:
			if sameNetwork(address) {
				return "it is in this network and does not answer: the Wi-Fi may keep its stations apart, or a firewall there drops TCP port " +
					fmt.Sprint(defaultPort) + "; use a hub (--via) or a stick (esync bundle)"
			}
			return "it is in another network: a VPN, or a hub (--via), leads there; or another copy stands in"
		case ssh.NoName:
			return "check the name, in the address and in ~/.ssh/config"
		case ssh.NotListening:
			return `it is not at that hub: have "esync serve --via" started there`
		case ssh.LocalNetwork:
			return gone.Hint()
		case ssh.NoRoute, ssh.NoNames:
			return "connect this machine to a network that leads there, or use another copy"
		}
	case errors.Is(err, ssh.ErrAuth), errors.Is(err, transport.ErrNotMember):
		return "your key is not a member's there: ask the office; it may also not have heard of you yet"
	case errors.Is(err, ssh.ErrHostKeyChanged):
		return "another machine answers there, or it has got a new key: ask its owner before you go on"
	case errors.Is(err, transport.ErrVersion), errors.Is(err, transport.ErrUnsupported):
		return "install the same version of esync on both machines"
	}
	if f := explain(context.Background(), err); len(f.hints) > 0 {
		return f.hints[0]
	}
	return ""
}

// sameNetwork tells whether an address lies in a network that this machine is in.
func sameNetwork(address string) bool {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLoopback() && prefix.Contains(at.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// source looks at a copy that has no name here yet.
func (d *diagnosis) source(ctx context.Context, text string) error {
	src, err := repo.ParseSource(d.s.peer(text))
	if err != nil {
		return err
	}
	if src.Kind != repo.SourceSSH {
		return &repo.UnknownError{What: "peer", Name: text}
	}
	began := time.Now()
	conn, err := d.s.connector().Connect(ctx, src, repo.How{Patience: listenFor})
	if err != nil {
		d.add("peer", problem, fmt.Sprintf("%q: %v", text, err), nextFor(err, net.JoinHostPort(src.Host, fmt.Sprint(src.Port))))
		return nil
	}
	defer conn.Close()
	took := time.Since(began).Round(time.Millisecond)
	about, err := transport.Peek(ctx, conn, transport.PeekRequest{Engagement: src.Engagement})
	if err != nil {
		d.add("peer", problem, fmt.Sprintf("%q: %v", text, err), nextFor(err, ""))
		return nil
	}
	d.add("peer", fine, fmt.Sprintf("%q answers after %v, level %s", text, took, about.Level), "")
	return nil
}
