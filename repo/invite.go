package repo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// DefaultInvitation is how long an invitation is good for.
const DefaultInvitation = 48 * time.Hour

// InviteOptions says whom to invite.
type InviteOptions struct {
	// Name is what members will call the newcomer; empty: what he calls
	// himself.
	Name string
	// Level is what he may do.
	Level roster.Level
	// MayInvite lets him take newcomers up himself.
	MayInvite bool
	// Expires is how long the invitation is good for; 0: DefaultInvitation.
	Expires time.Duration
	// Addresses are where this copy serves, HOST:PORT, the likeliest first.
	Addresses []string
}

// Invitation is one that was made here and not used yet.
type Invitation struct {
	// Text is the line to pass on. It is known only when it is made.
	Text string
	Name string
	// Level and MayInvite are what it gives, Expires is when it ends.
	Level     roster.Level
	MayInvite bool
	Expires   time.Time
	Addresses []string
}

// pending is what the inviter's copy keeps of an invitation, as JSON in the
// name config/invite/TAG.
type pending struct {
	Key       roster.Key   `json:"key"` // the invitation key's public half
	Name      string       `json:"name,omitempty"`
	Level     roster.Level `json:"level"`
	MayInvite bool         `json:"may_invite,omitempty"`
	Until     time.Time    `json:"until"`
	By        roster.Key   `json:"by"`
}

func parsePending(v refs.Value) (p pending, err error) {
	err = json.Unmarshal([]byte(v), &p)
	return p, err
}

// Invite makes an invitation to this copy, which must be served for it to be
// used. An admin invites at any level; who may invite, for 7 days and at most
// at his own.
func (r *Repo) Invite(ctx context.Context, o InviteOptions) (*Invitation, error) {
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	if err := r.mayInvite(state, o); err != nil {
		return nil, err
	}
	if o.Expires <= 0 {
		o.Expires = DefaultInvitation
	}
	now := r.env.stamp()
	v := roster.Invitation{
		Engagement: idOf(state.Get(nameEngagement)), HostKey: r.env.hostKey(), Expires: now.Add(o.Expires), Addresses: o.Addresses,
	}
	if v.HostKey.IsZero() {
		return nil, fmt.Errorf("cannot invite: %w: this machine has no host key", ErrNoKey)
	}
	if _, err := io.ReadFull(r.env.Rand, v.Secret[:]); err != nil {
		return nil, err
	}
	text, err := v.Encode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	by, err := r.env.key()
	if err != nil {
		return nil, err
	}
	p := pending{Key: v.Key(), Name: o.Name, Level: o.Level, MayInvite: o.MayInvite, Until: v.Expires, By: by}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	changes := append(expired(state, now), change(state, nameIn(underInvite, p.Key.Tag()), refs.Value(b)))
	if _, err := r.refs.Apply(ctx, r.operation("invite "+o.Name, changes...)); err != nil {
		return nil, err
	}
	return &Invitation{Text: text, Name: o.Name, Level: o.Level, MayInvite: o.MayInvite, Expires: v.Expires, Addresses: o.Addresses}, nil
}

// mayInvite tells whether this user may make such an invitation.
func (r *Repo) mayInvite(state refs.State, o InviteOptions) error {
	if o.Level < roster.Read || o.Level > roster.Admin {
		return fmt.Errorf("%w: nobody is invited at level %v", ErrUsage, o.Level)
	}
	if o.Name != "" {
		if err := roster.CheckMemberName(o.Name); err != nil {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return err
	}
	if m := all.Settings.ByName(o.Name); m != nil {
		return fmt.Errorf("member %q %w; change him with grant, or give the newcomer another name", m.Name, ErrExists)
	}
	key, err := r.env.key()
	if err != nil {
		return err
	}
	now := r.env.Now()
	me := all.Settings.Member(key)
	level := me.LevelAt(now)
	switch {
	case level == roster.Admin:
		return nil
	case !me.CanInviteAt(now):
		return fmt.Errorf("%w invite, and who was given the right to: ask %s", ErrNotAdmin, admins(all.Settings, now))
	case o.Level > level || o.MayInvite:
		return fmt.Errorf("%w invite at a level above his own (yours is %s), or one who may invite: ask %s", ErrNotAdmin, level, admins(all.Settings, now))
	}
	return nil
}

// expired drops the invitations that are out of date.
func expired(state refs.State, now time.Time) []refs.Change {
	var changes []refs.Change
	for name, value := range state.List(underInvite) {
		if p, err := parsePending(value); err != nil || !now.Before(p.Until) {
			changes = append(changes, change(state, name, ""))
		}
	}
	return changes
}

// Invitations lists those that were made here and are still open, by name.
func (r *Repo) Invitations(context.Context) ([]Invitation, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	now := r.env.Now()
	var out []Invitation
	for _, value := range state.List(underInvite) {
		if p, err := parsePending(value); err == nil && now.Before(p.Until) {
			out = append(out, Invitation{Name: p.Name, Level: p.Level, MayInvite: p.MayInvite, Expires: p.Until})
		}
	}
	return out, nil
}
