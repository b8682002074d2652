package repo

import (
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

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

// circle gives who belongs to the engagement now.
func (r *Repo) circle(state refs.State) (circle, error) {
	c := circle{id: idOf(state.Get(nameEngagement)), name: string(state.Get(nameName))}
	tip := idOf(state.Get(nameIn("meta", "settings")))
	if tip.IsZero() {
		return c, nil
	}
	chain, err := roster.Trust(r.store, c.id, tip)
	if err != nil {
		return c, err
	}
	settings, err := chain.Settings()
	if err != nil {
		return c, err
	}
	return circleOf(c.id, &roster.Roster{Settings: settings}, roster.Key{}, roster.Key{}, r.env.Now()), nil
}

