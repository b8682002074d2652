package repo

import (
	"fmt"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// Access is what somebody who knocks may do.
type Access struct {
	// Name is what members call him; of a newcomer, who the invitation is for.
	Name string
	// Level is the highest that he has in any engagement that is served; 0 for
	// a newcomer, who may ask to join and nothing else.
	Level transport.Level
}

// Access tells who has a key and what is open to him: he is a member of some
// engagement that is served, or holds an invitation to one. The error is
// transport.ErrNotMember for everybody else. It is answered by what holds now,
// from what was read before where nothing has changed since.
func (h *Host) Access(key roster.Key) (Access, error) {
	h.mu.Lock()
	all := make([]*served, 0, len(h.served))
	for _, s := range h.served {
		all = append(all, s)
	}
	h.mu.Unlock()
	var best Access
	var reason error
	found := false
	for _, s := range all {
		a, err := s.access(key)
		switch {
		case err != nil:
			reason = err
		case !found || a.Level > best.Level:
			best, found = a, true
		}
	}
	if found {
		if h.opt.ReadOnly {
			best.Level = min(best.Level, transport.LevelRead)
		}
		return best, nil
	}
	if reason == nil {
		reason = transport.ErrNotMember
	}
	return Access{}, reason
}

// Authorize is the part of Access that a door needs: the name of who may come
// in.
func (h *Host) Authorize(key roster.Key) (string, error) {
	a, err := h.Access(key)
	return a.Name, err
}

func (s *served) access(key roster.Key) (Access, error) {
	state, err := s.State()
	if err != nil {
		return Access{}, err
	}
	all, err := s.repo.rosterOf(state)
	if err != nil {
		return Access{}, err
	}
	now := s.repo.env.Now()
	level, why := access(all, key, now)
	if level >= roster.Read {
		m, _ := all.Member(key)
		a := Access{Name: m.Name, Level: transport.LevelRead}
		if level >= roster.Full {
			a.Level = transport.LevelFull
		}
		return a, nil
	}
	if p, ok := pendingOf(state, key); ok && now.Before(p.Until) {
		return Access{Name: p.Name}, nil
	}
	if why != "" {
		return Access{}, fmt.Errorf("%w: %s", transport.ErrNotMember, why)
	}
	return Access{}, transport.ErrNotMember
}

// pendingOf finds the invitation of an invitation key.
func pendingOf(state refs.State, key roster.Key) (pending, bool) {
	if key.IsZero() {
		return pending{}, false
	}
	value := state.Get(nameIn(underInvite, key.Tag()))
	if value == "" {
		return pending{}, false
	}
	p, err := parsePending(value)
	return p, err == nil && p.Key == key
}
