package ssh

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// quickReads is the number of reads that are acknowledged at once: the handshake and the first channel take about 20.
// A peer that leaves Nagle's algorithm on (sshd until its first exec, ssh until its first session) holds its second
// small packet back until the first is acknowledged, which a kernel puts off for 40 ms.
const quickReads = 32

// readBuffer is what an idle connection keeps; 64 KiB was not measurably faster.
const readBuffer = 16 << 10

// errSilent is the cause when the peer showed no sign of life for too long.
var errSilent = errors.New("the peer fell silent")

// errEnded is the cause when the peer closed the connection.
var errEnded = errors.New("the peer closed it")

// tookBytes is more than the systems on both sides hold of what is written: a peer to which so much went has taken some of
// it, which is a sign of life. While much goes out, what comes in may have to wait.
const tookBytes = 32 << 20

// wire is the connection below SSH. It knows when the peer last moved, so that one watch serves every kind of
// connection: TCP, a channel of a jump host and the pipes of a proxy command, which have no deadlines of their own.
type wire struct {
	net.Conn
	buffer   *bufio.Reader
	start    time.Time // monotonic base of the times below
	heard    atomic.Int64
	writing  atomic.Int64 // when the write under way began, 0 when there is none
	reads    atomic.Int64
	in, out  atomic.Int64
	taken    atomic.Int64 // of out, when that was last a sign of life
	held     atomic.Int32 // people are being asked: the handshake's clock stands still
	failOnce sync.Once
	closed   atomic.Bool
	cause    atomic.Pointer[error] // why this side closed it
	lost     atomic.Pointer[error] // why reading ended
}

func newWire(conn net.Conn) *wire {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true) // Go's default, stated because the round trips depend on it
	}
	w := &wire{Conn: conn, start: time.Now()}
	w.heard.Store(1)
	w.buffer = bufio.NewReaderSize(reading{w}, readBuffer)
	return w
}

// touch makes it as if the peer had just moved.
func (w *wire) touch() { w.heard.Store(w.now()) }

func (w *wire) now() int64 { return int64(time.Since(w.start)) + 1 }

// Read is called by one goroutine of x/crypto. It asks for one byte at a time of the banner and for 4 KiB after it, which
// the buffer turns into few system calls.
func (w *wire) Read(p []byte) (int, error) { return w.buffer.Read(p) }

// reading is the connection as the buffer sees it.
type reading struct{ *wire }

func (w reading) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if w.closed.Load() && err == nil { // a channel of a relay is closed only when that one says so
		return 0, net.ErrClosed
	}
	if n > 0 {
		w.heard.Store(w.now())
		w.in.Add(int64(n))
		if w.reads.Add(1) <= quickReads {
			ackAtOnce(w.Conn)
		}
	}
	if err != nil { // noted before SSH hears of it, so that streams find the reason when they break
		w.lost.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.writing.Store(w.now())
	n, err := w.Conn.Write(p)
	w.writing.Store(0)
	if out := w.out.Add(int64(n)); out-w.taken.Load() > tookBytes {
		w.taken.Store(out)
		w.touch()
	}
	return n, err
}

// fail closes the connection for the given cause; the first cause stays.
func (w *wire) fail(cause error) {
	w.failOnce.Do(func() {
		w.cause.Store(&cause)
		w.closed.Store(true)
		w.Conn.Close()
	})
}

// Close closes the connection without a cause.
func (w *wire) Close() error {
	w.failOnce.Do(func() {})
	w.closed.Store(true)
	return w.Conn.Close()
}

// why is the cause given to fail, or nil.
func (w *wire) why() error {
	if cause := w.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

// ended is why nothing more can be read, or nil.
func (w *wire) ended() error {
	if why := w.why(); why != nil {
		return why
	}
	switch lost := w.lost.Load(); {
	case lost == nil:
		return nil
	case *lost == io.EOF:
		return errEnded
	default:
		return *lost
	}
}

// quiet is how long the peer has neither sent anything nor taken what is being written.
func (w *wire) quiet() time.Duration {
	now := w.now()
	quiet := now - w.heard.Load()
	if began := w.writing.Load(); began != 0 {
		// A peer that talks but never listens is as gone as a silent one.
		quiet = max(quiet, now-began)
	}
	return time.Duration(quiet)
}

// hold stops the handshake's clock while a person or a hardware key is asked; the result starts it again.
func (w *wire) hold() (release func()) {
	w.held.Add(1)
	return func() {
		w.touch()
		w.held.Add(-1)
	}
}

// guard fails the connection when the peer says nothing at all for first, or makes no progress for then, until done is
// closed.
func (w *wire) guard(first, then time.Duration, done <-chan struct{}) {
	timer := time.NewTimer(min(first, then))
	defer timer.Stop()
	for {
		select {
		case <-done:
			return
		case <-timer.C:
		}
		limit := then
		if w.in.Load() == 0 {
			limit = min(first, then)
		}
		rest := limit - w.quiet()
		if w.held.Load() > 0 {
			rest = limit
		}
		if rest <= 0 {
			w.fail(errSilent)
			return
		}
		timer.Reset(rest)
	}
}

// timing is how a standing connection is watched; tests make it shorter.
type timing struct {
	handshake time.Duration // without progress (client), in all (server)
	ask       time.Duration // a quiet peer is asked for a sign of life
	dead      time.Duration // a peer quiet for this long is given up
	linger    time.Duration // for a peer's last words: an exit status, the answer to a close
	review    time.Duration // between two questions whether a key that stands is still admitted
	stall     time.Duration // without progress in a login while others wait
}

func (t timing) filled() timing {
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{{&t.handshake, 15 * time.Second}, {&t.ask, 15 * time.Second}, {&t.dead, 45 * time.Second}, {&t.linger, 2 * time.Second},
		{&t.review, time.Second / 2}, {&t.stall, 4 * time.Second}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return t
}

// ofClient fills in what a client does sooner than a server: it gives up early enough to try again, in vain, and to tell its
// user within 45 s of the silence.
func (t timing) ofClient() timing {
	if t.ask == 0 && t.dead == 0 {
		t.ask, t.dead = 8*time.Second, 20*time.Second
	}
	return t
}

// watch keeps a standing connection honest until done is closed: every t.ask it calls ping when the peer was quiet, and
// it fails the connection when the peer stays quiet for t.dead, not a moment later. ping may not outlive the connection; it
// runs beside the watch, once at a time.
func (w *wire) watch(t timing, done <-chan struct{}, ping func()) {
	timer := time.NewTimer(t.ask)
	defer timer.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	var busy atomic.Bool
	for {
		select {
		case <-done:
			return
		case <-timer.C:
		}
		quiet := w.quiet()
		if quiet >= t.dead {
			w.fail(errSilent)
			return
		}
		timer.Reset(min(t.ask, t.dead-quiet))
		if quiet >= t.ask/2 && busy.CompareAndSwap(false, true) {
			asking.Go(func() {
				defer busy.Store(false)
				ping()
			})
		}
	}
}
