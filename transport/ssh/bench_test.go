package ssh

import (
	"context"
	"io"
	"net"
	"testing"
)

// pour writes without end.
func pour(s *testServer) {
	data := pattern(256 << 10)
	s.config.Handle = func(ctx context.Context, _ Peer, stream Stream, _ []byte) {
		for ctx.Err() == nil {
			if _, err := stream.Write(data); err != nil {
				return
			}
		}
	}
}

// Bytes per second through one stream, from a server of ours.
func BenchmarkStream(b *testing.B) {
	s := startServer(b, pour)
	c, err := Dial(b.Context(), s.target(), s.client(nil))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	benchmarkStream(b, c)
}

// The same through a hub of ours; all four ends of the two connections and the hub share this machine.
func BenchmarkHubStream(b *testing.B) {
	hub := startHub(b, nil)
	p := startPeer(b, hub, hub.member("lead"), pour, nil)
	c, err := Dial(b.Context(), Target{Host: "lead"}, p.through(hub, hub.member("bob")))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	benchmarkStream(b, c)
}

// The same through a stock sshd.
func BenchmarkStockHubStream(b *testing.B) {
	d := startSSHD(b, "")
	client, err := Dial(b.Context(), Target{Host: "box"}, d.config(b, ""))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	l, err := client.Listen(b.Context(), "localhost", 0)
	if err != nil {
		b.Fatal(err)
	}
	p := startServer(b, func(s *testServer) {
		pour(s)
		s.serve = func(ctx context.Context, unused net.Listener) error {
			unused.Close()
			return Serve(ctx, l, s.config)
		}
	})
	cfg := d.config(b, "")
	cfg.Signers, cfg.Jump, cfg.HostKeys = []Signer{p.user}, []Target{{Host: "box"}}, []string{PublicLine(p.host.PublicKey(), "")}
	c, err := Dial(b.Context(), Target{Host: "localhost", Port: l.Addr().(RelayAddr).Port}, cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	benchmarkStream(b, c)
}

func benchmarkStream(b *testing.B, c *Client) {
	stream, err := c.Open(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, 256<<10)
	b.SetBytes(int64(len(buffer)))
	for b.Loop() {
		if _, err := io.ReadFull(stream, buffer); err != nil {
			b.Fatal(err)
		}
	}
}

// One conversation on a standing connection: a request, a short answer.
func BenchmarkOpen(b *testing.B) {
	s := startServer(b, nil)
	c, err := Dial(b.Context(), s.target(), s.client(nil))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		converse(b, c)
	}
}

// Dial, one conversation, Close.
func BenchmarkDial(b *testing.B) {
	s := startServer(b, nil)
	for b.Loop() {
		c, err := Dial(b.Context(), s.target(), s.client(nil))
		if err != nil {
			b.Fatal(err)
		}
		converse(b, c)
		c.Close()
	}
}

// The same with a stock sshd.
func BenchmarkDialStockServer(b *testing.B) {
	d := startSSHD(b, "")
	for b.Loop() {
		c, err := Dial(b.Context(), Target{Host: "box"}, d.config(b, "echo"))
		if err != nil {
			b.Fatal(err)
		}
		converse(b, c)
		c.Close()
	}
}

func converse(b *testing.B, c *Client) {
	stream, err := c.Open(b.Context(), []byte("request"))
	if err != nil {
		b.Fatal(err)
	}
	_ = stream.CloseWrite()
	if _, err := io.ReadAll(stream); err != nil {
		b.Fatal(err)
	}
	stream.Close()
}
