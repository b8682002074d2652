package main

import (
	"context"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/transport"
)

// vigilEvery is how often is asked whether a peer may still have what he opened.
const vigilEvery = 500 * time.Millisecond

// vigil is a transport.Host that looks after what was opened: membership is asked for when a conversation begins, and one
// may last for days. Our own SSH server does that by itself; behind another program nobody else would.
type vigil struct {
	host transport.Host

	mu    sync.Mutex
	still func(ctx context.Context) error // opens the same once more
}

// Unwrap leads to the optional powers of the host.
func (v *vigil) Unwrap() transport.Host { return v.host }

// Introduce implements transport.Introducer.
func (v *vigil) Introduce(ctx context.Context, statement, proof []byte) (transport.Host, error) {
	if in, ok := v.host.(transport.Introducer); ok {
		host, err := in.Introduce(ctx, statement, proof)
		if err != nil {
			return nil, err
		}
		v.host = host
	}
	return v, nil
}

// Open implements transport.Host.
func (v *vigil) Open(ctx context.Context, engagement string, id objects.ID) (transport.Engagement, error) {
	e, err := v.host.Open(ctx, engagement, id)
	if err == nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.still = func(ctx context.Context) error {
			_, err := v.host.Open(ctx, engagement, id)
			return err
		}
	}
	return e, err
}

// keep returns an error as soon as the peer may not have any more what he opened, or nil when ctx ends.
func (v *vigil) keep(ctx context.Context) error {
	tick := time.NewTicker(vigilEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		v.mu.Lock()
		still := v.still
		v.mu.Unlock()
		if still == nil {
			continue
		}
		if err := still(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}
