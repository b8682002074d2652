package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func peersVerb() verb {
	return verb{
		name: "peers", group: groupPeers,
		short: "show who serves this engagement now, and how far the others are",
		long: `Asks the parent, the named peers and all members' copies: on the local network, where they were last, and through hubs.
That takes a few seconds. Those that are out of reach are listed as they were when last heard of.`,
		flags: []cli.Flag{viaFlag()},
		run:   runPeers,
	}
}

type peerRecord struct {
	Name        string   `json:"name"`
	Member      string   `json:"member"`
	MemberLevel string   `json:"member_level"`
	Parent      bool     `json:"parent"`
	Reachable   bool     `json:"reachable"`
	Route       string   `json:"route"`
	Address     string   `json:"address"`
	Via         string   `json:"via"`
	Level       string   `json:"level"`
	Head        string   `json:"head"`
	Ahead       int      `json:"ahead"`
	Behind      int      `json:"behind"`
	Unknown     bool     `json:"unknown"` // it has commits that are not here, so they cannot be counted
	Heard       string   `json:"heard"`
	Problem     string   `json:"problem"`
	Told        *arrived `json:"told"` // what it says of the top-level parent; null when it has no word of it
}

func peerOf(p repo.PeerStatus) peerRecord {
	rec := peerRecord{
		Name: p.Name, Member: p.Member, Parent: p.Parent, Reachable: p.Reachable, Route: string(p.Route), Address: p.Address, Via: p.Via,
		Level: levelText(p.ReadOnly), Head: idText(p.Head), Ahead: p.Ahead, Behind: p.Behind, Unknown: p.Unknown, Heard: timeText(p.Heard),
	}
	if p.Member != "" {
		rec.MemberLevel = p.MemberLevel.String()
	}
	if p.Problem != nil {
		rec.Problem = p.Problem.Error()
	}
	rec.Told = arrivedOf(p.Told)
	return rec
}

// levelText is what a copy lets others do.
func levelText(readOnly bool) string {
	if readOnly {
		return "read"
	}
	return "full"
}

func runPeers(ctx context.Context, s *session, c *cli.Context) error {
	if err := s.chooseWay(c); err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	peers, err := r.Peers(ctx)
	if err != nil {
		return err
	}
	for _, p := range peers {
		if s.json {
			if err := s.object(peerOf(p)); err != nil {
				return err
			}
			continue
		}
		s.showPeer(p)
	}
	if len(peers) == 0 {
		s.hint("no other copy is known or found; \"esync doctor\" tells what may stand in the way")
	}
	return nil
}

// showPeer writes name, state, place, level and standing, parted by tabs.
func (s *session) showPeer(p repo.PeerStatus) {
	name := safe(p.Name)
	if p.Parent {
		name += " (parent)"
	}
	state, place := "serves", p.Address
	switch {
	case p.Via != "":
		place = "through the hub " + p.Via
	case p.Reachable && p.Route == repo.RouteLAN:
		place += " on this network"
	}
	if !p.Reachable {
		state = "out of reach, never heard of"
		if !p.Heard.IsZero() {
			state = "out of reach, last heard of " + s.env.moment(p.Heard)
		}
	}
	s.line("%s\t%s\t%s\t%s\t%s", raw(name), state, place, levelText(p.ReadOnly), peerStanding(p))
	if p.Problem != nil {
		s.detail("%s: %v", p.Name, p.Problem)
	}
}

// peerStanding tells what is to be exchanged with a copy.
func peerStanding(p repo.PeerStatus) string {
	if p.Unknown {
		return "has commits to pull"
	}
	return standing(p.Ahead, p.Behind)
}

// standing tells how this copy stands to another one.
func standing(ahead, behind int) string {
	switch {
	case ahead == 0 && behind == 0:
		return "in step"
	case behind == 0:
		return count(ahead, "commit") + " to push"
	case ahead == 0:
		return count(behind, "commit") + " to pull"
	}
	return fmt.Sprintf("%s to push and %d to pull", count(ahead, "commit"), behind)
}
