package main

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/esync/esync/transport"
)

// parseRate reads bytes a second: 800, 500k, 2M, 1.5MB, 8Mbit. Thousands are decimal, as those of networks are.
func parseRate(text string) (int64, error) {
	number := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "/s"))
	unit := 1.0
	switch cut, bits := strings.CutSuffix(number, "bit"); {
	case bits:
		number, unit = cut, 1.0/8
	default:
		number = strings.TrimSuffix(number, "b")
	}
	for letter, factor := range map[string]float64{"k": 1e3, "m": 1e6, "g": 1e9} {
		if cut, ok := strings.CutSuffix(number, letter); ok {
			number, unit = cut, unit*factor
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n*unit >= 1 && n*unit <= 1e15) { // and not NaN
		return 0, usagef("a rate is a number of bytes a second like 500k, 2M or 8Mbit, not %q", text)
	}
	return int64(n * unit), nil
}

// throttle shares a rate out among all streams of a command, both ways together. Its zero value lets everything pass.
type throttle struct {
	rate int64 // bytes a second; 0: no limit

	mu   sync.Mutex
	free time.Time // when all that was granted so far is paid for
}

const (
	// sip is how much is carried at once: a tenth of a second's worth, within these bounds.
	leastSip, mostSip = 1 << 10, 64 << 10
	// credit is how much time that went unused may be made up for.
	credit = 100 * time.Millisecond
)

func (t *throttle) sip() int { return int(min(max(t.rate/10, leastSip), mostSip)) }

// pay waits until n bytes are paid for.
func (t *throttle) pay(ctx context.Context, n int) error {
	if t.rate <= 0 || n <= 0 {
		return nil
	}
	t.mu.Lock()
	if earliest := time.Now().Add(-credit); t.free.Before(earliest) {
		t.free = earliest
	}
	t.free = t.free.Add(time.Duration(float64(n) / float64(t.rate) * float64(time.Second)))
	wait := time.Until(t.free)
	t.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// limited is a stream that passes through a throttle.
type limited struct {
	transport.Stream
	ctx context.Context
	by  *throttle
}

// limit puts a stream behind the throttle, where there is one.
func (t *throttle) limit(ctx context.Context, s transport.Stream) transport.Stream {
	if t.rate <= 0 {
		return s
	}
	return limited{s, ctx, t}
}

// Read takes no more than a sip, and pays for it afterwards: what is not read holds the sender back.
func (l limited) Read(p []byte) (int, error) {
	n, err := l.Stream.Read(p[:min(len(p), l.by.sip())])
	if payErr := l.by.pay(l.ctx, n); err == nil {
		err = payErr
	}
	return n, err
}

// Write pays for each sip before it goes.
func (l limited) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		part := p[:min(len(p), l.by.sip())]
		if err := l.by.pay(l.ctx, len(part)); err != nil {
			return written, err
		}
		n, err := l.Stream.Write(part)
		written += n
		if err != nil {
			return written, err
		}
		if n < len(part) {
			return written, io.ErrShortWrite
		}
		p = p[n:]
	}
	return written, nil
}
