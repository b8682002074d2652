package ssh

import (
	"context"
	"fmt"
	"sync"
)

// Hops lets connections that go through the same jump host share one connection to it: whoever looks for a copy behind a hub
// asks for many addresses there, and a stock sshd turns away who logs in more than some ten times at once (MaxStartups). A hop
// lasts as long as anybody uses it. It may be used from many goroutines; the zero value is ready.
type Hops struct {
	mu   sync.Mutex
	hops map[string]*hop
}

// hop is a connection to a jump host, or the making of one.
type hop struct {
	ready  chan struct{} // closed when client and err stand
	client *Client
	err    error
	users  int
}

// through gives the connection to a jump host: one that is there, or a new one by dial. It is given back by release.
func (h *Hops) through(ctx context.Context, name string, dial func(context.Context) (*Client, error)) (c *Client, release func(), err error) {
	if h == nil {
		if c, err = dial(ctx); err != nil {
			return nil, nil, err
		}
		return c, func() { c.Close() }, nil // which may be done twice
	}
	one := h.enter(ctx, name, dial)
	release = sync.OnceFunc(func() { h.leave(name, one) })
	select {
	case <-one.ready:
	case <-ctx.Done():
		release()
		return nil, nil, context.Cause(ctx)
	}
	if one.err != nil {
		release()
		return nil, nil, one.err
	}
	return one.client, release, nil
}

// enter counts a user of a hop that lives, or begins a new one. Dialling goes on though the one who began it gives up: it is
// bounded by itself, and others may wait for it.
func (h *Hops) enter(ctx context.Context, name string, dial func(context.Context) (*Client, error)) *hop {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one := h.hops[name]; one != nil && one.lives() {
		one.users++
		return one
	}
	one := &hop{ready: make(chan struct{}), users: 1}
	if h.hops == nil {
		h.hops = map[string]*hop{}
	}
	h.hops[name] = one
	go func() {
		one.client, one.err = dial(context.WithoutCancel(ctx))
		h.mu.Lock()
		close(one.ready)
		unused := one.users == 0
		h.mu.Unlock()
		if unused && one.client != nil {
			one.client.Close()
		}
	}()
	return one
}

// lives tells whether a hop is being made, or stands.
func (o *hop) lives() bool {
	select {
	case <-o.ready:
		return o.err == nil && o.client.wire.ended() == nil
	default:
		return true
	}
}

func (h *Hops) leave(name string, one *hop) {
	h.mu.Lock()
	one.users--
	unused := one.users == 0
	if unused && h.hops[name] == one {
		delete(h.hops, name)
	}
	h.mu.Unlock()
	if !unused {
		return
	}
	select {
	case <-one.ready:
		if one.client != nil {
			one.client.Close()
		}
	default: // whoever makes it closes it
	}
}

// hopName tells jump hosts apart by all that leads to them.
func hopName(jumps []Target) string { return fmt.Sprintf("%q", jumps) }
