package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

const (
	// maxKept connections are kept; a user has a handful of peers.
	maxKept = 32
	// keptLanes is how long second and later connections to a peer are kept: they are for one large transfer.
	keptLanes = time.Minute
)

// errFull: the agent keeps as much as it may.
var errFull = errors.New("the agent keeps too many connections")

// pool holds the connections of an agent.
type pool struct {
	ctx  context.Context // of the agent
	dial func(context.Context, Spec) (*ssh.Client, error)
	idle time.Duration
	work sync.WaitGroup

	mu   sync.Mutex
	kept map[string]*kept
}

// kept is one connection, or the attempt to make it.
type kept struct {
	way   way
	key   string
	ready chan struct{} // closed when client or err is set
	since time.Time     // the last use; changes under pool.mu
	uses  int           // at this moment; changes under pool.mu

	client *ssh.Client
	err    error
}

// take returns the connection of a way, which give lets go of; before tells whether it stood before. A connection that is being
// made is waited for, and goes on being made when ctx ends.
func (p *pool) take(ctx context.Context, w way, key string) (k *kept, before bool, err error) {
	k, before, err = p.find(w, key)
	if err != nil {
		return nil, false, err
	}
	select {
	case <-k.ready:
	case <-ctx.Done():
		p.give(k)
		return nil, false, context.Cause(ctx)
	}
	if k.err != nil {
		p.give(k)
		return nil, false, k.err
	}
	return k, before, nil
}

// find returns what is kept under key, and begins to make it when there is nothing.
func (p *pool) find(w way, key string) (k *kept, before bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k = p.kept[key]
	if k == nil {
		if len(p.kept) >= maxKept {
			return nil, false, errFull
		}
		k = &kept{way: w, key: key, ready: make(chan struct{})}
		p.kept[key] = k
		p.work.Go(func() { p.make(k) })
	} else {
		select {
		case <-k.ready:
			before = true
		default:
		}
	}
	k.uses++
	k.since = time.Now()
	return k, before, nil
}

// make connects, and stays until the connection is over.
func (p *pool) make(k *kept) {
	k.client, k.err = p.connect(k.way)
	close(k.ready)
	if k.err == nil {
		select {
		case <-k.client.Done():
		case <-p.ctx.Done():
		}
	}
	p.drop(k)
	if k.err == nil {
		_ = k.client.Close()
	}
}

func (p *pool) connect(w way) (*ssh.Client, error) {
	if w.Lane == 0 {
		return p.dial(p.ctx, w.Spec)
	}
	first := way{Spec: w.Spec}
	key, err := first.key()
	if err != nil {
		return nil, err
	}
	k, _, err := p.take(p.ctx, first, key)
	if err != nil {
		return nil, err
	}
	defer p.give(k)
	return k.client.Another(p.ctx)
}

// give lets go of a connection.
func (p *pool) give(k *kept) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k.uses--
	k.since = time.Now()
}

// drop keeps a connection no longer.
func (p *pool) drop(k *kept) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[k.key] == k {
		delete(p.kept, k.key)
	}
}

// discard is drop for one that turned out dead.
func (p *pool) discard(k *kept) {
	p.drop(k)
	go k.client.Close()
}

// sweep closes what was not used for long.
func (p *pool) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, k := range p.kept {
		limit := p.idle
		if k.way.Lane > 0 {
			limit = min(limit, keptLanes)
		}
		if k.uses > 0 || now.Sub(k.since) < limit {
			continue
		}
		select {
		case <-k.ready:
			delete(p.kept, key)
			if k.err == nil {
				go k.client.Close()
			}
		default:
		}
	}
}

// state lists what is kept.
func (p *pool) state(now time.Time) []StateLine {
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []StateLine
	for _, k := range p.kept {
		line := StateLine{Target: k.way.Spec.Target.String(), Lane: k.way.Lane}
		if n := len(k.way.Spec.Jump); n > 0 {
			line.Via = k.way.Spec.Jump[n-1].String()
		}
		if k.uses == 0 {
			line.Idle = now.Sub(k.since)
		}
		lines = append(lines, line)
	}
	return lines
}
