package transport

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// half is one direction of a pipe: it holds up to window bytes, and each piece
// can be read only after it has travelled.
type half struct {
	mu     sync.Mutex
	moved  sync.Cond
	pieces []piece
	held   int
	window int
	delay  time.Duration
	rate   float64   // bytes a second; 0 for no limit
	free   time.Time // when the line has sent what it was given
	ended  bool      // by the writer, on purpose
	cut    bool      // by either side
	budget int64     // bytes until it is cut; negative: never
}

type piece struct {
	b    []byte
	when time.Time
}

func newHalf(window int, delay time.Duration) *half {
	h := &half{window: window, delay: delay, budget: -1}
	h.moved.L = &h.mu
	return h
}

func (h *half) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	done := 0
	for done < len(p) {
		for h.held >= h.window && !h.cut && !h.ended {
			h.moved.Wait()
		}
		if h.cut || h.ended {
			return done, io.ErrClosedPipe
		}
		n := min(len(p)-done, h.window-h.held, 32<<10)
		if h.budget >= 0 && int64(n) >= h.budget {
			n = int(h.budget)
			h.cut = true
		}
		if h.budget >= 0 {
			h.budget -= int64(n)
		}
		now := time.Now()
		if h.free.Before(now) {
			h.free = now
		}
		if h.rate > 0 {
			h.free = h.free.Add(time.Duration(float64(n) / h.rate * float64(time.Second)))
		}
		h.pieces = append(h.pieces, piece{append([]byte(nil), p[done:done+n]...), h.free.Add(h.delay)})
		h.held += n
		done += n
		h.moved.Broadcast()
	}
	return done, nil
}

func (h *half) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.pieces) == 0 {
		switch {
		case h.cut:
			return 0, io.ErrUnexpectedEOF
		case h.ended:
			return 0, io.EOF
		}
		h.moved.Wait()
	}
	if wait := time.Until(h.pieces[0].when); (h.delay > 0 || h.rate > 0) && wait > 0 {
		h.mu.Unlock()
		<-time.After(wait)
		h.mu.Lock()
		if len(h.pieces) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
	}
	n := copy(p, h.pieces[0].b)
	if h.pieces[0].b = h.pieces[0].b[n:]; len(h.pieces[0].b) == 0 {
		h.pieces = h.pieces[1:]
	}
	h.held -= n
	h.moved.Broadcast()
	return n, nil
}

func (h *half) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	h.moved.Broadcast()
}

// drop gives the direction up; what was written before an end still arrives.
func (h *half) drop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended {
		h.cut = true
	}
	h.moved.Broadcast()
}

// end is one end of a pipe.
type end struct {
	in, out *half
}

func (e *end) Read(p []byte) (int, error)  { return e.in.Read(p) }
func (e *end) Write(p []byte) (int, error) { return e.out.Write(p) }
func (e *end) CloseWrite() error           { e.out.end(); return nil }
func (e *end) Close() error {
	e.out.drop()
	e.in.drop()
	return nil
}

// link joins a client to a server. It is an Opener.
type link struct {
	host   Host
	window int
	delay  time.Duration // one way
	rate   float64       // bytes a second of each direction of each stream
	// cutAfter breaks each stream after so many bytes from the server, and
	// cutUp from the client; 0 never.
	cutAfter, cutUp int64
	opened          atomic.Int32
	served          sync.WaitGroup
	errs            chan error
	// change may alter what the client says.
	change func(request []byte) []byte
	// wrap may alter the server's end.
	wrap func(Stream) Stream
}

func newLink(h Host) *link { return &link{host: h, window: 2 << 20, errs: make(chan error, 100)} }

func (l *link) RTT() time.Duration { return 2 * l.delay }

func (l *link) Open(ctx context.Context, request []byte) (Stream, error) {
	l.opened.Add(1)
	up, down := newHalf(l.window, l.delay), newHalf(l.window, l.delay)
	up.rate, down.rate = l.rate, l.rate
	if l.cutAfter > 0 {
		down.budget = l.cutAfter
	}
	if l.cutUp > 0 {
		up.budget = l.cutUp
	}
	client, server := &end{in: down, out: up}, &end{in: up, out: down}
	request = append([]byte(nil), request...)
	if l.change != nil {
		request = l.change(request)
	}
	l.served.Go(func() {
		defer server.Close()
		if l.delay > 0 {
			<-time.After(l.delay)
		}
		var s Stream = server
		if l.wrap != nil {
			s = l.wrap(s)
		}
		err := Serve(context.WithoutCancel(ctx), s, request, l.host)
		select {
		case l.errs <- err:
		default:
		}
	})
	return client, nil
}
