package transport

import (
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
