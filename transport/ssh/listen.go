package ssh

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

const (
	// waitingRelayed connections may wait for Accept; more are refused.
	waitingRelayed = maxWaitingSource

	// Between two attempts to reach the hub again. All the peers of a hub that was restarted come back at once, so each
	// waits a random part of it.
	firstReturn = time.Second
	lastReturn  = 30 * time.Second
)

// Listen asks the host to pass connections on to this client, and returns them. bind and port mean what they mean to the
// host: a stock sshd listens there ("localhost" and a port, or 0 for a free one), a hub of ours gives the port's number to
// those who name it, and finds the listener by its names besides.
//
// The listener stands as long as it is not closed: when the connection to the host is lost it makes another one, asks for
// the same port again, and tells Config.Relayed of both. ctx bounds the first registration only. Closing the listener
// leaves c as it is; closing c ends the listener.
func (c *Client) Listen(ctx context.Context, bind string, port int) (net.Listener, error) {
	if len(bind) > maxHost || port < 0 || port > maxPort {
		return nil, fmt.Errorf("%w: listen on %q port %d", ErrTarget, bind, port)
	}
	l := &relayListener{first: c, waiting: make(chan relayed, waitingRelayed), addr: RelayAddr{bind, port}}
	l.ctx, l.cancel = context.WithCancel(c.life)
	if err := l.register(ctx, c, port); err != nil {
		l.cancel()
		return nil, err
	}
	l.work.Go(func() { l.keep(c) })
	return l, nil
}

// relayListener is the listener of (*Client).Listen.
type relayListener struct {
	first   *Client // the caller's
	waiting chan relayed
	ctx     context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup

	mu     sync.Mutex
	addr   RelayAddr
	stands bool // through first; what came later is closed with the listener
}

// relayed is a connection that came and nobody has accepted yet.
type relayed struct {
	fresh gossh.NewChannel
	from  *Client
	addr  *relayedAddr
}

// Accept implements net.Listener.
func (l *relayListener) Accept() (net.Conn, error) {
	for {
		select {
		case r := <-l.waiting:
			ch, reqs, err := r.fresh.Accept()
			if err != nil {
				continue // its client is lost, and l will have another
			}
			return newChannelConn(ch, reqs, l.Addr(), r.addr), nil
		case <-l.ctx.Done():
			return nil, net.ErrClosed
		}
	}
}

// Addr is where peers reach the listener, seen from the hub. It may change when the hub was lost.
func (l *relayListener) Addr() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addr
}

// Close implements net.Listener.
func (l *relayListener) Close() error {
	l.cancel()
	l.work.Wait()
	l.mu.Lock()
	stands, addr := l.stands, l.addr
	l.stands = false
	l.mu.Unlock()
	if stands {
		l.first.forwards.remove(addr)
		go func() { // ends with the answer, or with the connection
			_, _, _ = l.first.conn.SendRequest(cancelRequest, true, gossh.Marshal(bindMessage{addr.Host, uint32(addr.Port)}))
		}()
	}
	return nil
}

// register asks the host behind c for the port.
func (l *relayListener) register(ctx context.Context, c *Client, port int) error {
	type answer struct {
		ok   bool
		data []byte
		err  error
	}
	c.forwards.registering.Lock()
	defer c.forwards.registering.Unlock()
	got := make(chan answer, 1)
	bind := l.addr.Host
	done := c.forwards.expect(c, l, bind) // what comes before the answer is read belongs to it as well
	go func() {
		var a answer
		a.ok, a.data, a.err = c.conn.SendRequest(forwardRequest, true, gossh.Marshal(bindMessage{bind, uint32(port)}))
		got <- a
	}()
	var a answer
	select {
	case a = <-got:
	case <-ctx.Done():
		done(0)
		return context.Cause(ctx)
	}
	var reply bindReply
	switch {
	case a.err != nil:
		done(0)
		return fmt.Errorf("%w: %w", ErrLost, a.err)
	case !a.ok:
		done(0)
		return &RefusedError{Reason: "forward", Message: fmt.Sprintf("it does not pass connections on (port %d)", port), Err: ErrRefused}
	case port == 0:
		if err := gossh.Unmarshal(a.data, &reply); err != nil || reply.Port == 0 || reply.Port > maxPort {
			done(0)
			return fmt.Errorf("%w: a port for the forward", ErrRequest)
		}
		port = int(reply.Port)
	}
	done(port)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addr.Port, l.stands = port, c == l.first
	return nil
}

// keep makes a new connection whenever the one that is registered is lost, until l is closed.
func (l *relayListener) keep(c *Client) {
	for {
		select {
		case <-c.done:
		case <-l.ctx.Done():
			if c != l.first {
				_ = c.Close()
			}
			return
		}
		l.mu.Lock()
		l.stands = false
		l.mu.Unlock()
		why := c.wire.ended()
		if c != l.first {
			_ = c.Close()
		}
		if l.ctx.Err() != nil {
			return
		}
		if why == nil {
			why = errEnded
		}
		l.first.relayed(l.Addr(), fmt.Errorf("%w: %w", ErrLost, why))
		if c = l.again(); c == nil {
			return
		}
		l.first.relayed(l.Addr(), nil)
	}
}

// again connects and registers anew, however long it takes; nil when l was closed.
func (l *relayListener) again() *Client {
	for pause := firstReturn; ; pause = min(2*pause, lastReturn) {
		timer := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-timer.C:
		case <-l.ctx.Done():
			timer.Stop()
			return nil
		}
		c, err := l.first.Another(l.ctx)
		if err == nil {
			if err = l.register(l.ctx, c, l.Addr().(RelayAddr).Port); errors.Is(err, ErrRefused) {
				err = l.register(l.ctx, c, 0)
			}
			if err == nil {
				return c
			}
			_ = c.Close()
		}
		if l.ctx.Err() != nil {
			return nil
		}
		l.first.relayed(l.Addr(), err)
	}
}

func (c *Client) relayed(addr net.Addr, err error) {
	if c.config.Relayed != nil {
		c.config.Relayed(addr, err)
	}
}
