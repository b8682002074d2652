package transport

import (
	"context"
	"fmt"
	"time"

	"github.com/esync/esync/objects"
)

// leaveWithin is how long a push that is ended may take to give its place up.
const leaveWithin = 10 * time.Second

// place is where the pushes of one copy to an engagement arrive, one at a time.
type place struct {
	engagement objects.ID
	key        string
}

// arrival is a push that has its place.
type arrival struct {
	end  func()
	gone chan struct{}
}

// enterPlace gives a push its place until leave is called. An earlier push of the
// same copy is ended: a copy pushes once at a time, so the line of that one is
// dead, though this side may learn so much later. end may block.
func (l *Lists) enterPlace(ctx context.Context, at place, end func()) (leave func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	patience := time.NewTimer(leaveWithin)
	defer patience.Stop()
	for {
		before := l.arrive(at, &arrival{end, make(chan struct{})})
		if before == nil {
			return func() { l.leave(at) }, nil
		}
		go before.end()
		select {
		case <-before.gone:
		case <-patience.C:
			return nil, fmt.Errorf("%w: an earlier push does not end", ErrBusy)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// arrive takes a place, or gives the push that has it.
func (l *Lists) arrive(at place, a *arrival) (before *arrival) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before = l.places[at]; before != nil {
		return before
	}
	if l.places == nil {
		l.places = map[place]*arrival{}
	}
	l.places[at] = a
	return nil
}

func (l *Lists) leave(at place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.places[at].gone)
	delete(l.places, at)
}
