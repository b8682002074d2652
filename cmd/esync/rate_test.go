package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"800": 800, "500k": 500_000, "2M": 2_000_000, "2m/s": 2_000_000, "1.5MB": 1_500_000, "8Mbit": 1_000_000, "1G": 1_000_000_000,
	} {
		if got, err := parseRate(text); err != nil || got != want {
			t.Errorf("%q: %d %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "fast", "k", "1e99", "NaN", "Inf", "1 2"} {
		if got, err := parseRate(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

// memory is a stream of both directions in memory.
type memory struct {
	in  io.Reader
	out bytes.Buffer
}

func (m *memory) Read(p []byte) (int, error)  { return m.in.Read(p) }
func (m *memory) Write(p []byte) (int, error) { return m.out.Write(p) }
func (m *memory) CloseWrite() error           { return nil }
func (m *memory) Close() error                { return nil }

// Everything passes unchanged, and takes the time that the rate gives it, whatever the size of the pieces.
func TestThrottle(t *testing.T) {
	t.Parallel()
	const rate, size = 1 << 20, 1 << 18 // a quarter of a second each way, and 0.1 s of credit
	content := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	m := &memory{in: bytes.NewReader(content)}
	by := &throttle{rate: rate}
	s := by.limit(t.Context(), m)
	began := time.Now()
	if n, err := s.Write(content); n != size || err != nil || !bytes.Equal(m.out.Bytes(), content) {
		t.Fatalf("write: %d %v", n, err)
	}
	if got, err := io.ReadAll(s); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("read: %d %v", len(got), err)
	}
	if took := time.Since(began); took < 380*time.Millisecond {
		t.Errorf("half a megabyte took %v at a megabyte a second", took)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := by.limit(ctx, m).Write(content); !errors.Is(err, stop) {
		t.Errorf("a write goes on when it was interrupted: %v", err)
	}
	none := (&throttle{}).limit(t.Context(), m)
	if none != m {
		t.Error("without a rate there is a limit")
	}
}
