package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// A copy that has been away does not know who was invited since, or let do
// more. Whom it turns away shows it the settings that say so: they are signed
// by the office, so it need not believe him.

// maxPresent is how much can be shown at once: what one request holds.
const maxPresent = 15 << 10

// presentable tells whether an error of a peer may come from settings that are
// older than ours: by ours, this user may do what he was refused.
func (r *Repo) presentable(err error, need transport.Level) bool {
	if !errors.Is(err, transport.ErrNotMember) && !errors.Is(err, transport.ErrUnknownEngagement) && !errors.Is(err, transport.ErrRefused) {
		return false
	}
	state, err := r.refs.State()
	if err != nil {
		return false
	}
	all, err := r.rosterOf(state)
	if err != nil {
		return false
	}
	key, err := r.env.key()
	if err != nil {
		return false
	}
	level := all.LevelOf(key, r.env.Now())
	return level >= roster.Full || level == roster.Read && need != transport.LevelFull
}

// present shows a peer the settings and admissions of this copy.
func (r *Repo) present(ctx context.Context, conn Connection) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	payload, err := r.credentials(state)
	if err != nil {
		return err
	}
	_, err = transport.Join(ctx, conn, transport.JoinRequest{Engagement: idOf(state.Get(nameEngagement)), Payload: payload})
	return err
}

// credentials packs as many of the last versions as can be shown.
func (r *Repo) credentials(state refs.State) ([]byte, error) {
	names := map[string]objects.ID{}
	for name, value := range state.List(underMeta) {
		names[name.String()] = idOf(value)
	}
	for n := 64; n > 0; n /= 2 {
		c, err := roster.Gather(r.store, names, n)
		if err != nil {
			return nil, err
		}
		payload, err := c.Encode()
		if err != nil || len(payload) <= maxPresent {
			return payload, err
		}
	}
	return nil, fmt.Errorf("%w: settings of this size cannot be shown to a peer", transport.ErrTooLarge)
}

// shown is the server's side: whatever follows from the settings here is taken
// over, if it makes the peer a member.
func (s *served) shown(ctx context.Context, key roster.Key, payload []byte) error {
	refused := func(err error) error {
		return transport.Tell(fmt.Errorf("%w: %w", transport.ErrNotMember, err), "the settings do not say so here")
	}
	c, err := roster.DecodeCredentials(payload)
	if err != nil {
		return refused(err)
	}
	tips := make(transport.Tips, 0, len(c.Names))
	for name, id := range c.Names {
		n, err := refs.ParseName(name)
		if _, meta := n.Under(underMeta); err != nil || !meta || id.IsZero() {
			return refused(fmt.Errorf("%q is no name of settings", name))
		}
		tips = append(tips, transport.Tip{Name: n, ID: id})
	}
	slices.SortFunc(tips, func(a, b transport.Tip) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	r := s.repo
	lock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	before, err := r.standingOf(state)
	if err != nil {
		return err
	}
	scratch := mem.New()
	if err := c.Store(scratch); err != nil {
		return refused(err)
	}
	next, moves, err := before.follow(both{scratch, r.store}, tips, r.env.warn)
	if err != nil {
		return refused(err)
	}
	settings, err := next.chain.Settings()
	if err != nil {
		return refused(err)
	}
	all := &roster.Roster{Settings: settings, Admissions: next.list()}
	if all.LevelOf(key, r.env.Now()) < roster.Read {
		return refused(errors.New("the peer is no member by the settings that he shows"))
	}
	if len(moves) == 0 {
		return nil
	}
	return s.takeShown(ctx, state, c, moves, all, key)
}

// takeShown records what was shown and found right.
func (s *served) takeShown(ctx context.Context, state refs.State, c *roster.Credentials, moves []movedMeta, all *roster.Roster, key roster.Key) error {
	r := s.repo
	w, err := r.store.Begin()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := c.Store(w); err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return err
	}
	var changes []refs.Change
	for _, m := range moves {
		changes = append(changes, change(state, m.name, valueOf(m.to)))
	}
	renamed, err := r.nameChange(state, changes)
	if err != nil {
		return err
	}
	m, _ := all.Member(key)
	_, err = r.refs.Apply(ctx, r.operation("settings from "+m.Name, append(changes, renamed...)...))
	return err
}

// both reads from the first that has an object.
type both struct {
	first, second roster.Getter
}

// Get implements roster.Getter.
func (b both) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	content, err := b.first.Get(kind, id)
	if errors.Is(err, objects.ErrNotFound) {
		return b.second.Get(kind, id)
	}
	return content, err
}
