package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/esync/esync/objects"
)

// laneKey is what a further lane names a push by.
type laneKey struct {
	engagement objects.ID
	sender     string
	list       objects.ID
}

func (s *server) laneKey(list objects.ID) laneKey {
	return laneKey{s.e.ID(), s.key(), list}
}

// pushing is a push under way.
type pushing struct {
	ctx context.Context // of the round
	b   *board
	src *source
	all *sync.WaitGroup // of its lanes
}

// open lets further lanes join a push until closed is called.
func (l *Lists) open(key laneKey, p *pushing) (closed func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pushes == nil {
		l.pushes = map[laneKey]*pushing{}
	}
	l.pushes[key] = p
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.pushes[key] == p {
			delete(l.pushes, key)
		}
	}
}

// enterPush counts a lane of a push that is under way.
func (l *Lists) enterPush(key laneKey) *pushing {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.pushes[key]
	if p == nil || !p.b.join(p.src) {
		return nil
	}
	p.all.Add(1)
	return p
}

// lane is one more lane of a push: this side asks, until nothing is left.
func (s *server) lane() error {
	p := s.lists().enterPush(s.laneKey(s.req.list))
	if p == nil {
		return fmt.Errorf("%w: push of list %s", ErrNotShared, s.req.list.Short())
	}
	defer p.all.Done()
	defer context.AfterFunc(p.ctx, func() { s.stream.Close() })()
	err := s.w.flush()
	if err == nil {
		err = (&lane{board: p.b, src: p.src}).run(s.stream, s.r)
	}
	p.b.left(p.src, err)
	if errors.Is(err, ErrProtocol) {
		return err
	}
	return nil // what it did not bring comes over another
}
