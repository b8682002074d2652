package transport

import (
	"context"
	"time"
)

// stallAfter is how long a lane may be silent while others have nothing left
// to do.
const stallAfter = 5 * time.Second

// wait returns when all is here, or nobody is left who would bring it.
func (b *board) wait(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { b.fail(context.Cause(ctx)) })()
	watch := time.NewTicker(stallAfter / 4)
	defer watch.Stop()
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-over:
				return
			case <-watch.C:
				b.unstall()
			}
		}
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.err == nil && !b.done {
		b.moved.Wait()
	}
	return b.err
}

// unstall ends the lanes that have been silent for long, when another lane has
// nothing left to do but what they were asked for.
func (b *board) unstall() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.lanes {
		if len(l.asked) == 0 || l.cut == nil || l.silence() < stallAfter {
			continue
		}
		for free := range b.lanes {
			if len(free.asked) == 0 && !b.offers(free.src, b.queue) && b.offers(free.src, l.asked[0].r) {
				go l.cut()
				break
			}
		}
	}
}

// silence is how long nothing has come, while something was expected.
func (l *lane) silence() time.Duration {
	last := l.moved
	if l.heard != nil {
		if heard := time.Unix(0, l.heard.Load()); heard.After(last) {
			last = heard
		}
	}
	return time.Since(last)
}

// rate measures how many bytes a second come during a while, and how many are
// left.
func (b *board) rate(ctx context.Context, during time.Duration) (rate, left float64) {
	_, before := b.r.counts()
	began := time.Now()
	_ = pause(ctx, during)
	_, after := b.r.counts()
	return float64(after-before) / time.Since(began).Seconds(), float64(b.bytes - after)
}
