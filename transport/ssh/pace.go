package ssh

import (
	"context"
	"sync"
	"time"
)

// pace lets bytes through at a rate, a tenth of a second's worth at once. A nil pace lets everything through.
type pace struct {
	rate float64 // bytes per second

	mu  sync.Mutex
	due time.Time // when all that was let through so far is paid for
}

const paceBurst = 100 * time.Millisecond

func newPace(bytesPerSecond int64) *pace {
	if bytesPerSecond <= 0 {
		return nil
	}
	return &pace{rate: float64(bytesPerSecond)}
}

// take returns how long to wait before n more bytes.
func (p *pace) take(n int, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if earliest := now.Add(-paceBurst); p.due.Before(earliest) {
		p.due = earliest
	}
	p.due = p.due.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
	return p.due.Sub(now)
}

// wait returns when n more bytes may pass, or ctx ends.
func (p *pace) wait(ctx context.Context, n int) {
	if p == nil {
		return
	}
	rest := p.take(n, time.Now())
	if rest <= 0 {
		return
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
