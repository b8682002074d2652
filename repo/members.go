package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// Member is one member as of now.
type Member struct {
	roster.Member
	// Now is what he may do at this moment.
	Now roster.Level
	// Admitted tells that he was taken up in the field by one who may invite,
	// and that no admin has confirmed it yet.
	Admitted bool
	// Inviter is the name of who took him up, if that one is a member.
	Inviter string
	// Self tells that he is the user of this copy.
	Self bool
}

// Members lists everybody who is or was a member, by name.
func (r *Repo) Members(context.Context) ([]Member, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, err
	}
	self, _ := r.env.key()
	now := r.env.Now()
	var out []Member
	for m, by := range all.All() {
		one := Member{Member: *m, Now: all.LevelOf(m.Key, now), Admitted: by != nil, Self: m.Key == self}
		if by == nil {
			by, _ = all.Member(m.InvitedBy)
		}
		if by != nil {
			one.Inviter = by.Name
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// Settings gives the settings of the engagement that hold in this copy, and
// which version they are.
func (r *Repo) Settings(context.Context) (*roster.Settings, objects.ID, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, objects.ID{}, err
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, objects.ID{}, err
	}
	return all.Settings.Clone(), idOf(state.Get(nameSettings)), nil
}

// ChangeSettings makes a new version of the settings, which this user signs.
// edit changes what it is handed. The error is ErrNotAdmin when he may not,
// and ErrNothing when edit changed nothing.
func (r *Repo) ChangeSettings(ctx context.Context, edit func(*roster.Settings) error) error {
	return r.changeSettings(ctx, "settings", "change the settings", edit)
}

// changeSettings is ChangeSettings under the lock.
func (r *Repo) changeSettings(ctx context.Context, command, message string, edit func(*roster.Settings) error) error {
	lock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	change, err := r.nextSettings(state, message, edit)
	if err != nil {
		return err
	}
	_, err = r.refs.Apply(ctx, r.operation(command, change...))
	return err
}

// nextSettings stores a new version of the settings and gives the moves that
// make it hold.
func (r *Repo) nextSettings(state refs.State, message string, edit func(*roster.Settings) error) ([]refs.Change, error) {
	key, err := r.env.key()
	if err != nil {
		return nil, fmt.Errorf("cannot change the settings: %w", err)
	}
	chain, err := r.chainAt(idOf(state.Get(nameSettings)))
	if err != nil {
		return nil, err
	}
	before, err := chain.Settings()
	if err != nil {
		return nil, err
	}
	if err := r.mayChange(before, key); err != nil {
		return nil, err
	}
	after := before.Clone()
	if err := edit(after); err != nil {
		return nil, err
	}
	slices.SortStableFunc(after.Members, func(a, b roster.Member) int { return cmp.Compare(a.Name, b.Name) })
	if err := sameEncoding(before, after); err != nil {
		return nil, err
	}
	if err := CheckEngagementName(after.Engagement); err != nil {
		return nil, err
	}
	c := r.env.metaCommit(message, chain.Tip(), chain.Len())
	if err := roster.CheckChange(before, after, key, c.When); err != nil {
		return nil, err
	}
	w, err := r.store.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	id, err := roster.PutSettings(w, c, after, r.env.Signer)
	if err != nil {
		return nil, err
	}
	if err := w.Commit(); err != nil {
		return nil, err
	}
	return changed(change(state, nameSettings, valueOf(id)), change(state, nameName, refs.Value(after.Engagement))), nil
}

// sameEncoding is ErrNothing when two settings are written alike.
func sameEncoding(a, b *roster.Settings) error {
	one, err := a.Encode()
	if err != nil {
		return err
	}
	two, err := b.Encode()
	if err != nil {
		return err
	}
	if string(one) == string(two) {
		return ErrNothing
	}
	return nil
}

// mayChange is ErrNotAdmin unless the holder of the key is admin.
func (r *Repo) mayChange(s *roster.Settings, key roster.Key) error {
	now := r.env.Now()
	level := s.LevelOf(key, now)
	if level == roster.Admin {
		return nil
	}
	who := "your key is not a member's"
	if m := s.Member(key); m != nil {
		who = fmt.Sprintf("you are %q with level %s", m.Name, level)
	}
	return fmt.Errorf("%w do this: %s; ask %s", ErrNotAdmin, who, admins(s, now))
}

// admins names those who may change the settings.
func admins(s *roster.Settings, now time.Time) string {
	var names []string
	for i := range s.Members {
		if m := &s.Members[i]; m.LevelAt(now) == roster.Admin {
			names = append(names, fmt.Sprintf("%q", m.Name))
		}
	}
	return strings.Join(names, " or ")
}

// GrantOptions says more about what is granted.
type GrantOptions struct {
	// Key, if not zero, is the device key of a new member, who then needs no
	// invitation; HostKey is what his device shows when it serves.
	Key, HostKey roster.Key
	// MayInvite lets him take newcomers up, or not; nil leaves it as it is.
	MayInvite *bool
	// Expires is when his membership ends; zero: never.
	Expires time.Time
}

// Grant sets what a member may do. who is his name, key or fingerprint, or the
// name for a new member when a key is given. One who was admitted in the field
// becomes a member by the settings, one who was revoked is let in again. Only
// an admin may: ErrNotAdmin.
func (r *Repo) Grant(ctx context.Context, who string, level roster.Level, o GrantOptions) (*Member, error) {
	var key roster.Key
	err := r.changeSettings(ctx, "grant "+who+" "+level.String(), fmt.Sprintf("grant %s to %s", level, who), func(s *roster.Settings) error {
		m, err := r.granted(s, who, o)
		if err != nil {
			return err
		}
		m.Level, m.Revoked, m.Expires = level, time.Time{}, o.Expires.UTC().Truncate(time.Second)
		if !o.HostKey.IsZero() {
			m.HostKey = o.HostKey
		}
		if o.MayInvite != nil {
			m.MayInvite = *o.MayInvite
		}
		key = m.Key
		return nil
	})
	if err != nil && !errors.Is(err, ErrNothing) {
		return nil, err
	}
	return r.member(ctx, key)
}

// granted finds whom a grant is about, and puts him into the settings if he is
// not there yet.
func (r *Repo) granted(s *roster.Settings, who string, o GrantOptions) (*roster.Member, error) {
	if !o.Key.IsZero() {
		if m := s.Member(o.Key); m != nil {
			if !strings.EqualFold(m.Name, who) {
				return nil, fmt.Errorf("%w: that key is %q's", ErrExists, m.Name)
			}
			return m, nil
		}
		if m := s.ByName(who); m != nil {
			return nil, fmt.Errorf("member %q with another key %w", m.Name, ErrExists)
		}
		if err := roster.CheckMemberName(who); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		self, err := r.env.key()
		if err != nil {
			return nil, err
		}
		s.Members = append(s.Members, roster.Member{Name: who, Key: o.Key, InvitedBy: self, Joined: r.env.stamp()})
		return &s.Members[len(s.Members)-1], nil
	}
	if m := findMember(s.Members, who); m != nil {
		return m, nil
	}
	admitted, by, err := r.admitted(who)
	if err != nil {
		return nil, err
	}
	one := *admitted
	one.InvitedBy = by.Key
	one.Name = freeMemberName(s, one.Name)
	s.Members = append(s.Members, one)
	return &s.Members[len(s.Members)-1], nil
}

// admitted finds one who was taken up in the field and is in no settings.
func (r *Repo) admitted(who string) (m, by *roster.Member, err error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, nil, err
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, nil, err
	}
	for m, by := range all.All() {
		if by != nil && findMember([]roster.Member{*m}, who) != nil {
			return m, by, nil
		}
	}
	return nil, nil, &UnknownError{"member", who}
}

// findMember finds by name, key or fingerprint.
func findMember(members []roster.Member, who string) *roster.Member {
	key, err := roster.ParseKey(who)
	for i := range members {
		m := &members[i]
		if strings.EqualFold(m.Name, who) || err == nil && m.Key == key || m.Key.Fingerprint() == who {
			return m
		}
	}
	return nil
}

// freeMemberName gives a name that nobody has yet: the one proposed, or that
// with a number.
func freeMemberName(s *roster.Settings, name string) string {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s %d", name, n)
		}
		if s.ByName(try) == nil {
			return try
		}
	}
}

// member gives a member by his key.
func (r *Repo) member(ctx context.Context, key roster.Key) (*Member, error) {
	all, err := r.Members(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Key == key {
			return &all[i], nil
		}
	}
	return nil, &UnknownError{"member", key.Fingerprint()}
}

// Revoke puts a member out, by his name, key or fingerprint: copies refuse him
// as soon as they hear of it, which they do at their next contact with a copy
// that has. What he did before stays. The key by which members find each other
// is renewed. An admin may; of those whom he took up himself, also who may
// invite. Otherwise it is ErrNotAdmin.
func (r *Repo) Revoke(ctx context.Context, who string) (*Member, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, err
	}
	self, err := r.env.key()
	if err != nil {
		return nil, err
	}
	if all.Settings.LevelOf(self, r.env.Now()) != roster.Admin && findMember(all.Settings.Members, who) == nil {
		return r.revokeAdmitted(ctx, self, who)
	}
	var key roster.Key
	err = r.changeSettings(ctx, "revoke "+who, "revoke "+who, func(s *roster.Settings) error {
		m, err := r.granted(s, who, GrantOptions{})
		if err != nil {
			return err
		}
		key = m.Key
		if !m.Revoked.IsZero() {
			return nil
		}
		m.Level, m.MayInvite, m.Revoked = roster.None, false, r.env.stamp()
		return r.env.renew(&s.Discovery)
	})
	if err != nil && !errors.Is(err, ErrNothing) {
		return nil, err
	}
	return r.member(ctx, key)
}
