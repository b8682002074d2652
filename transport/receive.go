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
	// broken is called once, when something was wrong with what came: whoever
	// waits for more need not.
	broken func(error)

	jobs    chan []byte
	spare   chan []byte
	workers sync.WaitGroup

	mu      sync.Mutex
	idle    sync.Cond // signalled when under falls to 0
	under   int       // messages handed over and not done with
	err     error
	objects int
	bytes   int64
	// waiting holds frames by the base that has not come yet, late those that
	// need something else.
	waiting map[objects.ID][][]byte
	late    [][]byte
	held    int       // bytes of both
	loose   int64     // bytes since what came was made durable
	durable time.Time // when that was
}

func newReceiver(w *pack.Writer) *receiver {
	n := runtime.GOMAXPROCS(0)
	r := &receiver{
		w: w, jobs: make(chan []byte, n), spare: make(chan []byte, 2*n+2),
		waiting: map[objects.ID][][]byte{}, durable: time.Now(),
		progress: func(int, int64) {}, broken: func(error) {},
	}
	r.idle.L = &r.mu
	for range n {
		r.workers.Go(func() {
			for payload := range r.jobs {
				r.work(payload)
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

// add hands over a DATA message, whose memory is the receiver's from now on,
// and tells how many frames it has. It waits while enough is being worked on.
func (r *receiver) add(payload []byte) (frames int, err error) {
	for rest := payload; len(rest) > 0; frames++ {
		n, err := frameLength(rest)
		if err != nil {
			return frames, err
		}
		rest = rest[n:]
	}
	r.mu.Lock()
	err = r.err
	r.under++
	r.mu.Unlock()
	r.jobs <- payload
	return frames, err
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
func (r *receiver) work(payload []byte) {
	objects := 0
	var err error
	for rest := payload; len(rest) > 0 && err == nil; objects++ {
		n, _ := frameLength(rest) // add has looked
		err = r.frame(rest[:n])
		rest = rest[n:]
	}
	if err == nil && r.due(int64(len(payload))) {
		err = r.w.Flush()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.objects += objects
	r.bytes += int64(len(payload))
	r.failed(err)
	if r.under--; r.under == 0 {
		r.idle.Broadcast()
	}
	r.progress(r.objects, r.bytes)
	if cap(payload) <= 8*batchSize {
		select {
		case r.spare <- payload[:0]:
		default:
		}
	}
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

func (r *receiver) frame(b []byte) error {
	info, err := pack.ParseFrame(b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadData, err)
	}
	if r.wanted != nil && !r.wanted(info.ID) {
		return fmt.Errorf("%w: frame of %s, which nobody asked for", ErrProtocol, info.ID.Short())
	}
	return r.put(info.ID, b)
}

// put stores a frame, and those that waited for it.
func (r *receiver) put(id objects.ID, b []byte) error {
	for queue := [][]byte{b}; len(queue) > 0; {
		b, queue = queue[0], queue[1:]
		info, err := r.w.PutFrame(b)
		switch {
		case errors.Is(err, pack.ErrBase):
			if err := r.wait(b); err != nil {
				return err
			}
			continue
		case err != nil:
			return badFrame(id, err)
		}
		r.mu.Lock()
		if ready := r.waiting[info.ID]; ready != nil {
			delete(r.waiting, info.ID)
			for _, f := range ready {
				r.held -= len(f)
			}
			queue = append(queue, ready...)
		}
		r.mu.Unlock()
	}
	return nil
}

// wait keeps a frame until its base has come.
func (r *receiver) wait(b []byte) error {
	info, err := pack.ParseFrame(b)
	if err != nil {
		return err
	}
	kept := append([]byte(nil), b...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !info.Form.HasBase() || r.has(info.Base) {
		// What it lacks is not the base itself, but a piece that is on its
		// way; or the base came between the attempt and now.
		r.late = append(r.late, kept)
	} else {
		r.waiting[info.Base] = append(r.waiting[info.Base], kept)
	}
	r.held += len(b)
	return nil
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
		for _, b := range again {
			r.held -= len(b)
		}
		r.mu.Unlock()
		var err error
		for _, b := range again {
			if err = r.frame(b); err != nil {
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
	if err == nil && r.held > 0 {
		err = fmt.Errorf("%w: %d bytes wait for it", ErrMissingBase, r.held)
	}
	return err
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
		n, err := r.add(payload)
		if err != nil {
			return err
		}
		if left -= n; left < 0 {
			return fmt.Errorf("%w: more frames than announced", ErrProtocol)
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
	return r.held
}

func (r *receiver) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
