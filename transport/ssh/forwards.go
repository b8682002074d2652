package ssh

import (
	"sync"

	gossh "golang.org/x/crypto/ssh"
)

// forwards are the listeners of one client.
type forwards struct {
	start       sync.Once
	registering sync.Mutex // one at a time

	mu        sync.Mutex
	listeners map[RelayAddr]*relayListener // port 0: the one that is registering
}

// expect gives l what comes for bind from now on; the function it returns says for which port it is, 0 for none.
func (f *forwards) expect(c *Client, l *relayListener, bind string) func(port int) {
	f.start.Do(func() {
		incoming := c.conn.HandleChannelOpen(forwardedType)
		go f.take(c, incoming)
	})
	pending := RelayAddr{bind, 0}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners == nil {
		f.listeners = map[RelayAddr]*relayListener{}
	}
	f.listeners[pending] = l
	return func(port int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, pending)
		if port != 0 {
			f.listeners[RelayAddr{bind, port}] = l
		}
	}
}

func (f *forwards) remove(addr RelayAddr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listeners, addr)
}

// take hands what comes to its listener, until the connection is over. It never waits for one.
func (f *forwards) take(c *Client, incoming <-chan gossh.NewChannel) {
	for fresh := range incoming {
		m, err := parseChannel(fresh.ExtraData())
		if err != nil {
			go func() { _ = fresh.Reject(gossh.ConnectionFailed, sayMalformed) }()
			continue
		}
		f.mu.Lock()
		l := f.listeners[RelayAddr{m.Host, int(m.Port)}]
		if l == nil {
			l = f.listeners[RelayAddr{m.Host, 0}]
		}
		f.mu.Unlock()
		if l == nil {
			go func() { _ = fresh.Reject(gossh.Prohibited, sayNobody) }()
			continue
		}
		select {
		case l.waiting <- relayed{fresh, c, newRelayedAddr(m, c.settings.target.Host)}:
		default:
			go func() { _ = fresh.Reject(gossh.ResourceShortage, sayTooMany) }()
		}
	}
}
