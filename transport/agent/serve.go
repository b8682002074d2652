package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// Options are what an agent is. The zero value keeps connections of package ssh for 10 minutes.
type Options struct {
	// Version is that of the program; commands of another one do not use the agent.
	Version string
	// Idle is how long connections, and the agent, last without use: 10 min.
	Idle time.Duration

	dial func(context.Context, Spec) (*ssh.Client, error) // nil: ssh.Dial
	wait time.Duration                                    // for an answer of a kept connection, besides round trips: 3 s
}

func (o Options) filled() Options {
	if o.Idle <= 0 {
		o.Idle = 10 * time.Minute
	}
	if o.wait <= 0 {
		o.wait = 3 * time.Second
	}
	if o.dial == nil {
		o.dial = func(ctx context.Context, s Spec) (*ssh.Client, error) { return ssh.Dial(ctx, s.Target, s.config()) }
	}
	return o
}

const (
	maxVersion = maxLine - len(protocol) - 1

	// maxCommands are served at once.
	maxCommands = 64
	// greetingTime is how long a command may take for what it wants.
	greetingTime = 10 * time.Second
	// lastWords is how long a command may go on sending to a conversation that has failed.
	lastWords = 5 * time.Second
)

// agent is a running one.
type agent struct {
	Options
	pool pool
	stop context.CancelFunc // the accepting

	mu       sync.Mutex
	commands int
	streams  int
	last     time.Time // when the last command left
	ending   bool
}

// Serve is an agent: it answers on l, which it closes, until ctx ends, nobody has used it for long, or a command of another
// version tells it to end.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	if len(o.Version) > maxVersion || strings.ContainsFunc(o.Version, func(r rune) bool { return r < ' ' || r > '~' }) {
		l.Close()
		return fmt.Errorf("agent: %q is no version", o.Version)
	}
	a := &agent{Options: o.filled(), last: time.Now()}
	accepting, stop := context.WithCancel(ctx)
	a.stop = stop
	defer stop()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	a.pool = pool{ctx: life, dial: a.dial, idle: a.Idle, kept: map[string]*kept{}}
	defer a.pool.work.Wait()
	defer end()
	cut := context.AfterFunc(ctx, end) // while a stop lets what is under way finish
	defer cut()
	var commands sync.WaitGroup
	defer commands.Wait()
	context.AfterFunc(accepting, func() { l.Close() })
	commands.Go(func() { a.watch(accepting) })
	for {
		conn, err := l.Accept()
		if err != nil {
			stop()
			if accepting.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept: %w", err)
		}
		if !ownUser(conn) || !a.enter() {
			conn.Close()
			continue
		}
		commands.Go(func() {
			defer a.leave()
			defer conn.Close()
			undo := context.AfterFunc(life, func() { conn.Close() })
			defer undo()
			_ = a.command(life, conn)
		})
	}
}

func (a *agent) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ending || a.commands >= maxCommands {
		return false
	}
	a.commands++
	return true
}

func (a *agent) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.commands--
	a.last = time.Now()
}

// watch ends the agent when nobody uses it.
func (a *agent) watch(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, a.Idle/4))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			a.pool.sweep(now)
			a.mu.Lock()
			a.ending = a.ending || a.commands == 0 && now.Sub(a.last) >= a.Idle
			ending := a.ending
			a.mu.Unlock()
			if ending {
				a.stop()
				return
			}
		}
	}
}

// command serves one connection of a command: one question or one conversation.
func (a *agent) command(ctx context.Context, conn net.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(greetingTime))
	if _, err := io.WriteString(conn, protocol+a.Version+"\n"); err != nil {
		return err
	}
	r := &reader{r: conn}
	k, content, err := r.next(kindConnect, kindOpen, kindStop, kindStatus)
	if err != nil {
		return err
	}
	switch k {
	case kindStop:
		a.mu.Lock()
		a.ending = true
		a.mu.Unlock()
		a.stop()
		return nil
	case kindStatus:
		a.mu.Lock()
		s := State{Version: a.Version, Streams: a.streams}
		a.mu.Unlock()
		s.Connections = a.pool.state(time.Now())
		return writeJSON(conn, kindState, s)
	}
	w, key, err := parseWay(content)
	if err != nil {
		return writeJSON(conn, kindFailed, failed(err))
	}
	var request []byte
	if k == kindOpen {
		if _, request, err = r.next(kindRequest); err != nil {
			return err
		}
		r.buffer = nil // the request outlives the next frame
	}
	_ = conn.SetDeadline(time.Time{})
	if k == kindOpen {
		return a.converse(ctx, conn, r, w, key, request)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // a command that leaves waits for nothing
		_, _, _ = r.next()
		cancel()
	}()
	kept, before, err := a.pool.take(ctx, w, key)
	if err != nil {
		return a.refuse(conn, err)
	}
	defer a.pool.give(kept)
	return writeJSON(conn, kindOpened, infoOf(kept.client, before))
}

// refuse tells a command that there is no connection for it.
func (a *agent) refuse(conn net.Conn, err error) error {
	if errors.Is(err, errFull) {
		return writeJSON(conn, kindFailed, failure{Code: codeFull, Text: err.Error()})
	}
	return writeJSON(conn, kindFailed, dialFailed(err))
}

func infoOf(c *ssh.Client, kept bool) Info {
	return Info{
		HostKey: c.HostKeyLine(), UserKey: c.UserKeyLine(), Ours: c.Ours(), Addr: c.Addr().String(), Network: c.Addr().Network(),
		RTT: c.RTT(), Notes: c.Notes(), Kept: kept,
	}
}
