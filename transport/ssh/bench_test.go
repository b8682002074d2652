package ssh

import (
	"context"
	"io"
	"testing"
)

// Bytes per second through one stream, from a server of ours.
func BenchmarkStream(b *testing.B) {
	data := pattern(256 << 10)
	s := startServer(b, func(s *testServer) {
		s.config.Handle = func(ctx context.Context, _ Peer, stream Stream, _ []byte) {
			for ctx.Err() == nil {
				if _, err := stream.Write(data); err != nil {
					return
				}
			}
		}
	})
	c, err := Dial(b.Context(), s.target(), s.client(nil))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	stream, err := c.Open(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, len(data))
	b.SetBytes(int64(len(data)))
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
