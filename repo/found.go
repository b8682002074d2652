package repo

import (
	"context"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// circle gives who belongs to the engagement now.
func (r *Repo) circle(state refs.State) (circle, error) {
	all, err := r.rosterOf(state)
	if err != nil {
		return circle{}, err
	}
	self, _ := r.env.key() // who has none may still look for others
	c := circleOf(idOf(state.Get(nameEngagement)), all, self, r.env.hostKey(), r.env.Now())
	c.discovery = sync.OnceValue(func() [][32]byte {
		keys, _ := r.discoveryKeys(state) // without any nobody is found
		return keys
	})
	return c, nil
}

// DiscoveryKeys are the keys by which copies of the engagement look for each
// other on a network, the present one first, then older ones.
func (r *Repo) DiscoveryKeys(context.Context) ([][32]byte, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	return r.discoveryKeys(state)
}

// knownDiscovery is how many versions of the settings a copy may have missed
// and still be found, when the discovery key was renewed in them.
const knownDiscovery = 16

func (r *Repo) discoveryKeys(state refs.State) ([][32]byte, error) {
	chain, err := r.chainAt(idOf(state.Get(nameSettings)))
	if err != nil {
		return nil, err
	}
	secrets, err := chain.Discoveries(knownDiscovery)
	if err != nil {
		return nil, err
	}
	keys := make([][32]byte, len(secrets))
	for i, s := range secrets {
		keys[i] = s
	}
	return keys, nil
}

// circleOf draws from the settings what is needed to find each other: who may
// be asked, by which keys he is known, and by which key one looks for him.
func circleOf(id objects.ID, all *roster.Roster, self, selfHost roster.Key, now time.Time) circle {
	c := circle{
		id: id, name: all.Settings.Engagement, hubs: all.Settings.Hubs, self: self, selfHost: selfHost,
	}
	for m := range all.All() {
		level := all.LevelOf(m.Key, now)
		one := *m
		one.Level = level
		switch {
		case m.Key == self:
		case level < roster.Read:
			c.former = append(c.former, one)
		default:
			c.members = append(c.members, one)
		}
	}
	return c
}
