package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/esync/esync/transport/ssh"
)

// stream is one conversation as a command has it: an ssh.Stream.
type stream struct {
	ctx  context.Context
	conn net.Conn
	stop func() bool

	reading sync.Mutex
	r       *reader
	rest    []byte // of a DATA frame
	over    error  // what reading ended with

	writing sync.Mutex
	ended   bool

	mu     sync.Mutex
	closed bool
}

func newStream(ctx context.Context, conn net.Conn, r *reader) *stream {
	s := &stream{ctx: ctx, conn: conn, r: r}
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return s
}

// why is the error of a socket that broke.
func (s *stream) why(err error) error {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case closed:
		return os.ErrClosed
	}
	return fmt.Errorf("%w: the agent: %w", ssh.ErrLost, err)
}

func (s *stream) Read(p []byte) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for len(s.rest) == 0 {
		if s.over != nil {
			return 0, s.over
		}
		k, content, err := s.r.next(kindData, kindEnd, kindFailed)
		switch {
		case err != nil:
			s.over = s.why(err)
		case k == kindEnd:
			s.over = io.EOF
		case k == kindFailed:
			s.over = parseFailure(content)
		default:
			s.rest = content
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stream) Write(p []byte) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	for len(p) > 0 {
		piece := p[:min(len(p), maxData)]
		if err := writeFrame(s.conn, kindData, piece); err != nil {
			return n, s.why(err)
		}
		n += len(piece)
		p = p[len(piece):]
	}
	return n, nil
}

func (s *stream) CloseWrite() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.ended {
		return nil
	}
	s.ended = true
	if err := writeFrame(s.conn, kindEnd, nil); err != nil {
		return s.why(err)
	}
	return nil
}

// Close may be called at any time, and more than once.
func (s *stream) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	s.stop()
	if again {
		return nil
	}
	if err := s.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return s.why(err)
	}
	return nil
}
