package main

import (
	"context"
	"net"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/lan"
)

// ESYNC_LAN says how far this user looks for other copies and announces his own: nowhere ("off"), on this machine only
// ("loopback"), else on the networks that it is in.
func (s *session) offLAN() bool { return s.env.getenv("ESYNC_LAN") == "off" }

func (s *session) network() lan.Network {
	if s.env.getenv("ESYNC_LAN") == "loopback" {
		return loopbackOnly{lan.System()}
	}
	return lan.System()
}

// loopbackOnly is a machine without networks.
type loopbackOnly struct{ lan.Network }

// Interfaces implements lan.Network.
func (n loopbackOnly) Interfaces() ([]lan.Interface, error) {
	all, err := n.Network.Interfaces()
	return slices.DeleteFunc(all, func(i lan.Interface) bool { return i.Flags&net.FlagLoopback == 0 }), err
}

func (s *session) finder() repo.Finder {
	if s.offLAN() {
		return nil
	}
	return finder{s}
}

// finder looks for copies on the local network for package repo.
type finder struct{ s *session }

// Find implements repo.Finder.
func (f finder) Find(ctx context.Context, discovery [32]byte, found func(repo.Found)) error {
	return lan.Find(ctx, lan.Config{Now: f.s.env.now, Network: f.s.network()}, discovery, func(l lan.Found) {
		found(repo.Found{
			Key: roster.KeyOf(l.Key), Addr: l.Addr.String(), ReadOnly: l.ReadOnly, Head: objects.ID(l.Head),
		})
	})
}
