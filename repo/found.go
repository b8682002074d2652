package repo

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// circle is who belongs to the engagement, as far as finding each other needs
// it.
type circle struct {
	id   objects.ID
	name string
	// discovery are the keys to look for others by, the present one first: a
	// copy that has been away knows an older one.
	discovery func() [][32]byte
	hubs      []string
	// self are the device and host key of this copy's own user.
	self, selfHost roster.Key
	// level is what self may do by the settings that are here.
	level roster.Level
	// members may do at least read, and are not self; former are those who
	// may nothing any more.
	members, former []roster.Member
}

// left tells whether a pin is that of somebody who is no member any more.
func (c *circle) left(p pin) bool {
	if p.key == "" || c.byName(p.member) != nil || c.pinOf(p.key).member != "" {
		return false
	}
	for i := range c.former {
		if m := &c.former[i]; m.HostKey.String() == p.key || strings.EqualFold(m.Name, p.member) {
			return true
		}
	}
	return false
}

// byKey finds the member who has a device key.
func (c *circle) byKey(key roster.Key) *roster.Member {
	return c.member(func(m *roster.Member) bool { return m.Key == key })
}

// byName finds a member by his name, in any letter case.
func (c *circle) byName(name string) *roster.Member {
	return c.member(func(m *roster.Member) bool { return strings.EqualFold(m.Name, name) })
}

func (c *circle) member(is func(*roster.Member) bool) *roster.Member {
	for i := range c.members {
		if is(&c.members[i]) {
			return &c.members[i]
		}
	}
	return nil
}

// hostKeys are all keys that members' devices show.
func (c *circle) hostKeys() []string {
	var keys []string
	for i := range c.members {
		if k := c.members[i].HostKey; !k.IsZero() {
			keys = append(keys, k.String())
		}
	}
	return keys
}

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
	if err != nil { // where older versions are damaged, the present one still finds who can heal them
		s, err := chain.Settings()
		if err != nil {
			return nil, err
		}
		secrets = []roster.Secret{s.Discovery}
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
		level: all.LevelOf(self, now),
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
