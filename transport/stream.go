package transport

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// Stream is one conversation: bytes both ways, with an end each way. One
// goroutine may read while another writes. Read returns io.EOF only where the
// peer ended its side on purpose. Close may be called at any time, also while
// others read and write, and frees them.
type Stream interface {
	io.ReadWriteCloser
	// CloseWrite ends this side; the other can still be read.
	CloseWrite() error
}

// Opener is a connection to a peer. Each call opens a Stream on which the peer
// answers the request, and returns without waiting for the peer where the
// connection allows it. It may be called from many goroutines.
type Opener interface {
	Open(ctx context.Context, request []byte) (Stream, error)
}

// Distance is what an Opener has that knows how far away the peer is.
type Distance interface {
	// RTT is the time of one round trip, 0 when it is not known.
	RTT() time.Duration
}

// Multiplier is what an Opener has that can make one more connection to the
// same peer. The new one is used until ctx ends; when it is an io.Closer it is
// closed after use.
type Multiplier interface {
	Another(ctx context.Context) (Opener, error)
}

// nearRTT is below what one window of an SSH channel (2 MiB) holds a stream
// back: at 8 ms it still lets 250 MB/s through.
const nearRTT = 8 * time.Millisecond

// far tells whether the peer is so far that round trips and windows count.
func far(o Opener) bool {
	d, ok := o.(Distance)
	return ok && d.RTT() >= nearRTT
}

// Traffic is what a conversation cost.
type Traffic struct {
	// Sent and Received count the bytes of all streams, requests included.
	Sent, Received int64
	// RoundTrips counts how often this side had to wait for an answer to what
	// it had just sent.
	RoundTrips int
}

// meter counts what passes the streams of one conversation.
type meter struct {
	sent, received atomic.Int64
	trips          atomic.Int64
}

func (m *meter) traffic() Traffic {
	return Traffic{Sent: m.sent.Load(), Received: m.received.Load(), RoundTrips: int(m.trips.Load())}
}

// open opens a stream whose bytes are counted, and which is closed when ctx
// ends. The caller calls stop, and closes the stream, when done.
func (m *meter) open(ctx context.Context, o Opener, request []byte) (s Stream, stop func() bool, err error) {
	inner, err := o.Open(ctx, request)
	if err != nil {
		return nil, nil, err
	}
	m.sent.Add(int64(len(request)))
	s = &metered{Stream: inner, m: m}
	return s, context.AfterFunc(ctx, func() { s.Close() }), nil
}

type metered struct {
	Stream
	m     *meter
	heard atomic.Int64 // when something came last
}

func (s *metered) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)
	s.m.received.Add(int64(n))
	s.heard.Store(time.Now().UnixNano())
	return n, err
}

func (s *metered) Write(p []byte) (int, error) {
	n, err := s.Stream.Write(p)
	s.m.sent.Add(int64(n))
	return n, err
}

// cause prefers the end of ctx to the error that it led to.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
