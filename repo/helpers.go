package repo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/esync/esync/transport"
)

const (
	// maxHelpers is how many copies share a long fetch besides the one that
	// was asked: more would only share the same network.
	maxHelpers = 2
	// helperPatience bounds how long one is looked for, while the fetch goes
	// on without it.
	helperPatience = time.Second
	// helperLately is how recently a copy must have answered to be asked where
	// it was then.
	helperLately = 15 * time.Minute
)

// helpers are other copies that take part in a fetch which turns out to be
// long. Nobody is looked for before one is needed.
type helpers struct {
	repo  *Repo
	giver peer // who was asked

	mu     sync.Mutex
	search *search
	conns  []Connection
}

// openers gives what the fetch is handed. Each leads to another copy, or to
// none.
func (h *helpers) openers() []transport.Opener {
	name := h.giver.source.Engagement
	if h.giver.source.Kind == SourceBundle || name != "" && name != h.repo.Name() {
		return nil // what the giver calls the engagement would mean nothing to others
	}
	out := make([]transport.Opener, maxHelpers)
	for i := range out {
		out[i] = &helper{all: h}
	}
	return out
}

// close ends all connections.
func (h *helpers) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.conns {
		c.Close()
	}
	h.conns = nil
}

// next connects to one more copy.
func (h *helpers) next(ctx context.Context) (Connection, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.search == nil {
		a, err := h.repo.atlas()
		if err != nil {
			return nil, err
		}
		h.search = newSearch(h.repo.env, a, h.itinerary(a), transport.LevelRead)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, helperPatience, errNoHelper)
	defer cancel()
	p, conn, err := h.search.run(ctx)
	if err != nil {
		return nil, err
	}
	h.search.leave(p)
	h.conns = append(h.conns, conn)
	return conn, nil
}

var errNoHelper = errors.New("no other copy is there")

// itinerary are the ways to those who were there a moment ago; the network is
// asked besides.
func (h *helpers) itinerary(a *atlas) itinerary {
	it := itinerary{not: &h.giver}
	now := h.repo.env.Now()
	for _, n := range a.named {
		if p := a.namedWay(n); !a.circle.left(n.pin) && now.Sub(p.last) < helperLately {
			it.others = append(it.others, p)
		}
	}
	for i := range a.circle.members {
		for _, p := range a.addressWays(&a.circle.members[i]) {
			if now.Sub(p.last) < helperLately {
				it.others = append(it.others, p)
			}
		}
	}
	a.arrange(&it)
	return it
}

// sameCopy tells whether two ways lead to the same copy, as far as is known.
func (p peer) sameCopy(q peer) bool {
	return p.name == q.name || !p.member.IsZero() && p.member == q.member || p.sameWay(q)
}

// helper is one of them. It may be opened from many goroutines.
type helper struct {
	all  *helpers
	once sync.Once
	conn Connection
	err  error
}

// Open implements transport.Opener.
func (h *helper) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	h.once.Do(func() { h.conn, h.err = h.all.next(ctx) })
	if h.err != nil {
		return nil, h.err
	}
	return h.conn.Open(ctx, request)
}
