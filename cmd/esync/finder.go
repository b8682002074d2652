package main

import (
	"context"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/lan"
)

// offLAN tells that this user wants nothing of the local network: nothing is announced there and nobody looked for.
func (s *session) offLAN() bool { return s.env.getenv("ESYNC_LAN") == "off" }

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
	return lan.Find(ctx, lan.Config{Now: f.s.env.now}, discovery, func(l lan.Found) {
		found(repo.Found{
			Key: roster.KeyOf(l.Key), Addr: l.Addr.String(), ReadOnly: l.ReadOnly, Head: objects.ID(l.Head),
		})
	})
}
