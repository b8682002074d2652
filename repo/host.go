package repo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// HostOptions says what a Host shows.
type HostOptions struct {
	// ReadOnly caps every peer at reading.
	ReadOnly bool
	// Any lets a peer open whatever engagement the user of this process has
	// registered or names by its absolute path: right where the peer has come
	// in as that user, as over a stock sshd. Membership counts all the same.
	Any bool
	// frank tells whoever asks for an engagement that he is no member of it.
	// Otherwise it is to him as if it were not there.
	frank bool
	// Pushed, if set, hears of every push that was taken. It is called from
	// many goroutines.
	Pushed func(Pushed)
	// Joined, if set, hears of every newcomer who used an invitation. It is
	// called from many goroutines.
	Joined func(Joined)
}

// Pushed is a push that this copy took.
type Pushed struct {
	Engagement string
	Peer       string
	Line       string
	From, To   objects.ID
	Commits    int
	Bytes      int64
	// Files says whether the files followed; those that wait are named.
	Files FilesResult
}

// Host is one or more copies as peers see them. It may be used from many
// goroutines.
type Host struct {
	env   Env
	opt   HostOptions
	lists *transport.Lists

	mu     sync.Mutex
	served map[string]*served // by root
}

// NewHost opens the copies in dirs for peers. The caller closes the Host.
func NewHost(ctx context.Context, env Env, dirs []string, o HostOptions) (*Host, error) {
	h := &Host{env: env, opt: o, lists: transport.NewLists(), served: map[string]*served{}}
	for _, dir := range dirs {
		r, err := Open(ctx, env, dir)
		if err != nil {
			h.Close()
			return nil, err
		}
		if h.served[r.root] != nil {
			r.Close()
			continue
		}
		h.served[r.root] = &served{repo: r, host: h}
		if err := register(env, r.Name(), r.root); err != nil {
			env.warn(fmt.Sprintf("cannot register %q for this user: %v", r.Name(), err))
		}
	}
	return h, nil
}

// Close closes all copies.
func (h *Host) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, s := range h.served {
		errs = append(errs, s.repo.Close())
	}
	h.served = map[string]*served{}
	return errors.Join(errs...)
}

// Hosted is an engagement that a Host shows.
type Hosted struct {
	Name string
	ID   objects.ID
	Root string
}

// Engagements lists what the Host shows, in no particular order.
func (h *Host) Engagements() []Hosted {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Hosted
	for root, s := range h.served {
		out = append(out, Hosted{s.Name(), s.ID(), root})
	}
	return out
}

// Peer is who talks to a Host, as the transport has authenticated him.
type Peer struct {
	// Key is his device's. What he may do is found by it, in each engagement
	// and at every Open.
	Key roster.Key
	// Cap is the most that he may do besides; 0: what membership gives.
	Cap transport.Level
}

// For gives the Host as one peer may see it.
func (h *Host) For(p Peer) transport.Host { return peerHost{h, p} }

type peerHost struct {
	host *Host
	peer Peer
}

// Lists implements transport.Keeper.
func (p peerHost) Lists() *transport.Lists { return p.host.lists }

// Open implements transport.Host.
func (p peerHost) Open(ctx context.Context, engagement string, id objects.ID) (transport.Engagement, error) {
	s, err := p.host.find(ctx, engagement, id)
	if err == nil {
		var level roster.Level
		if level, err = p.level(s); err == nil {
			return p.open(s, level), nil
		}
	}
	if errors.Is(err, transport.ErrUnknownEngagement) && p.stranger() {
		return nil, transport.Tell(transport.ErrNotMember, "your key is not a member's")
	}
	return nil, err
}

// stranger tells whether the peer is no member of anything that is served: he
// does not learn what there is.
func (p peerHost) stranger() bool {
	a, err := p.host.Access(p.peer.Key)
	return err != nil || a.Level == 0
}

// open gives an engagement as far as the peer's level goes.
func (p peerHost) open(s *served, level roster.Level) transport.Engagement {
	switch {
	case p.host.opt.ReadOnly, p.peer.Cap == transport.LevelRead, level < roster.Full:
		return reading{s}
	}
	return writing{reading{s}, p}
}

// level is what the peer may do in an engagement now, at least read. Who was a
// member once hears that he is none; to others it is as if it were not there.
func (p peerHost) level(s *served) (roster.Level, error) {
	state, err := s.State()
	if err != nil {
		return roster.None, err
	}
	all, err := s.repo.rosterOf(state)
	if err != nil {
		return roster.None, err
	}
	level, why := access(all, p.peer.Key, s.repo.env.Now())
	switch {
	case level >= roster.Read:
		return level, nil
	case why != "" || p.host.opt.frank || p.host.opt.Any:
		if why == "" {
			why = "your key is not a member's"
		}
		return roster.None, transport.Tell(fmt.Errorf("%w of %q", transport.ErrNotMember, s.Name()), why)
	}
	return roster.None, fmt.Errorf("%w: %q", transport.ErrUnknownEngagement, s.Name())
}

// access is what a key may do, and if that is nothing though it is known, why.
func access(all *roster.Roster, key roster.Key, now time.Time) (roster.Level, string) {
	level := all.LevelOf(key, now)
	m, by := all.Member(key)
	switch {
	case level >= roster.Read || m == nil:
		return level, ""
	case !m.Revoked.IsZero():
		return roster.None, fmt.Sprintf("the membership of %q was revoked", m.Name)
	case !m.Expires.IsZero() && !now.Before(m.Expires):
		return roster.None, fmt.Sprintf("the membership of %q has expired", m.Name)
	case by != nil:
		return roster.None, fmt.Sprintf("%q was invited by %q, who may not invite any more; ask the office", m.Name, by.Name)
	}
	return roster.None, fmt.Sprintf("%q has no access at present", m.Name)
}

// find gives the copy of an engagement that a peer named.
func (h *Host) find(ctx context.Context, engagement string, id objects.ID) (*served, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for root, s := range h.served {
		if engagement == s.Name() || engagement == root {
			return s, nil
		}
	}
	for _, s := range h.served { // whoever asks may not know of a new name
		if !id.IsZero() && id == s.ID() {
			return s, nil
		}
	}
	unknown := fmt.Errorf("%w: %q", transport.ErrUnknownEngagement, engagement)
	if !h.opt.Any || engagement == "" {
		return nil, unknown
	}
	root, err := Locate(h.env, engagement)
	if err != nil {
		return nil, unknown
	}
	r, err := openAt(h.env, filepath.Clean(root))
	if errors.Is(err, ErrFormat) {
		return nil, err
	}
	if err != nil {
		return nil, unknown
	}
	s := &served{repo: r, host: h}
	h.served[r.root] = s
	return s, nil
}

// served is one copy that peers read and write. Reading goes on beside
// everything else; updates come one after another.
type served struct {
	repo   *Repo
	host   *Host
	update sync.Mutex
	bell   bell // names moved
	pushes bell // somebody pushed
}

func (s *served) ID() objects.ID             { return s.repo.ID() }
func (s *served) Name() string               { return s.repo.Name() }
func (s *served) State() (refs.State, error) { return s.repo.refs.State() }
func (s *served) Frames() transport.Frames   { return s.repo.store }

// reading is a copy without any method that writes.
type reading struct{ s *served }

func (r reading) ID() objects.ID             { return r.s.ID() }
func (r reading) Name() string               { return r.s.Name() }
func (r reading) State() (refs.State, error) { return r.s.State() }
func (r reading) Frames() transport.Frames   { return r.s.Frames() }

// writing is a copy that the peer may push to.
type writing struct {
	reading
	by peerHost
}

// Receive implements transport.Updater.
func (w writing) Receive(key string) (*pack.Writer, error) { return w.s.repo.store.Receive(key) }

// Inspect implements transport.Updater.
func (w writing) Inspect(ctx context.Context, changes []refs.Change, a transport.Arrived) error {
	state, err := w.s.State()
	if err != nil {
		return err
	}
	_, err = w.s.repo.inspect(ctx, state, a)
	if err == nil {
		err = w.s.repo.takesMeta(state, changes, a)
	}
	if err != nil {
		w.s.repo.env.warn(fmt.Sprintf("a push by %q was refused: %v", w.name(), err))
	}
	return err
}

// name is what members call the peer.
func (w writing) name() string {
	if state, err := w.s.State(); err == nil {
		if all, err := w.s.repo.rosterOf(state); err == nil {
			if m, _ := all.Member(w.by.peer.Key); m != nil {
				return m.Name
			}
		}
	}
	return w.by.peer.Key.Fingerprint()
}

// Update implements transport.Updater: the names move, and the files follow
// where their owner has changed none of them.
func (w writing) Update(ctx context.Context, changes []refs.Change, from transport.Pushed) error {
	w.s.update.Lock()
	defer w.s.update.Unlock()
	r := w.s.repo
	lock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	// All objects have come: a peer that goes now no longer stops the names,
	// and the files that follow them.
	ctx = context.WithoutCancel(ctx)
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if stale := state.Stale(changes); len(stale) > 0 {
		return &refs.StaleError{Names: stale}
	}
	// He may have been revoked while he was sending.
	if level, err := w.by.level(w.s); err != nil {
		return err
	} else if level < roster.Full {
		return transport.ErrRefused
	}
	name := w.name()
	op := r.operation("receive from "+name, changes...)
	renamed, err := r.nameChange(state, changes)
	if err != nil {
		return err
	}
	op.Changes = append(op.Changes, renamed...)
	p := Pushed{Engagement: r.Name(), Peer: name, Commits: from.Commits, Bytes: from.Bytes}
	head := headName(currentLine(state))
	for _, c := range changes {
		if c.Name != head {
			continue
		}
		p.Line, p.From, p.To = currentLine(state), idOf(c.Old), idOf(c.New)
		if err := r.follow(ctx, state, &op, &p); err != nil {
			r.env.warn(fmt.Sprintf("the push is safe, but the files could not follow: %v", err))
		}
	}
	if _, err := r.refs.Apply(ctx, op); err != nil {
		return err
	}
	w.s.bell.ring()
	w.s.pushes.ring()
	if w.s.host.opt.Pushed != nil {
		w.s.host.opt.Pushed(p)
	}
	return nil
}

// follow brings the files to a pushed commit, when they stand on one of its
// ancestors and none of them is in the way, and adds that to the operation.
func (r *Repo) follow(ctx context.Context, state refs.State, op *refs.Operation, p *Pushed) error {
	base := idOf(state.Get(nameBase))
	if r.tree == nil || base == p.To {
		return nil
	}
	if !base.IsZero() {
		if older, err := graph.IsAncestor(r.graph, base, p.To); err != nil || !older {
			return err
		}
	}
	from, err := r.standing(state)
	if err != nil {
		return err
	}
	to, err := r.stand(from, p.To)
	if err != nil {
		return err
	}
	if p.Files, err = r.moveFiles(ctx, from, to); err != nil || len(p.Files.Waiting) > 0 {
		return err
	}
	changes, err := r.moved(state, p.To, to)
	if err != nil {
		return err
	}
	op.Changes = append(op.Changes, changed(changes...)...)
	op.Work.Before, op.Work.After = from, to
	return nil
}
