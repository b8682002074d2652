package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Client is a connection to a peer. Its methods may be called from many goroutines. It must be closed.
type Client struct {
	conn     *gossh.Client
	wire     *wire
	below    func() // gives the jump host back that this connection runs through; nil without one
	settings *settings
	config   Config
	hostKey  gossh.PublicKey
	used     *identity // nil when the peer asked for no key
	version  string
	notes    []string

	life     context.Context // until Close
	end      context.CancelFunc
	forwards forwards

	handshake time.Duration
	rtt       atomic.Int64
	done      chan struct{} // closed when the connection is over
	work      sync.WaitGroup
}

func (c *Client) start() {
	c.done = make(chan struct{})
	c.life, c.end = context.WithCancel(context.Background())
	c.work.Go(func() {
		_ = c.conn.Wait()
		close(c.done)
	})
	c.work.Go(c.ping) // nobody waits for the first answer; it is there before the first stream is
	c.work.Go(func() { c.wire.watch(c.config.timing, c.done, c.ping) })
}

// ping asks the peer for a sign of life and notes how long it took. Any answer will do.
func (c *Client) ping() {
	began := time.Now()
	if _, _, err := c.conn.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		return
	}
	took := int64(time.Since(began))
	if best := c.rtt.Load(); best == 0 || took < best {
		c.rtt.Store(took)
	}
}

// RTT is the shortest round trip seen, without what the peer computes. Until the first answer came, it is a share of the
// handshake, which takes six.
func (c *Client) RTT() time.Duration {
	if best := c.rtt.Load(); best != 0 {
		return time.Duration(best)
	}
	return c.handshake / 6
}

// Ours reports whether the peer is esync's own server, not a program behind a stock sshd.
func (c *Client) Ours() bool { return strings.HasPrefix(c.version, bannerOurs) }

// HostKey is the key the host showed and that was accepted.
func (c *Client) HostKey() PublicKey { return c.hostKey }

// UserKey is the key the peer accepted, nil when it asked for none.
func (c *Client) UserKey() PublicKey {
	if c.used == nil {
		return nil
	}
	return c.used.signer.PublicKey()
}

// HostKeyLine is HostKey as PublicLine writes it, without a comment.
func (c *Client) HostKeyLine() string { return PublicLine(c.hostKey, "") }

// UserKeyLine is UserKey as PublicLine writes it, "" when the peer asked for none.
func (c *Client) UserKeyLine() string {
	if c.used == nil {
		return ""
	}
	return PublicLine(c.UserKey(), "")
}

// Addr is the address the peer was reached at.
func (c *Client) Addr() net.Addr { return c.wire.RemoteAddr() }

// Notes are sentences about keys that were passed over.
func (c *Client) Notes() []string { return c.notes }

// Traffic is the number of bytes read from and written to the connection so far, with everything SSH adds.
func (c *Client) Traffic() (in, out int64) { return c.wire.in.Load(), c.wire.out.Load() }

// Another makes one more connection to the same host with the same login. The host must show the same key, and nobody is
// asked anything again but an agent.
func (c *Client) Another(ctx context.Context) (*Client, error) {
	return dial(ctx, c.settings, c.config, c, 0)
}

// Done is closed when the connection is over, whoever ended it. It must be closed all the same.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection and every stream of it.
func (c *Client) Close() error {
	c.end()
	c.wire.fail(net.ErrClosed)
	if c.below != nil {
		select { // the last words pass the jump host, unless that one has stopped
		case <-c.done:
		case <-time.After(c.config.timing.linger):
		}
		c.below()
	}
	c.work.Wait()
	return nil
}

// Open starts a conversation: one round trip with our own server, three with a program behind sshd. The stream lasts as
// long as ctx; when ctx ends, reading and writing return its cause.
func (c *Client) Open(ctx context.Context, request []byte) (Stream, error) {
	if len(request) > MaxRequest {
		return nil, fmt.Errorf("%w: %d bytes", ErrRequest, len(request))
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	type opened struct {
		stream *stream
		err    error
	}
	answer := make(chan opened, 2)
	go func() {
		var o opened
		if c.Ours() {
			o.stream, o.err = c.openChannel(request)
		} else {
			o.stream, o.err = c.openProgram(request)
		}
		answer <- o
	}()
	over := c.done
	for {
		select {
		case o := <-answer:
			if o.err != nil {
				return nil, o.err
			}
			o.stream.bind(ctx)
			return o.stream, nil
		case <-over:
			// The answer says so too, but for one case: a channel that x/crypto made in the moment in which it gave all
			// others up is answered never.
			time.AfterFunc(c.config.timing.linger, func() { answer <- opened{err: c.openError(io.EOF)} })
			over = nil
			continue
		case <-ctx.Done():
		}
		go func() { // ends with the peer's answer, or with the connection
			if o := <-answer; o.err == nil {
				o.stream.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

func (c *Client) openChannel(request []byte) (*stream, error) {
	payload, first, err := packRequest(request)
	if err != nil {
		return nil, err
	}
	ch, reqs, err := c.conn.OpenChannel(channelType, payload)
	if err != nil {
		return nil, c.openError(err)
	}
	s := newStream(ch, reqs, own, c.wire, c.config.timing.linger)
	if first == nil {
		return s, nil
	}
	return s, s.begin(first)
}

// openProgram starts the remote command. The request goes out behind the command as soon as the server has a window for
// it, without waiting for its confirmation, so a server that silently declines to run anything is noticed only by the end
// of ctx.
func (c *Client) openProgram(request []byte) (*stream, error) {
	first, err := frameRequest(request)
	if err != nil {
		return nil, err
	}
	ch, reqs, err := c.conn.OpenChannel("session", nil)
	if err != nil {
		return nil, c.openError(err)
	}
	s := newStream(ch, reqs, program, c.wire, c.config.timing.linger)
	command := c.config.RemoteCommand
	if command == "" {
		command = DefaultCommand
	}
	if _, err := ch.SendRequest("exec", false, gossh.Marshal(struct{ Command string }{command})); err != nil {
		err = s.over(err)
		s.Close()
		return nil, err
	}
	return s, s.begin(first)
}

// begin writes the request that did not fit elsewhere. It may block on the peer's window, and does so within Open's wait.
func (s *stream) begin(first []byte) error {
	_, err := s.Write(first)
	if err != nil {
		s.Close()
	}
	return err
}

func (c *Client) openError(err error) error {
	var refused *gossh.OpenChannelError
	if !errors.As(err, &refused) {
		if why := c.wire.ended(); why != nil {
			err = why
		}
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	e := &RefusedError{Reason: refused.Reason.String(), Message: printable(refused.Message, 200), Err: ErrRefused}
	if refused.Reason == gossh.ResourceShortage {
		e.Err = ErrBusy
	}
	return e
}
