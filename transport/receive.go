package transport

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

const (
	// maxWaiting bounds the frames that came before their base.
	maxWaiting = 16 << 20
	// What has come is made durable when it is this much and this long ago:
	// on a slow link no more is lost with the process, on a fast one the disk
	// is not held up.
	durableBytes = 256 << 10
	durableEvery = 300 * time.Millisecond
)

// receiver takes frames from one or several streams: each is checked against
// what was announced, decoded, verified and stored, on all cores.
type receiver struct {
	w *pack.Writer
	// wanted tells whether a frame was asked for; nil when all are welcome up
	// to limit frames.
	wanted   func(objects.ID) bool
	limit    int
	progress func(objects int, bytes int64)
	// broken is called once, when nothing more can be stored: whoever waits
	// for more need not.
	broken func(error)
	// blame is told that a lane brought bad bytes, and stored that some of its
	// bytes are safe, and whether a message of its is done with.
	blame  func(l *lane, err error)
	stored func(l *lane, bytes int64, message bool)

	jobs    chan job
	spare   chan []byte
	workers sync.WaitGroup

	mu      sync.Mutex
	idle    sync.Cond // signalled when under falls to 0
	under   int       // messages handed over and not done with
	err     error
	objects int
	bytes   int64
	// waiting holds frames by the base that has not come yet, late those that
	// need something else, and held the objects of both.
	waiting map[objects.ID][]heldFrame
	late    []heldFrame
	held    map[objects.ID]struct{}
	holding int       // bytes of both
	loose   int64     // bytes since what came was made durable
	durable time.Time // when that was
}

// job is a DATA message, and the lane that it came on, if any.
type job struct {
	payload []byte
	from    *lane
}

// heldFrame is a frame that cannot be stored yet.
type heldFrame struct {
	id   objects.ID
	b    []byte
	from *lane
}

func newReceiver(w *pack.Writer) *receiver {
	n := runtime.GOMAXPROCS(0)
	r := &receiver{
		w: w, jobs: make(chan job, n), spare: make(chan []byte, 2*n+2),
		waiting: map[objects.ID][]heldFrame{}, held: map[objects.ID]struct{}{}, durable: time.Now(),
		progress: func(int, int64) {}, broken: func(error) {},
		stored: func(*lane, int64, bool) {},
	}
	r.idle.L = &r.mu
	for range n {
		r.workers.Go(func() {
			for j := range r.jobs {
				r.work(j)
			}
		})
	}
	return r
}

// grab gives memory for a DATA message.
func (r *receiver) grab(n int) []byte {
	select {
	case b := <-r.spare:
		if cap(b) >= n {
			return b
		}
	default:
	}
	return make([]byte, 0, max(n, 2*batchSize))
}

// add hands over a DATA message, whose memory is the receiver's from now on.
// It waits while enough is being worked on.
func (r *receiver) add(payload []byte, from *lane) error {
	r.mu.Lock()
	err := r.err
	r.under++
	r.mu.Unlock()
	r.jobs <- job{payload, from}
	return err
}

// countFrames tells how many frames a DATA message has.
func countFrames(payload []byte) (n int, err error) {
	for rest := payload; len(rest) > 0; n++ {
		size, err := frameLength(rest)
		if err != nil {
			return n, err
		}
		rest = rest[size:]
	}
	return n, nil
}

func frameLength(b []byte) (int, error) {
	if len(b) < 4 {
		return 0, fmt.Errorf("%w: frame is cut short", ErrProtocol)
	}
	n, err := pack.FrameLength([4]byte(b))
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", ErrProtocol, err)
	case n > len(b):
		return 0, fmt.Errorf("%w: frame is cut short", ErrProtocol)
	}
	return n, nil
}

// work stores the frames of one message.
func (r *receiver) work(j job) {
	objects, kept := 0, 0
	var err error
	for rest := j.payload; len(rest) > 0 && err == nil; objects++ {
		n, _ := frameLength(rest) // countFrames has looked
		var waits bool
		if waits, err = r.frame(rest[:n], j.from); waits {
			kept += n
		}
		rest = rest[n:]
	}
	err = r.accuse(j.from, err)
	if err == nil && r.due(int64(len(j.payload))) {
		err = r.w.Flush()
	}
	r.mu.Lock()
	r.objects += objects
	r.bytes += int64(len(j.payload))
	r.failed(err)
	if r.under--; r.under == 0 {
		r.idle.Broadcast()
	}
	r.progress(r.objects, r.bytes)
	r.mu.Unlock()
	if j.from != nil {
		r.stored(j.from, int64(len(j.payload)-kept), true)
	}
	if cap(j.payload) <= 8*batchSize {
		select {
		case r.spare <- j.payload[:0]:
		default:
		}
	}
}

// accuse tells of a lane that brought bad bytes, and gives back any other
// error.
func (r *receiver) accuse(from *lane, err error) error {
	if err != nil && from != nil && blames(err) {
		r.blame(from, err)
		return nil
	}
	return err
}

// due tells whether it is time to make things durable.
func (r *receiver) due(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.loose += n; r.loose < durableBytes || time.Since(r.durable) < durableEvery {
		return false
	}
	r.loose, r.durable = 0, time.Now()
	return true
}

// failed notes the first error.
func (r *receiver) failed(err error) {
	if r.err == nil && err != nil {
		r.err = err
		go r.broken(err)
	}
}

// frame stores a frame, or keeps it until it can be.
func (r *receiver) frame(b []byte, from *lane) (waits bool, err error) {
	info, err := pack.ParseFrame(b)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrBadData, err)
	}
	if r.wanted != nil && !r.wanted(info.ID) {
		return false, fmt.Errorf("%w: frame of %s, which nobody asked for", ErrProtocol, info.ID.Short())
	}
	return r.put(heldFrame{info.ID, b, from})
}

// put stores a frame, and those that waited for it. An error is about the
// frame itself.
func (r *receiver) put(f heldFrame) (waits bool, err error) {
	first := true
	for queue := []heldFrame{f}; len(queue) > 0; first = false {
		f, queue = queue[0], queue[1:]
		info, err := r.w.PutFrame(f.b)
		switch {
		case errors.Is(err, pack.ErrBase):
			if err := r.wait(f); err != nil {
				return false, err
			}
			waits = waits || first
			continue
		case err != nil && first:
			return false, badFrame(f.id, err)
		case err != nil:
			if err := r.accuse(f.from, badFrame(f.id, err)); err != nil {
				return waits, err
			}
			continue
		}
		r.mu.Lock()
		if ready := r.waiting[info.ID]; ready != nil {
			delete(r.waiting, info.ID)
			queue = append(queue, ready...)
			r.released(ready)
		}
		r.mu.Unlock()
		if !first && f.from != nil {
			r.stored(f.from, int64(len(f.b)), false)
		}
	}
	return waits, nil
}

// released notes that frames wait no more.
func (r *receiver) released(frames []heldFrame) {
	for i := range frames {
		r.holding -= len(frames[i].b)
		delete(r.held, frames[i].id)
	}
}

// wait keeps a frame until its base has come.
func (r *receiver) wait(f heldFrame) error {
	info, err := pack.ParseFrame(f.b)
	if err != nil {
		return err
	}
	f.b = append([]byte(nil), f.b...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !info.Form.HasBase() || r.has(info.Base) {
		// What it lacks is not the base itself, but a piece that is on its
		// way; or the base came between the attempt and now.
		r.late = append(r.late, f)
	} else {
		r.waiting[info.Base] = append(r.waiting[info.Base], f)
	}
	r.held[f.id] = struct{}{}
	r.holding += len(f.b)
	return nil
}

// here tells whether an object is stored, or will be when its base is.
func (r *receiver) here(id objects.ID) bool {
	r.mu.Lock()
	_, held := r.held[id]
	r.mu.Unlock()
	return held || r.has(id)
}

func (r *receiver) has(id objects.ID) bool {
	ok, err := r.w.Has(id)
	return ok && err == nil
}

// badFrame tells bad data from a disk that fails.
func badFrame(id objects.ID, err error) error {
	if errors.Is(err, pack.ErrFrame) || errors.Is(err, objects.ErrCorrupt) || errors.Is(err, objects.ErrMalformed) {
		return fmt.Errorf("%w: object %s: %w", ErrBadData, id.Short(), err)
	}
	return err
}

// drain waits until everything handed over is done with, and tries again what
// had to wait. What cannot be stored still stays for the next drain.
func (r *receiver) drain() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.under > 0 {
		r.idle.Wait()
	}
	for {
		again := r.late
		r.late = nil
		for base, frames := range r.waiting {
			if r.has(base) {
				again = append(again, frames...)
				delete(r.waiting, base)
			}
		}
		r.released(again)
		r.mu.Unlock()
		var err error
		for _, f := range again {
			var waits bool
			if waits, err = r.put(f); !waits && f.from != nil {
				r.stored(f.from, int64(len(f.b)), false)
			}
			if err = r.accuse(f.from, err); err != nil {
				break
			}
		}
		r.mu.Lock()
		r.failed(err)
		if len(r.late) >= len(again) || r.err != nil {
			return r.err
		}
	}
}

// finish drains for the last time. Frames that still wait lack a base that did
// not come.
func (r *receiver) finish() error {
	err := r.drain()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.holding > 0 {
		err = fmt.Errorf("%w: %d bytes wait for it", ErrMissingBase, r.holding)
	}
	return err
}

// purge forgets what still waits, and gives it.
func (r *receiver) purge() []heldFrame {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.late
	for _, frames := range r.waiting {
		all = append(all, frames...)
	}
	r.late = nil
	clear(r.waiting)
	r.released(all)
	return all
}

// close ends the workers. No add may follow.
func (r *receiver) close() {
	close(r.jobs)
	r.workers.Wait()
}

func (r *receiver) counts() (objects int, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.objects, r.bytes
}

// stream takes the frames of one stream up to END.
func (r *receiver) stream(from *reader) error {
	err := r.messages(from)
	if why := r.failure(); why != nil {
		return why
	}
	return err
}

func (r *receiver) messages(from *reader) error {
	left := r.limit
	for {
		k, payload, err := from.next(r.grab)
		switch {
		case err != nil:
			return unexpected(err)
		case k == msgEnd:
			return nil
		case k != msgData:
			return unwanted(k)
		}
		n, err := countFrames(payload)
		if err != nil {
			return err
		}
		if left -= n; left < 0 {
			return fmt.Errorf("%w: more frames than announced", ErrProtocol)
		}
		if err := r.add(payload, nil); err != nil {
			return err
		}
		if r.waitingBytes() > maxWaiting {
			if err := r.drain(); err != nil {
				return err
			}
			if r.waitingBytes() > maxWaiting {
				return fmt.Errorf("%w: %d bytes wait for it", ErrMissingBase, r.waitingBytes())
			}
		}
	}
}

func (r *receiver) waitingBytes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.holding
}

func (r *receiver) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
