package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

const (
	// findAfter is what the parent has to answer before the network is asked
	// for others: at the office nobody need hear of it.
	findAfter = 50 * time.Millisecond
	// findFor is how long is waited for others to answer, see package
	// transport/lan: its questions go out at 0, 0.3 and 1 s.
	findFor = 2500 * time.Millisecond
	// maxDials bounds the connections that are tried at once.
	maxDials = 16
)

// search goes the ways of an itinerary until a copy answers. It may run again:
// then it goes on with the ways that are left.
type search struct {
	env   Env
	atlas *atlas
	it    itinerary
	// need is what the copy must let us do, as far as that is known before.
	need transport.Level

	queue   []peer // yet to be tried, the best first
	tried   []peer
	late    bool // main is out of reach, or has been silent for too long
	failed  []failure
	readers []peer // passed over, because they take no pushes
	left    []peer // copies that are no use any more, whichever way
}

// failure is a way that led nowhere.
type failure struct {
	peer peer
	err  error
}

// answer is the end of one attempt.
type answer struct {
	peer peer
	conn Connection
	err  error
}

func newSearch(env Env, a *atlas, it itinerary, need transport.Level) *search {
	s := &search{env: env, atlas: a, it: it, need: need, late: it.main == nil}
	if it.not != nil {
		s.left = append(s.left, *it.not)
	}
	for _, p := range it.others {
		s.add(p)
	}
	return s
}

// giveUp passes over all other ways to a copy that answered and is no help.
func (s *search) giveUp(p peer, err error) {
	s.failed = append(s.failed, failure{p, err})
	if !errors.Is(err, ErrUnreachable) {
		s.leave(p)
	}
}

// add takes one more way in, unless it has been tried before or is no use. What
// is known of it from now counts for more than what was known before.
func (s *search) add(p peer) {
	if slices.ContainsFunc(s.tried, p.sameWay) || slices.ContainsFunc(s.left, p.sameCopy) {
		return
	}
	for _, list := range []*[]peer{&s.queue, &s.readers} {
		if i := slices.IndexFunc(*list, p.sameWay); i >= 0 {
			if (*list)[i].route.rank() <= p.route.rank() {
				return
			}
			*list = slices.Delete(*list, i, i+1)
		}
	}
	if p.reads && s.need == transport.LevelFull {
		s.readers = append(s.readers, p)
		return
	}
	s.queue = append(s.queue, p)
	slices.SortStableFunc(s.queue, s.it.compare)
}

// early tells whether the best way that is left should let those who are just
// being found go first.
func (s *search) early() bool {
	p := s.queue[0]
	return p.route.rank() > RouteLAN.rank() || s.it.hoped != "" && p.name != s.it.hoped
}

// leave forgets the other ways to a copy that was reached.
func (s *search) leave(p peer) {
	s.queue = slices.DeleteFunc(s.queue, p.sameCopy)
	s.left = append(s.left, p)
}

// run tries the ways: main first and by itself; when it fails, or is silent
// for longer than its patience, the others beside it, each with a head start
// on the next. The local network has one too, since who answers there is there
// now. Whoever answers first is it.
func (s *search) run(ctx context.Context) (peer, Connection, error) {
	ctx, cancel := context.WithCancel(ctx)
	d := &dials{env: s.env, ctx: ctx, atlas: s.atlas, answers: make(chan answer)}
	defer func() { cancel(); d.abandon() }()
	if s.it.main != nil && len(s.tried) == 0 {
		s.tried = append(s.tried, *s.it.main)
		d.dial(*s.it.main)
	}
	patience, next := time.NewTimer(s.patience()), time.NewTimer(0)
	defer patience.Stop()
	defer next.Stop()
	var headEnd, lanEnd time.Time // of the head starts of what was launched last, and of the local network
	found := s.find(ctx)
	if found != nil {
		lanEnd = time.Now().Add(headStart)
	}
	for {
		if d.running == 0 && len(s.queue) == 0 && found == nil {
			return peer{}, nil, s.outOfReach()
		}
		select {
		case a := <-d.answers:
			d.running--
			if a.err == nil {
				return a.peer, a.conn, nil
			}
			if err := s.fail(a); err != nil {
				return peer{}, nil, err
			}
			headEnd = time.Time{}
			next.Reset(0)
		case p, ok := <-found:
			if !ok {
				found = nil
				continue
			}
			s.add(p)
			next.Reset(time.Until(headEnd))
		case <-patience.C:
			s.late = true
			next.Reset(0)
		case <-next.C:
			switch early := time.Until(lanEnd); {
			case !s.late || len(s.queue) == 0:
			case early > 0 && s.early():
				next.Reset(early)
			case s.launch(d):
				headEnd = time.Now().Add(headStart)
				next.Reset(headStart)
			}
		case <-ctx.Done():
			return peer{}, nil, context.Cause(ctx)
		}
	}
}

// patience is how long main may be silent. Who names a hub has reason to.
func (s *search) patience() time.Duration {
	if s.atlas.via != "" || s.it.main != nil && s.atlas.book.page(s.it.main.name).missedLately(s.env.Now()) {
		return missedPatience
	}
	return parentPatience
}

// fail takes note of a way that led nowhere. That main is there and will not
// have us is for the user to hear: nobody stands in for it then.
func (s *search) fail(a answer) error {
	s.failed = append(s.failed, failure{a.peer, a.err})
	if s.it.main == nil || !a.peer.sameWay(*s.it.main) {
		return nil
	}
	s.late = true
	if !errors.Is(a.err, ErrUnreachable) {
		return a.err
	}
	return nil
}

// launch starts the best way that is left, together with all others of the
// kinds that are looked up in bulk, and tells whether it did.
func (s *search) launch(d *dials) bool {
	started := false
	for len(s.queue) > 0 && d.running < maxDials {
		p := s.queue[0]
		if started && (p.route != RouteAddress && p.route != RouteHub || p.route != s.tried[len(s.tried)-1].route) {
			break
		}
		s.queue = s.queue[1:]
		s.tried = append(s.tried, p)
		d.dial(p)
		started = true
	}
	return started
}

// find asks the local network, and gives the ways to whoever answers. The
// channel is closed when no more are expected, and nil when nobody is asked.
func (s *search) find(ctx context.Context) <-chan peer {
	if s.env.Find == nil || s.it.unasked || s.atlas.circle.discovery == nil {
		return nil
	}
	out := make(chan peer)
	alone := s.it.main != nil && len(s.failed) == 0 // main is on its own first
	go func() {
		defer close(out)
		if alone {
			pause := time.NewTimer(findAfter)
			defer pause.Stop()
			select {
			case <-pause.C:
			case <-ctx.Done():
				return
			}
		}
		ctx, cancel := context.WithTimeout(ctx, findFor)
		defer cancel()
		err := findAll(ctx, s.env.Find, s.atlas.circle.discovery(), func(f Found) {
			p, ok := s.atlas.foundWay(f)
			if !ok || !s.it.only.IsZero() && p.member != s.it.only {
				return
			}
			select {
			case out <- p:
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			s.env.warn(fmt.Sprintf("cannot look for other copies on this network: %v", err))
		}
	}()
	return out
}

// findAll looks for copies by all keys at once. found is called with one at a
// time, and may hear of the same copy again.
func findAll(ctx context.Context, f Finder, keys [][32]byte, found func(Found)) error {
	var one sync.Mutex
	var all errgroup.Group
	for _, key := range keys {
		all.Go(func() error {
			return f.Find(ctx, key, func(c Found) {
				one.Lock()
				defer one.Unlock()
				found(c)
			})
		})
	}
	return all.Wait()
}

// dials are the attempts under way.
type dials struct {
	env     Env
	ctx     context.Context
	atlas   *atlas
	answers chan answer
	running int
}

func (d *dials) dial(p peer) {
	d.running++
	go func() {
		conn, err := connectBy(d.ctx, d.env, p.source, p.how)
		if shower, ok := conn.(Shower); err == nil && ok {
			p.show(&d.atlas.circle, shower.HostKey())
			if d.atlas.circle.left(p.shown) { // nothing is shown to him, nothing taken from him
				conn.Close()
				conn, err = nil, fmt.Errorf("%w any more: who answers there", transport.ErrNotMember)
			}
		}
		if b, ok := conn.(*bundleConnection); err == nil && ok { // its lines are its maker's
			p.member, p.name = b.maker, d.atlas.nameOfKey(b.maker)
		}
		d.answers <- answer{p, conn, err}
	}()
}

// abandon closes what comes too late.
func (d *dials) abandon() {
	go func() {
		for range d.running {
			if a := <-d.answers; a.conn != nil {
				a.conn.Close()
			}
		}
	}()
}

// outOfReach is the error when no way is left.
func (s *search) outOfReach() error {
	if live := s.liveReader(); live != nil {
		who := ""
		if s.it.main != nil {
			who = s.it.main.String() + " is out of reach, and "
		}
		return fmt.Errorf("%s%s can only be read: %w", who, live, transport.ErrRefused)
	}
	if s.need == transport.LevelFull && s.atlas.circle.level == roster.Read {
		return fmt.Errorf("you may only read in %q: %w", s.atlas.circle.name, transport.ErrRefused)
	}
	return &OutOfReachError{s.it.main, s.failed}
}

// liveReader is a copy that is there, but takes no pushes.
func (s *search) liveReader() *peer {
	for i := range s.readers {
		if s.readers[i].route == RouteLAN {
			return &s.readers[i]
		}
	}
	return nil
}

// OutOfReachError tells which ways were tried in vain. It unwraps to
// ErrUnreachable and to what the first of them failed with.
type OutOfReachError struct {
	main   *peer
	failed []failure
}

// shownFailures bounds how many ways an error tells of.
const shownFailures = 3

func (e *OutOfReachError) Error() string {
	if len(e.failed) == 0 {
		return fmt.Sprintf("%v: no copy answers", ErrUnreachable)
	}
	var texts []string
	for _, f := range e.failed[:min(len(e.failed), shownFailures)] {
		texts = append(texts, fmt.Sprintf("%s: %v", f.peer, f.err))
	}
	if more := len(e.failed) - shownFailures; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more ways in vain", more))
	}
	return strings.Join(texts, "; ")
}

func (e *OutOfReachError) Unwrap() []error {
	errs := []error{ErrUnreachable}
	if len(e.failed) > 0 {
		errs = append(errs, e.failed[0].err)
	}
	return errs
}
