package agent

import (
	"io"
	"testing"

	"github.com/esync/esync/transport/ssh"
)

// Bytes per second through an agent, there and back.
func BenchmarkEcho(b *testing.B) {
	o := startOffice(b, 0)
	folder, _ := startAgent(b, Options{})
	c, err := Dial(b.Context(), folder, "v1", o.spec())
	if err != nil {
		b.Fatal(err)
	}
	s, err := c.Open(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, s)
}

// The same without one.
func BenchmarkEchoWithout(b *testing.B) {
	o := startOffice(b, 0)
	c, err := ssh.Dial(b.Context(), o.target(), o.config())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	s, err := c.Open(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, s)
}

func benchmark(b *testing.B, s ssh.Stream) {
	defer s.Close()
	data := []byte(pattern(1 << 20))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		go func() { _, _ = s.Write(data) }()
		if _, err := io.ReadFull(s, make([]byte, len(data))); err != nil {
			b.Fatal(err)
		}
	}
}

// One question with its answer, as a command of its own asks it: with an agent, and by a connection of its own.
func BenchmarkQuestion(b *testing.B) {
	o := startOffice(b, 0)
	folder, _ := startAgent(b, Options{})
	for b.Loop() {
		c, err := Dial(b.Context(), folder, "v1", o.spec())
		if err != nil {
			b.Fatal(err)
		}
		s, err := c.Open(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		_ = s.CloseWrite()
		if _, err := io.ReadAll(s); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
