package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// conversation is one that an agent passes on between a command and a peer.
type conversation struct {
	agent   *agent
	conn    net.Conn // to the command
	way     way
	key     string
	request []byte

	mu     sync.Mutex
	kept   *kept
	stream ssh.Stream
	again  bool // the connection stood before, and the command has sent nothing but its request: it may be tried once more
	ended  bool // the command has said all
}

// converse opens a conversation and passes it on, until both sides are done.
func (a *agent) converse(ctx context.Context, conn net.Conn, r *reader, w way, key string, request []byte) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.mu.Lock()
	a.streams++
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.streams--
	}()
	c := &conversation{agent: a, conn: conn, way: w, key: key, request: request}
	defer c.release()
	before, err := c.open(ctx)
	if err != nil {
		if c.kept == nil {
			return a.refuse(conn, err)
		}
		return writeJSON(conn, kindFailed, failed(err))
	}
	if err := writeJSON(conn, kindOpened, infoOf(c.kept.client, before)); err != nil {
		return err
	}
	var up sync.WaitGroup
	up.Go(func() {
		defer cancel() // a command that is gone wants no answer
		c.up(r)
	})
	err = c.down(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		_ = writeJSON(conn, kindFailed, failed(err))
		_ = conn.SetReadDeadline(time.Now().Add(lastWords))
	}
	up.Wait()
	return nil
}

// open starts the conversation with the peer, by a kept connection or else a new one.
func (c *conversation) open(ctx context.Context) (before bool, err error) {
	kept, before, err := c.agent.pool.take(ctx, c.way, c.key)
	if err != nil {
		return false, err
	}
	stream, err := c.agent.answer(ctx, kept.client, c.request, before)
	if err != nil && before && dead(err) && ctx.Err() == nil {
		c.agent.pool.discard(kept)
		c.agent.pool.give(kept)
		if kept, before, err = c.agent.pool.take(ctx, c.way, c.key); err != nil {
			return false, err
		}
		stream, err = c.agent.answer(ctx, kept.client, c.request, false)
		before = false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept, c.stream, c.again = kept, stream, before
	return before, err
}

// answer opens a stream. A connection that stood before has to answer soon.
func (a *agent) answer(ctx context.Context, client *ssh.Client, request []byte, before bool) (ssh.Stream, error) {
	if !before {
		return client.Open(ctx, request)
	}
	// The stream lasts as long as its context, which therefore has no deadline.
	ctx, cancel := context.WithCancelCause(ctx)
	late := time.AfterFunc(a.wait+4*client.RTT(), func() { cancel(errNoAnswer) })
	stream, err := client.Open(ctx, request)
	if !late.Stop() && err == nil {
		stream.Close()
		err = errNoAnswer
	}
	if err != nil {
		cancel(err)
		return nil, err
	}
	return &cancelling{stream, cancel}, nil
}

// cancelling is a stream that ends its context.
type cancelling struct {
	ssh.Stream
	cancel context.CancelCauseFunc
}

func (c *cancelling) Close() error {
	defer c.cancel(nil)
	return c.Stream.Close()
}

// now is the stream as it is.
func (c *conversation) now() ssh.Stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stream
}

func (c *conversation) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stream != nil {
		_ = c.stream.Close()
	}
	if c.kept != nil {
		c.agent.pool.give(c.kept)
	}
}

// up passes on what the command sends, until it closes its socket.
func (c *conversation) up(r *reader) {
	for {
		k, content, err := r.next(kindData, kindEnd)
		if err != nil {
			_ = c.now().Close() // without an end this cuts the conversation; after the peer's end it changes nothing
			return
		}
		c.mu.Lock()
		stream := c.stream
		if k == kindData {
			c.again = false
		} else {
			c.ended = true
		}
		c.mu.Unlock()
		if k == kindEnd {
			_ = stream.CloseWrite() // what is wrong with it, reading tells
			continue
		}
		_, _ = stream.Write(content)
	}
}

// down passes on what the peer sends, up to its end.
func (c *conversation) down(ctx context.Context) error {
	buffer := make([]byte, maxData)
	for {
		n, err := c.now().Read(buffer)
		if n > 0 {
			c.mu.Lock()
			c.again = false
			c.mu.Unlock()
			if err := writeFrame(c.conn, kindData, buffer[:n]); err != nil {
				return context.Canceled
			}
		}
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			return writeFrame(c.conn, kindEnd, nil)
		case dead(err) && ctx.Err() == nil && c.redo(ctx):
			continue
		}
		return err
	}
}

// redo has the conversation anew over a new connection, when that can do no harm.
func (c *conversation) redo(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock() // what the command sends meanwhile waits, and goes to the new stream
	if !c.again {
		return false
	}
	c.again = false
	c.agent.pool.discard(c.kept)
	kept, _, err := c.agent.pool.take(ctx, c.way, c.key)
	if err != nil {
		return false
	}
	stream, err := kept.client.Open(ctx, c.request)
	if err != nil {
		c.agent.pool.give(kept)
		return false
	}
	_ = c.stream.Close()
	c.agent.pool.give(c.kept)
	c.kept, c.stream = kept, stream
	if c.ended {
		_ = stream.CloseWrite()
	}
	return true
}
