package ssh

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// relayBuffer is what one direction holds in the hub besides the window of its channel.
const relayBuffer = 32 << 10

// relaying is one connection through the hub: from near, who opened it, to far, who registered.
type relaying struct {
	hub  *hub
	reg  *registration
	pace *pace

	near, far side
}

// side is one end of a connection through the hub.
type side struct {
	conn *serverConn
	ch   gossh.Channel
	gone chan struct{} // closed when the channel is over on both sides, or the connection is
	held atomic.Int64  // when the write to it began that is under way, in nanoseconds of the Unix epoch; 0: none is
	sent atomic.Int64  // bytes it was given
}

func (s *side) take(ch gossh.Channel, reqs <-chan *gossh.Request) {
	s.ch, s.gone = ch, make(chan struct{})
	go func() {
		defer close(s.gone)
		gossh.DiscardRequests(reqs)
	}()
	go func() { _, _ = io.Copy(io.Discard, ch.Stderr()) }()
}

// run opens the far channel, then the near one, and passes on until both ends are done.
func (r *relaying) run(ctx context.Context, fresh gossh.NewChannel) {
	c := r.near.conn
	var answered sync.Once
	refuse := func(err error) {
		reason, say := gossh.ConnectionFailed, sayNobody
		var refused *gossh.OpenChannelError
		if errors.As(err, &refused) && refused.Reason == gossh.ResourceShortage {
			reason, say = gossh.ResourceShortage, sayCrowded
		}
		answered.Do(func() { c.refuse(fresh, reason, say) })
	}
	late := time.AfterFunc(c.timing.handshake, func() { refuse(errSilent) })
	defer late.Stop()
	origin, port := originOf(c.wire.RemoteAddr())
	ch, reqs, err := r.far.conn.openChannel(forwardedType, gossh.Marshal(channelMessage{r.reg.bind, r.reg.port, origin, port}))
	if err != nil {
		refuse(err)
		return
	}
	r.far.take(ch, reqs)
	defer ch.Close()
	err = io.ErrUnexpectedEOF
	answered.Do(func() {
		if ch, reqs, err = fresh.Accept(); err == nil {
			r.near.take(ch, reqs)
		}
	})
	if err != nil {
		return
	}
	defer r.near.ch.Close()
	event := Event{Kind: Relayed, Remote: c.remote, Grant: c.who.grant, Other: r.reg.conn.who.grant, Port: int(r.reg.port)}
	c.Log(event)
	r.hub.Counters.Relayed.Add(1)
	r.both(ctx)
	event.Kind, event.Sent, event.Received = Parted, r.far.sent.Load(), r.near.sent.Load()
	c.Log(event)
}

// openChannel is that of x/crypto, which may wait for ever when the connection ends in the very moment.
func (c *serverConn) openChannel(kind string, payload []byte) (gossh.Channel, <-chan *gossh.Request, error) {
	type opened struct {
		ch   gossh.Channel
		reqs <-chan *gossh.Request
		err  error
	}
	answer := make(chan opened, 1)
	go func() {
		var o opened
		o.ch, o.reqs, o.err = c.conn.OpenChannel(kind, payload)
		answer <- o
	}()
	select {
	case o := <-answer:
		return o.ch, o.reqs, o.err
	case <-c.gone: // so is whatever it was answered
		return nil, nil, io.ErrUnexpectedEOF
	}
}

// both returns when neither side has anything more to say to one that still listens.
func (r *relaying) both(ctx context.Context) {
	up, down := make(chan struct{}), make(chan struct{})
	pass := func(to, from *side, done chan struct{}) {
		defer close(done)
		defer to.conn.recovered()
		r.pass(ctx, to, from)
	}
	go pass(&r.far, &r.near, up)
	go pass(&r.near, &r.far, down)
	// Whoever is gone has said all he had once that is passed on; the other then learns of it.
	var wait sync.WaitGroup
	wait.Go(func() {
		select {
		case <-up:
			<-down
		case <-r.far.gone:
			<-down
			_ = r.near.ch.Close()
			<-up
		}
	})
	select {
	case <-down:
		<-up
	case <-r.near.gone:
		<-up
		_ = r.far.ch.Close()
		<-down
	}
	wait.Wait()
}

// pass gives to one side what the other sends, up to its end. Nothing is read before what was read last is taken, so a
// side that does not listen stops the one that talks to it, and costs the hub a window and a buffer.
func (r *relaying) pass(ctx context.Context, to, from *side) {
	buffer := make([]byte, relayBuffer)
	for {
		n, err := from.ch.Read(buffer)
		if n > 0 {
			r.pace.wait(ctx, n)
			if r.hub.tap != nil {
				r.hub.tap(buffer[:n])
			}
			to.held.Store(time.Now().UnixNano())
			_, failed := to.ch.Write(buffer[:n])
			to.held.Store(0)
			if failed != nil {
				return
			}
			to.sent.Add(int64(n))
			r.hub.Counters.Bytes.Add(int64(n))
		}
		if err != nil {
			_ = to.ch.CloseWrite()
			return
		}
	}
}

// check ends the connection when a side has not taken anything for too long. Whoever opened it and does not even take the
// end loses his connection to the hub; who registered keeps it, since it is not his alone.
func (r *relaying) check(now time.Time) {
	for _, s := range []*side{&r.near, &r.far} {
		began := s.held.Load()
		if began == 0 {
			continue
		}
		switch quiet := now.Sub(time.Unix(0, began)); {
		case quiet >= 2*s.conn.timing.dead && s == &r.near:
			s.conn.wire.fail(errSilent)
		case quiet >= s.conn.timing.dead:
			_ = r.near.ch.Close()
			_ = r.far.ch.Close()
		}
	}
}
