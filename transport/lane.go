package transport

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// lease is entries that one lane was asked to bring. Its fields are guarded by
// the board.
type lease struct {
	r     ranges
	bytes int64 // yet to come, about
	n     int   // frames yet to come

	asked  time.Time
	before int64 // bytes that the lane had brought by then
	begun  bool
}

// lane is one stream on which leases are asked for and come.
type lane struct {
	board *board
	src   *source
	greet func() error // nil where that has been done
	// stays is set where the stream outlives the lane: it is neither ended nor
	// closed.
	stays bool
	heard *atomic.Int64 // when something came last; may be nil

	// What follows is guarded by the board.
	asked    []*lease // in order
	unstored int64    // bytes that came and are not in the part yet
	working  int      // messages handed over and not done with
	moved    time.Time
	cut      func() // ends the lane from outside, nil when it cannot be
	pace
}

// out is how much would be lost if all ended now.
func (l *lane) out() int64 {
	n := l.unstored
	for _, a := range l.asked {
		n += max(a.bytes, 0)
	}
	return n
}

// run works until nothing is left to ask for.
func (l *lane) run(s Stream, in *reader) error {
	l.window = minWindow
	if !l.stays {
		l.cut = func() { s.Close() }
	}
	if m, ok := s.(*metered); ok {
		l.heard = &m.heard
	}
	l.board.enter(l)
	var writing sync.WaitGroup
	defer writing.Wait()
	if !l.stays {
		defer s.Close() // frees the writer, where it writes
	}
	defer l.board.leave(l) // and where it waits for a lease
	var writeErr error
	finished := make(chan struct{})
	writing.Go(func() {
		defer close(finished)
		writeErr = l.ask(s)
	})
	if l.greet != nil {
		if err := l.greet(); err != nil {
			return err
		}
	}
	for l.board.expects(l) {
		k, payload, err := in.next(l.board.r.grab)
		switch {
		case err != nil:
			return unexpected(err)
		case k == msgData:
			if err := l.take(payload, in.began); err != nil {
				return err
			}
		case k == msgEnd:
			if err := l.board.ended(l); err != nil {
				return err
			}
		default:
			return unwanted(k)
		}
	}
	<-finished
	return writeErr
}

// take hands over a DATA message.
func (l *lane) take(payload []byte, began time.Time) error {
	n, err := countFrames(payload)
	if err != nil {
		return err
	}
	if err := l.board.came(l, n, int64(len(payload)), began); err != nil {
		return err
	}
	return l.board.r.add(payload, l)
}

// ask takes leases and sends for them.
func (l *lane) ask(s Stream) error {
	w := newWriter(s)
	for {
		lease := l.board.take(l)
		if lease == nil {
			if l.stays {
				return nil
			}
			return s.CloseWrite()
		}
		if err := errors.Join(w.send(msgNeed, appendRanges(nil, l.src.named(lease.r))), w.flush()); err != nil {
			return fmt.Errorf("ask for objects: %w", err)
		}
	}
}
