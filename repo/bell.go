package repo

import (
	"context"
	"sync"
	"time"
)

// bellPoll is how often those who wait look for themselves: other programs
// change the names of this copy too, and ring no bell.
const bellPoll = time.Second

// bell wakes those who wait for the names of a copy to change. The zero bell
// is ready.
type bell struct {
	mu   sync.Mutex
	rung chan struct{} // closed by the next ring; nil while nobody waits
}

// ring wakes everybody who waits now.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// next is closed by the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

// Changed implements transport.Notifier.
func (r reading) Changed(ctx context.Context, since uint64) error {
	poll := time.NewTicker(bellPoll)
	defer poll.Stop()
	for {
		rung := r.s.bell.next() // before the look, so that no ring is missed
		state, err := r.s.State()
		if err != nil || state.Seq != since {
			return err
		}
		select {
		case <-rung:
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
