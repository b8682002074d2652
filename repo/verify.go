package repo

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// standing is what a copy believes about members: the chain of settings and
// the admissions by their names.
type standing struct {
	chain      *roster.Chain
	admissions map[refs.Name]*roster.Admissions
}

// standingOf is what this copy believes by the names of a state.
func (r *Repo) standingOf(state refs.State) (*standing, error) {
	chain, err := r.chainAt(idOf(state.Get(nameSettings)))
	if err != nil {
		return nil, err
	}
	s := &standing{chain: chain, admissions: map[refs.Name]*roster.Admissions{}}
	for name, value := range state.List(underAdmit) {
		tag, _ := name.Under(underAdmit)
		if s.admissions[name], err = roster.LoadAdmissions(r.store, chain, tag, nil, idOf(value)); err != nil {
			return nil, fmt.Errorf("read %q: %w", name, err)
		}
	}
	return s, nil
}

// newStanding is what a copy believes that is being made: the settings that
// the peer has, if they are those of the engagement that is asked for. A zero
// engagement is whichever the peer has.
func newStanding(src roster.Getter, engagement objects.ID, tips transport.Tips) (*standing, error) {
	tip := tips.Get(nameSettings)
	if tip.IsZero() {
		return nil, fmt.Errorf("%w: the peer has no settings", transport.ErrForged)
	}
	if engagement.IsZero() {
		root, err := roster.Root(src, tip)
		if err != nil {
			return nil, forged(err)
		}
		engagement = root
	}
	chain, err := roster.Load(src, engagement, tip)
	if err != nil {
		return nil, forged(err)
	}
	s, _, err := (&standing{chain: chain}).follow(src, tips, func(string) {})
	return s, err
}

// list gives the admissions in no particular order.
func (s *standing) list() []*roster.Admissions {
	var all []*roster.Admissions
	for _, a := range s.admissions {
		all = append(all, a)
	}
	return all
}

// moved is one name of meta/ that goes forward.
type movedMeta struct {
	name refs.Name
	to   objects.ID
}

// follow gives what a copy believes after it has heard the names of a peer,
// every new version verified, and which of its own names go forward. A fork of
// the settings is no error: warn hears of it, and what was believed stays.
func (s *standing) follow(src roster.Getter, tips transport.Tips, warn func(string)) (*standing, []movedMeta, error) {
	next := &standing{chain: s.chain, admissions: map[refs.Name]*roster.Admissions{}}
	for name, a := range s.admissions {
		next.admissions[name] = a
	}
	var moves []movedMeta
	if tip := tips.Get(nameSettings); !tip.IsZero() && tip != s.chain.Tip() {
		chain, err := s.chain.Extend(src, tip)
		switch {
		case errors.Is(err, roster.ErrFork):
			warn(fmt.Sprintf("WARNING: the peer has other settings than this copy, which do not follow from ours: %v. "+
				"Ours are kept. Ask the office which are right: a copy with the wrong ones must be cloned anew", err))
			return s, nil, nil
		case err != nil:
			return nil, nil, forged(err)
		case chain != s.chain:
			next.chain = chain
			moves = append(moves, movedMeta{nameSettings, tip})
		}
	}
	for _, tip := range tips {
		tag, ok := tip.Name.Under(underAdmit)
		if !ok {
			continue
		}
		known := s.admissions[tip.Name]
		a, err := roster.LoadAdmissions(src, next.chain, tag, known, tip.ID)
		switch {
		case errors.Is(err, roster.ErrFork):
			warn(fmt.Sprintf("WARNING: the peer has other admissions than this copy under %q, which do not follow from ours: %v", tip.Name, err))
		case err != nil:
			return nil, nil, forged(err)
		case a != known:
			next.admissions[tip.Name] = a
			moves = append(moves, movedMeta{tip.Name, tip.ID})
		}
	}
	return next, moves, nil
}

// has tells whether a name of a peer under meta/ is where ours is, or was.
func (s *standing) has(tip transport.Tip) (bool, error) {
	if tip.Name == nameSettings {
		_, ok, err := s.chain.Position(tip.ID)
		return ok, err
	}
	a := s.admissions[tip.Name]
	return a != nil && a.Tip() == tip.ID, nil
}

// forged is an error of package roster as the wire knows it.
func forged(err error) error {
	if errors.Is(err, roster.ErrForged) {
		return fmt.Errorf("%w: %w", transport.ErrForged, err)
	}
	return err
}

// inspect holds what arrived to the rules: the settings go forward, and every
// new commit was made by a member who might. Nothing is taken over by it. It
// tells how many of the new commits are no content.
func (r *Repo) inspect(ctx context.Context, state refs.State, a transport.Arrived) (metas int, err error) {
	before, err := r.standingOf(state)
	if err != nil {
		return 0, err
	}
	return before.inspect(ctx, a, r.env)
}

func (s *standing) inspect(ctx context.Context, a transport.Arrived, env Env) (metas int, err error) {
	next, _, err := s.follow(a.Source, a.Tips, func(string) {}) // it is told when names move
	if err != nil {
		return 0, err
	}
	v := verifier{src: a.Source, judge: roster.Judge{Chain: next.chain, Admissions: next.list()}, env: env}
	for _, tip := range a.Tips {
		if _, meta := tip.Name.Under(underMeta); meta {
			continue
		}
		if err := v.content(tip.ID); err != nil {
			return 0, fmt.Errorf("%q: %w", tip.Name, err)
		}
	}
	return v.run(ctx, a.Fresh)
}

// verifier checks the commits of a transfer, on all cores.
type verifier struct {
	src   roster.Getter
	judge roster.Judge
	env   Env
}

// content holds that a commit is none of a chain of settings.
func (v *verifier) content(id objects.ID) error {
	c, err := v.read(id)
	if err == nil && roster.IsMeta(c) {
		err = fmt.Errorf("%w: commit %s is part of the settings", transport.ErrForged, id.Short())
	}
	return err
}

func (v *verifier) read(id objects.ID) (*objects.Commit, error) {
	b, err := v.src.Get(objects.KindCommit, id)
	if err != nil {
		return nil, err
	}
	return objects.DecodeCommit(b)
}

// checked is what is known of a commit that passed by itself.
type checked struct {
	parents  []objects.ID
	position uint64 // 0: part of a chain of settings
}

// run checks fresh commits, parents before their children, and counts those
// that are no content.
func (v *verifier) run(ctx context.Context, fresh []objects.ID) (metas int, err error) {
	done := make([]checked, len(fresh))
	const batch = 64
	var next, count atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for {
				from := int(next.Add(batch)) - batch
				if from >= len(fresh) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				to := min(from+batch, len(fresh))
				for i := from; i < to; i++ {
					if err := v.one(fresh[i], &done[i]); err != nil {
						return err
					}
				}
				v.env.progress(Progress{Phase: "checking", Files: int(count.Add(int64(to - from))), TotalFiles: len(fresh)})
			}
		})
	}
	if err := g.Wait(); err != nil {
		return 0, err
	}
	for i := range done {
		if done[i].position == 0 {
			metas++
		}
	}
	return metas, v.order(fresh, done)
}

func (v *verifier) one(id objects.ID, to *checked) error {
	c, err := v.read(id)
	if err != nil {
		return fmt.Errorf("read commit %s: %w", id.Short(), err)
	}
	if roster.IsMeta(c) {
		return nil
	}
	to.parents = c.Parents
	if to.position, err = v.judge.Commit(c); err != nil {
		return v.blame(id, c, err)
	}
	return nil
}

// blame names the commit that is refused, and its author as he calls himself.
func (v *verifier) blame(id objects.ID, c *objects.Commit, err error) error {
	return forged(fmt.Errorf("commit %s by %q: %w", id.Short(), c.Author, err))
}

// order holds that no commit was made under older settings than its parents,
// and none stands on a chain of settings.
func (v *verifier) order(fresh []objects.ID, done []checked) error {
	positions := make(map[objects.ID]uint64, len(fresh))
	for i, id := range fresh {
		positions[id] = done[i].position
		for _, p := range done[i].parents {
			position, ok := positions[p]
			if !ok {
				c, err := v.read(p)
				if err != nil {
					return fmt.Errorf("read commit %s: %w", p.Short(), err)
				}
				if position, err = v.judge.Version(c); err != nil {
					return forged(fmt.Errorf("commit %s: %w", p.Short(), err))
				}
				positions[p] = position
			}
			if done[i].position < position || position == 0 {
				return forged(fmt.Errorf("commit %s: %w", id.Short(), roster.ErrOlder))
			}
		}
	}
	return nil
}

// metaChanges are the moves that a peer's names under meta/ make here: forward
// only, each version verified again, and the engagement's name follows. What
// the peer has is remembered, unless it is a fork.
func (r *Repo) metaChanges(state refs.State, peer string, theirs transport.Tips) ([]refs.Change, error) {
	before, err := r.standingOf(state)
	if err != nil {
		return nil, err
	}
	next, moves, err := before.follow(r.store, theirs, r.env.warn)
	if err != nil {
		return nil, err
	}
	var changes []refs.Change
	for _, m := range moves {
		changes = append(changes, change(state, m.name, valueOf(m.to)))
	}
	for _, tip := range theirs {
		if ours, err := next.has(tip); err != nil {
			return nil, err
		} else if ours {
			changes = append(changes, change(state, trackingName(peer, tip.Name.String()), valueOf(tip.ID)))
		}
	}
	renamed, err := r.nameChange(state, changes)
	return append(changes, renamed...), err
}

// nameChange lets the name of the engagement follow its settings.
func (r *Repo) nameChange(state refs.State, changes []refs.Change) ([]refs.Change, error) {
	tip := settingsAfter(state, changes)
	if tip == idOf(state.Get(nameSettings)) {
		return nil, nil
	}
	chain, err := roster.Trust(r.store, idOf(state.Get(nameEngagement)), tip)
	if err != nil {
		return nil, err
	}
	s, err := chain.Settings()
	if err != nil {
		return nil, err
	}
	return changed(change(state, nameName, refs.Value(s.Engagement))), nil
}

// takesMeta holds that a push moves names under meta/ only where they go
// forward, and no others than this copy understands.
func (r *Repo) takesMeta(state refs.State, changes []refs.Change, a transport.Arrived) error {
	var names []refs.Change
	for _, c := range changes {
		if _, is := c.Name.Under(underMeta); is {
			names = append(names, c)
		}
	}
	if len(names) == 0 {
		return nil
	}
	before, err := r.standingOf(state)
	if err != nil {
		return err
	}
	_, moves, err := before.follow(a.Source, a.Tips, func(string) {})
	if err != nil {
		return err
	}
	for _, c := range names {
		if !slices.Contains(moves, movedMeta{c.Name, idOf(c.New)}) {
			return transport.Tell(fmt.Errorf("%w: %q does not go forward", transport.ErrRefused, c.Name),
				"its settings do not follow from those here; ask the office which are right")
		}
	}
	return nil
}
