package ssh

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	// maxWaiting connections may wait for a place at the door, and of one source half as many: a whole office may come at
	// once, and through one address.
	maxWaiting       = 512
	maxWaitingSource = maxWaiting / 2

	// maxPatient logins may take as long as a person needs for a passphrase, and of one source a quarter as many.
	maxPatient       = 16
	maxPatientSource = maxPatient / 4
)

// errCrowded is the cause when a login makes no progress while others wait for its place.
var errCrowded = errors.New("too slow while others wait")

// gate is the door: how many may be in the middle of a login at once, and who is next. The newest goes first, since the
// oldest may be those that only fill the queue.
type gate struct {
	all, source int           // places
	stall       time.Duration // without progress, after which a place is taken away when somebody waits

	mu      sync.Mutex
	inside  map[*arrival]struct{}
	waiting []*arrival // newest last
	sources map[netip.Addr]*crowd
	patient int
	passed  time.Time // when somebody got in
}

// crowd is what one source has in front of the door.
type crowd struct{ inside, waiting, patient int }

// arrival is one connection before its login.
type arrival struct {
	wire   *wire
	source netip.Addr
	turn   chan struct{} // closed when it has a place
	state  arrivalState
	guest  time.Time // since when it is one, whatever it says; zero: it is none
}

type arrivalState int

const (
	outside arrivalState = iota
	queued
	inside
	patient // it has no place any more, but is not done
)

func newGate(l Limits, stall time.Duration) *gate {
	return &gate{all: l.Unauthenticated, source: l.PerSource, stall: stall, inside: map[*arrival]struct{}{}, sources: map[netip.Addr]*crowd{}}
}

// enter returns when the connection has its place, which leave gives back; false when there is none for it.
func (g *gate) enter(ctx context.Context, a *arrival, patience time.Duration) bool {
	a.turn = make(chan struct{})
	if !g.arrive(a) {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-a.turn:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	g.leave(a)
	return false
}

// arrive gives a place, or one in the queue.
func (g *gate) arrive(a *arrival) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.sources[a.source]
	if c == nil {
		c = &crowd{}
		g.sources[a.source] = c
	}
	switch {
	case len(g.inside) < g.all && c.inside < g.source:
		g.let(a, c)
	case len(g.waiting) >= maxWaiting || c.waiting >= maxWaitingSource:
		g.tidy(a.source)
		return false
	default:
		a.state = queued
		c.waiting++
		g.waiting = append(g.waiting, a)
	}
	return true
}

func (g *gate) let(a *arrival, c *crowd) {
	a.state = inside
	c.inside++
	g.inside[a] = struct{}{}
	a.wire.touch() // nobody listened to it so far
	close(a.turn)
}

// leave is the end of an arrival, by its login or otherwise. Only the first call counts.
func (g *gate) leave(a *arrival) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.sources[a.source]
	switch a.state {
	case queued:
		c.waiting--
		g.waiting = slices.DeleteFunc(g.waiting, func(other *arrival) bool { return other == a })
	case inside:
		c.inside--
		delete(g.inside, a)
	case patient:
		c.patient--
		g.patient--
	default:
		return
	}
	a.state = outside
	g.next()
	g.tidy(a.source)
}

// next fills the places that are free. The caller holds g.mu.
func (g *gate) next() {
	for i := len(g.waiting) - 1; i >= 0 && len(g.inside) < g.all; i-- {
		a := g.waiting[i]
		if c := g.sources[a.source]; c.inside < g.source {
			g.waiting = slices.Delete(g.waiting, i, i+1)
			c.waiting--
			g.let(a, c)
		}
	}
}

func (g *gate) tidy(source netip.Addr) {
	if c := g.sources[source]; c != nil && *c == (crowd{}) {
		delete(g.sources, source)
	}
}

// guest notes that the arrival keeps its place as a guest: from now on talking is no progress.
func (g *gate) guest(a *arrival) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a.guest = time.Now()
}

// wait lets a login take a person's time, on a chair beside the door; false when all of them are taken.
func (g *gate) wait(a *arrival) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.sources[a.source]
	if a.state != inside || g.patient >= maxPatient || c.patient >= maxPatientSource {
		return false
	}
	a.state = patient
	delete(g.inside, a)
	c.inside--
	c.patient++
	g.patient++
	g.next()
	return true
}

// hurry is the least that a login may take for its next step, however many wait: a long way, there and back.
const hurry = 300 * time.Millisecond

// pass notes that somebody got in: as long as that happens, the queue moves, and nobody is hurried.
func (g *gate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passed = time.Now()
}

// patience is how long a login may make no progress while so many wait for its place.
func (g *gate) patience(waiting int, now time.Time) time.Duration {
	if now.Sub(g.passed) < 2*hurry {
		return g.stall
	}
	return max(min(g.stall, hurry), g.stall/time.Duration(1+waiting/8))
}

const (
	gateTick = 100 * time.Millisecond
	// busyTime is how long after a tick that came late nobody is blamed: it may be this machine that is slow.
	busyTime = 2 * time.Second
)

// watch takes places away, until ctx ends.
func (g *gate) watch(ctx context.Context) {
	tick := time.NewTicker(gateTick)
	defer tick.Stop()
	var busy time.Time
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if now.Sub(last) > gateTick*3/2 {
			busy = now
		}
		last = now
		if now.Sub(busy) > busyTime {
			g.clear()
		}
	}
}

// clear takes the places of those who make no progress away while others wait for them.
func (g *gate) clear() {
	for _, a := range g.slow() {
		a.wire.fail(errCrowded)
	}
}

func (g *gate) slow() (slow []*arrival) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	now := time.Now()
	for a := range g.inside {
		waiting := g.sources[a.source].waiting
		if len(g.inside) >= g.all {
			waiting = len(g.waiting)
		}
		quiet := a.wire.quiet()
		if !a.guest.IsZero() {
			quiet = now.Sub(a.guest)
		}
		if waiting > 0 && quiet >= g.patience(waiting, now) {
			slow = append(slow, a)
		}
	}
	return slow
}
