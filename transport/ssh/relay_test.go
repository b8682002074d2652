package ssh

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay passes bytes on, each piece after delay, until it stops without closing anything: a cable pulled out.
type relay struct {
	l     net.Listener
	delay time.Duration
	stop  atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
}

// cut ends what passes at this moment.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		conn.Close()
	}
	r.conns = nil
}

func newRelay(t testing.TB, to string) *relay { return newSlowRelay(t, to, 0) }

func newSlowRelay(t testing.TB, to string, delay time.Duration) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{l: l, delay: delay}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				return
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			r.mu.Lock()
			r.conns = append(r.conns, near, far)
			r.mu.Unlock()
			go r.pass(near, far)
			go r.pass(far, near)
		}
	}()
	return r
}

type piece struct {
	due  time.Time
	data []byte // nil: the end
}

func (r *relay) pass(from, to net.Conn) {
	queue := make(chan piece, 64)
	go func() {
		for p := range queue {
			if wait := time.Until(p.due); wait > 0 {
				<-time.After(wait)
			}
			if p.data == nil {
				to.Close()
				return
			}
			_, _ = to.Write(p.data)
		}
	}()
	defer close(queue)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		ackAtOnce(from) // as the client does: a peer must not wait for the relay's kernel
		if r.stop.Load() {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if n > 0 {
			queue <- piece{time.Now().Add(r.delay), buffer[:n]}
		}
		if err != nil {
			queue <- piece{time.Now().Add(r.delay), nil}
			return
		}
	}
}

func (r *relay) target() Target {
	return Target{User: "someone", Host: "127.0.0.1", Port: r.l.Addr().(*net.TCPAddr).Port}
}

func (r *relay) known(key PublicKey) string {
	return fmt.Sprintf("[127.0.0.1]:%d %s\n", r.target().Port, PublicLine(key, ""))
}

// Law: a request is answered after one round trip by our server, after three by a program behind sshd; RTT tells how long one is.
func TestRoundTrips(t *testing.T) {
	const rtt = 200 * time.Millisecond
	measure := func(t *testing.T, target Target, cfg Config) (dial, answer float64, c *Client) {
		began := time.Now()
		c, err := Dial(t.Context(), target, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		dial = float64(time.Since(began)) / float64(rtt)
		stream := open(t, c, "warm") // a shell and a program have started once, the round trip is known
		if _, err := stream.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		for range 4 { // the best of a few, since the machine may be busy
			began = time.Now()
			if _, err := open(t, c, "request").Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			if took := float64(time.Since(began)) / float64(rtt); answer == 0 || took < answer {
				answer = took
			}
		}
		t.Logf("dial %.2f round trips, answer %.2f, round trip seen as %v", dial, answer, c.RTT())
		return dial, answer, c
	}
	t.Run("ours", func(t *testing.T) {
		s := startServer(t, nil)
		relay := newSlowRelay(t, s.addr.String(), rtt/2)
		write(t, filepath.Join(s.home, ".ssh", "known_hosts"), relay.known(s.host.PublicKey()))
		dial, answer, c := measure(t, relay.target(), s.client(nil))
		if dial > 7.5 || answer > 1.5 || c.RTT() < rtt || c.RTT() > rtt*3/2 {
			t.Error("too many round trips")
		}
	})
	t.Run("stock", func(t *testing.T) {
		d := startSSHD(t, "")
		_, program, near := measure(t, Target{Host: "127.0.0.1", Port: d.addr.Port}, d.config(t, "echo")) // what it takes to start one
		near.Close()
		relay := newSlowRelay(t, d.addr.String(), rtt/2)
		write(t, filepath.Join(d.home, ".ssh", "known_hosts"), relay.known(d.host["ecdsa"]))
		target := relay.target()
		target.User = ""
		_, answer, c := measure(t, target, d.config(t, "echo"))
		if answer > 3.5+2*program || c.RTT() < rtt || c.RTT() > rtt*3/2 {
			t.Error("too many round trips")
		}
	})
}
