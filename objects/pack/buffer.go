package pack

import (
	"math/bits"
	"sync"
)

// Buffers of up to 32 MiB are used again, by powers of two.
const (
	minPooled = 12 // 4 KiB
	maxPooled = 25
)

// buffer is memory from a pool. Whoever got it gives it back once; b may have
// been cut or replaced meanwhile.
type buffer struct {
	b     []byte
	mem   []byte
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
		b.b = b.mem
		return b
	}
	mem := make([]byte, 0, 1<<(class+minPooled))
	return &buffer{b: mem, mem: mem, class: class}
}

// put gives a buffer back.
func (p *bufferPool) put(b *buffer) {
	if b == nil || b.class < 0 {
		return
	}
	b.b = nil
	p.classes[b.class].Put(b)
}
