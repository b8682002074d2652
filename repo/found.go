package repo

import (
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
	return circleOf(idOf(state.Get(nameEngagement)), all, self, r.env.hostKey(), r.env.Now()), nil
}

// circleOf draws from the settings what is needed to find each other: who may
// be asked, by which keys he is known, and by which key one looks for him.
func circleOf(id objects.ID, all *roster.Roster, self, selfHost roster.Key, now time.Time) circle {
	c := circle{
		id: id, name: all.Settings.Engagement, discovery: all.Settings.Discovery, hubs: all.Settings.Hubs, self: self, selfHost: selfHost,
	}
	for m := range all.All() {
		level := all.LevelOf(m.Key, now)
		if level < roster.Read || m.Key == self {
			continue
		}
		one := *m
		one.Level = level
		c.members = append(c.members, one)
	}
	return c
}
