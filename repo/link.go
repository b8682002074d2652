package repo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/esync/esync/transport"
)

const (
	// linkFirst and linkLongest bound the pause before a peer is looked for
	// again; a link that stood for linkSteady begins at linkFirst once more.
	linkFirst   = time.Second
	linkLongest = time.Minute
	linkSteady  = 30 * time.Second
	// mainAgain is how often somebody who stands in is asked to step back.
	mainAgain = time.Minute
)

var (
	// errMainBack ends a link with one who stands in.
	errMainBack = errors.New("the parent is back")
	// errIntroduced ends a link with a peer that did not know what this user
	// may do, and knows now.
	errIntroduced = errors.New("the peer has newer settings now")
)

// link keeps a connection to a peer, or to who stands in for it, as long as it
// runs, and says when his names changed.
type link struct {
	repo  *Repo
	typed string
	// strict: nobody stands in.
	strict bool
	event  func(WatchEvent)
	// news has a word when the peer's names may have changed, also when the
	// connection came about.
	news chan struct{}

	// use is held by whoever talks over conn.
	use  sync.RWMutex
	peer peer
	conn Connection // nil while there is none
	drop context.CancelCauseFunc
}

func newLink(r *Repo, typed string, event func(WatchEvent)) *link {
	return &link{repo: r, typed: typed, event: event, news: make(chan struct{}, 1)}
}

// run keeps the connection until ctx ends.
func (l *link) run(ctx context.Context) {
	for pause := linkFirst; ctx.Err() == nil; pause = min(2*pause, linkLongest) {
		began := time.Now()
		err := l.once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errMainBack):
			pause = linkFirst / 2
			continue
		case time.Since(began) > linkSteady:
			pause = linkFirst
		}
		l.event(WatchEvent{Kind: WatchLost, Err: err, Retry: pause})
		wait(ctx, pause)
	}
}

// wait returns after a while, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// once connects and listens until the connection is over.
func (l *link) once(ctx context.Context) error {
	a, err := l.repo.atlas()
	if err != nil {
		return err
	}
	it, err := a.itinerary(l.typed)
	if err != nil {
		return err
	}
	if l.strict {
		it.restrict()
	}
	s := newSearch(l.repo.env, a, it, transport.LevelFull)
	p, conn, err := s.run(ctx)
	if errors.Is(err, transport.ErrRefused) { // better somebody to read from than nobody
		s = newSearch(l.repo.env, a, it, transport.LevelRead)
		p, conn, err = s.run(ctx)
	}
	if s.mainMissed(p, err) {
		l.repo.missed(it.main.name)
	}
	if err != nil {
		return err
	}
	ctx, drop := context.WithCancelCause(ctx)
	defer drop(nil)
	l.set(p, conn, drop)
	l.event(WatchEvent{Kind: WatchConnected, Peer: p.String(), StandIn: it.main != nil && p.name != it.main.name})
	l.tell()
	if it.main != nil && it.standIn(p) {
		go l.lookFor(ctx, *it.main, drop)
	}
	err = l.listen(ctx, p, conn)
	l.set(peer{}, nil, nil)
	conn.Close()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return err
}

// restrict leaves only the ways to the peer that was asked for.
func (it *itinerary) restrict() {
	if it.main == nil {
		return
	}
	it.only, it.unasked = it.main.member, it.main.member.IsZero()
	var same []peer
	for _, p := range it.others {
		if p.name == it.main.name {
			same = append(same, p)
		}
	}
	it.others = same
}

// set changes the connection, when nobody talks over it.
func (l *link) set(p peer, conn Connection, drop context.CancelCauseFunc) {
	l.use.Lock()
	defer l.use.Unlock()
	l.peer, l.conn, l.drop = p, conn, drop
}

// talk runs a conversation, unless there is no connection. One that was lost
// is given up, so that it is looked for again.
func (l *link) talk(with func(peer, Connection) error) (bool, error) {
	l.use.RLock()
	defer l.use.RUnlock()
	if l.conn == nil {
		return false, nil
	}
	err := with(l.peer, l.conn)
	if isLost(err) && !errors.Is(err, ErrLost) {
		err = fmt.Errorf("%w: %w", ErrLost, err)
	}
	if isLost(err) || errors.Is(err, ErrUnreachable) || errors.Is(err, transport.ErrUnknownEngagement) || errors.Is(err, transport.ErrNotMember) {
		l.drop(err)
	}
	return true, err
}

// tell says that there may be something to fetch.
func (l *link) tell() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// listen hears of the peer's names until the connection breaks. A peer that
// cannot tell is simply asked from time to time by whoever reads news.
func (l *link) listen(ctx context.Context, p peer, conn Connection) error {
	first := true
	err := transport.Watch(ctx, conn, transport.WatchRequest{Engagement: engagementOf(p.source), Sender: l.repo.sender()},
		transport.Local{Engagement: l.repo.ID()}, func(transport.Tips) error {
			if !first { // those of the beginning are told already
				l.tell()
			}
			first = false
			return nil
		})
	if l.repo.presentable(err, transport.LevelRead) && l.repo.present(ctx, conn) == nil {
		return fmt.Errorf("%w: %w", errIntroduced, err)
	}
	var said *transport.PeerError
	switch {
	case errors.Is(err, transport.ErrUnsupported):
		<-ctx.Done()
	case errors.As(err, &said) || errors.Is(err, ErrLost):
		return err
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

// lookFor tries the way that was asked for now and then, and drops the link to
// who stands in for it as soon as it answers.
func (l *link) lookFor(ctx context.Context, main peer, drop context.CancelCauseFunc) {
	main.how.Patience = parentPatience
	for {
		wait(ctx, mainAgain)
		if ctx.Err() != nil {
			return
		}
		conn, err := connectBy(ctx, l.repo.env, main.source, main.how)
		if err == nil {
			conn.Close()
			drop(errMainBack)
			return
		}
	}
}
