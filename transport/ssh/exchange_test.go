package ssh

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestExchange(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	c := s.dial(nil)
	if !c.Ours() || c.HostKey().Type() != "ssh-ed25519" || Fingerprint(c.UserKey()) != Fingerprint(s.user.PublicKey()) {
		t.Fatalf("the connection is described as ours=%v host=%v user=%v", c.Ours(), c.HostKey(), c.UserKey())
	}
	if c.HostKeyLine() != PublicLine(s.host.PublicKey(), "") || c.UserKeyLine() != PublicLine(s.user.PublicKey(), "") {
		t.Errorf("the keys are shown as %q and %q", c.HostKeyLine(), c.UserKeyLine())
	}
	if c.RTT() <= 0 || c.RTT() > time.Second {
		t.Errorf("round trip on loopback: %v", c.RTT())
	}
	for _, request := range []string{"", "fetch", string(pattern(MaxPayload)), string(pattern(MaxPayload + 1)), string(pattern(MaxRequest))} {
		stream := open(t, c, request)
		go func() { // large requests come back while more is written
			_, _ = io.WriteString(stream, "more")
			_ = stream.CloseWrite()
		}()
		if got := read(t, stream); got != "full ann:"+request+"more" {
			t.Fatalf("a request of %d bytes came back as %d bytes", len(request), len(got))
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Open(t.Context(), pattern(MaxRequest+1)); !errors.Is(err, ErrRequest) {
		t.Errorf("a request that is too long: %v", err)
	}
	in, out := c.Traffic()
	if in < MaxRequest || out < MaxRequest {
		t.Errorf("traffic is counted as %d in, %d out", in, out)
	}
	if event := s.await(Connected, 1); event.Grant.Key != Fingerprint(s.user.PublicKey()) || event.Grant.Name != "ann" {
		t.Errorf("the log says %+v", event)
	}
}

func TestLargeDataBothWays(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	stream := open(t, s.dial(nil), "")
	const size = 24 << 20
	data := pattern(size)
	go func() {
		_, _ = stream.Write(data)
		_ = stream.CloseWrite()
	}()
	if got := read(t, stream); got != "full ann:"+string(data) {
		t.Fatalf("%d bytes came back as %d, or as others", size, len(got))
	}
}

// The server ends its side, and still reads what the client sends; and the other way round.
func TestCloseWriteIsHalf(t *testing.T) {
	t.Parallel()
	late := make(chan string, 1)
	s := startServer(t, func(s *testServer) {
		s.config.Handle = func(_ context.Context, _ Peer, stream Stream, _ []byte) {
			_, _ = io.WriteString(stream, "hello")
			_ = stream.CloseWrite()
			text, err := io.ReadAll(stream)
			if err != nil {
				late <- err.Error()
			}
			late <- string(text)
		}
	})
	stream := open(t, s.dial(nil), "")
	if got := read(t, stream); got != "hello" {
		t.Fatalf("read %q", got)
	}
	if _, err := io.WriteString(stream, "late words"); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := <-late; got != "late words" {
		t.Fatalf("the server read %q", got)
	}
}

// A stream that is closed without CloseWrite is seen as cut, not as finished.
func TestCloseIsSeenAsCut(t *testing.T) {
	t.Parallel()
	saw := make(chan error, 1)
	s := startServer(t, func(s *testServer) {
		s.config.Handle = func(ctx context.Context, _ Peer, stream Stream, _ []byte) {
			_, err := io.ReadAll(stream)
			saw <- err
			<-ctx.Done() // the stream's end is the context's
		}
	})
	c := s.dial(nil)
	stream := open(t, c, "")
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, <-saw, io.ErrUnexpectedEOF)
	_, err := stream.Read(make([]byte, 1))
	want(t, err, os.ErrClosed)
	_, err = stream.Write([]byte("x"))
	want(t, err, os.ErrClosed)
	open(t, c, "") // the connection is as good as before
	c.Close()
	want(t, <-saw, ErrLost)
}

func TestLostConnection(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	stream := open(t, s.dial(nil), "x")
	if _, err := io.ReadFull(stream, make([]byte, len("full ann:x"))); err != nil {
		t.Fatal(err)
	}
	s.stop()
	_, err := stream.Read(make([]byte, 1))
	want(t, err, ErrLost)
	_, err = stream.Write([]byte("x"))
	want(t, err, ErrLost)
	_, err = s.dialAgain()
	want(t, err, ErrUnreachable)
}

func (s *testServer) dialAgain() (*Client, error) {
	return Dial(context.Background(), s.target(), s.client(nil))
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Handle = func(ctx context.Context, _ Peer, _ Stream, _ []byte) { <-ctx.Done() }
	})
	c := s.dial(nil)
	why := errors.New("the user left")
	for name, use := range map[string]func(Stream) error{
		"reading": func(stream Stream) error { _, err := stream.Read(make([]byte, 1)); return err },
		"writing": func(stream Stream) error { _, err := stream.Write(pattern(8 << 20)); return err },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		stream, err := c.Open(ctx, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		result := make(chan error, 1)
		go func() { result <- use(stream) }()
		cancel(why)
		select {
		case err := <-result:
			want(t, err, why)
		case <-time.After(patience):
			t.Fatal(name, "does not end")
		}
		stream.Close()
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := c.Open(ctx, nil)
	want(t, err, why)
	_, err = Dial(ctx, s.target(), s.client(nil))
	want(t, err, why)
	open(t, c, "") // none of it cost the connection
}

// A peer that accepts and then says nothing is given up, by the clock and by the caller.
func silentPeer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	s := startServer(t, nil)
	target := Target{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
	_, err = Dial(t.Context(), target, s.client(func(c *Config) { c.timing.handshake = 50 * time.Millisecond }))
	want(t, err, ErrUnreachable)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Dial(ctx, target, s.client(nil))
	want(t, err, context.DeadlineExceeded)
}

// Keepalive: both sides notice a connection through which nothing passes any more.
func deadConnection(t *testing.T) {
	t.Parallel()
	quick := timing{ask: 20 * time.Millisecond, dead: 500 * time.Millisecond}
	s := startServer(t, func(s *testServer) {
		s.config.timing = quick
		s.config.Handle = func(ctx context.Context, _ Peer, _ Stream, _ []byte) { <-ctx.Done() }
	})
	relay := newRelay(t, s.addr.String())
	write(t, s.home+"/.ssh/known_hosts", relay.known(s.host.PublicKey()))
	c, err := Dial(t.Context(), relay.target(), s.client(func(c *Config) { c.timing = quick }))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stream := open(t, c, "")
	relay.stop.Store(true)
	_, err = stream.Read(make([]byte, 1))
	want(t, err, ErrLost)
	want(t, err, errSilent)
	if event := s.await(Closed, 1); !strings.Contains(event.Reason, "silent") {
		t.Errorf("the server noticed %+v", event)
	}
}

func TestAnother(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	c := s.dial(func(c *Config) {
		other, _ := newKey(t)
		c.Signers = []Signer{other, s.user}
	})
	s.know(mustKey(t)) // even a known_hosts that changed meanwhile does not make it another host
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			more, err := c.Another(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer more.Close()
			stream, err := more.Open(t.Context(), []byte("hi"))
			if err != nil {
				t.Error(err)
				return
			}
			_ = stream.CloseWrite()
			if text, err := io.ReadAll(stream); err != nil || string(text) != "full ann:hi" {
				t.Errorf("read %q, %v", text, err)
			}
		})
	}
	wait.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := 0
	for _, e := range s.events {
		if e.Kind == Refused {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("keys were offered in vain %d times, want once, by the first connection", refused)
	}
}

func mustKey(t testing.TB) PublicKey {
	signer, _ := newKey(t)
	return signer.PublicKey()
}

// Not parallel, so that no other test's goroutines are counted.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("work", func(t *testing.T) {
		s := startServer(t, nil)
		for range 4 {
			c, err := Dial(t.Context(), s.target(), s.client(nil))
			if err != nil {
				t.Fatal(err)
			}
			for i := range 4 {
				ctx, cancel := context.WithCancel(t.Context())
				stream, err := c.Open(ctx, bytes.Repeat([]byte("x"), i*20000))
				if err != nil {
					t.Fatal(err)
				}
				switch i {
				case 0:
					_ = stream.CloseWrite()
					read(t, stream)
					stream.Close()
				case 1:
					stream.Close()
				case 2:
					cancel()
				}
				defer cancel()
			}
			c.Close()
		}
		stranger, _ := newKey(t)
		_, err := Dial(t.Context(), s.target(), s.client(func(c *Config) { c.Signers = []Signer{stranger} }))
		want(t, err, ErrAuth)
		s.stop()
	})
	late := time.Now().Add(patience)
	for runtime.NumGoroutine() > before {
		if time.Now().After(late) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}
