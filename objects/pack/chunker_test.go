package pack

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/esync/esync/objects"
)

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{'c', 'u', 't'}).Read(b)
	return b
}

// TestGoldenCuts: where a blob is cut never changes.
func TestGoldenCuts(t *testing.T) {
	t.Parallel()
	var out []byte
	for _, b := range [][]byte{noise(4 << 20), make([]byte, 1<<20)} {
		for _, c := range cutAll(b) {
			out = fmt.Appendf(out, "%d %s\n", c.size, c.id)
		}
	}
	golden(t, "pack-cuts.hex", out)
}

func TestCuts(t *testing.T) {
	t.Parallel()
	b := noise(16 << 20)
	chunks := cutAll(b)
	sizes := 0
	for i, c := range chunks {
		sizes += c.size
		if c.size > maxChunk || c.size <= minChunk && i < len(chunks)-1 {
			t.Errorf("chunk %d has %d bytes", i, c.size)
		}
	}
	if sizes != len(b) {
		t.Errorf("%d bytes of %d", sizes, len(b))
	}
	if mean := sizes / len(chunks); mean < 110<<10 || mean > 150<<10 {
		t.Errorf("chunks have %d bytes in the mean", mean)
	}
	// What is inserted changes the chunks around it and no others.
	have := map[objects.ID]bool{}
	for _, c := range chunks {
		have[c.id] = true
	}
	edited := append(append(append([]byte{}, b[:5<<20]...), "ten bytes!"...), b[5<<20:]...)
	missing := 0
	for _, c := range cutAll(edited) {
		if !have[c.id] {
			missing++
		}
	}
	if missing > 3 {
		t.Errorf("%d new chunks", missing)
	}
}

// TestCutNeedsNoMore: a window of maxChunk bytes decides as much as the whole.
func TestCutNeedsNoMore(t *testing.T) {
	t.Parallel()
	for b := noise(4 << 20); len(b) > 0; {
		n := cut(b)
		if m := cut(b[:min(len(b), maxChunk)]); m != n {
			t.Fatalf("%d and %d", n, m)
		}
		b = b[n:]
	}
}

func BenchmarkChunker(b *testing.B) {
	data := noise(16 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		for rest := data; len(rest) > 0; {
			rest = rest[cut(rest):]
		}
	}
}
