package ssh

import (
	"context"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// A request announced but never sent, and one that is too long, cost a stream only for a while.
func requestThatFollows(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Limits = Limits{Channels: 1, Handshake: 300 * time.Millisecond}
		s.config.Handle = func(context.Context, Peer, Stream, []byte) { t.Error("it was handled") }
	})
	c := s.rawClient()
	for name, first := range map[string][]byte{"nothing": nil, "too long": {0xff, 0xff, 0xff, 0xff}, "half": {0, 0, 0, 9, 1}} {
		ch, reqs, err := c.OpenChannel(channelType, []byte{payloadFollows})
		for late := time.Now().Add(patience); err != nil && time.Now().Before(late); { // the last one's end is on its way
			ch, reqs, err = c.OpenChannel(channelType, []byte{payloadFollows})
		}
		if err != nil {
			t.Fatal(name, err)
		}
		go gossh.DiscardRequests(reqs)
		if _, err := ch.Write(first); err != nil {
			t.Fatal(name, err)
		}
		if data, err := io.ReadAll(ch); len(data) != 0 || err != nil {
			t.Errorf("%s: read %q, %v", name, data, err)
		}
		ch.Close()
	}
}

// Connections that stop in the middle of the handshake are counted by source, make room when others wait, and end by the clock.
func halfHandshakes(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Limits = Limits{PerSource: 3}
		s.config.timing = timing{handshake: time.Minute, stall: 300 * time.Millisecond, review: 50 * time.Millisecond}
	})
	for range 3 {
		s.halfway(t)
	}
	began := time.Now()
	s.dial(nil)
	if took := time.Since(began); took < 250*time.Millisecond || took > patience/2 {
		t.Errorf("the door opened after %v", took)
	}
	alone := startServer(t, func(s *testServer) { s.config.Limits.Handshake = 300 * time.Millisecond })
	conn := alone.halfway(t)
	began = time.Now()
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Log(err) // a reset is as good
	}
	if took := time.Since(began); took < 250*time.Millisecond || took > patience/2 {
		t.Errorf("a login without an end ended after %v", took)
	}
}

// stop1 is a client that stops after the first words.
func (s *testServer) halfway(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.ReadFull(conn, make([]byte, len(banner))); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "SSH-2.0-slow\r\n")
	return conn
}

// A peer that opens streams, asks for much and never reads holds nothing of it in the server's memory.
func TestNeverReading(t *testing.T) {
	var sent atomic.Int64
	data := pattern(1 << 20)
	s := startServer(t, func(s *testServer) {
		s.config.timing = timing{ask: 50 * time.Millisecond, dead: 400 * time.Millisecond}
		s.config.Handle = func(ctx context.Context, _ Peer, stream Stream, _ []byte) {
			for range 100 {
				n, err := stream.Write(data)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}
	})
	relay := newRelay(t, s.addr.String())
	write(t, s.home+"/.ssh/known_hosts", relay.known(s.host.PublicKey()))
	c, err := Dial(t.Context(), relay.target(), s.client(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 8 {
		open(t, c, "")
	}
	relay.stop.Store(true)
	s.await(Closed, 1)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	// 8 windows of 2 MiB are all the client holds; the server holds packets.
	if sent.Load() > 20<<20 || memory.HeapAlloc > 64<<20 {
		t.Errorf("%d MiB were sent, the heap holds %d MiB", sent.Load()>>20, memory.HeapAlloc>>20)
	}
}

// What a connection costs both ends while nothing happens.
func TestIdleConnectionIsSmall(t *testing.T) {
	s := startServer(t, nil)
	s.dial(nil) // what is made once is not counted
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	const count = 50
	before := used()
	for range count {
		s.dial(nil)
	}
	each := (used() - before) / count
	t.Logf("%d KiB for both ends of an idle connection", each>>10)
	if each > 200<<10 {
		t.Errorf("an idle connection takes %d KiB of both ends together", each>>10)
	}
}
