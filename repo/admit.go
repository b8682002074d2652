package repo

import (
	"context"
	"fmt"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// admissionsName is where the admissions of an inviter stand.
func admissionsName(by roster.Key) refs.Name { return nameIn(underAdmit, by.Tag()) }

// nextAdmissions stores a new version of this user's admissions and gives the
// move that makes it hold. edit changes the list that it is handed.
func (r *Repo) nextAdmissions(state refs.State, message string, edit func(*roster.Admissions) error) ([]refs.Change, error) {
	key, err := r.env.key()
	if err != nil {
		return nil, err
	}
	s, err := r.standingOf(state)
	if err != nil {
		return nil, err
	}
	name := admissionsName(key)
	next := &roster.Admissions{}
	c := r.env.metaCommit(message, next.Tip(), 0)
	if last := s.admissions[name]; last != nil {
		c = r.env.metaCommit(message, last.Tip(), last.Len())
		next = last.Clone()
	}
	if err := edit(next); err != nil {
		return nil, err
	}
	w, err := r.store.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	id, err := roster.PutAdmissions(w, c, next, s.chain.Tip(), r.env.Signer)
	if err != nil {
		return nil, err
	}
	// What others would refuse is not made.
	if _, err := roster.LoadAdmissions(w, s.chain, key.Tag(), s.admissions[name], id); err != nil {
		return nil, fmt.Errorf("cannot take anybody up: %w", err)
	}
	if err := w.Commit(); err != nil {
		return nil, err
	}
	return []refs.Change{change(state, name, valueOf(id))}, nil
}

// revokeAdmitted puts out one whom this user took up himself.
func (r *Repo) revokeAdmitted(ctx context.Context, self roster.Key, who string) (*Member, error) {
	m, by, err := r.admitted(who)
	if err != nil {
		return nil, err
	}
	if by.Key != self {
		return nil, fmt.Errorf("%w revoke %q, or %q, who invited him", ErrNotAdmin, m.Name, by.Name)
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	changes, err := r.nextAdmissions(state, "revoke "+who, func(a *roster.Admissions) error {
		for i := range a.Members {
			if a.Members[i].Key == m.Key {
				a.Members[i].Revoked = r.env.stamp()
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := r.refs.Apply(ctx, r.operation("revoke "+who, changes...)); err != nil {
		return nil, err
	}
	return r.member(ctx, m.Key)
}
