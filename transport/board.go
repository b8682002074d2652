package transport

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// board shares out what is missing among lanes, in order, so that what a frame
// needs is on its way before it. What a lane fails to bring is given to
// another, and a peer whose bytes are wrong is asked no more.
type board struct {
	m       *manifest
	r       *receiver
	objects int
	bytes   int64

	mu      sync.Mutex
	moved   sync.Cond
	queue   ranges // not asked for
	given   int    // leases asked for and not here
	lanes   map[*lane]bool
	sources []*source
	err     error
	done    bool
}

func newBoard(m *manifest, need ranges, r *receiver, sources ...*source) *board {
	b := &board{m: m, r: r, objects: need.len(), bytes: m.sum(need), queue: need, lanes: map[*lane]bool{}, sources: sources}
	b.moved.L = &b.mu
	b.finished()
	return b
}

// take gives a lane its next lease. It waits while the lane has enough under
// way, or while too many frames wait for what others bring, and is nil when
// nothing is left.
func (b *board) take(l *lane) *lease {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if b.err != nil || b.done || !b.lanes[l] || l.src.err != nil {
			return nil
		}
		room := l.window - l.out()
		// What came and is neither worked on nor stored waits for its base,
		// and that may be what nobody has been asked for yet.
		stuck := b.given == 0 && l.working == 0
		if stuck || room > 0 && b.r.waitingBytes() <= maxWaiting {
			if next := b.cut(l.src, l.slice(), room, stuck || room == l.window); next != nil {
				b.given++
				next.asked, next.before = time.Now(), l.pace.came
				if len(l.asked) == 0 {
					l.moved = next.asked
				}
				l.asked = append(l.asked, next)
				b.moved.Broadcast()
				return next
			}
		}
		b.moved.Wait()
	}
}

// maxLease bounds the entries that are asked for at once, and so the spans.
const maxLease = maxSpans

// cut takes entries for about so many bytes off the queue, the first ones that
// the source has and for which there is room; one at least where that is
// asked.
func (b *board) cut(src *source, size, room int64, one bool) *lease {
	first, _ := slices.BinarySearchFunc(b.queue, src.skip, func(s span, i int) int { return s.to - i - 1 })
	next := &lease{}
	var rest ranges
	at, full := first, false
	for ; at < len(b.queue) && !full; at++ {
		s := b.queue[at]
		for i := s.from; i < s.to; i++ {
			if !src.has(i) {
				rest = rest.add(i)
				continue
			}
			n := int64(b.m.items[i].size)
			full = next.bytes >= size || next.bytes+n > room || next.n >= maxLease
			if full && (next.n > 0 || !one) {
				rest = append(rest, span{i, s.to})
				break
			}
			next.r = next.r.add(i)
			next.bytes += n
			next.n++
			src.skip = i + 1
		}
	}
	if next.n == 0 {
		if !full {
			src.skip = len(b.m.items)
		}
		return nil
	}
	if first == 0 && len(rest) <= at {
		b.queue = b.queue[at-len(rest):]
		copy(b.queue, rest)
	} else {
		b.queue = slices.Replace(b.queue, first, at, rest...)
	}
	return next
}

// came notes frames of the lane's first lease. They began to come at a moment.
func (b *board) came(l *lane, n int, bytes int64, began time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.moved = time.Now()
	if len(l.asked) == 0 || l.asked[0].n < n {
		return fmt.Errorf("%w: more frames than asked for", ErrProtocol)
	}
	first := l.asked[0]
	if !first.begun {
		first.begun = true
		l.src.answered(began.Sub(first.asked))
	}
	l.pace.came += bytes
	first.n -= n
	first.bytes -= bytes
	l.unstored += bytes
	l.working++
	l.src.done.Objects += n
	l.src.done.Bytes += bytes
	return nil
}

// stored notes that bytes of a lane are in the part, and whether that was the
// rest of a message.
func (b *board) stored(l *lane, bytes int64, message bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.unstored -= bytes
	if message {
		l.working--
	}
	b.moved.Broadcast()
}

// ended notes that the lane's first lease is here.
func (b *board) ended(l *lane) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.asked) == 0 || l.asked[0].n != 0 {
		return fmt.Errorf("%w: fewer frames than asked for", ErrProtocol)
	}
	first := l.asked[0]
	l.pace.ended(l.pace.came-first.before, time.Since(first.asked), l.src.away)
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

// expects waits until something was asked of the lane, and is false when
// nothing will be.
func (b *board) expects(l *lane) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.err != nil, l.src.err != nil, !b.lanes[l]:
			return false
		case len(l.asked) > 0:
			return true
		case b.done:
			return false
		}
		b.moved.Wait()
	}
}

// join counts a lane that is about to run, unless all is over.
func (b *board) join(src *source) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done || b.err != nil || src.err != nil {
		return false
	}
	src.lanes++
	return true
}

func (b *board) enter(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.moved = time.Now()
	b.lanes[l] = true
	b.moved.Broadcast()
}

// leave gives back what the lane did not bring. What came from it before is
// worked off first, so that none of it is asked for again.
func (b *board) leave(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.lanes, l)
	b.moved.Broadcast() // its writer waits no more
	for l.working > 0 {
		b.moved.Wait()
	}
	for _, lost := range l.asked {
		b.given--
		for _, s := range lost.r {
			for i := s.from; i < s.to; i++ {
				if !b.r.here(b.m.items[i].id) {
					b.queue = append(b.queue, span{i, i + 1})
				}
			}
		}
	}
	if len(l.asked) > 0 {
		b.queue = b.queue.ordered()
		for _, src := range b.sources {
			src.skip = 0
		}
	}
	l.asked = nil
	b.finished()
	b.moved.Broadcast()
}

// finished notes that nothing is left to come.
func (b *board) finished() { b.done = b.done || len(b.queue) == 0 && b.given == 0 }

// left notes how a lane ended. A lane that broke leaves the rest to others; a
// peer that broke the rules is out.
func (b *board) left(src *source, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	src.lanes--
	if err != nil && !b.done {
		src.last = err
		if blames(err) {
			b.giveUp(src, err)
		}
	}
	b.check()
}

// blames tells whether an error is the fault of whoever sent the bytes.
func blames(err error) bool {
	var told *PeerError
	if errors.As(err, &told) {
		return false // that is what he says, not what he did
	}
	return errors.Is(err, ErrProtocol) || errors.Is(err, ErrBadData)
}

// drop gives a peer up, and whatever it was asked for to the others.
func (b *board) drop(src *source, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.giveUp(src, err)
	b.check()
}

func (b *board) giveUp(src *source, err error) {
	if src.err != nil {
		return
	}
	src.err, src.done.Err = err, err
	for l := range b.lanes {
		if l.src == src && l.cut != nil {
			go l.cut()
		}
	}
}

// await counts a peer whose own list is on the way, unless all is over.
func (b *board) await(src *source) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	src.coming = !b.done && b.err == nil
	return src.coming
}

// begun notes that all lanes that there will be at first are joined.
func (b *board) begun() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.check()
}

// listed notes that a peer's own list is here, or why not.
func (b *board) listed(src *source, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	src.coming = false
	if err != nil {
		b.giveUp(src, err)
	}
	b.check()
}

// check ends it all when nobody is left who would bring the rest.
func (b *board) check() {
	defer b.moved.Broadcast()
	if b.done || b.err != nil || b.given > 0 {
		return
	}
	err := error(nil)
	for _, src := range slices.Backward(b.sources) {
		if src.coming || src.err == nil && src.lanes > 0 && b.offers(src, b.queue) {
			return
		}
		if src.err != nil {
			err = src.err
		} else if src.last != nil {
			err = src.last
		}
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
}

// offers tells whether a source has any of the entries.
func (b *board) offers(src *source, r ranges) bool {
	for _, s := range r {
		for i := s.from; i < s.to; i++ {
			if src.has(i) {
				return true
			}
		}
	}
	return false
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
