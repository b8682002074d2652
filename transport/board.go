package transport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// lease is a slice of a list that one lane was asked to bring.
type lease struct {
	r     ranges
	bytes int64
	n     int // frames yet to come
}

// board shares out what is missing among lanes, in order, so that what a frame
// needs is on its way before it. What a lane fails to bring is given to
// another.
type board struct {
	m       *manifest
	r       *receiver
	objects int
	bytes   int64

	mu     sync.Mutex
	moved  sync.Cond
	queue  []*lease // not asked for
	given  int      // asked for and not here
	active map[*lane]bool
	alive  int // lanes that run, or are about to
	err    error
	done   bool
}

func newBoard(m *manifest, need ranges, r *receiver) *board {
	b := &board{m: m, r: r, active: map[*lane]bool{}}
	b.moved.L = &b.mu
	for _, s := range need {
		for i := s.from; i < s.to; i++ {
			b.bytes += int64(m.items[i].size)
		}
		b.objects += s.to - s.from
	}
	size := min(max(b.bytes/(4*(maxLanes+maxMore)), minLease), maxLease)
	next := &lease{}
	for _, s := range need {
		for i := s.from; i < s.to; i++ {
			next.r = next.r.add(i)
			next.n++
			if next.bytes += int64(m.items[i].size); next.bytes >= size {
				b.queue = append(b.queue, next)
				next = &lease{}
			}
		}
	}
	if next.n > 0 {
		b.queue = append(b.queue, next)
	}
	return b
}

// take gives a lane its next lease. It waits while the lane has enough to do,
// or while too many frames wait for what others bring, and is nil when nothing
// is left.
func (b *board) take(l *lane) *lease {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.err != nil, b.done, !b.active[l]:
			return nil
		case len(b.queue) > 0 && len(l.asked) < ahead && (b.given == 0 || b.r.waitingBytes() <= maxWaiting):
			next := b.queue[0]
			b.queue = b.queue[1:]
			b.given++
			l.asked = append(l.asked, next)
			if len(l.asked) == 1 {
				l.moved = time.Now()
			}
			return next
		}
		b.moved.Wait()
	}
}

// came notes frames of the lane's first lease.
func (b *board) came(l *lane, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.moved = time.Now()
	if len(l.asked) == 0 || l.asked[0].n < n {
		return fmt.Errorf("%w: more frames than asked for", ErrProtocol)
	}
	l.asked[0].n -= n
	return nil
}

// ended notes that the lane's first lease is here.
func (b *board) ended(l *lane) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.asked) == 0 || l.asked[0].n != 0 {
		return fmt.Errorf("%w: fewer frames than asked for", ErrProtocol)
	}
	l.asked = l.asked[1:]
	b.given--
	b.finished()
	if b.r.waitingBytes() > maxWaiting {
		b.mu.Unlock()
		err := b.r.drain()
		b.mu.Lock()
		if err == nil && b.given == 0 && b.r.waitingBytes() > maxWaiting {
			err = fmt.Errorf("%w: %d bytes wait for it", ErrMissingBase, b.r.waitingBytes())
		}
		if err != nil {
			return err
		}
	}
	b.moved.Broadcast()
	return nil
}

// idle tells whether the lane owes nothing and will not be asked again.
func (b *board) idle(l *lane) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(l.asked) == 0 && (b.done || b.err != nil)
}

// join counts a lane that is about to run.
func (b *board) join() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alive++
}

// joinMore is join, unless all is over.
func (b *board) joinMore() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done || b.err != nil {
		return false
	}
	b.alive++
	return true
}

func (b *board) enter(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.moved = time.Now()
	b.active[l] = true
}

// leave gives back what the lane did not bring.
func (b *board) leave(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.active, l)
	for _, lost := range slices.Backward(l.asked) {
		b.given--
		rest := &lease{}
		for _, s := range lost.r {
			for i := s.from; i < s.to; i++ {
				if !b.r.has(b.m.items[i].id) {
					rest.r = rest.r.add(i)
					rest.bytes += int64(b.m.items[i].size)
				}
			}
		}
		if rest.n = rest.r.len(); rest.n > 0 {
			b.queue = slices.Insert(b.queue, 0, rest)
		}
	}
	l.asked = nil
	b.finished()
	b.moved.Broadcast()
}

// finished notes that nothing is left to come.
func (b *board) finished() { b.done = b.done || len(b.queue) == 0 && b.given == 0 }

// left notes how a lane ended. One error does not end the rest, unless it is
// about what was received; the last lane's does.
func (b *board) left(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alive--
	fatal := errors.Is(err, ErrBadData) || errors.Is(err, ErrMissingBase) || b.r.failure() != nil
	if b.err == nil && err != nil && !b.done && (fatal || b.alive == 0) {
		b.err = err
	}
	if b.err == nil && b.alive == 0 && !b.done {
		b.err = fmt.Errorf("%w: stream ended early", ErrProtocol)
	}
	b.moved.Broadcast()
}

// fail ends all lanes.
func (b *board) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && !b.done {
		b.err = err
	}
	b.moved.Broadcast()
}

// wait returns when all is here, or nobody is left who would bring it.
func (b *board) wait(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { b.fail(context.Cause(ctx)) })()
	watch := time.NewTicker(stallAfter / 4)
	defer watch.Stop()
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-over:
				return
			case <-watch.C:
				b.unstall()
			}
		}
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.err == nil && !b.done {
		b.moved.Wait()
	}
	return b.err
}

// unstall ends the lanes that have been silent for long, when another lane has
// nothing left to do.
func (b *board) unstall() {
	b.mu.Lock()
	defer b.mu.Unlock()
	free := false
	for l := range b.active {
		free = free || len(l.asked) == 0
	}
	for l := range b.active {
		if free && len(b.queue) == 0 && len(l.asked) > 0 && time.Since(l.moved) > stallAfter {
			go l.cut()
		}
	}
}

// rate measures how many bytes a second come during a while, and how many are
// left.
func (b *board) rate(ctx context.Context, during time.Duration) (rate, left float64) {
	_, before := b.r.counts()
	began := time.Now()
	timer := time.NewTimer(during)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	_, after := b.r.counts()
	return float64(after-before) / time.Since(began).Seconds(), float64(b.bytes - after)
}
