package ssh

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Stream is one conversation: bytes both ways, with an end each way.
//
// One goroutine may read while another writes. Read returns io.EOF only where the peer ended its side on purpose; a
// connection that broke is ErrLost, a stream the peer gave up io.ErrUnexpectedEOF, a remote program that failed a
// *RemoteError. (A program behind a stock sshd may end with status 0 in the middle of a word, so the conversation needs an end of
// its own.) Close without CloseWrite gives the stream up: the peer sees that it is cut.
type Stream interface {
	io.ReadWriteCloser
	// CloseWrite ends this side; the other can still be read.
	CloseWrite() error
}

// maxStderr is what is kept of the words a remote program writes for people.
const maxStderr = 4 << 10

// stream is a Stream over an SSH channel, on either side.
type stream struct {
	ch   gossh.Channel
	why  func() error // why the connection ended, nil when nobody knows
	kind streamKind
	lost func(error)   // gives the connection up
	wait time.Duration // for an exit status after the end of data, and for the answer to a close

	writing sync.Mutex // x/crypto keeps its end-of-data mark without a lock
	stop    func() bool

	gone  chan struct{} // closed when the channel is over on both sides, or the connection is
	ended chan struct{} // closed when the peer ended its side on purpose
	exit  chan struct{} // closed when the remote program's end is known; remote is set before
	quiet chan struct{} // closed when stderr is read to its end

	remote *RemoteError
	tail   tail
	inUse  atomic.Int32 // reads and writes under way

	mu     sync.Mutex
	closed bool  // by Close
	broken error // by the end of the context
}

type streamKind int

const (
	own     streamKind = iota // both sides are this package: the end of data is announced
	program                   // the client of a program behind sshd: an exit status ends it
	stdio                     // the server of a stock ssh client: nothing tells a cut from an end
)

func newStream(ch gossh.Channel, reqs <-chan *gossh.Request, kind streamKind, w *wire, linger time.Duration) *stream {
	s := &stream{
		ch: ch, kind: kind, why: w.ended, lost: w.fail, wait: linger,
		stop:  func() bool { return true },
		gone:  make(chan struct{}),
		ended: make(chan struct{}),
		exit:  make(chan struct{}),
		quiet: make(chan struct{}),
	}
	// Both must be drained, or the peer could stop the whole connection.
	go s.requests(reqs)
	go func() {
		defer close(s.quiet)
		_, _ = io.Copy(&s.tail, ch.Stderr())
	}()
	return s
}

func (s *stream) requests(reqs <-chan *gossh.Request) {
	defer close(s.gone)
	var ended, exited bool
	for req := range reqs {
		switch req.Type {
		case endRequest:
			if !ended {
				ended = true
				close(s.ended)
			}
		case "exit-status", "exit-signal":
			if !exited && s.kind != stdio {
				exited = true
				s.remote = parseExit(req.Type, req.Payload)
				close(s.exit)
			}
		}
		if req.WantReply {
			_ = req.Reply(false, nil)
		}
	}
}

func parseExit(kind string, payload []byte) *RemoteError {
	if kind == "exit-signal" {
		var signal struct {
			Name       string
			CoreDumped bool
			Message    string
			Language   string
		}
		if gossh.Unmarshal(payload, &signal) != nil {
			signal.Name = "unknown"
		}
		return &RemoteError{Status: -1, Signal: printable(signal.Name, 32)}
	}
	if len(payload) < 4 {
		return &RemoteError{Status: -1}
	}
	return &RemoteError{Status: int(int32(binary.BigEndian.Uint32(payload)))}
}

// bind makes the end of ctx the end of the stream.
func (s *stream) bind(ctx context.Context) {
	s.stop = context.AfterFunc(ctx, func() {
		s.mu.Lock()
		s.broken = context.Cause(ctx)
		s.mu.Unlock()
		_ = s.ch.Close()
		s.letGo(context.Cause(ctx))
	})
}

// letGo follows the closing of the channel on this side. Who reads or writes is freed by the peer's answer. One that does not
// come must not hold him, even if it costs the other streams of the connection; where nobody waits it costs nothing.
func (s *stream) letGo(cause error) {
	select {
	case <-s.gone:
	case <-time.After(s.wait):
		if s.inUse.Load() > 0 {
			s.lost(cause)
		}
	}
}

func (s *stream) Read(p []byte) (int, error) {
	s.inUse.Add(1)
	defer s.inUse.Add(-1)
	n, err := s.ch.Read(p)
	if err != nil {
		err = s.readEnd(err)
	}
	return n, err
}

// readEnd tells what the end of data means.
func (s *stream) readEnd(err error) error {
	if err != io.EOF {
		return s.over(err)
	}
	timer := time.NewTimer(s.wait)
	defer timer.Stop()
	switch s.kind {
	case own: // the mark travels ahead of the end of data: it is here, or the channel is about to be gone
		select {
		case <-s.ended:
			return io.EOF
		case <-s.exit:
		case <-s.gone:
		case <-timer.C: // not a peer of ours
		}
		select {
		case <-s.ended:
			return io.EOF
		default:
		}
	case program: // the exit status comes along with the end of data, unless the program only closed its output
		select {
		case <-s.exit:
		case <-s.gone:
		case <-timer.C:
			return io.EOF
		}
	case stdio:
		if s.why() == nil {
			return io.EOF
		}
	}
	return s.over(err)
}

// over is the error of a stream whose peer is done with it.
func (s *stream) over(err error) error {
	s.mu.Lock()
	closed, broken := s.closed, s.broken
	s.mu.Unlock()
	switch {
	case broken != nil:
		return broken
	case closed:
		return os.ErrClosed
	}
	select {
	case <-s.exit:
		if s.remote.Status != 0 || s.remote.Signal != "" {
			return s.failure()
		}
		return io.EOF
	default:
	}
	if why := s.why(); why != nil {
		return fmt.Errorf("%w: %w", ErrLost, why)
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

func (s *stream) failure() error {
	select { // stderr ends with the data; a program that keeps it open must not keep us
	case <-s.quiet:
	case <-time.After(s.wait):
	}
	failure := *s.remote
	failure.Stderr = printable(s.tail.String(), maxStderr)
	return &failure
}

func (s *stream) Write(p []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.inUse.Add(1)
	defer s.inUse.Add(-1)
	n, err := s.ch.Write(p)
	if err == nil {
		return n, nil
	}
	// The channel is closed, here or there, and what the peer said last is on its way to the reader of requests.
	select {
	case <-s.gone:
	case <-time.After(s.wait):
	}
	if err = s.over(err); errors.Is(err, io.EOF) {
		err = io.ErrClosedPipe
	}
	return n, err
}

func (s *stream) CloseWrite() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.kind == own {
		if _, err := s.ch.SendRequest(endRequest, false, nil); err != nil {
			return s.over(err)
		}
	}
	if err := s.ch.CloseWrite(); err != nil {
		return s.over(err)
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
	if s.inUse.Load() > 0 {
		go s.letGo(os.ErrClosed)
	}
	if err := s.ch.Close(); err != nil && err != io.EOF {
		return s.over(err)
	}
	return nil
}

// finish tells the peer how the work ended, and closes the stream.
func (s *stream) finish(status uint32) {
	_, _ = s.ch.SendRequest("exit-status", false, binary.BigEndian.AppendUint32(nil, status))
	_ = s.Close()
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p[max(0, len(p)-maxStderr):]...)
	if over := len(t.data) - maxStderr; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
