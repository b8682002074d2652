package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// lanesFrom is how much there must be to fetch before more lanes than one
	// are worth a request.
	lanesFrom = 4 << 20
	// maxLanes is how many streams of one connection are used: as many
	// windows of 2 MiB are on their way.
	maxLanes = 4
	// maxMore is how many connections are added, each with one lane.
	maxMore = 4
	// ahead is how many leases a lane has asked for: while one comes, the
	// request for the next is on its way.
	ahead = 2
	// Bounds of a lease, in bytes.
	minLease = 256 << 10
	maxLease = 2 << 20
	// stallAfter is how long a lane may be silent while others have nothing
	// left to do.
	stallAfter = 5 * time.Second
)

// lanes fetches what is missing of a list, over this stream and more.
func (f *fetch) lanes(ctx context.Context, s Stream, in *reader, m *manifest) error {
	f.result.Resumed = max(f.result.Resumed, f.part.Count())
	need, wanted := missing(m, f.part)
	r := newReceiver(f.part)
	defer r.close()
	b := newBoard(m, need, r)
	r.wanted, r.progress = wanted.has, f.local.report(b.objects, b.bytes)
	r.broken = b.fail
	if b.objects == 0 {
		return s.CloseWrite()
	}
	f.meter.trips.Add(1)
	f.request.verb, f.request.list = verbGet, m.id
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	b.join()
	all.Go(func() { b.left((&lane{board: b}).run(s, in)) })
	if far(f.o) && b.bytes > lanesFrom {
		for range maxLanes - 1 {
			b.join()
			all.Go(func() { b.left(f.lane(ctx, b, f.o)) })
		}
		all.Go(func() { f.widen(ctx, b, &all) })
	}
	err := b.wait(ctx)
	if err != nil {
		cancel()
		s.Close()
	}
	all.Wait()
	if err == nil {
		err = r.finish()
	}
	f.result.Objects, _ = r.counts()
	return err
}

// lane opens one more stream and works on it.
func (f *fetch) lane(ctx context.Context, b *board, o Opener) error {
	payload, err := f.request.encode()
	if err != nil {
		return err
	}
	s, stop, err := f.meter.open(ctx, o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	in := newReader(s)
	return (&lane{board: b, greet: func() error {
		_, err := greet(in, f.result.ID)
		return err
	}}).run(s, in)
}

// widen adds connections one by one as long as each makes the whole faster: on
// a line that loses packets the rate grows with their number.
func (f *fetch) widen(ctx context.Context, b *board, all *sync.WaitGroup) {
	more, ok := f.o.(Multiplier)
	if !ok {
		return
	}
	rtt := f.o.(Distance).RTT() // far has looked
	// What the windows let through, and what would be a pity to wait for.
	enough := float64(maxLanes*(2<<20)) / rtt.Seconds() / 2
	pause := max(15*rtt, 1500*time.Millisecond)
	last := 0.0
	for range maxMore {
		rate, left := b.rate(ctx, pause)
		switch {
		case ctx.Err() != nil, rate >= enough, rate < last*1.1, left < rate*2*pause.Seconds():
			return
		}
		last = rate
		o, err := more.Another(ctx)
		if err != nil {
			return
		}
		if !b.joinMore() {
			closeOpener(o)
			return
		}
		all.Go(func() {
			defer closeOpener(o)
			b.left(f.lane(ctx, b, o))
		})
	}
}

func closeOpener(o Opener) {
	if c, ok := o.(io.Closer); ok {
		c.Close()
	}
}

// lane is one stream on which leases are asked for and come.
type lane struct {
	board *board
	greet func() error // nil where that has been done
	asked []*lease     // in order; guarded by the board
	moved time.Time    // when something came last; guarded by the board
	cut   func()       // ends the lane from outside
}

// run works until nothing is left to ask for.
func (l *lane) run(s Stream, in *reader) error {
	l.cut = func() { s.Close() }
	l.board.enter(l)
	var writing sync.WaitGroup
	defer writing.Wait()
	defer s.Close()        // frees the writer, where it writes
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
	for {
		k, payload, err := in.next(l.board.r.grab)
		switch {
		case err != nil && l.board.idle(l):
			return nil
		case err != nil:
			return unexpected(err)
		case k == msgData:
			n, err := l.board.r.add(payload)
			if err != nil {
				return err
			}
			if err := l.board.came(l, n); err != nil {
				return err
			}
		case k == msgEnd:
			if err := l.board.ended(l); err != nil {
				return err
			}
			if l.board.idle(l) {
				<-finished
				return writeErr
			}
		default:
			return unwanted(k)
		}
	}
}

// ask takes leases and sends for them.
func (l *lane) ask(s Stream) error {
	w := newWriter(s)
	for {
		lease := l.board.take(l)
		if lease == nil {
			err := s.CloseWrite()
			if l.board.idle(l) {
				s.Close() // there is nothing to wait for
			}
			return err
		}
		if err := errors.Join(w.send(msgNeed, appendRanges(nil, lease.r)), w.flush()); err != nil {
			return fmt.Errorf("ask for objects: %w", err)
		}
	}
}
