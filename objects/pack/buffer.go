package pack

import (
	"math/bits"
	"sync"
)

// Buffers of up to maxPooled bytes are used again, by powers of two.
const (
	minPooled = 12 // 4 KiB
	maxPooled = 25 // 32 MiB
)

// buffer is memory from a pool. Whoever got it gives it back once.
type buffer struct {
	b     []byte
	class int
}

type bufferPool struct {
	classes [maxPooled - minPooled + 1]sync.Pool
}

// get returns an empty buffer with room for n bytes.
func (p *bufferPool) get(n int) *buffer {
	class := max(0, bits.Len(uint(max(n, 1)-1))-minPooled)
	if class >= len(p.classes) {
		return &buffer{b: make([]byte, 0, n), class: -1}
	}
	if b, ok := p.classes[class].Get().(*buffer); ok {
		b.b = b.b[:0]
		return b
	}
	return &buffer{b: make([]byte, 0, 1<<(class+minPooled)), class: class}
}

// put gives a buffer back. What grew out of its class by append is dropped.
func (p *bufferPool) put(b *buffer) {
	if b == nil || b.class < 0 || cap(b.b) != 1<<(b.class+minPooled) {
		return
	}
	p.classes[b.class].Put(b)
}
