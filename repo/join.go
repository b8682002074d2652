package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// Join implements transport.Joiner: whoever holds an open invitation of this
// copy becomes a member, as does who shows newer settings by which he is one.
func (p peerHost) Join(ctx context.Context, id objects.ID, payload []byte) error {
	s, err := p.host.find(ctx, "", id)
	if err != nil {
		return err
	}
	s.update.Lock()
	defer s.update.Unlock()
	if roster.IsCredentials(payload) {
		if _, err := p.level(s); err == nil && (p.host.opt.ReadOnly || p.peer.Cap == transport.LevelRead) {
			// He reads already, and more there is not: it would be a push by another door.
			return transport.Tell(transport.ErrRefused, "this copy is shared for reading only")
		}
		return s.shown(ctx, p.peer.Key, payload)
	}
	j, err := roster.DecodeJoin(id, payload)
	if err != nil {
		return transport.Tell(fmt.Errorf("%w: %w", transport.ErrRefused, err), "what the newcomer says of himself is not signed as it should be")
	}
	m, err := s.repo.takeUp(ctx, j)
	if err != nil {
		s.repo.env.warn(fmt.Sprintf("%s (%s) could not join %q: %v", j.Author, j.Key.Fingerprint(), s.Name(), err))
		return err
	}
	if m != nil && p.host.opt.Joined != nil {
		p.host.opt.Joined(Joined{Engagement: s.Name(), Name: m.Name, Level: m.Level, Key: m.Key})
	}
	return nil
}

// Joined is a newcomer who became a member at this copy.
type Joined struct {
	Engagement string
	Name       string
	Level      roster.Level
	Key        roster.Key
}

// noInvitation is the refusal of an invitation that is not open.
func noInvitation(why string) error {
	return transport.Tell(fmt.Errorf("%w: %w", transport.ErrRefused, ErrInvitation), "the invitation "+why+"; ask for a new one")
}

// takeUp makes the newcomer a member and drops his invitation, in one record.
// Who has joined already and did not hear of it is told so again: nil.
func (r *Repo) takeUp(ctx context.Context, j *roster.Join) (*roster.Member, error) {
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, err
	}
	name := nameIn(underInvite, j.Invitation.Tag())
	p, open := pendingOf(state, j.Invitation)
	switch {
	case !open && all.LevelOf(j.Key, r.env.Now()) >= roster.Read:
		return nil, nil
	case !open:
		return nil, noInvitation("was used already, or withdrawn, or is another copy's")
	case !r.env.Now().Before(p.Until):
		return nil, noInvitation("has expired")
	}
	m, err := r.newcomer(all, j, &p)
	if err != nil {
		return nil, err
	}
	self, err := r.env.key()
	if err != nil {
		return nil, err
	}
	if p.By != self {
		return nil, noInvitation("was made by another user of this copy")
	}
	changes, err := r.recordNewcomer(state, all, m)
	if err != nil {
		return nil, err
	}
	op := r.operation("join of "+m.Name, append(changes, change(state, name, ""))...)
	if _, err := r.refs.Apply(ctx, op); err != nil {
		if errors.Is(err, refs.ErrStale) {
			return nil, noInvitation("is being used by somebody else")
		}
		return nil, err
	}
	return m, nil
}

// newcomer makes the entry of somebody who was invited.
func (r *Repo) newcomer(all *roster.Roster, j *roster.Join, p *pending) (*roster.Member, error) {
	now := r.env.stamp()
	m := &roster.Member{
		Name: p.Name, Key: j.Key, HostKey: j.HostKey, Level: p.Level, MayInvite: p.MayInvite, Author: j.Author, Device: j.Device,
		InvitedBy: p.By, Joined: now,
	}
	if m.Name == "" {
		name, _, _ := strings.Cut(j.Author, "<")
		m.Name = memberName(name, j.Device)
	}
	for other := range all.All() {
		switch {
		case other.Key == j.Key:
			m.Name = other.Name
		case !j.HostKey.IsZero() && other.HostKey == j.HostKey && all.LevelOf(other.Key, now) > roster.None:
			return nil, transport.Tell(fmt.Errorf("%w: the host key of %q", transport.ErrRefused, other.Name),
				"the host key of this machine is that of another member; make a new one by removing host_ed25519 from the settings folder")
		case roster.SameAuthor(other.Author, j.Author):
			r.env.warn(fmt.Sprintf("%q joins with the author %q, which is also that of %q: the log tells them apart by device only", m.Name, j.Author, other.Name))
		}
	}
	return m, nil
}

// recordNewcomer puts an entry where this user may put it: into the settings
// as admin, else among his admissions.
func (r *Repo) recordNewcomer(state refs.State, all *roster.Roster, m *roster.Member) ([]refs.Change, error) {
	message := "take up " + m.Name
	now := r.env.Now()
	me := all.Settings.Member(m.InvitedBy)
	if me.LevelAt(now) == roster.Admin {
		return r.nextSettings(state, message, func(s *roster.Settings) error {
			if old := s.Member(m.Key); old != nil {
				*old = *m
				return nil
			}
			m.Name = freeMemberName(s, m.Name)
			s.Members = append(s.Members, *m)
			return nil
		})
	}
	if !me.CanInviteAt(now) || me.LevelAt(now) < m.Level {
		return nil, noInvitation("was made by one who may not invite at that level any more")
	}
	if old := all.Settings.Member(m.Key); old != nil {
		return nil, noInvitation(fmt.Sprintf("cannot change what the office decided about %q", old.Name))
	}
	m.MayInvite, m.Expires = false, m.Joined.Add(roster.MaxAdmission)
	return r.nextAdmissions(state, message, func(a *roster.Admissions) error {
		if slices.ContainsFunc(a.Members, func(old roster.Member) bool { return old.Key == m.Key }) {
			return noInvitation("cannot take somebody up a second time; ask the office")
		}
		taken := all.Settings.Clone()
		taken.Members = append(taken.Members, a.Members...)
		m.Name = freeMemberName(taken, m.Name)
		a.Members = append(a.Members, *m)
		return nil
	})
}
