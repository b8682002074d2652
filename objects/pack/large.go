package pack

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/esync/esync/objects"
)

// windowSize is how much of a large blob is in memory to be cut.
const windowSize = 4 * maxChunk

// putLarge stores a blob from a stream. head is its beginning.
func (w *Writer) putLarge(head []byte, r io.Reader, prev objects.ID) (objects.ID, int64, error) {
	pool := &w.s.codec.buffers
	window := pool.get(windowSize)
	defer pool.put(window)
	hash := objects.NewHasher(objects.KindBlob)
	p := w.newPieces(prev)
	defer p.wait()
	var size int64
	rest := append(window.b, head...) // not yet cut
	hash.Write(rest)
	size += int64(len(rest))
	for end := false; ; {
		if !end && len(rest) < maxChunk {
			n := copy(window.b[:windowSize], rest)
			more, err := fill(r, window.b[:n], windowSize)
			if err != nil {
				return objects.ID{}, 0, err
			}
			end = len(more) < windowSize
			hash.Write(more[n:])
			size += int64(len(more) - n)
			rest = more
		}
		if len(rest) == 0 {
			break
		}
		n := cut(rest)
		p.put(rest[:n])
		rest = rest[n:]
	}
	id := hash.ID()
	return id, size, p.finish(id)
}

// pieces stores the chunks of one blob, some of them on other cores.
type pieces struct {
	w    *Writer
	prev objects.ID
	old  *oldList
	size int64
	// running are the helpers at work; the first error of any is kept.
	running sync.WaitGroup
	mu      sync.Mutex
	chunks  []chunk
	err     error
	// misses counts chunks in a row for which a delta was of no use.
	misses atomic.Int32
}

func (w *Writer) newPieces(prev objects.ID) *pieces {
	return &pieces{w: w, prev: prev, old: w.oldList(prev)}
}

// put stores a chunk. b is only read until put returns.
func (p *pieces) put(b []byte) {
	i, at := p.place(len(b))
	select {
	case p.w.s.helpers <- struct{}{}:
		pool := &p.w.s.codec.buffers
		own := pool.get(len(b))
		own.b = append(own.b, b...)
		p.running.Go(func() {
			defer func() {
				pool.put(own)
				<-p.w.s.helpers
			}()
			p.store(i, at, objects.Sum(objects.KindBlob, own.b), own.b)
		})
	default:
		p.store(i, at, objects.Sum(objects.KindBlob, b), b)
	}
}

// putKnown stores a chunk whose ID is known and that stays in memory until
// finish.
func (p *pieces) putKnown(id objects.ID, b []byte) {
	i, at := p.place(len(b))
	select {
	case p.w.s.helpers <- struct{}{}:
		p.running.Go(func() {
			defer func() { <-p.w.s.helpers }()
			p.store(i, at, id, b)
		})
	default:
		p.store(i, at, id, b)
	}
}

// place gives the next chunk its place.
func (p *pieces) place(n int) (i int, at int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chunks = append(p.chunks, chunk{size: n})
	at = p.size
	p.size += int64(n)
	return len(p.chunks) - 1, at
}

func (p *pieces) store(i int, at int64, id objects.ID, b []byte) {
	p.mu.Lock()
	p.chunks[i].id = id
	failed := p.err != nil
	p.mu.Unlock()
	if failed {
		return
	}
	if p.w.held(id) {
		p.old.seen(id, at)
		return
	}
	if err := p.encode(at, id, b); err != nil {
		p.mu.Lock()
		p.err = errors.Join(p.err, err)
		p.mu.Unlock()
	}
}

// After giveUp chunks in a row that gained nothing by a delta, only every
// giveUp-th is tried.
const giveUp = 8

// encode stores a chunk that is new, as a difference to the old chunk in the
// same place where that is smaller.
func (p *pieces) encode(at int64, id objects.ID, b []byte) error {
	prev := objects.ID{}
	if p.old != nil {
		if n := p.misses.Load(); n < giveUp || n%giveUp == 0 {
			prev = p.old.at(at, len(b))
		}
		p.misses.Add(1)
	}
	before := p.w.s.codec.buffers.get(len(b) + maxHeader + 1024)
	defer p.w.s.codec.buffers.put(before)
	if !prev.IsZero() && prev != id {
		delta, depth := p.w.tryDelta(before.b, objects.KindBlob, id, b, prev)
		if delta != nil && len(delta) < len(b)/deltaSure {
			p.misses.Store(0)
			return p.w.add(delta, FrameInfo{ID: id, Kind: objects.KindBlob, Form: FormDelta, Depth: depth, Raw: int64(len(b)), Base: prev})
		}
	}
	out := p.w.s.codec.plain(before.b, objects.KindBlob, id, b)
	return p.w.add(out, FrameInfo{ID: id, Kind: objects.KindBlob, Form: Form(out[4] >> 4), Raw: int64(len(b))})
}

// wait lets the helpers end. It may be called again.
func (p *pieces) wait() { p.running.Wait() }

// finish stores the list, once all chunks are stored.
func (p *pieces) finish(id objects.ID) error {
	p.wait()
	switch {
	case p.err != nil:
		return p.err
	case p.w.held(id):
		return nil
	}
	return p.w.putList(id, p.size, p.chunks, p.prev)
}

// oldList knows where the chunks of the earlier version were.
type oldList struct {
	chunks []chunk
	starts []int64
	index  map[objects.ID]int
	// shift is how far the content has moved, by the last chunk that was
	// found again.
	shift atomic.Int64
}

// oldList reads the list of an earlier version, or returns nil.
func (w *Writer) oldList(prev objects.ID) *oldList {
	if prev.IsZero() {
		return nil
	}
	rec, err := w.lookup(prev, anyDepth)
	if err != nil || !rec.form.IsList() {
		return nil
	}
	r := w.resolver()
	f, b, err := r.from.load(prev, anyDepth)
	if err != nil {
		return nil
	}
	defer w.s.codec.buffers.put(b)
	if !f.Form.IsList() {
		return nil
	}
	chunks, err := r.list(&f)
	if err != nil {
		return nil
	}
	o := &oldList{chunks: chunks, starts: make([]int64, len(chunks)), index: make(map[objects.ID]int, len(chunks))}
	var at int64
	for i := range chunks {
		o.starts[i] = at
		o.index[chunks[i].id] = i
		at += int64(chunks[i].size)
	}
	return o
}

// seen notes that an old chunk stands at a place of the new version.
func (o *oldList) seen(id objects.ID, at int64) {
	if o == nil {
		return
	}
	if i, ok := o.index[id]; ok {
		o.shift.Store(at - o.starts[i])
	}
}

// at is the old chunk that a new one of n bytes most likely comes from.
func (o *oldList) at(at int64, n int) objects.ID {
	middle := at - o.shift.Load() + int64(n)/2
	lo, hi := 0, len(o.chunks)
	for lo+1 < hi {
		if mid := (lo + hi) / 2; o.starts[mid] <= middle {
			lo = mid
		} else {
			hi = mid
		}
	}
	if lo >= len(o.chunks) {
		return objects.ID{}
	}
	return o.chunks[lo].id
}
