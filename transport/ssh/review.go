package ssh

import (
	"context"
	"errors"
	"time"
)

// errWithdrawn is the cause when the key of a standing connection lost what it had.
var errWithdrawn = errors.New(sayWithdrawn)

// review asks again and again, until ctx ends, about every key that has connections, and closes those of a key that may
// do less than when it logged in: a transfer under way stops in the middle. Each key is asked about once a round.
func (s *server) review(ctx context.Context) {
	tick := time.NewTicker(s.timing.review)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		conns := make([]*serverConn, 0, len(s.standing))
		for c := range s.standing {
			conns = append(conns, c)
		}
		s.mu.Unlock()
		type verdict struct {
			grant Grant
			err   error
		}
		verdicts := make(map[string]verdict)
		for _, c := range conns {
			name := string(c.who.key.Marshal())
			v, asked := verdicts[name]
			if !asked {
				v.grant, v.err = c.reviewed()
				verdicts[name] = v
			}
			if v.err != nil || c.who.grant.less(v.grant) {
				c.wire.fail(errWithdrawn)
			}
		}
	}
}

// reviewed is authorize for a goroutine that serves all connections: a panic costs those of the key.
func (c *serverConn) reviewed() (grant Grant, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log(Event{Kind: Failed, Remote: c.remote, Grant: c.who.grant, Reason: "panic"})
			err = errWithdrawn
		}
	}()
	return c.authorize(c.who.key)
}
