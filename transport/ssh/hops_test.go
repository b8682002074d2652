package ssh

import (
	"sync"
	"testing"
)

// logins is how often somebody has come in at the hub.
func (s *testServer) logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Kind == Connected {
			n++
		}
	}
	return n
}

// Law: many who look through one hub at once log in there once, and a hub that was lost is dialled anew.
func TestHopsAreShared(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	lead, bob := hub.member("lead"), hub.member("bob")
	p := startPeer(t, hub, lead, nil, nil)
	before := hub.logins()
	var hops Hops
	cfg := p.through(hub, bob)
	cfg.Hops = &hops
	clients := make(chan *Client, 16)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			to := Target{Host: "lead"}
			if i%2 == 1 {
				to = Target{Host: "localhost", Port: 1 + i} // where nobody is
			}
			c, err := Dial(t.Context(), to, cfg)
			if i%2 == 0 && err != nil {
				t.Errorf("dial: %v", err)
			}
			if err == nil {
				clients <- c
			}
		})
	}
	all.Wait()
	close(clients)
	if n := hub.logins() - before; n != 1 {
		t.Errorf("%d logins at the hub", n)
	}
	var last *Client
	for c := range clients {
		if last != nil {
			last.Close()
			last.Close() // counts once
		}
		last = c
	}
	if got := read(t, openEnded(t, last)); got != "full ann:still" {
		t.Errorf("when the others are gone, %q comes back", got)
	}
	// The connection to the hub breaks.
	hops.mu.Lock()
	for _, h := range hops.hops {
		h.client.wire.fail(errSilent)
	}
	hops.mu.Unlock()
	c, err := Dial(t.Context(), Target{Host: "lead"}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	last.Close()
	if got := read(t, openEnded(t, c)); got != "full ann:still" {
		t.Errorf("after the hub was lost, %q comes back", got)
	}
	c.Close()
	hops.mu.Lock()
	left := len(hops.hops)
	hops.mu.Unlock()
	if n := hub.logins() - before; n != 2 || left != 0 {
		t.Errorf("%d logins at the hub, %d connections left", n, left)
	}
}

// A hub that does not answer is waited for once, by all.
func TestHopsThatFail(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	stranger, _ := newKey(t)
	cfg := hub.client(as(stranger))
	cfg.Jump, cfg.Hops = []Target{hub.target()}, &Hops{}
	for range 3 {
		_, err := Dial(t.Context(), Target{Host: "lead"}, cfg)
		want(t, err, ErrAuth)
	}
	if len(cfg.Hops.hops) != 0 {
		t.Error("what failed is kept")
	}
}

func openEnded(t *testing.T, c *Client) Stream {
	t.Helper()
	stream := open(t, c, "still")
	if err := stream.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	return stream
}
